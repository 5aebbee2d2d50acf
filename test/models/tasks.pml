/*
 * native/ring/tasks.h over native/sync/event.h: what of a queue is unfinished, and who waits until nothing is. Token 1 puts and joins,
 * ROUNDS times (LOOPS: as a loop), the next WORKERS get and finish what comes; with DROPS the last one shuts the queue down at once. The
 * queue is taken as one that works (queue.pml): a commit word for each side, and a wait for a message that ends when one is there.
 *
 * Properties
 *   join         is over only if nothing was unfinished at some moment since it began (assert in JoinEnds)
 *   no lost wake when all is quiet, nobody living joins while nothing is unfinished; nor, without deaths, if somebody found since the
 *                join began that all was done which had been put by then (assert in Quiet)
 *   accounts     done <= got so far, and got <= put, always: taskDone() is refused when all that was got is done (assert in Done)
 *   progress     every run ends (no cycle: -DNP)
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef DROPS
#define DROPS 0
#endif
#ifndef LOOPS
#define LOOPS 0
#endif
#ifndef EXTRA
#define EXTRA 0 /* calls of taskDone() that may be one too many, by each worker */
#endif
#ifndef TAKES
#define TAKES 2 /* at most so many items by each worker */
#endif
#ifndef PUTS
#define PUTS 0 /* by the first worker */
#endif

#define N (1 + WORKERS + DROPS)

#include "world.pml"

#define JOINER 1

byte put, got;          /* the items of the commit words */
bool dropped;
byte droppedAt;
byte finished;          /* tasks.done */
byte settled;           /* so many were put and done when somebody last found nothing unfinished */
byte epoch;             /* of the event: { epoch, waiters } */
bool waiters;
bool listed, rung;      /* the joiner as a loop */

/* Not in the program. */
bool over;         /* nothing was unfinished at some moment since the join began */
bool joins;        /* and has looked how much was put by then: */
byte target;
bool found;        /* somebody found that so much was put, and all of it done */
byte inHand[N + 1];
bool done[N + 1];

#ifdef BREAK_NO_LOOK
#define Died false
#else
#define Died (deaths != seen)
#endif
#define REALLY_PUT (dropped -> droppedAt : put)
#define REALLY_GOT (dropped -> droppedAt : got)

/* counts.h: each is read as the word, then the flag, as what a drop frees counts as never put. `so`: so far. */
inline PutSoFar() {
  atomic { MayDie; flag = dropped };
  if
  :: flag -> so = droppedAt
  :: else -> atomic { MayDie; so = put }
  fi;
  flag = false
}
inline GotSoFar() {
#ifdef BREAK_LOOKS_FOR_THE_DROP_FIRST
  atomic { MayDie; flag = dropped };
  if
  :: flag -> so = droppedAt
  :: else -> atomic { MayDie; so = got }
  fi;
#else
  atomic { MayDie; so = got };
  atomic { MayDie; so = (dropped -> droppedAt : so) };
#endif
  flag = false
}

/* `ok`: nothing is; `so`: so many were put, then. */
inline NothingUnfinished() {
  atomic { MayDie; d = finished };
  PutSoFar();
  atomic { ok = (d == so); d = 0 }
}

/* Event::Pulse, without its CAS: a loop around it changes nothing here. */
inline Pulse() {
  atomic { MayDie; epoch++; ok = waiters; waiters = false };
  if
  :: ok ->
#ifndef BREAK_RINGS_NO_LOOP
    atomic { MayDie; rung = rung || listed; listed = false };
#endif
    atomic { MayDie; asleep[JOINER] = false }
  :: else
  fi;
  ok = false
}

/* Tasks::Settle. */
inline Settle() {
#ifndef BREAK_ASKS_TOO_LATE
  atomic { MayDie; known = settled };
#endif
  NothingUnfinished();
#ifdef BREAK_ASKS_TOO_LATE
  atomic { MayDie; known = settled };
#endif
  if
  :: ok ->
    atomic { found = found || (joins && so >= target); ok = false };
#ifdef BREAK_SETTLES_BY_STORE
    atomic { MayDie; settled = so };
#else
    do
    :: atomic {
        MayDie;
        ok = (settled == known);
        settled = (ok -> so : settled);
        known = settled
      };
      if
      :: ok || known >= so -> break
      :: else
      fi
    od;
#endif
#ifndef BREAK_TELLS_NOBODY
    Pulse()
#else
    skip
#endif
  :: else
  fi;
  atomic { known = 0; so = 0; ok = false }
}

/* Tasks::Done. refused: it would be one too many. */
inline Done() {
  refused = false;
  do
  :: atomic { MayDie; d = finished };
    GotSoFar();
    if
    :: d >= so -> refused = true; break
    :: else
    fi;
    atomic {
      MayDie;
      ok = (finished == d);
      if
      :: ok ->
        finished++;
        assert(finished <= REALLY_GOT && REALLY_GOT <= put);
        over = over || finished == REALLY_PUT
      :: else
      fi
    };
    if
    :: ok -> break
    :: else
    fi
  od;
  atomic { d = 0; so = 0; ok = false };
  if
  :: !refused -> Settle()
  :: else
  fi
}

