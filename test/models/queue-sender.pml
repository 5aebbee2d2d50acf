/* native/ring/sender.h and what it takes of room.h, for queue.pml. */

#define Queued(head, tail) ((tail) - (head))
#define AdmittedWith(headI, headP, need) \
  ((MAXSIZE == 0 || tailItems - (headI) < MAXSIZE) && \
   (CAPACITY == 0 || tailItems == (headI) || Queued(headP, tailPosition) + (need) <= CAPACITY))
#ifdef BREAK_NO_ROOM_FOR_A_JUMP
#define JUMP_UNITS 0
#else
#define JUMP_UNITS 1
#endif
/* Below the limits the ring is large enough (and does not grow beyond them): NextRingBytes. */
#define LIMITED (MAXSIZE != 0 || CAPACITY != 0)
#define Here (entered[tailParity] -> Queued(seenPosition, tailPosition) : tailPosition - putBase[tailParity])
#define Fits (LIMITED || Here + Need(me) + JUMP_UNITS <= RING)
#define SetEntered() \
  entered[tailParity] = entered[tailParity] || Queued(seenPosition, tailPosition) <= tailPosition - putBase[tailParity]
/* Both commit words of one instant. */
#define Roomy AdmittedWith(headItems, headPosition, 1)

inline LookForRoom() {
  atomic {
    MayDie;
    SetEntered();
    if
    :: !AdmittedWith(seenItems, seenPosition, Need(me)) || !Fits -> seenPosition = headPosition; seenItems = headItems; refused = headPosition
    :: else
    fi;
    SetEntered();
    ok = AdmittedWith(seenItems, seenPosition, Need(me))
  }
}

/* Where `at` leads to: a ring elsewhere; nothing is published by it. */
inline Jump() {
  atomic {
    MayDie;
    place = putPlace[parity];
#if defined(BREAK_REUSES_WHAT_IS_NOT_LEFT)
    ok = (leaving == 0);
#elif defined(BREAK_REUSES_WHAT_IS_BEING_LEFT)
    ok = entered[parity];
#else
    ok = entered[parity] && leaving == 0;
#endif
    token = place + 1;  /* old_end */
    if
    :: ok && place >= 2 -> place = 1
    :: ok && place < 2 -> place = token
    :: !ok -> place = (inUseUntil[parity] > 0 -> inUseUntil[parity] : 1)
    fi;
    assert(place < PLACES)
  };
  /* Noted, then reserved: of no use to anybody before the commit. */
  atomic {
    MayDie;
    putPlace[1 - parity] = place; putBase[1 - parity] = at + 1; entered[1 - parity] = false;
    inUseUntil[1 - parity] = (token > place + 1 -> token : place + 1)
  };
  atomic { MayDie; reserved = place };
  atomic { MayDie; half[Cell(putPlace[parity], putBase[parity], at)] = JUMP + place; otherHalf[Cell(putPlace[parity], putBase[parity], at)] = JUMP + place };
  atomic { at++; parity = 1 - parity; token = 0; place = 0; ok = false }
}

/* What was reserved and never published: its maker has died, or given up. */
inline GiveUnusedRingBack() {
  atomic {
#ifdef BREAK_GIVES_BACK_WHAT_IS_PUBLISHED
    ok = (reserved != 0);
#else
    ok = (reserved != 0 && reserved != putPlace[tailParity]);
#endif
    if
    :: ok ->
      MayDie;
      place = 0;
      do
      :: place < RING -> half[reserved * RING + place] = 0; otherHalf[reserved * RING + place] = 0; place++
      :: else -> break
      od;
      place = 0; reserved = 0
    :: else
    fi;
    ok = false
  }
}

#define MESSAGE (me * 8 + number)
inline WriteMessage() {
  atomic { MayDie; half[Cell(putPlace[parity], putBase[parity], at)] = MESSAGE };
  atomic { MayDie; otherHalf[Cell(putPlace[parity], putBase[parity], at)] = MESSAGE }
}

/* PublishLocked: the commit. */
inline Publish() {
  atomic {
    MayDie;
    assert(!shutDown);
    tailPosition = at + Need(me); tailParity = parity;
#ifndef BREAK_COUNTS_APART
    tailItems++;
    assert(MAXSIZE == 0 || tailItems - headItems <= MAXSIZE);
    assert(CAPACITY == 0 || tailItems - headItems == 1 || Queued(headPosition, tailPosition) <= CAPACITY);
    committed[me]++;
#endif
    wake = tailWaiting;
    at = 0; parity = 0
  };
#ifdef BREAK_COUNTS_APART
  atomic { MayDie; tailItems++; committed[me]++; wake = wake || tailWaiting };
#endif
}

