/*
 * native/sync/barrier.h: N participants come to a barrier of PARTIES (2), with an action.
 *
 * Properties
 *   agreement      of one phase either all pass or all find it broken (assert in Leave)
 *   completeness   who passes has arrived together with all others, the action has run once, and its index is its own (assert in Leave)
 *   one phase      who is inside sees the outcome of its own phase (assert in Look)
 *   no lost wake   when all is quiet, at most one living one waits, inside, for one that has yet to arrive, and nobody inside is dead (assert in Quiet)
 *   progress       every run ends (no cycle: -DNP)
 */
#ifndef N
#define N 3
#endif
#define PARTIES 2
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef RESETS
#define RESETS 1
#endif
#ifndef ABORTS
#define ABORTS 1 /* timeouts and aborts */
#endif

#include "world.pml"

/* state = WAITERS | phase << 3 | stage */
#define FILLING   0
#define ACTING    1
#define DRAINING  2
#define BREAKING  3
#define BROKEN    4
#define RESETTING 5
#define WAITERS   128
#define Clean(s)  ((s) & 127)
#define Stage(s)  ((s) & 7)
#define Phase(s)  (Clean(s) >> 3)
#define With(phase, stage) (((phase) << 3) | (stage))
#define Undecided(s) (Stage(s) == FILLING || Stage(s) == ACTING)

/* cell = phase << 3 | token */
#define Cell(phase, token) (((phase) << 3) | (token))
#define Token(c) ((c) & 7)

byte state;
byte cell[PARTIES];
byte resets = RESETS, aborts = ABORTS;

/* Not in the program. */
#define PHASES 8
byte outcome[PHASES];  /* 0: not known, 1: passed, 2: broken */
byte actions[PHASES];
byte indexes[PHASES];  /* of those who passed: one bit each */
byte came[PHASES];
bool done[N + 1];

#ifdef BREAK_NO_LOOK
#define Died false
#else
#define Died (deaths != seen)
#endif

/* Barrier::Move: by CAS, wakes all if anybody waits. ok: whether it did. */
inline Move(from, to) {
  atomic {
    MayDie;
    if
#ifdef BREAK_MOVES_BY_STORE
    :: true ->
#else
    :: Clean(state) == (from) ->
#endif
      woken = (Stage(to) != ACTING && (state & WAITERS) != 0);
      state = (to) | (Stage(to) == ACTING -> state & WAITERS : 0);
      ok = true
    :: else -> woken = false; ok = false
    fi
  };
  if
  :: woken -> WakeEveryThread(); woken = false
  :: else
  fi
}

/* Barrier::Complete: the step that is due when nobody is inside any more. */
inline Complete() {
  atomic { MayDie; s = Clean(state); i = PARTIES };
  if
  :: Stage(s) == DRAINING || Stage(s) == BREAKING || Stage(s) == RESETTING ->
    do
    :: i > 0 ->
      i--;
      atomic {
        MayDie;
        c = cell[i];
        /* One that nobody took before the phase was broken is taken out of it, too. (One CAS after one load: a free cell of
           a phase that is over stays free.) */
        if
#ifndef BREAK_LEAVES_FREE_CELLS_BEHIND
        :: c == Cell(Phase(s), 0) -> cell[i] = Cell(Phase(s) + 1, 0)
#endif
        :: else
        fi
      };
      if
      :: (c >> 3) == Phase(s) && Token(c) != 0 -> i = PARTIES + 1; break
      :: else
      fi
    :: else -> break
    od;
    if
    :: i == 0 -> Move(s, With(Phase(s) + 1, (Stage(s) == BREAKING -> BROKEN : FILLING)))
    :: else
    fi
  :: else
  fi;
  i = 0; c = 0
}

/* Barrier::Bury: does what the dead cannot do any more. changed: whether it did something. The state is read before the cells: a
   dead one that has passed may still stand there while the barrier drains. */
