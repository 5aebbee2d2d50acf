/*
 * native/ring/: the channel below queues and pipes. Tokens 1 … PRODUCERS put ITEMS messages each, the next CONSUMERS get WANTED each, and
 * with SHUTS the last one shuts the queue down (2: immediate). PLOOPS and CLOOPS of the first are loops, the others threads. Both
 * locks are taken as locks that work and that the dead hand on (mutex.pml). A ring has RING units; a message needs one (those of
 * producer 1: BIG) and lies in it as two halves, so that a torn one is seen. With INPLACE they are written in place (reserve,
 * commit) and read in place (borrow, return).
 *
 * Properties
 *   whole          each message that is consumed is the next one of its producer, and no half of it is another's: none is lost, doubled or
 *                  torn, none overtakes another, and none of a producer that was killed before its commit appears (assert in Free)
 *   bounded        never more than MAXSIZE items, never more than CAPACITY units unless it is a single message (assert in Publish)
 *   rings          what is read was not given back or overwritten (Free); a ring that was left is given back, or is about to be by the next
 *                  one who takes the lock from the dead (assert in Quiet)
 *   ended          nothing is published after shutdown (Publish); who is told of the end has left nothing behind (assert in Ended); nothing
 *                  is consumed after an immediate one (Free)
 *   no lost wake   when all is quiet, nobody living waits who could get or put, or is to be told of the end (assert in Quiet)
 *   progress       every run ends (no cycle: -DNP)
 */
#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef CONSUMERS
#define CONSUMERS 2
#endif
#ifndef SHUTS
#define SHUTS 0
#endif
#ifndef PLOOPS
#define PLOOPS 0
#endif
#ifndef CLOOPS
#define CLOOPS 0
#endif
#ifndef ITEMS
#define ITEMS 1
#endif
#ifndef WANTED
#define WANTED 1
#endif
#ifndef RING
#define RING 2
#endif
#ifndef MAXSIZE
#define MAXSIZE 0 /* no limit */
#endif
#ifndef CAPACITY
#define CAPACITY 0 /* no limit */
#endif
#ifndef BIG
#define BIG 1
#endif
#ifndef PLACES
#define PLACES 4 /* for rings in the file; the first is part of the segment */
#endif
#ifdef GROWN
#define FIRST 1 /* the place of the ring that it begins in */
#else
#define FIRST 0
#endif
#ifndef GIVE_UPS
#define GIVE_UPS 0
#endif

#if SHUTS > 0
#define N (PRODUCERS + CONSUMERS + 1)
#else
#define N (PRODUCERS + CONSUMERS)
#endif

#include "world.pml"

#define P1 1
#define PL PRODUCERS
#define C1 (PRODUCERS + 1)
#define CL (PRODUCERS + CONSUMERS)
#define IsLoop(t) ((t) <= PLOOPS || ((t) >= C1 && (t) < C1 + CLOOPS))
#define Need(t)   ((t) == 1 -> BIG : 1)

/* The commit words: { position, items, parity, waiting }. Each is changed in one step. */
byte tailPosition, tailItems, headPosition, headItems;
bit tailParity, headParity;
bool tailWaiting, headWaiting;

/* Under put_lock. */
byte putLock, reserver;
byte seenPosition, seenItems;  /* head_seen */
byte putPlace[2], putBase[2], inUseUntil[2];
byte reserved;  /* the place of a ring that may not be published; 0: none */
bool entered[2];
/* Under get_lock; `leaving` is read by producers. 0: none, as the first ring is never given back. */
byte getLock, borrower;
byte tailSeenPosition, tailSeenItems;
byte getPlace[2], getBase[2];
byte leaving;

bool shutDown, dropped;

/* The wait points: who waits for one is known by its token. */
bool sameEpoch[N + 1];  /* the epoch is the one that it read */
bool listed[N + 1];
bool rung[N + 1];

/* The file. A message of producer p is p * 8 + its number, a jump JUMP + the place that it leads to. */
byte half[PLACES * RING], otherHalf[PLACES * RING];
#define JUMP 128
#define Cell(place, base, position) ((place) * RING + ((position) - (base)) % RING)