/* UntilRoom's try. got: 0 refused, 1 put, 2 shut down. */
inline TryPut() {
  byOther = false;
#ifdef BREAK_LOOKS_BEFORE_THE_LOCK
  LookForRoom();
  Lock(putLock);
#else
  Lock(putLock);
#endif
  atomic { MayDie; got = (shutDown -> 2 : 0) };
#ifdef INPLACE
  if
  :: got == 0 ->
#ifndef BREAK_IGNORES_THE_RESERVER
    atomic {
      MayDie;
#ifdef BREAK_HEEDS_THE_DEAD
      byOther = (reserver != 0)
#else
      byOther = (reserver != 0 && Lives(reserver));
      reserver = (byOther -> reserver : 0)
#endif
    }
#else
    skip
#endif
  :: else
  fi;
#endif
  if
  :: got == 0 && !byOther ->
#ifndef BREAK_LOOKS_BEFORE_THE_LOCK
    GiveUnusedRingBack();
    LookForRoom();
#endif
    if
    :: ok ->
      atomic { at = tailPosition; parity = tailParity; ok = false };
      if
      :: !Fits -> Jump()
      :: else
      fi;
#ifdef INPLACE
      /* Reserve; then Publish, which takes the lock again. */
      atomic { MayDie; reserver = me };
      Unlock(putLock);
      WriteMessage();
      Lock(putLock);
      atomic { MayDie; got = (shutDown -> 2 : 1) };
      if
      :: got == 1 -> Publish()
      :: else -> at = 0; parity = 0
      fi;
#ifdef BREAK_LOOKS_FOR_WAITERS_FIRST
      atomic { MayDie; ok = headWaiting };
      atomic { MayDie; reserver = 0 };
      Unlock(putLock);
#else
      atomic { MayDie; reserver = 0 };
      Unlock(putLock);
      atomic { MayDie; ok = headWaiting };
#endif
      if
      :: ok -> WakeOne(headWaiting, P1, PL, PLOOPS); ok = false
      :: else
      fi
#else
#ifdef BREAK_COMMITS_FIRST
      Publish();
      atomic { at = tailPosition - Need(me); parity = tailParity };
      WriteMessage();
      at = 0; parity = 0;
#else
      WriteMessage();
      Publish();
#endif
      got = 1;
      Unlock(putLock)
#endif
    :: else -> Unlock(putLock)
    fi
  :: else -> Unlock(putLock)
  fi;
  if
  :: wake -> WakeOne(tailWaiting, C1, CL, CLOOPS); wake = false
  :: else
  fi
}

/* AwaitRoom. */
inline AwaitRoom() {
  atomic { MayDie; sameEpoch[me] = true };
  /* Moved(word), or shut down. */
  atomic { MayDie; headWaiting = true; ok = (!byOther && headPosition != refused) };
#ifdef BREAK_SLEEPS_WITHOUT_A_LOOK
  ok = false;
#endif
#ifdef INPLACE
  if
  :: !ok && byOther -> atomic { MayDie; ok = (reserver == 0) }
  :: else
  fi;
#endif
#if SHUTS > 0
  if
  :: !ok -> atomic { MayDie; ok = shutDown }
  :: else
  fi;
#endif
  if
  :: ok -> sameEpoch[me] = false; ok = false
  :: else -> SleepOnEpoch()
  fi;
  slept = true
}

inline WatchRoom() {
  atomic { MayDie; listed[me] = true };
  atomic { MayDie; headWaiting = true }
}

proctype Producer(byte me) {
  byte number = 1, at, place, token, refused, seen, got;
  bit parity;
  bool ok, woken, wake, slept, stolen, byOther, watching;
  do
  :: number > ITEMS -> break
  :: else ->
    do
    :: atomic { MayDie; seen = deaths };
      TryPut();
      if
      :: got != 0 -> break
      :: got == 0 && giveUps > 0 -> giveUps--; break
      :: got == 0 && !IsLoop(me) -> AwaitRoom()
      :: got == 0 && IsLoop(me) && watching -> LoopSleeps()
      :: got == 0 && IsLoop(me) && !watching ->
        WatchRoom();
        watching = true; slept = true
#ifdef BREAK_NO_SECOND_TRY
        ; LoopSleeps()
#endif
      fi
    od;
    if
    :: slept && IsLoop(me) -> Unwatch(headWaiting, P1, PL, PLOOPS, Roomy)
    :: slept && !IsLoop(me) -> PassOn(headWaiting, P1, PL, PLOOPS, Roomy)
    :: else
    fi;
    if
    :: got == 2 -> break
    :: else -> atomic { number = number + got; refused = 0; got = 0; slept = false; watching = false; byOther = false }
    fi
  od;
  atomic { done[me] = true; number = 0; refused = 0; got = 0; slept = false; watching = false; byOther = false; seen = 0; stolen = false };
  goto ended;
died:
  atomic { number = 0; at = 0; parity = 0; place = 0; token = 0; refused = 0; seen = 0; got = 0; ok = false; woken = false; wake = false;
    slept = false; stolen = false; byOther = false; watching = false; sameEpoch[me] = false };
  deaths++;
ended:
  skip
}
