/* native/ring/receiver.h, for queue.pml. */

/* Read one after the other, the head first: then it was empty when the tail was read, or there may be something. */
#define Empty (headItems == tailItems)

inline GiveLeftRingBack() {
#ifdef BREAK_GIVES_BACK_BLINDLY
  ok = (leaving != 0);
#else
  /* Noted before the commit that left it: if that commit never came, the ring is still in use. */
  ok = (leaving != 0 && getPlace[headParity] != leaving);
#endif
  if
  :: ok ->
    atomic {
      MayDie;
      place = 0;
      do
      :: place < RING -> half[leaving * RING + place] = 0; otherHalf[leaving * RING + place] = 0; place++
      :: else -> break
      od;
      place = 0; left[leaving] = false
    }
  :: else
  fi;
  if
  :: leaving != 0 -> atomic { MayDie; leaving = 0 }
  :: else
  fi;
  ok = false
}

/* Goes over to the next ring. */
inline Follow() {
  place = message - JUMP;
  atomic {
    MayDie;
    getPlace[1 - headParity] = place; getBase[1 - headParity] = headPosition + 1;
#ifndef BREAK_NOTES_NOTHING
    leaving = getPlace[headParity]
#endif
  };
#ifdef BREAK_GIVES_BACK_FIRST
  if
  :: leaving != 0 -> atomic { MayDie; half[leaving * RING] = 0; half[leaving * RING + 1] = 0; otherHalf[leaving * RING] = 0; otherHalf[leaving * RING + 1] = 0 }
  :: else
  fi;
#endif
  atomic {
    MayDie;
    left[getPlace[headParity]] = (getPlace[headParity] != 0);
#ifdef BREAK_NOTES_NOTHING
    token = getPlace[headParity];
#endif
    headPosition++; headParity = 1 - headParity;
    wake = wake || headWaiting;
    place = 0; message = 0
  };
#ifdef BREAK_NOTES_NOTHING
  if
  :: token != 0 -> atomic { MayDie; half[token * RING] = 0; half[token * RING + 1] = 0; otherHalf[token * RING] = 0; otherHalf[token * RING + 1] = 0; left[token] = false; token = 0 }
  :: else
  fi
#else
  GiveLeftRingBack()
#endif
}

/* The first half of the next message; 0: there is none. */
inline FindNext() {
  do
  :: atomic {
      MayDie;
      if
      :: tailSeenItems == headItems -> tailSeenItems = tailItems; tailSeenPosition = tailPosition
      :: else
      fi;
      ok = (tailSeenItems != headItems)
    };
    if
    :: !ok -> break
    :: else
    fi;
    atomic {
      MayDie;
      ok = false;
      message = half[Cell(getPlace[headParity], getBase[headParity], headPosition)];
      assert(message != 0)
    };
    if
    :: message < JUMP -> break
    :: else -> assert(tailSeenPosition > headPosition + 1); Follow()
    fi
  od
}

/* The commit. */
inline Free() {
  atomic {
    MayDie;
    token = message / 8;
    assert(token >= P1 && token <= PL);
    next[token]++;
    assert(message % 8 == next[token] && next[token] <= committed[token]);
    headPosition = headPosition + (token == 1 -> BIG : 1); headItems++;
    wake = wake || headWaiting;
    token = 0; message = 0
  }
}

inline CopyOtherHalf() {
  atomic { MayDie; assert(otherHalf[Cell(getPlace[headParity], getBase[headParity], headPosition)] == message) }
}

/* got: 0 nothing there, 1 consumed, 2 dropped. */
inline TryGet() {
  lent = false;
  Lock(getLock);
#ifndef BREAK_NO_REPAIR
  if
  :: stolen -> GiveLeftRingBack()
  :: else
  fi;
#endif
#ifdef INPLACE
  atomic { MayDie; lent = (borrower != 0 && Lives(borrower)); borrower = (lent -> borrower : 0) };
#endif
#if SHUTS > 0
  atomic { MayDie; got = (dropped -> 2 : 0) };
#endif
  if
  :: got == 0 && !lent -> FindNext()
  :: else
  fi;
  if
  :: message != 0 ->
    got = 1;
#ifdef INPLACE
    /* Borrow, then Return, which takes the lock again. */
    atomic { MayDie; borrower = me };
    Unlock(getLock);
    CopyOtherHalf();
    Lock(getLock);
    Free();
#ifdef BREAK_LOOKS_FOR_WAITERS_FIRST
    atomic { MayDie; ok = tailWaiting };
    atomic { MayDie; borrower = 0 };
    Unlock(getLock);
#else
    atomic { MayDie; borrower = 0 };
    Unlock(getLock);
    atomic { MayDie; ok = tailWaiting };
#endif
#else
#ifdef BREAK_FREES_FIRST
    atomic { MayDie; token = message; place = Cell(getPlace[headParity], getBase[headParity], headPosition) };
    Free();
    atomic { MayDie; message = half[place] };
    atomic { MayDie; assert(otherHalf[place] == message); message = 0; place = 0 };
#else
    CopyOtherHalf();
    assert(!dropped);
    Free();
#endif
    Unlock(getLock)
#endif
  :: else -> Unlock(getLock)
  fi;
  if
  :: wake -> WakeOne(headWaiting, P1, PL, PLOOPS); wake = false
  :: else
  fi;
#ifdef INPLACE
  if
  :: ok -> WakeOne(tailWaiting, C1, CL, CLOOPS); ok = false
  :: else
  fi;
#endif
}

