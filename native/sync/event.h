// A flag that is waited for.
//
//   word = kWaiters | epoch | set
//
//   not set, epoch e ──set()──▶ set, epoch e + 1 ──clear()──▶ not set, epoch e + 1
//
// Who waits remembers the epoch. It is done when the flag is set or the epoch is another one: so whoever waited at
// set() is let go, even if clear() follows at once.
//
// Thread safety: any thread of any process.
//
// Invariants
//  1. kWaiters never stands beside the flag: it is set by CAS on a word without it. So a set() that changes nothing
//     owes no wake.
//  2. Sleepers sleep on a word with the epoch in it: every set() ends their sleep, or keeps it from beginning.
//  3. A wake that was owed by a corpse (killed between its CAS and its wake) is made up for within a slice.
//  4. The epoch wraps after 2^30 times of set(): only who does not look once in that time can miss one.
#pragma once

#include "layout/event-layout.h"
#include "os/wait.h"
#include "sync/loop-list.h"
#include "sync/waiter.h"

namespace procloom {

template <class P>
class Event {
 public:
  using Words = EventWords<P>;
  using Loops = LoopList<P>;

  // The epoch and the flag: what is to be remembered where a wait begins.
  static uint32_t State(const Words& words) { return words.word.load(std::memory_order_seq_cst) & ~kWaiters; }
  static bool IsSet(const Words& words) { return (State(words) & kEventSet) != 0; }

  // Whether a wait that began at `begun` is over.
  static bool Over(const Words& words, uint32_t begun) { return Over(State(words), begun); }

  static void Set(Words& words, Registry& registry) {
    uint32_t word = words.word.load(std::memory_order_seq_cst);
    do {
      if ((word & kEventSet) != 0) return;
    } while (!words.word.compare_exchange_weak(word, Next(word) | kEventSet, std::memory_order_seq_cst));
    LetGo(words, word, registry);
  }

  // set() and clear() in one step: lets go who waits now.
  static void Pulse(Words& words, Registry& registry) {
    uint32_t word = words.word.load(std::memory_order_seq_cst);
    while (!words.word.compare_exchange_weak(word, Next(word), std::memory_order_seq_cst)) {
    }
    LetGo(words, word, registry);
  }

  static void Clear(Words& words) {
    uint32_t word = words.word.load(std::memory_order_seq_cst);
    while ((word & kEventSet) != 0 &&
           !words.word.compare_exchange_weak(word, word & ~kEventSet, std::memory_order_seq_cst)) {
    }
  }

  // False when the deadline passed first.
  static bool Wait(Words& words, const Waiter& me, int64_t deadline_ns, Spinner& spinner) {
    const uint32_t begun = State(words);
    return WaitUntil(words, me, deadline_ns, spinner, [&] { return Over(words, begun); });
  }

  // The same for whatever a set() or a pulse may make true: `over()`.
  template <class IsOver>
  static bool WaitUntil(Words& words, const Waiter& me, int64_t deadline_ns, Spinner& spinner, IsOver&& over) {
    if (over()) return true;
    if (deadline_ns == 0) return false;
    return spinner.Spin(over) || Sleep(words, me, deadline_ns, over);
  }

  // A loop announces that it waits. It looks once more afterwards.
  static void Watch(Words& words, const Waiter& me) {
    Loops::Add(words.loops, *me.registry, me.token);
    uint32_t word = words.word.load(std::memory_order_seq_cst);
    while ((word & (kEventSet | kWaiters)) == 0 &&
           !words.word.compare_exchange_weak(word, word | kWaiters, std::memory_order_seq_cst)) {
    }
  }

  // Nothing to pass on: a set() wakes everybody.
  static void Unwatch(Words& words, const Waiter& me) { Loops::Remove(words.loops, me.token); }

 private:
  static uint32_t Next(uint32_t word) { return (word + kEventEpoch) & ~kWaiters; }

  static void LetGo(Words& words, uint32_t before, Registry& registry) {
    if ((before & kWaiters) == 0) return;
    P::Step();
    // Loops first: theirs is the longer way.
    Loops::RingAll(words.loops, registry);
    os::Wake(P::Raw(words.word), os::kEverybody);
  }

  static bool Over(uint32_t state, uint32_t begun) { return ((state | begun) & kEventSet) != 0 || state != begun; }

  template <class IsOver>
  static bool Sleep(Words& words, const Waiter& me, int64_t deadline_ns, IsOver&& over) {
    Slices slices(me, deadline_ns);
    for (;;) {
      slices.Look();
      uint32_t word = words.word.load(std::memory_order_seq_cst);
      if (over()) return true;
      if (slices.Over()) return false;
      if ((word & kWaiters) == 0 &&
          !words.word.compare_exchange_weak(word, word | kWaiters, std::memory_order_seq_cst)) {
        continue;
      }
      P::Step();
      slices.Sleep(P::Raw(words.word), word | kWaiters);
      if (over()) return true;
    }
  }
};

}  // namespace procloom
