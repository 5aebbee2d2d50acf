// A counting semaphore.
//
//   word = permits | kWaiters
//
// Thread safety: any thread of any process.
//
// Invariants
//  1. A permit is taken or given by one CAS: a death loses at most the permit that the dead had taken.
//  2. Sleepers sleep on the word `0 | kWaiters` only. Who has slept and takes a permit leaves kWaiters set, and wakes
//  one
//     more when permits are left; so no permit lies idle beside a sleeper longer than a slice.
#pragma once

#include "layout/status.h"
#include "layout/sync-layout.h"
#include "os/wait.h"
#include "sync/loop-list.h"
#include "sync/waiter.h"

namespace procloom {

template <class P>
class Semaphore {
 public:
  using Words = SemaphoreWords<P>;
  using Loops = LoopList<P>;

  static bool Try(Words& words, const Waiter& me, bool slept = false) {
    uint32_t word = words.word.load(std::memory_order_seq_cst);
    while ((word & kMaximumPermits) != 0) {
      const uint32_t left = (word & kMaximumPermits) - 1;
      const uint32_t waiters = slept ? kWaiters : word & kWaiters;
      if (!words.word.compare_exchange_weak(word, left | waiters, std::memory_order_seq_cst)) continue;
      if (slept && left != 0) WakeSome(words, *me.registry, 1);
      return true;
    }
    return false;
  }

  static bool Acquire(Words& words, const Waiter& me, int64_t deadline_ns, Spinner& spinner) {
    if (Try(words, me)) return true;
    if (deadline_ns == 0) return false;
    bool taken = false;
    spinner.Spin([&] {
      const uint32_t word = words.word.load(std::memory_order_relaxed);
      taken = (word & kMaximumPermits) != 0 && Try(words, me);
      return taken || (word & kWaiters) != 0;
    });
    return taken || Sleep(words, me, deadline_ns);
  }

  // OVERFLOW when the value would pass the maximum; then nothing changed.
  static Status Release(Words& words, Registry& registry, uint32_t n) {
    uint32_t word = words.word.load(std::memory_order_seq_cst);
    for (;;) {
      const uint32_t permits = word & kMaximumPermits;
      if (n > words.maximum - permits) return Status::kOVERFLOW;
      if (words.word.compare_exchange_weak(word, permits + n, std::memory_order_seq_cst)) break;
    }
    if ((word & kWaiters) != 0) WakeSome(words, registry, n);
    return Status::kOK;
  }

  static void Watch(Words& words, const Waiter& me) {
    Loops::Add(words.loops, *me.registry, me.token);
    words.word.fetch_or(kWaiters, std::memory_order_seq_cst);
  }

  static void Unwatch(Words& words, const Waiter& me) {
    if (!Loops::Remove(words.loops, me.token)) PassOn(words, *me.registry);
  }

  static uint32_t Value(const Words& words) { return words.word.load(std::memory_order_seq_cst) & kMaximumPermits; }

 private:
  static bool Sleep(Words& words, const Waiter& me, int64_t deadline_ns) {
    Slices slices(me, deadline_ns);
    bool slept = false;
    for (;;) {
      slices.Look();
      if (Try(words, me, slept)) return true;
      if (slices.Over()) {
        if (slept) PassOn(words, *me.registry);
        return false;
      }
      uint32_t word = 0;
      if (!words.word.compare_exchange_strong(word, kWaiters, std::memory_order_seq_cst) && word != kWaiters) continue;
      P::Step();
      slices.Sleep(P::Raw(words.word), kWaiters);
      slept = true;
    }
  }

  // For one who was woken and takes nothing.
  static void PassOn(Words& words, Registry& registry) {
    const uint32_t word = words.word.fetch_or(kWaiters, std::memory_order_seq_cst);
    if ((word & kMaximumPermits) != 0) WakeSome(words, registry, 1);
  }

  static void WakeSome(Words& words, Registry& registry, uint32_t n) {
    P::Step();
    os::Wake(P::Raw(words.word), static_cast<int>(n < static_cast<uint32_t>(os::kEverybody) ? n : os::kEverybody));
    for (uint32_t i = 0; i < n && Loops::RingOne(words.loops, registry); i++) {
    }
  }
};

}  // namespace procloom