/* Not in the program. */
byte next[PRODUCERS + 1];      /* the number of the next message of each that is to be consumed */
byte committed[PRODUCERS + 1];
bool left[PLACES];             /* and not given back */
byte freed;                    /* by a shutdown */
bool done[N + 1];
byte giveUps = GIVE_UPS;

#ifdef BREAK_NO_LOOK
#define Died false
#else
#define Died (deaths != seen)
#endif
inline Lock(lock) {
  if
  :: atomic { lock == 0 || dead[lock] -> stolen = (lock != 0); lock = me }
  :: atomic { Dies }
  fi
}
inline Unlock(lock) { atomic { MayDie; lock = 0 } }

#include "queue-wait-point.pml"
#include "queue-sender.pml"
#include "queue-receiver.pml"

#if SHUTS > 0
inline WakeAll(from, to) {
  atomic { MayDie; sameEpoch[from] = false; sameEpoch[to] = false };
  atomic { MayDie; asleep[from] = false; asleep[to] = false };
#if PLOOPS + CLOOPS > 0
  atomic {
    MayDie;
    rung[from] = rung[from] || listed[from]; listed[from] = false;
    rung[to] = rung[to] || listed[to]; listed[to] = false
  }
#endif
}

/* Channel::ShutDown. */
proctype Shutter(byte me) {
  byte message, place, token;
  bool ok, wake, stolen;
#ifdef BREAK_SHUTS_WITHOUT_THE_LOCK
  atomic { MayDie; shutDown = true };
#else
  Lock(putLock);
  atomic { MayDie; shutDown = true };
  Unlock(putLock);
#endif
#if SHUTS > 1
  Lock(getLock);
  if
  :: stolen -> GiveLeftRingBack()
  :: else
  fi;
#ifdef BREAK_DROPS_BEFORE_IT_SAYS_SO
  do
  :: FindNext();
    if
    :: message == 0 -> break
    :: else -> Free(); freed++
    fi
  od;
  atomic { MayDie; dropped = true };
#else
  atomic { MayDie; dropped = true };
  do
  :: FindNext();
    if
    :: message == 0 -> break
    :: else -> Free(); freed++
    fi
  od;
#endif
  Unlock(getLock);
#endif
#ifndef BREAK_SHUTS_SILENTLY
  WakeAll(C1, CL);
  WakeAll(P1, PL);
#endif
  done[me] = true;
  goto ended;
died:
  atomic { message = 0; place = 0; token = 0; ok = false; wake = false; stolen = false };
  deaths++;
ended:
  skip
}
#endif

#define Waits(t) (!done[t] && !dead[t])
#define MayGet (shutDown || (headItems != tailItems && (borrower == 0 || dead[borrower])))
#define MayPut(t) (shutDown || (AdmittedWith(headItems, headPosition, Need(t)) && (reserver == 0 || dead[reserver])))
/* One that needs more room than there is may keep those waiting who need less: a wake was spent on it. */
#define Behind(t) (BIG > 1 && Waits(t) && !MayPut(t))
/* Nothing moves any more. */
active proctype Quiet() {
  byte i;
  atomic {
    timeout;
    assert(!Waits(C1) || !MayGet);
    assert(!Waits(CL) || !MayGet);
    assert(!Waits(P1) || !MayPut(P1) || Behind(PL));
    assert(!Waits(PL) || !MayPut(PL) || Behind(P1));
    assert(freed == 0 || dropped);
    do
    :: i < PLACES -> assert(!left[i] || (leaving == i && dead[getLock])); i++
    :: else -> break
    od;
    /* What was committed and is not there was consumed. */
    assert(headItems != tailItems || (next[P1] == committed[P1] && next[PL] == committed[PL]))
  }
}

init {
  atomic {
    entered[0] = true;
    putPlace[0] = FIRST; getPlace[0] = FIRST; inUseUntil[0] = FIRST * 2;
    run Producer(1);
#if PRODUCERS > 1
    run Producer(2);
#endif
    run Consumer(C1);
#if CONSUMERS > 1
    run Consumer(CL);
#endif
#if SHUTS > 0
    run Shutter(N)
#endif
  }
}
