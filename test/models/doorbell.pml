/*
 * binding/loop-bell.cc with memory/registry.cc `Ring` and lib/sync/loop-waits.ts `advance`: loops that sleep in their poll, and
 * who rings them. What they wait for is a number of items; ringers publish one, then ring one listed loop.
 *
 * Tokens 1 … LOOPS are loops, the rest ringers.
 *
 * Properties
 *   no lost ring   when all is quiet and items lie there, no living loop waits for one (assert in Quiet)
 *   progress       every run ends (no cycle: -DNP)
 *   epochs         their number is finite, as each arming needs a ring (assert in Arm)
 */
#ifndef LOOPS
#define LOOPS 1
#endif
#ifndef N
#define N 3
#endif
#ifndef ITEMS
#define ITEMS 2 /* that each ringer publishes */
#endif
#ifndef WANTED
#define WANTED 2 /* that each loop takes before it waits no more */
#endif
#ifndef CALLBACKS
#define CALLBACKS 1 /* of other descriptors, in the poll: JavaScript runs while the bell is armed */
#endif

#include "world.pml"

#define AWAKE    0
#define ARMED    1
#define NOTIFIED 2
#define State(word) ((word) & 3)

byte items;
bool listed[N + 1];
byte bell[LOOPS + 1];    /* RegistrySlot::bell: epoch << 2 | state */
bool fifo[LOOPS + 1];    /* whether there is something to read: how much does not matter */
bool done[N + 1];        /* wants nothing more: not in the program */

#define Died (deaths != seen)

#ifdef BREAK_NO_EPOCH
#define SameBell(of, word) (State(bell[of]) == ARMED)
#else
#define SameBell(of, word) (bell[of] == (word))
#endif

/* Registry::Ring. reached: whether that loop lives and was rung, or rings already. */
inline Ring() {
#ifdef BREAK_RINGS_THE_DEAD
  reached = true;
#else
  atomic { MayDie; reached = Lives(token) };
#endif
  if
  :: !reached
  :: else ->
    atomic { MayDie; b = bell[token] };
    do
    :: State(b) == NOTIFIED -> reached = true; break
    :: State(b) == AWAKE ->
      atomic {
        MayDie;
        if
        :: bell[token] == b -> bell[token] = b + NOTIFIED; reached = true
        :: else -> b = bell[token]; reached = false
        fi
      };
      if
      :: reached -> break
      :: else
      fi
    :: State(b) == ARMED ->
      /* A FIFO that nobody reads any more refuses. */
      atomic { MayDie; reached = Lives(token); fifo[token] = true };
      if
      :: reached ->
        atomic {
          MayDie;
          if
          :: SameBell(token, b) -> bell[token] = (bell[token] & ~3) | NOTIFIED
          :: else
          fi
        }
      :: else
      fi;
      break
    od
  fi
}

/* LoopList::RingOne. */
inline RingOne() {
  do
  :: atomic {
      MayDie;
      if
      :: listed[1] -> listed[1] = false; token = 1
#if LOOPS > 1
      :: listed[2] -> listed[2] = false; token = 2
#endif
      :: else -> token = 0; break
      fi
    }
    Ring();
    if
    :: reached -> break
    :: else
    fi
  od;
  token = 0; b = 0; reached = false
}

/* One attempt of the line's head, as Semaphore::Try of one that waited: passes on when there is more. */
inline Attempt() {
  atomic {
    MayDie;
    got = (items > 0);
    items = items - got;
    wanted = wanted - got
  };
  if
  :: got ->
    atomic { MayDie; listed[me] = false; more = (items > 0) };
#ifndef BREAK_PASSES_NOTHING_ON
    if
    :: more -> RingOne()
    :: else
    fi
#endif
  :: else
  fi
}

inline Advance() {
  do
  :: wanted == 0 -> break
  :: else ->
    Attempt();
    if
    :: got
    :: else ->
      atomic { MayDie; listed[me] = true };
#ifndef BREAK_NO_SECOND_TRY
      Attempt();
#endif
      if
      :: got
      :: else -> break
      fi
    fi
  od
}

/* LoopBell::Arm, in `prepare`. idle: this turn must not sleep. */
inline Arm() {
  assert(bell[me] < 200);
#ifdef BREAK_ARMS_BY_STORE
  bell[me] = ((bell[me] >> 2) + 1) << 2 | ARMED; idle = false;
#else
  atomic { MayDie; b = bell[me] };
  if
  :: State(b) == AWAKE ->
    atomic {
      MayDie;
      if
      :: bell[me] == b -> bell[me] = ((b >> 2) + 1) << 2 | ARMED; idle = false
      :: else -> idle = true
      fi
    }
  :: else -> idle = true
  fi;
  b = 0
#endif
}

/* LoopBell::Wake, in `check` and in the timer. */
inline WakeUp() {
#ifdef BREAK_WAKES_BY_STORE
  bell[me] = (bell[me] & ~3) | AWAKE;
#else
  /* The loop of compare-and-swaps, as the one step that it comes to. */
  atomic {
    MayDie;
    rung = rung || State(bell[me]) == NOTIFIED;
    bell[me] = (bell[me] & ~3) | AWAKE
  };
#endif
  if
  :: rung -> atomic { MayDie; rung = false; seen = deaths }; Advance()
  :: else
  fi
}

/* What was read is drained when it was answered, and it was looked once more. */
inline Drain() {
  if
  :: drain ->
    WakeUp();
    atomic { MayDie; fifo[me] = false; drain = false }
  :: else
  fi
}

proctype Loop(byte me) {
  byte b, token, wanted = WANTED, callbacks = CALLBACKS, seen;
  bool reached, got, more, idle, rung, drain;
    /* The wait begins at some moment of the turn: before `prepare`, or in the poll, while nothing is armed. */
    if
    :: true -> Advance(); Arm()
    :: true -> Advance(); idle = true
    fi;
    do
    :: wanted == 0 -> done[me] = true; break
    :: wanted > 0 && idle ->  /* poll without sleeping */
      atomic {
        MayDie;
        if
        :: fifo[me] -> drain = true; rung = true
        :: else
        fi
      };
      WakeUp();
      Drain();
      Arm()
    :: wanted > 0 && !idle ->
      if
      :: atomic { fifo[me] -> drain = true; rung = true }
      :: atomic { Died -> rung = true }  /* the timer, made quick by a death */
      :: callbacks > 0 -> callbacks--; Advance()
      :: atomic { Dies }
      fi;
      WakeUp();
      Drain();
      Arm()
    od;
    goto ended;
died:
    atomic { b = 0; token = 0; wanted = 0; callbacks = 0; seen = 0; reached = false; got = false; more = false; idle = false; rung = false; drain = false };
    deaths++;
ended:
    skip
}

proctype Ringer(byte me) {
  byte b, token, left = ITEMS;
  bool reached;
    do
    :: left > 0 ->
      atomic { MayDie; items++; left-- };
      RingOne()
    :: else -> done[me] = true; break
    od;
    goto ended;
died:
    atomic { b = 0; token = 0; left = 0; reached = false };
    deaths++;
ended:
    skip
}

#define Waits(t) (!done[t] && !dead[t])
/* Nothing moves any more. */
active proctype Quiet() {
  timeout;
#if LOOPS > 1
  assert(items == 0 || !Waits(2));
#endif
  assert(items == 0 || !Waits(1));
  assert(!Waits(N))
}

init {
  atomic {
    run Loop(1);
#if LOOPS > 1
    run Loop(2);
#else
    run Ringer(2);
#endif
#if N > 2
    run Ringer(3)
#endif
  }
}
