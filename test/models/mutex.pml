/*
 * native/sync/mutex.h: mutual exclusion that survives its owner, with turns. Threads (1 … N - LOOPS), loops (the rest).
 *
 * Properties
 *   exclusion      two living owners are never inside (assert in Inside)
 *   told           who comes inside after one that died inside knows it (assert in Inside)
 *   no lost wake   nobody sleeps for ever while the lock can be had (no invalid end state); a reservation's own slice is needed at most
 *                  once for each death, and for each loop that gives up (`slices`)
 *   progress       every run of finitely many acquisitions ends (no cycle: -DNP)
 *   turns          what is reserved is taken by one that has slept, or looked after a death or a slice (assert in Try)
 */
#ifndef N
#define N 3
#endif
#ifndef LOOPS
#define LOOPS 0
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif

#include "world.pml"

/* word = owner (0: free) | WAITERS | ABANDONED | RESERVED */
#define OWNER     7
#define WAITERS   8
#define ABANDONED 16
#define RESERVED  32
#define Owner(w)  ((w) & OWNER)
#define Free(w)   (Owner(w) == 0)
#define Keep(w, flag) ((w) & (flag))

byte word;
bool listed[N + 1];  /* sync/loop-list.h, without its limit of places */
bool rung[N + 1];    /* the doorbell: doorbell.pml shows that a ring reaches its loop */

/* Not in the program. */
byte slices;     /* that passed */
byte pardons;    /* loops that gave up: one that lists itself again before its ring arrives does not know of that ring */
byte inside;     /* whom the lock lets in */
bool waited[N + 1];  /* has slept in this acquisition */

#ifdef BREAK_WRONG_VALUE
#define Expected(want) true
#else
#define Expected(want) (word == (want))
#endif
#ifdef BREAK_NO_LOOK
#define Died false
#else
#define Died (deaths != seen)
#endif
#ifdef BREAK_STEAL_FROM_THE_LIVING
#define MayStealFrom(token) true
#else
#define MayStealFrom(token) (!Lives(token))
#endif
#ifdef BREAK_SILENT_THEFT
#define STOLEN 0
#else
#define STOLEN ABANDONED
#endif
#ifdef BREAK_TAKES_WITHOUT_WAITERS
#define SLEPT 0
#else
#define SLEPT (slept -> WAITERS : 0)
#endif
/* Only who really slept may take what is reserved for sleepers. */
#ifdef BREAK_ANYBODY_TAKES
#define MayTake(w) true
#else
#define MayTake(w) (entitled || !Keep(w, RESERVED))
#endif

inline Cas(expected, desired) {
  atomic {
    MayDie;
    if
    :: word == (expected) -> word = (desired); ok = true
    :: else -> ok = false
    fi
  }
}

/* LoopList::RingOne: takes a token out, then rings; the dead cannot be rung. */
inline RingOneLoop() {
  token = 0;
#if LOOPS > 0
  do
  :: atomic {
      MayDie;
      if
      :: listed[N] -> listed[N] = false; token = N
#if LOOPS > 1
      :: listed[N - 1] -> listed[N - 1] = false; token = N - 1
#endif
      :: else -> token = 0; break
      fi
    }
    atomic {
      MayDie;
      ok = Lives(token);
      rung[token] = rung[token] || ok
    };
    if
    :: ok -> break
    :: else
    fi
  od
#endif
}

/* Mutex::HandOver: gives the lock, which we have, to one who sleeps. ok: it is not ours any more. */
inline HandOver() {
  atomic { MayDie; word = Keep(want, ABANDONED) | RESERVED | WAITERS };
#ifdef BREAK_RESERVES_WITHOUT_A_WAKE
  woken = true;
#else
  if
  :: WakeOneThread(woken);
    if
    :: !woken -> RingOneLoop()
    :: else
    fi
#if LOOPS > 0
  :: RingOneLoop();
    if
    :: token == 0 -> WakeOneThread(woken)
    :: else
    fi
#endif
  fi;
#endif
  if
  :: woken || token != 0 -> ok = true
  :: else ->
#ifdef BREAK_RESERVES_FOR_NOBODY
    ok = true
#else
    Cas(Keep(want, ABANDONED) | RESERVED | WAITERS, want | WAITERS);
    ok = !ok
#endif
  fi;
  token = 0; woken = false
}

/* Mutex::Try with Keeps and TrySteal. got: 0 no, 1 clean, 2 from the dead. */
inline Try() {
  atomic { MayDie; w = word };
  do
  :: Free(w) && MayTake(w) ->
    want = me | Keep(w, ABANDONED | WAITERS) | SLEPT;
    atomic { Cas(w, want); assert(!ok || !Keep(w, RESERVED) || waited[me]) };
    if
    :: ok ->
      got = (Keep(w, ABANDONED) -> 2 : 1);
      /* Mutex::Keeps: `takes` and `limit` are hints, so each take of one that is not entitled may be one too many, or not. */
      if
      :: !entitled ->
        HandOver();
        if
        :: ok -> got = 0
        :: else
        fi
      :: true
      fi;
      break
    :: else -> atomic { MayDie; w = word }
    fi
  :: !Free(w) && Owner(w) != me ->
    atomic { MayDie; ok = MayStealFrom(Owner(w)) };
    if
    :: ok ->
#ifdef BREAK_STEAL_BY_STORE
      word = me | STOLEN | WAITERS;
#else
      Cas(w, me | STOLEN | WAITERS);
#endif
      if
      :: ok -> got = (STOLEN -> 2 : 1)
      :: else
      fi
    :: else
    fi;
    break
  :: else -> break
  od
}

