// The policy that dies on demand: every step of an algorithm that another process could see is counted, and before the
// chosen one the process kills itself.
//
// Loads are not counted: they change nothing, so a death before a load leaves what a death before the next write
// leaves. (And a spin loop would make the count depend on the clock.)
#pragma once

#include <signal.h>
#include <unistd.h>

#include <atomic>

#include "layout/atomics.h"

namespace procloom::test {

class Steps {
 public:
  // From now on: dies before step `k`, counted from 0; less than zero: never.
  static void DieBefore(long k) { left_ = k; }
  static void Count() {
    if (left_ < 0 || left_-- > 0) return;
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }

 private:
  static inline long left_ = -1;
};

struct CountingAtomics {
  template <class T>
  class Atomic {
   public:
    T load(std::memory_order order) const { return word_.load(order); }
    void store(T value, std::memory_order order) { Counted().store(value, order); }
    T exchange(T value, std::memory_order order) { return Counted().exchange(value, order); }
    T fetch_add(T value, std::memory_order order) { return Counted().fetch_add(value, order); }
    T fetch_sub(T value, std::memory_order order) { return Counted().fetch_sub(value, order); }
    T fetch_or(T value, std::memory_order order) { return Counted().fetch_or(value, order); }
    T fetch_and(T value, std::memory_order order) { return Counted().fetch_and(value, order); }
    bool compare_exchange_strong(T& expected, T value, std::memory_order order) {
      return Counted().compare_exchange_strong(expected, value, order);
    }
    // Never fails for no reason, so that steps are the same each time.
    bool compare_exchange_weak(T& expected, T value, std::memory_order order) {
      return Counted().compare_exchange_strong(expected, value, order);
    }
    std::atomic<T>& word() { return word_; }

   private:
    std::atomic<T>& Counted() {
      Steps::Count();
      return word_;
    }
    std::atomic<T> word_;
  };
  static_assert(sizeof(Atomic<uint32_t>) == 4 && sizeof(Atomic<uint64_t>) == 8);

  static std::atomic<uint32_t>& Raw(Atomic<uint32_t>& word) { return word.word(); }
  static void Step() { Steps::Count(); }
};

}  // namespace procloom::test
