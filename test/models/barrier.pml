/*
 * The barrier of native/sync/barrier.h. N participants come to a barrier of PARTIES, ROUNDS times each. Before each time one may
 * reset it or abort it, and while it waits it may give up.
 *
 * Properties
 *   agreement      of one phase either all pass or all find it broken (assert in Seen)
 *   completeness   who passes has come together with PARTIES - 1 others, all of whom lived when the last one came; the action has
 *                  run once; its index is its own (assert in Seen)
 *   no lost wake   when all is quiet, a living one waits only because others have yet to arrive, and nobody who is there is dead
 *                  (assert in Quiet)
 *   progress       every run ends (no cycle: -DNP)
 *
 * Of the program, the search for the first free cell is left out: here the cells are tried from the first one on.
 */
#ifndef N
#define N 3
#endif
#ifndef PARTIES
#define PARTIES 2
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef RESETS
#define RESETS 1
#endif
#ifndef ABORTS
#define ABORTS 1 /* abort(), timeouts and aborted waits */
#endif

#include "world.pml"

/* state = WAITERS | phase << 3 | one of */
#define FILLING   0
#define ACTING    1
#define DRAINING  2
#define BREAKING  3
#define BROKEN    4
#define RESETTING 5
#define WAITERS   64
#define Stage(s)  ((s) & 7)
#define Phase(s)  (((s) >> 3) & 7)
#define With(p, stage) (((p) << 3) | (stage))

#ifdef BREAK_CELLS_WITHOUT_A_PHASE
#define Cell(p, token) (token)
#define InPhase(c, p)  true
#else
#define Cell(p, token) (((p) << 2) | (token))
#define InPhase(c, p)  (((c) >> 2) == (p))
#endif
#define Token(c) ((c) & 3)

byte state;
byte cell[PARTIES];
byte resets = RESETS, aborts = ABORTS;

/* Not in the program. */
#define PHASES 8
byte outcome[PHASES]; /* 0: not known, 1: passed, 2: broken */
byte actions[PHASES];
byte indexes[PHASES]; /* given to those who passed: one bit each */
byte came[PHASES];
bool doomed[PHASES];  /* one of those who had come was dead when the last one came */
bool done[N + 1];

#ifdef BREAK_NO_LOOK
#define Died false
#else
#define Died (deaths != seen)
#endif

#define Waiting(stage) (stage == FILLING || stage == ACTING)

/* Its outcome is in `ok`. The wake is a step of its own: one may die before it. */
inline Move(from, to) {
  atomic {
    MayDie;
    if
#ifdef BREAK_MOVES_BY_STORE
    :: true ->
#else
    :: (state & 63) == (from) ->
#endif
      ok = true;
      w = state & WAITERS;
#ifdef BREAK_FORGETS_WHO_SLEEPS
      state = (to);
      if :: Stage(to) == ACTING -> w = 0 :: else fi
#else
      if
      :: Stage(to) == ACTING -> state = (to) | w; w = 0
      :: else -> state = (to)
      fi
#endif
    :: else -> ok = false; w = 0
    fi
  };
  if
  :: w != 0 -> WakeEveryThread(); w = 0
  :: else
  fi
}

/* `changed`: whether it made the step that is due when nobody is inside. */
inline Complete() {
  s = state & 63;
  changed = false;
  if
  :: Stage(s) == DRAINING || Stage(s) == BREAKING || Stage(s) == RESETTING ->
    i = PARTIES;
    do
    :: i == 0 -> break
    :: else ->
      atomic {
        MayDie;
        if
        :: cell[i - 1] == Cell(Phase(s), 0) -> cell[i - 1] = Cell(Phase(s) + 1, 0)
        :: else
        fi;
        t = cell[i - 1]
      };
      if
      :: InPhase(t, Phase(s)) && Token(t) != 0 -> break
      :: else -> i--
      fi
    od;
    if
    :: i == 0 ->
      if
      :: Stage(s) == BREAKING -> Move(s, With(Phase(s) + 1, BROKEN))
      :: else -> Move(s, With(Phase(s) + 1, FILLING))
      fi;
      changed = ok
    :: else
    fi
  :: else
  fi;
  i = 0; t = 0
}

/* `changed`: whether there was something to do for the dead. The state is read before the cells: a dead one that has passed
   may still stand there. */
