/*
 * native/sync/condition.h. Tokens 1 … N - 1 are environments in which somebody waits (the first a loop with PROMISES promises, the
 * others threads), N notifies. Its lock of the cells is taken as a lock that works (mutex.pml): it can be had when nobody or a
 * dead one has it. The users' lock is left out: it would only take interleavings away.
 *
 * Properties
 *   granted <= waiting   in every cell, always (assert in Counts)
 *   exactness            without deaths as many waits return true as were notified; with deaths at most one more for each death
 *                        (assert in Quiet)
 *   none is lost         when all is quiet, a living one waits only if all that was notified was taken, and it has no grant (Quiet)
 *   notify finds         whoever waits and has no grant, if anybody does (assert in Give, where all have entered before)
 *   progress             every run ends (no cycle: -DNP)
 */
#ifndef N
#define N 3
#endif
#ifndef PROMISES
#define PROMISES 2
#endif
#ifndef NOTIFIES
#define NOTIFIES 2
#endif
#ifndef LEAVES
#define LEAVES 1 /* timeouts and aborts */
#endif

#include "world.pml"

#define WAITERS (N - 1)

byte m;
byte turn = 1;
bool used[N];        /* the cell's token is set; cells are found by their owner's token here */
byte waiting[N];     /* counts = waiting << 32 | granted: one word, so both change in one step */
byte granted[N];
bool sleeping[N];
bool rung[N];
byte leaves = LEAVES;

/* Not in the program. */
byte entered, notified, trues;
byte handed;  /* grants that one who aborted could hand to nobody */
bool done[N + 1];

#ifdef BREAK_NO_LOOK
#define Died false
#else
#define Died (deaths != seen)
#endif
#define IsLoop(t) ((t) == 1)
#define Ungranted(t) (used[t] && Lives(t) && granted[t] < waiting[t])

inline Lock() {
  if
  :: atomic { m == 0 || dead[m] -> m = me }
  :: atomic { Dies }
  fi
}
inline Unlock() { atomic { MayDie; m = 0 } }
inline Counts(t) { assert(granted[t] <= waiting[t]) }

/* Finds the next cell with somebody who waits and has no grant, grants, wakes. c: its owner, 0 if there was none. */
inline Give() {
  c = 0; k = 0;
  do
  :: k < WAITERS ->
    atomic { MayDie; i = turn; turn = (turn % WAITERS) + 1; k++; ok = (used[i] && granted[i] < waiting[i]) };
    if
    :: ok ->
#ifndef BREAK_GRANTS_TO_THE_DEAD
      atomic { MayDie; ok = Lives(i); met = met || !ok }
#else
      skip
#endif
    :: else
    fi;
    if
    :: ok ->
      atomic {
        MayDie;
        if
        :: granted[i] < waiting[i] -> granted[i]++; c = i; notified = notified + asked; Counts(i)
        :: else  /* it left meanwhile */
        fi
      };
      if
      :: c != 0 -> break
      :: else
      fi
    :: else
    fi
  :: else -> break
  od;
#ifdef ENTER_FIRST
  atomic { MayDie; assert(c != 0 || !(Ungranted(1) || Ungranted(2)
#if N > 3
    || Ungranted(3)
#endif
    )) };
#endif
  if
  :: c != 0 && IsLoop(c) -> atomic { MayDie; rung[c] = true }
  :: c != 0 && !IsLoop(c) ->
    atomic { MayDie; ok = sleeping[c]; sleeping[c] = false };
    if
    :: ok -> atomic { MayDie; asleep[c] = false }
    :: else
    fi
  :: else
  fi;
  k = 0; i = 0
}

/* Condition::Bury, under the lock: hands on what the dead were granted, then frees their cells. Who waits buries those only who
   were granted something (LookForTheDead, whose look without the lock only saves taking it), who notifies buries all. */
inline Bury(all) {
  d = 1;
  do
  :: d <= WAITERS ->
    atomic { MayDie; ok = (used[d] && !Lives(d) && (all || granted[d] > 0)) };
    if
    :: ok ->
      do
      :: granted[d] > 0 ->
#ifdef BREAK_TAKES_OFF_FIRST
        atomic { MayDie; waiting[d]--; granted[d]-- };
        Give()
#else
        Give();
        if
        :: c == 0 -> break
        :: else -> atomic { MayDie; waiting[d]--; granted[d]-- }
        fi
#endif
      :: else -> break
      od;
      atomic { MayDie; waiting[d] = 0; granted[d] = 0; used[d] = false }
    :: else
    fi;
    d++
  :: else -> break
  od;
  c = 0; d = 0
}

/* Condition::Enter: without the lock. */
inline Enter() {
  atomic { MayDie; used[me] = true };
  atomic { MayDie; waiting[me]++; entered++; left++ }
}

