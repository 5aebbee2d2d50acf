/*
 * What all models share: processes that die between any two statements, and the kernel's part in waiting.
 *
 *   #define N        how many participants (tokens 1 … N; 0 is nobody), before the include
 *   -DDEATHS=n       how many of them are killed, at most
 *   died:            a label at the end of each participant, where `deaths++` stands
 *
 * Steps. Everything between two accesses of shared memory is of no interest to anybody else. So a step is an `atomic` (or a
 * single statement) with one access, and what else stands there is local, which Spin's partial order reduction knows.
 *
 * Death. Each step begins with `MayDie`, so a participant can die before each of them, and while it sleeps. The survivors see
 * it at once (Registry::Lives), and some time later the word `deaths` is one more. Fate lets those live on who are left at some
 * moment: otherwise no run would come to rest while somebody could still die.
 *
 * Waiting. `deaths` is what every sleeper sleeps on beside its own word. A sleep ends when somebody wakes, or when
 * `deaths` is no longer what it was when the sleeper began its look (`seen`); for no other reason. There are no slices and no
 * timers here. So a wake that is lost without a death is a sleep for ever, which Spin reports as an invalid end state; and
 * one look after each death must be enough.
 */

#ifndef DEATHS
#define DEATHS 0
#endif

bool dead[N + 1];
byte deaths;
byte mortal = DEATHS;

#define Lives(token) (!dead[token])

/* The futex of the model's word: who sleeps on it. The kernel takes a killed thread out. */
bool asleep[N + 1];

#if DEATHS > 0
active proctype Fate() { mortal = 0 }
#define Dies mortal > 0 -> dead[me] = true; asleep[me] = false; mortal--; goto died
#define MayDie if :: Dies :: true fi
#else
#define Dies false -> goto died
#define MayDie skip
#endif

inline FallAsleep() { asleep[me] = true }

/* os::Wake(word, 1): one of those that sleep; `woken`: whether there was one. */
inline WakeOneThread(woken) {
  atomic {
    MayDie;
    if
    :: asleep[1] -> asleep[1] = false; woken = true
#if N > 1
    :: asleep[2] -> asleep[2] = false; woken = true
#endif
#if N > 2
    :: asleep[3] -> asleep[3] = false; woken = true
#endif
#if N > 3
    :: asleep[4] -> asleep[4] = false; woken = true
#endif
    :: else -> woken = false
    fi
  }
}

/* os::Wake(word, kEverybody). */
inline WakeEveryThread() {
  atomic {
    MayDie;
    asleep[1] = false;
#if N > 1
    asleep[2] = false;
#endif
#if N > 2
    asleep[3] = false;
#endif
#if N > 3
    asleep[4] = false;
#endif
  }
}