inline Bury() {
#ifndef BREAK_LOOKS_AT_CELLS_FIRST
  s = state & 63;
#endif
  changed = false;
  i = 0;
  do
  :: i == PARTIES -> break
  :: else ->
    t = cell[i];
#ifdef BREAK_LOOKS_AT_CELLS_FIRST
    d_step {
      if
      :: Token(t) != 0 && Token(t) != me && !Lives(Token(t)) -> s = state & 63
      :: else -> s = With(Phase(t >> 2), BROKEN)
      fi
    };
    if
    :: Token(t) != 0 && Token(t) != me && !Lives(Token(t)) ->
#else
    if
    :: InPhase(t, Phase(s)) && Token(t) != 0 && Token(t) != me && !Lives(Token(t)) ->
#endif
      if
      :: Waiting(Stage(s)) -> Move(s, With(Phase(s), BROKEN)); changed = true; emptied = false; break
      :: else ->
        atomic {
          MayDie;
          if
          :: cell[i] == t -> cell[i] = Cell(Phase(s) + 1, 0); emptied = true
          :: else
          fi
        };
        i++
      fi
    :: else -> i++
    fi
  od;
  i = 0; t = 0;
  if
  :: emptied -> Complete(); changed = true; emptied = false
  :: else
  fi
}

/* result: 1 arrived, in cell `index` of `phase`; 2 broken; 0 it must wait, as s says. */
inline Arrive() {
  do
  :: s = state & 63;
    if
    :: Stage(s) == BROKEN || Stage(s) == BREAKING -> result = 2; break
    :: Stage(s) == FILLING ->
      before = s;
      do
      :: index == PARTIES -> break
      :: else ->
        atomic {
          MayDie;
          if
          :: cell[index] == Cell(Phase(s), 0) ->
            cell[index] = Cell(Phase(s), me);
            result = 1;
            phase = Phase(s);
            /* Not in the program. */
            came[phase]++;
            if
            :: index == PARTIES - 1 &&
               (!Lives(Token(cell[0]))
#if PARTIES > 2
                || !Lives(Token(cell[1]))
#endif
               ) -> doomed[phase] = true
            :: else
            fi
          :: else -> index++
          fi
        };
        if
        :: result == 1 -> break
        :: else
        fi
      od;
      if
      :: result == 1 -> break
      :: else -> index = 0
      fi
    :: else -> before = s
    fi;
    Bury();
    if
    :: changed -> skip
    :: else ->
#ifdef BREAK_ARRIVES_WITHOUT_A_STEP
      changed = false;
#else
      Complete();
#endif
      if
      :: changed -> skip
      :: else -> break
      fi
    fi
  od;
  changed = false
}

inline Last() {
#ifndef BREAK_THE_LAST_DOES_NOT_LOOK
  Bury();
  changed = false;
#endif
  Move(With(phase, FILLING), With(phase, ACTING))
}

inline Act() {
  if
  :: ok ->
    d_step { actions[phase]++ };
    Move(With(phase, ACTING), With(phase, DRAINING))
  :: else
  fi
}

/* What has come of it, in `result`: 1 passed, 2 broken, 0 not known. */
inline Look() {
  s = state & 63;
  if
  :: Stage(s) == DRAINING || Stage(s) == BREAKING -> result = 1
  :: Stage(s) == BROKEN || Stage(s) == RESETTING -> result = 2
  :: else -> result = 0
  fi
}

/* Not in the program: what it has seen is right. Then it leaves. */
inline Seen() {
  d_step {
    assert(Phase(s) == phase);
    assert(outcome[phase] == 0 || outcome[phase] == result);
    outcome[phase] = result;
    if
    :: result == 1 ->
      assert(came[phase] == PARTIES);
      assert(!doomed[phase]);
      assert(actions[phase] == 1);
      assert((indexes[phase] & (1 << index)) == 0);
      indexes[phase] = indexes[phase] | (1 << index)
    :: else
    fi
  };
  atomic {
    MayDie;
    if
    :: cell[index] == Cell(phase, me) -> cell[index] = Cell(phase + 1, 0)
    :: else
    fi
  };
#ifndef BREAK_LEAVES_WITHOUT_A_STEP
  Complete();
#endif
  changed = false
}

