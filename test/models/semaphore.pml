/*
 * native/sync/semaphore.h and binding/verbs-semaphore.cc. Tokens 1 … GIVERS give permits, the rest take some; the last LOOPS of
 * those are loops.
 *
 * Properties
 *   conservation   permits given = permits taken + permits free (assert in Quiet)
 *   no lost wake   when all is quiet and permits are free, no living taker waits (assert in Quiet)
 *   progress       every run ends (no cycle: -DNP)
 */
#ifndef N
#define N 3
#endif
#ifndef GIVERS
#define GIVERS 1
#endif
#ifndef LOOPS
#define LOOPS 0
#endif
#ifndef GIVES
#define GIVES 2 /* releases of each giver */
#endif
#ifndef AT_ONCE
#define AT_ONCE 1 /* permits of its first release; the others give one */
#endif
#ifndef WANTED
#define WANTED 2 /* that each taker takes */
#endif

#include "world.pml"

/* word = permits | WAITERS */
#define PERMITS 7
#define WAITERS 8
#define Permits(w) ((w) & PERMITS)

byte word;
bool listed[N + 1];
bool rung[N + 1];
byte given, taken;   /* not in the program */
bool done[N + 1];

#ifdef BREAK_NO_LOOK
#define Died false
#else
#define Died (deaths != seen)
#endif
#ifdef BREAK_WRONG_VALUE
#define Unchanged true
#else
#define Unchanged (word == WAITERS)
#endif

/* LoopList::RingOne (that a ring reaches its loop, and no dead one counts: doorbell.pml). */
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

/* Semaphore::WakeSome. */
inline WakeSome(count) {
  n = (count);
  woken = true;
  do
  :: n > 0 && woken -> WakeOneThread(woken); n--
  :: else -> break
  od;
#if LOOPS > 0
  n = (count);
  do
  :: n > 0 ->
    RingOneLoop();
    n--;
    if
    :: token == 0 -> break
    :: else
    fi
  :: else -> break
  od;
#endif
  n = 0; woken = false; token = 0
}

/* Semaphore::Try. */
inline Try() {
  got = false;
  atomic { MayDie; w = word };
  do
  :: Permits(w) > 0 ->
    atomic {
      MayDie;
      if
#ifdef BREAK_TAKES_WITHOUT_WAITERS
      :: word == w -> word = w - 1; taken++; ok = true
#else
      :: word == w -> word = (Permits(w) - 1) | (slept -> WAITERS : w & WAITERS); taken++; ok = true
#endif
      :: else -> ok = false
      fi
    };
    if
    :: ok -> got = true; break
    :: else -> atomic { MayDie; w = word }
    fi
  :: else -> break
  od;
#ifndef BREAK_PASSES_NOTHING_ON
  if
  :: got && slept && Permits(w) > 1 -> WakeSome(1)
  :: else
  fi
#endif
}

/* Semaphore::PassOn. */
inline PassOn() {
  atomic { MayDie; w = word; word = word | WAITERS };
  if
  :: Permits(w) > 0 -> WakeSome(1)
  :: else
  fi
}

/* Semaphore::Sleep. */
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
    ::
#ifndef BREAK_KEEPS_ITS_WAKE
      if
      :: slept -> PassOn()
      :: else
      fi;
#endif
      break
    :: true
    fi;
#endif
    atomic {
      MayDie;
      if
      :: word == 0 -> word = WAITERS; ok = true
      :: word == WAITERS -> ok = true
      :: else -> ok = false
      fi
    };
    if
    :: ok ->
      atomic {
        MayDie;
        if
        :: Unchanged && !Died -> FallAsleep()
        :: else -> ok = false
        fi
      };
      if
      :: ok ->
        if
        :: atomic { !asleep[me] || Died -> asleep[me] = false }
        :: atomic { Dies }
        fi
      :: else
      fi;
      slept = true
    :: else
    fi
  od
}

/* lib/sync/loop-waits.ts `advance`, over SemaphoreTry, Semaphore::Watch and Unwatch. */
inline AcquireAsLoop() {
  do
  :: atomic { MayDie; seen = deaths };
    Try();
    if
    :: got -> break
    :: else
    fi;
    atomic { MayDie; listed[me] = true };
    atomic { MayDie; slept = true; word = word | WAITERS };
#ifndef BREAK_NO_SECOND_TRY
    Try();
    if
    :: got -> break
    :: else
    fi;
#endif
#ifdef GIVE_UP
    if
    :: atomic { MayDie; ok = listed[me]; listed[me] = false };
      if
      :: !ok -> PassOn()
      :: else
      fi;
      break
    :: true
    fi;
#endif
    if
    :: atomic { rung[me] || Died -> rung[me] = false }
    :: atomic { Dies }
    fi
  od;
  if
  :: got && slept ->
    atomic { MayDie; ok = listed[me]; listed[me] = false };
    if
#ifndef BREAK_KEEPS_A_SPENT_RING
    :: !ok -> PassOn()
#endif
    :: else
    fi
  :: else
  fi
}

inline Release(count) {
  atomic { MayDie; w = word };
  do
  ::
    atomic {
      MayDie;
      if
      :: word == w -> word = Permits(w) + (count); given = given + (count); ok = true
      :: else -> ok = false
      fi
    };
    if
    :: ok -> break
    :: else -> atomic { MayDie; w = word }
    fi
  od;
  if
  :: w & WAITERS -> WakeSome(count)
  :: else
  fi
}

proctype Participant(byte me) {
  byte w, token, n, left, seen;
  bool ok, got, slept, woken;
    if
    :: me <= GIVERS -> left = GIVES
    :: else -> left = WANTED
    fi;
    do
    :: left == 0 -> done[me] = true; break
    :: else ->
      if
      :: me <= GIVERS && left == GIVES -> Release(AT_ONCE)
      :: me <= GIVERS && left != GIVES -> Release(1)
      :: me > N - LOOPS -> AcquireAsLoop()
      :: else -> AcquireAsThread()
      fi;
      atomic { left--; slept = false; ok = false; got = false; w = 0 }
    od;
    goto ended;
died:
    atomic { w = 0; token = 0; n = 0; left = 0; seen = 0; ok = false; got = false; slept = false; woken = false };
    deaths++;
ended:
    skip
}

#define Waits(t) (!done[t] && !dead[t])
/* Nothing moves any more. */
active proctype Quiet() {
  timeout;
  assert(given == taken + Permits(word));
  assert(Permits(word) == 0 || !(Waits(1) || Waits(2) || Waits(3)
#if N > 3
    || Waits(4)
#endif
    ))
}

init {
  atomic {
    run Participant(1);
    run Participant(2);
    run Participant(3);
#if N > 3
    run Participant(4)
#endif
  }
}