inline Bury() {
  changed = false;
  atomic { MayDie; s = Clean(state); k = 0 };
  do
  :: k < PARTIES ->
    atomic { MayDie; c = cell[k] };
    if
    :: ((c >> 3) == Phase(s) && Token(c) != 0 && Token(c) != me) ->
      atomic { MayDie; ok = !Lives(Token(c)) };
      if
      :: ok && Undecided(s) -> Move(s, With(Phase(s), BROKEN)); changed = true; emptied = false; break
      :: ok && !Undecided(s) ->
        atomic {
          MayDie;
          if
          :: cell[k] == c -> cell[k] = Cell(Phase(s) + 1, 0); emptied = true
          :: else
          fi
        }
      :: else
      fi
    :: else
    fi;
    k++
  :: else -> break
  od;
  k = 0; c = 0;
  if
  :: emptied -> changed = true; emptied = false; Complete()
  :: else
  fi
}

/* Barrier::TakeCell and Arrived, when the stage was FILLING. met: 1 inside, in cell `index` of `phase`. */
inline TakeCell() {
  index = 0;
  do
  :: index < PARTIES ->
    atomic {
      MayDie;
      if
      :: cell[index] == Cell(Phase(s), 0) ->
        cell[index] = Cell(Phase(s), me); phase = Phase(s); came[phase]++; met = 1;
        break
      :: else -> index++
      fi
    }
  :: else -> break
  od;
  if
  :: met == 1 && index + 1 == PARTIES ->
    Bury();
    Move(With(phase, FILLING), With(phase, ACTING))
  :: else
  fi
}

/* Barrier::Arrive. met: 0 outside, 1 inside, 3 broken. */
inline Arrive() {
  do
  :: atomic { MayDie; s = Clean(state); got = s };
    if
    :: Stage(s) == BROKEN -> met = 3; break
    :: Stage(s) == FILLING -> TakeCell()
    :: else
    fi;
    if
    :: met == 1 -> break
    :: else
    fi;
    changed = false;
    if
    :: thorough -> Bury()
    :: else
    fi;
    if
    :: changed
    :: else ->
      ok = false;
#ifndef BREAK_ARRIVES_BLINDLY
      Complete();
#endif
      if
      :: ok
      :: else ->
        atomic { MayDie; ok = (Clean(state) == got) };
        if
        :: ok -> break
        :: else
        fi
      fi
    fi
  od
}

inline Leave(result) {
  atomic {
    MayDie;
    assert(outcome[phase] == 0 || outcome[phase] == (result));
    outcome[phase] = (result);
    if
    :: (result) == 1 ->
      assert(came[phase] == PARTIES);
      assert(actions[phase] == 1);
      assert((indexes[phase] & (1 << index)) == 0);
      indexes[phase] = indexes[phase] | (1 << index)
    :: else
    fi;
    if
    :: cell[index] == Cell(phase, me) -> cell[index] = Cell(phase + 1, 0)
    :: else
    fi
  };
#ifndef BREAK_LEAVES_WITHOUT_A_STEP
  Complete()
#endif
}

/* Barrier::Look. met: 1 inside, 2 passed, 3 broken, 4 to act. */
inline Look() {
  do
  :: atomic { MayDie; s = Clean(state); assert(Phase(s) == phase) };
    if
    :: Stage(s) == DRAINING || Stage(s) == BREAKING -> Leave(1); met = 2; break
    :: Stage(s) == BROKEN || Stage(s) == RESETTING -> Leave(2); met = 3; break
    :: Stage(s) == ACTING && index + 1 == PARTIES && !acted -> met = 4; break
    :: else ->
      changed = false;
      if
      :: thorough -> Bury()
      :: else
      fi;
      if
      :: changed
      :: else -> break
      fi
    fi
  od
}