/* os::WaitOn(state, word), after WAITERS was set in it. */
inline Sleep() {
  atomic {
    MayDie;
    if
    :: state == word -> state = word | WAITERS; word = word | WAITERS; ok = true
    :: else -> ok = false
    fi
  };
  if
  :: ok ->
    atomic {
      if
      :: state == word && !Died -> FallAsleep()
      :: else
      fi
    };
    if
    :: atomic { !asleep[me] || Died -> asleep[me] = false }
    :: atomic { Dies }
    fi
  :: else
  fi
}

inline Abort() {
  do
  :: s = state & 63;
    if
    :: Stage(s) == BROKEN || Stage(s) == BREAKING -> break
    :: Stage(s) == DRAINING -> Move(s, With(Phase(s), BREAKING))
    :: else -> Move(s, With(Phase(s), BROKEN))
    fi;
    if
    :: ok -> Complete(); break
    :: else
    fi
  od;
  changed = false
}

inline Reset() {
  do
  :: s = state & 63;
    ok = true;
    if
    :: Stage(s) == ACTING || Stage(s) == BROKEN -> Move(s, With(Phase(s), RESETTING))
    :: Stage(s) == BREAKING -> Move(s, With(Phase(s), DRAINING))
    :: Stage(s) == FILLING ->
      do
      :: i == PARTIES -> break
      :: else ->
        t = cell[i];
        if
        :: InPhase(t, Phase(s)) && Token(t) != 0 -> break
        :: else -> i++
        fi
      od;
      if
      :: i < PARTIES -> i = 0; t = 0; Move(s, With(Phase(s), RESETTING))
      :: else -> i = 0; t = 0
      fi
    :: else
    fi;
    if
    :: ok -> break
    :: else
    fi
  od;
  Bury();
  if
  :: !changed -> Complete()
  :: else
  fi;
  changed = false
}

proctype Participant(byte me) {
  byte s, t, i, w, word, before, index, phase, result, round, seen;
  bool ok, changed, emptied, inside;
  do
  :: round == ROUNDS -> break
  :: round < ROUNDS ->
    round++;
    if
    :: atomic { resets > 0 -> resets-- }; Reset()
    :: atomic { aborts > 0 -> aborts-- }; Abort()
    :: true
    fi;
    /* Wait */
    do
    :: seen = deaths;
      word = state;
      if
      :: inside ->
        Look();
        if
        :: result == 0 -> Bury(); if :: changed -> Look() :: else fi; changed = false
        :: else
        fi
      :: else ->
        Arrive();
        if
        :: result == 1 ->
          inside = true;
          if
          :: index == PARTIES - 1 -> Last(); Act()
          :: else
          fi;
          Look()
        :: else
        fi
      fi;
      if
      :: result != 0 -> break
      :: else
      fi;
      if
      :: atomic { aborts > 0 -> aborts-- };
        if
        :: inside ->
          do
          :: Look();
            if
            :: result != 0 -> break
            :: else -> Move(s, With(Phase(s), BROKEN))
            fi
          od
        :: else -> Abort(); result = 2
        fi;
        break
      :: Sleep()
      fi
    od;
    if
    :: inside -> Seen()
    :: else
    fi;
    d_step {
      s = 0; t = 0; i = 0; w = 0; word = 0; before = 0; index = 0; phase = 0; result = 0; seen = 0;
      ok = false; changed = false; emptied = false; inside = false
    }
  od;
  done[me] = true;
  goto end;
died:
  deaths++;
end:
  skip
}

#define Waits(t)   (!done[t] && !dead[t])
#define Corpse(i)  (Token(cell[i]) != 0 && dead[Token(cell[i])])
#define Free(i)    (Token(cell[i]) == 0)

/* Nothing moves any more. */
active proctype Quiet() {
  timeout;
  assert(!(Waits(1) || Waits(2)
#if N > 2
    || Waits(3)
#endif
    ) || (Stage(state) == FILLING && !Corpse(0) && !Corpse(1) &&
    (Free(0) || Free(1)
#if PARTIES > 2
     || Free(2)) && !Corpse(2)
#else
    )
#endif
    ))
}

init {
  atomic {
    run Participant(1);
    run Participant(2)
#if N > 2
    ; run Participant(3)
#endif
  }
}