inline Take() {
#ifdef BREAK_TAKES_IN_TWO_STEPS
  if
  :: atomic { granted[me] > 0 -> MayDie; got = true; waiting[me]--; Counts(me) }; atomic { MayDie; granted[me]--; trues++; left-- }
  :: else -> got = false
  fi
#else
  atomic {
    MayDie;
    got = (granted[me] > 0);
    if
    :: got -> waiting[me]--; granted[me]--; trues++; left--
    :: else
    fi
  }
#endif
}

/* Condition::Leave: a timeout or an abort. One that was notified after all takes it (a timeout), or hands it on (an abort). */
inline Leave() {
  do
  :: atomic {
      MayDie;
#ifdef BREAK_LEAVES_WITH_ITS_GRANT
      ok = true;
#else
      ok = (granted[me] == 0);
#endif
      if
      :: ok -> waiting[me]--; left--; Counts(me)
      :: else
      fi
    };
    if
    :: ok -> break
    :: else ->
      if
      :: Take(); break
      :: Lock();
#ifdef BREAK_ABORT_KEEPS_ITS_GRANT
        atomic { MayDie; waiting[me]--; granted[me]--; left-- };
#else
        Give();
        atomic { MayDie; waiting[me]--; granted[me]--; left--; handed = handed + (c == 0) };
#endif
        c = 0;
        Unlock();
        break
      fi
    fi
  od
}

proctype Environment(byte me) {
  byte c, d, i, k, left, seen;
  bool got, ok, asked, met, first = true;
  atomic { MayDie; seen = deaths };
  Enter();
  if
  :: IsLoop(me) && PROMISES > 1 -> Enter()
  :: else
  fi;
  do
  :: left == 0 -> done[me] = true; break
  :: else ->
    /* The first look and those after a death; it is the slices' Look that reads `deaths`, before. */
    atomic { MayDie; ok = Died || first; seen = deaths; first = false };
    if
    :: ok -> Lock(); Bury(false); Unlock()
    :: else
    fi;
    Take();
    if
    :: got
    :: else ->
      if
      :: atomic { leaves > 0 -> leaves-- }; Leave()
      :: true ->
        if
        :: IsLoop(me) ->
          if
          :: atomic { rung[me] || Died -> rung[me] = false }
          :: atomic { Dies }
          fi
        :: else ->
          atomic { MayDie; sleeping[me] = true };
          atomic { MayDie; ok = (granted[me] == 0) };
          if
          :: ok ->
            /* os::WaitOn(sleeping, 1) */
            atomic {
              MayDie;
              if
#ifndef BREAK_WRONG_VALUE
              :: !sleeping[me] || Died -> ok = false
#endif
              :: else -> FallAsleep()
              fi
            };
            if
            :: ok ->
              if
              :: atomic { !asleep[me] || Died -> asleep[me] = false }
              :: atomic { Dies }
              fi
            :: else
            fi
          :: else
          fi;
          atomic { MayDie; sleeping[me] = false }
        fi
      fi
    fi
  od;
  goto ended;
died:
  atomic { c = 0; d = 0; i = 0; k = 0; left = 0; seen = 0; got = false; ok = false };
  deaths++;
ended:
  skip
}

proctype Notifier(byte me) {
  byte c, d, i, k, left = NOTIFIES;
  bool asked, ok, met;
#ifdef ENTER_FIRST
  entered == WAITERS + PROMISES - 1;
#endif
  do
  :: left > 0 ->
    Lock();
    asked = true;
    met = false;
    Give();
    atomic { asked = false; c = 0; left-- };
    if
    :: met -> Bury(true)
    :: else
    fi;
    Unlock()
  :: else -> done[me] = true; break
  od;
  goto ended;
died:
  atomic { c = 0; d = 0; i = 0; k = 0; left = 0; asked = false; ok = false };
  deaths++;
ended:
  skip
}

#define Waits(t) (!done[t] && !dead[t])
/* Nothing moves any more. */
active proctype Quiet() {
  timeout;
#if DEATHS == 0
  assert(trues + handed == notified);
#else
  assert(trues <= notified + deaths);
#endif
#if N > 3
  assert(!Waits(3) || (granted[3] == 0 && trues + handed >= notified));
#endif
  assert(!Waits(2) || (granted[2] == 0 && trues + handed >= notified));
  assert(!Waits(1) || (granted[1] == 0 && trues + handed >= notified));
#ifndef ENTER_FIRST
  assert(!Waits(N))
#endif
}

init {
  atomic {
    run Environment(1);
    run Environment(2);
#if N > 3
    run Environment(3);
#endif
    run Notifier(N)
  }
}