/* Tasks::Over. */
inline Over() {
  NothingUnfinished();
  if
  :: !ok ->
#ifdef BREAK_ANY_PULSE_WILL_DO
    atomic { MayDie; ok = (epoch != begun) }
#else
    /* Modulo 2^26 in the program, where one that has not changed since then does not count. */
    atomic { MayDie; ok = (settled >= begun) }
#endif
  :: else
  fi;
  so = 0
}

/* Tasks::Join (Event::WaitUntil, Event::Sleep), or a loop's line. */
inline Join() {
  over = (finished == REALLY_PUT);
#ifdef BREAK_ANY_PULSE_WILL_DO
  atomic { MayDie; begun = epoch };
#else
  PutSoFar();
  atomic { begun = so; target = so; joins = true; so = 0 };
#endif
  do
  :: atomic { MayDie; seen = deaths };
#if LOOPS > 0
    Over();
    if
    :: ok -> break
    :: else
    fi;
    atomic { MayDie; listed = true };
    atomic { MayDie; waiters = true };
#ifndef BREAK_NO_SECOND_LOOK
    Over();
    if
    :: ok -> break
    :: else
    fi;
#endif
    if
    :: atomic { rung || Died -> rung = false }
    :: atomic { Dies }
    fi
#else
    atomic { MayDie; word = epoch; flag = waiters };
#ifdef BREAK_LOOKS_FIRST
    word = 0; flag = false;
#endif
    Over();
#ifdef BREAK_LOOKS_FIRST
    atomic { MayDie; word = epoch; flag = waiters };
#endif
    if
    :: ok -> break
    :: else
    fi;
    ok = true;
    atomic {
      MayDie;
      if
      :: !waiters && epoch == word -> waiters = true
      :: else -> ok = (epoch == word)
      fi
    };
    if
    :: ok ->
      /* on word | WAITERS */
      atomic {
        MayDie;
        if
        :: epoch != word || !waiters || Died -> ok = false
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
    atomic { word = 0; flag = false; ok = false }
#endif
  od;
  atomic { assert(over); joins = false; found = false; target = 0; word = 0; flag = false; ok = false; begun = 0; seen = 0 };
#if LOOPS > 0
  atomic { MayDie; listed = false }
#endif
}

proctype Joiner(byte me) {
  byte round, d, so, begun, word, seen;
  bool ok, flag;
  do
  :: round < ROUNDS ->
    round++;
    /* Nothing is put after shutdown. */
    atomic { MayDie; put = (dropped -> put : put + 1) };
    Join()
  :: else -> break
  od;
  done[me] = true;
  goto ended;
died:
  atomic { round = 0; d = 0; so = 0; begun = 0; word = 0; seen = 0; ok = false; flag = false; joins = false; listed = false };
  deaths++;
ended:
  skip
}

proctype Worker(byte me) {
  byte d, so, known, tries = EXTRA, takes = TAKES, puts = (me == 2 -> PUTS : 0);
  bool ok, flag, refused;
  do
  :: atomic { takes > 0 && got < put && !dropped -> takes--; got++; inHand[me]++ }
  :: atomic { Dies }
  :: inHand[me] > 0 -> Done(); atomic { assert(!refused); inHand[me]-- }
  :: atomic { puts > 0 && !dropped -> MayDie; puts--; put++ }
  :: tries > 0 -> tries--; Done(); inHand[me] = inHand[me] - (!refused && inHand[me] > 0)
  od;
died:
  atomic { d = 0; so = 0; known = 0; ok = false; flag = false; refused = false; tries = 0; takes = 0; puts = 0 };
  deaths++
}

#if DROPS > 0
/* Receiver::Drop, after shutdown; then Settle. */
proctype Dropper(byte me) {
  byte d, so, known;
  bool ok, flag;
  atomic { MayDie; droppedAt = got; dropped = true; over = over || finished == droppedAt };
  do
  :: atomic { got < put -> MayDie; got++ }
  :: got == put -> break
  od;
  Settle();
  done[me] = true;
  goto ended;
died:
  atomic { d = 0; so = 0; known = 0; ok = false; flag = false };
  deaths++;
ended:
  skip
}
#endif

/* Nothing moves any more. */
active proctype Quiet() {
  atomic {
    timeout;
    if
    :: !done[JOINER] && !dead[JOINER] ->
      assert(finished != REALLY_PUT);
      assert(!found || deaths > 0)
    :: else
    fi
  }
}

init {
  atomic {
    run Joiner(JOINER);
    run Worker(2);
#if WORKERS > 1
    run Worker(3);
#endif
#if DROPS > 0
    run Dropper(N)
#endif
  }
}