/* Barrier::Abort, also for a timeout of one outside; of one inside it is GiveUp, with the same arrows. */
inline Abort() {
  do
  :: atomic { MayDie; s = Clean(state) };
    if
    :: Stage(s) == BROKEN || Stage(s) == BREAKING -> break
    :: else ->
      Move(s, With(Phase(s), (Stage(s) == DRAINING -> BREAKING : BROKEN)));
      if
      :: ok -> Complete(); break
      :: else
      fi
    fi
  od
}

/* Barrier::Reset. */
inline Reset() {
  do
  :: atomic { MayDie; s = Clean(state); i = 0 };
    if
    :: Stage(s) == FILLING ->
      do
      :: i < PARTIES ->
        atomic { MayDie; c = cell[i] };
        if
        :: (c >> 3) == Phase(s) && Token(c) != 0 -> break
        :: else -> i++
        fi
      :: else -> break
      od
    :: else
    fi;
    if
    :: i == PARTIES -> break
    :: else ->
      ok = true;
      if
      :: Stage(s) == BREAKING -> Move(s, With(Phase(s), DRAINING))
      :: Stage(s) == DRAINING || Stage(s) == RESETTING
      :: else -> Move(s, With(Phase(s), RESETTING))
      fi;
      if
      :: ok ->
        Bury();
        if
        :: !changed -> Complete()
        :: else
        fi;
        break
      :: else
      fi
    fi
  od;
  i = 0; c = 0
}

/* Barrier::Wait. */
inline Wait() {
  do
  :: atomic { MayDie; seen = deaths; word = state };
    if
    :: met == 0 -> Arrive()
    :: else
    fi;
    if
    :: met == 1 -> Look()
    :: else
    fi;
    if
    :: met > 1 && met != 4 -> break
    :: met == 4 ->
      acted = true;
      atomic { MayDie; actions[phase]++ };
      Move(With(phase, ACTING), With(phase, DRAINING));
      met = 1
    :: met < 2 && !thorough -> thorough = true  /* those who died before this one sleeps wake nobody any more */
    :: met < 2 && thorough ->
      if
      :: atomic { aborts > 0 -> aborts-- }; Abort()
      :: true ->
        atomic {
          MayDie;
          if
          :: state == word -> state = word | WAITERS; ok = true
          :: else -> ok = false
          fi
        };
        if
        :: ok ->
          atomic {
            MayDie;
            if
            :: state == (word | WAITERS) && !Died -> FallAsleep()
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
          fi
        :: else
        fi
      fi
    fi
  od
}

proctype Participant(byte me) {
  byte s, c, i, k, word, got, index, phase, met, round, seen;
  bool ok, woken, changed, emptied, thorough, acted;
  do
  :: round == ROUNDS -> done[me] = true; break
  :: round < ROUNDS ->
    round++;
    if
    :: atomic { resets > 0 -> resets-- }; Reset()
    :: true
    fi;
    Wait();
    atomic { met = 0; index = 0; phase = 0; s = 0; word = 0; got = 0; ok = false; changed = false; thorough = false; acted = false }
  od;
  goto ended;
died:
  atomic {
    s = 0; c = 0; i = 0; k = 0; word = 0; got = 0; index = 0; phase = 0; met = 0; round = 0; seen = 0;
    ok = false; woken = false; changed = false; emptied = false; thorough = false; acted = false
  };
  deaths++;
ended:
  skip
}

#define Waits(t) (!done[t] && !dead[t])
#if N > 2
#define HowMany (Waits(1) + Waits(2) + Waits(3))
#else
#define HowMany (Waits(1) + Waits(2))
#endif
#define Occupied(i) ((cell[i] >> 3) == Phase(state) && Token(cell[i]) != 0)
#define Corpse(i) (Occupied(i) && dead[Token(cell[i])])
/* Nothing moves any more. */
active proctype Quiet() {
  timeout;
  /* One that waits for the other is inside. */
  assert(HowMany == 0 || (HowMany == 1 && Stage(state) == FILLING && Occupied(0) && !Occupied(1) && !Corpse(0)))
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