/* Mutex::WakeOne: one thread, and one loop. */
inline WakeOne() {
  WakeOneThread(woken);
  RingOneLoop()
}

/* Mutex::Release. */
inline Release() {
  atomic { MayDie; w = word; word = 0 };
  if
  :: Keep(w, WAITERS) -> WakeOne()
  :: else
  fi
}

/* Mutex::SetWaiters: has the owner wake somebody; w: the word, free if there was none to tell. */
inline SetWaiters() {
  atomic { MayDie; w = word };
  do
  :: !Free(w) && !Keep(w, WAITERS) ->
    Cas(w, w | WAITERS);
    if
    :: ok -> break
    :: else -> atomic { MayDie; w = word }
    fi
  :: else -> break
  od
}

/* Mutex::Watch. A free word gets WAITERS, too: a newcomer can take it before our next try. */
inline Watch() {
  atomic { MayDie; listed[me] = true; slept = true };
#ifdef BREAK_WATCHES_AN_OWNED_LOCK_ONLY
  SetWaiters()
#else
  atomic { MayDie; word = word | WAITERS }
#endif
}

/* Mutex::PassOn: for one that was woken, or for whom the lock is reserved, and who does not take it. */
inline PassOn() {
#ifdef BREAK_KEEPS_ITS_WAKE
  skip
#else
  atomic { MayDie; word = word & ~RESERVED };
  SetWaiters();
  if
  :: Free(w) -> WakeOne()
  :: else
  fi
#endif
}

inline Forget() {
  d_step {
    w = 0; want = 0; token = 0; ok = false; woken = false;
    got = 0; slept = false; entitled = false; waited[me] = false
  }
}

inline Inside() {
  atomic {
    MayDie;
    assert(inside == 0 || dead[inside]);
    assert(inside == 0 || got == 2);
    inside = me;
    got = 0; slept = false; entitled = false; waited[me] = false
  };
  atomic { MayDie; inside = 0 }
}

/* Mutex::Sleep. */
inline AcquireAsThread() {
  do
  :: atomic { MayDie; seen = deaths };
    Try();
    if
    :: got -> break
    :: else
    fi;
#ifdef GIVE_UP
    if
    :: if
      :: slept -> PassOn()
      :: else
      fi;
      break
    :: true
    fi;
#endif
      atomic { MayDie; w = word };
    if
#ifdef BREAK_SPINS_ON_A_RESERVED_LOCK
    :: Free(w)
#else
    :: Free(w) && MayTake(w)
#endif
    :: else ->
      want = w | WAITERS;
      ok = true;
      if
      :: want != w -> Cas(w, want)
      :: else
      fi;
      if
      :: ok ->
        /* os::WaitOn(word, want) */
        atomic {
          MayDie;
          if
          :: Expected(want) && !Died ->
            FallAsleep();
          :: else -> ok = false
          fi
        };
        if
        :: ok ->
          if
          :: atomic { !asleep[me] || Died -> asleep[me] = false; slept = true; waited[me] = true }
          /* A wake can have died with the one for whom the lock is reserved. */
          :: atomic { Keep(want, RESERVED) && slices < deaths + pardons && timeout -> slices++; asleep[me] = false; slept = true; waited[me] = true }
          :: atomic { Dies }
          fi
        :: else
#ifdef BREAK_NO_SLEEP_COUNTS
          -> slept = true
#endif
        fi;
        entitled = slept
      :: else
      fi
    fi
  od
}

/* lib/sync/loop-waits.ts `advance`, over LockTry, Mutex::Watch and Unwatch. */
inline Unwatch() {
  atomic { MayDie; ok = listed[me]; listed[me] = false };
  if
  :: !ok -> PassOn()
  :: else
  fi
}

inline AcquireAsLoop() {
  do
  :: atomic { MayDie; seen = deaths };
    Try();
    if
    :: got -> break
    :: else
    fi;
    Watch();
#ifndef BREAK_NO_SECOND_TRY
    entitled = false;
    Try();
    if
    :: got -> break
    :: else
    fi;
#endif
#ifdef GIVE_UP
    if
    :: Unwatch(); atomic { pardons++; slept = false }; break
    :: true
    fi;
#endif
    if
    :: atomic { rung[me] || Died -> rung[me] = false }
    :: atomic { Keep(word, RESERVED) && slices < deaths + pardons && timeout -> slices++ }
    :: atomic { Dies }
    fi;
    d_step { entitled = true; waited[me] = true }
  od;
  if
  :: got && slept -> Unwatch()
  :: else
  fi
}

proctype Participant(byte me) {
  byte w, want, token, got, round, seen;
  bool ok, slept, entitled, woken;
  do
  :: round == ROUNDS -> break
  :: round < ROUNDS -> round++;
    if
    :: me > N - LOOPS -> AcquireAsLoop()
    :: else -> AcquireAsThread()
    fi;
    if
    :: got ->
      Inside();
      Release()
    :: else
    fi;
    Forget()
  od;
  goto ended;
died:
  Forget();
  atomic { round = 0; seen = 0; deaths++ };
ended:
  skip
}


init {
  atomic {
    run Participant(1);
    run Participant(2);
#if N > 2
    run Participant(3)
#endif
  }
}