/* Of a refused one: whether that is the end. What came before the end was seen is still given, what is lent may come back. got: 2 it is. */
inline LookForTheEnd() {
#if SHUTS > 0
  if
  :: !lent ->
    atomic { MayDie; again = shutDown };
    if
    :: again ->
#ifdef BREAK_ENDS_BEFORE_IT_IS_EMPTY
      ok = true;
#else
      atomic { MayDie; ok = Empty };
#endif
      if
      :: ok -> got = 2; again = false
      :: else
      fi;
      ok = false
    :: else
    fi
  :: else
  fi
#else
  skip
#endif
}

/* AwaitMessage. */
inline AwaitMessage() {
  /* got is 0: it has the items that were got here. */
  atomic { MayDie; token = headItems };
#ifndef BREAK_EPOCH_AFTER_THE_FLAG
  atomic { MayDie; sameEpoch[me] = true };
#endif
  atomic { MayDie; tailWaiting = true; ok = (!lent && tailItems != token); token = 0 };
#ifdef BREAK_EPOCH_AFTER_THE_FLAG
  atomic { MayDie; sameEpoch[me] = true };
#endif
#ifdef BREAK_SLEEPS_WITHOUT_A_LOOK
  ok = false;
#endif
#ifdef INPLACE
  if
  :: ok || lent -> atomic { MayDie; ok = (borrower == 0) }
  :: else
  fi;
#endif
#if SHUTS > 0
  if
  :: !ok && !lent -> atomic { MayDie; ok = shutDown }
  :: else
  fi;
#endif
  if
  :: ok -> sameEpoch[me] = false; ok = false
  :: else -> SleepOnEpoch()
  fi;
  slept = true
}

inline WatchMessages() {
  atomic { MayDie; listed[me] = true };
  atomic { MayDie; tailWaiting = true }
}

proctype Consumer(byte me) {
  byte count, message, place, token, seen, got;
  bool ok, woken, wake, slept, stolen, lent, watching, again;
  do
  :: count == WANTED -> break
  :: else ->
    do
    :: atomic { MayDie; seen = deaths };
      TryGet();
      if
      :: got == 0 -> LookForTheEnd()
      :: else
      fi;
      if
      :: got != 0 -> break
      :: again -> again = false
      :: got == 0 && !again && giveUps > 0 -> giveUps--; break
      :: got == 0 && !again && !IsLoop(me) -> AwaitMessage()
      :: got == 0 && !again && IsLoop(me) && watching -> LoopSleeps()
      :: got == 0 && !again && IsLoop(me) && !watching ->
        WatchMessages();
        watching = true; slept = true
#ifdef BREAK_NO_SECOND_TRY
        ; LoopSleeps()
#endif
      fi
    od;
    if
    :: slept && IsLoop(me) -> Unwatch(tailWaiting, C1, CL, CLOOPS, !Empty)
    :: slept && !IsLoop(me) -> PassOn(tailWaiting, C1, CL, CLOOPS, !Empty)
    :: else
    fi;
    if
    :: got == 2 -> atomic { assert(dropped || (shutDown && headItems == tailItems)); break }
    :: else -> atomic { count++; got = 0; slept = false; watching = false; lent = false }
    fi
  od;
  atomic { done[me] = true; count = 0; got = 0; slept = false; watching = false; lent = false; seen = 0; stolen = false };
  goto ended;
died:
  atomic { count = 0; message = 0; place = 0; token = 0; seen = 0; got = 0; ok = false; woken = false; wake = false; slept = false;
    stolen = false; lent = false; watching = false; again = false; sameEpoch[me] = false };
  deaths++;
ended:
  skip
}
