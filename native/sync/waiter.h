// Who waits and how: what every blocking algorithm is handed.
#pragma once

#include <algorithm>
#include <cstdint>

#include "layout/registry-layout.h"
#include "memory/registry.h"
#include "os/clock.h"
#include "os/cpu.h"
#include "os/wait.h"

namespace procloom {

// No wait lasts longer than this without a look whether somebody died: it bounds what a wake can be late that a
// corpse consumed, or never gave.
inline constexpr int64_t kSliceNs = 50'000'000;

// Spins as long as that pays: up to about the price of being parked and woken, less where it has not helped before.
//
// After the first moments it yields between its looks: if the one that is waited for shares this processor, spinning
// would only keep it from running.
class Spinner {
 public:
  // Calls `done` until it is true or the budget is spent; whether it became true.
  template <class Done>
  bool Spin(Done&& done) {
    if (done()) return true;
    if (!os::SeveralCpus()) return false;
    const int64_t start = os::NowNs();
    for (int64_t spent = 0; spent < budget_ns_; spent = os::NowNs() - start) {
      if (spent > kAloneNs) os::Yield();
      for (int i = 0; i < kLooksPerClock; i++) {
        if (done()) {
          budget_ns_ = std::min(budget_ns_ * 2, kMostNs);
          return true;
        }
        os::Relax();
      }
    }
    budget_ns_ = std::max(budget_ns_ / 2, kLeastNs);
    return false;
  }

  // Tells how long the sleep lasted that followed: after a short one, spinning longer would have been better.
  void Slept(int64_t ns) {
    if (ns < kNearMissNs) budget_ns_ = std::min(budget_ns_ * 4, kMostNs);
  }

 private:
  static constexpr int kLooksPerClock = 16;
  static constexpr int64_t kMostNs = 40'000;
  static constexpr int64_t kLeastNs = 2'000;
  static constexpr int64_t kAloneNs = 3'000;
  static constexpr int64_t kNearMissNs = 100'000;
  int64_t budget_ns_ = kMostNs;
};

// An environment, or a thread of a native program, as it waits. Belongs to one thread.
struct Waiter {
  Registry* registry;
  Token token;
  // Whether it is to end and should wait no longer; null: it never is.
  bool (*ends)(void* context) = nullptr;
  void* context = nullptr;

  // As one that waits to its end: for a lock held for a moment, which must be had.
  Waiter Patient() const { return {registry, token}; }
};

// One wait with a deadline, slept through in slices that a death ends early. Over, too, when the waiter is to end.
class Slices {
 public:
  Slices(const Waiter& me, int64_t deadline_ns) : me_(me), registry_(*me.registry), deadline_ns_(deadline_ns) {}
  bool Over() const {
    if (deadline_ns_ != os::kForever && os::NowNs() >= deadline_ns_) return true;
    return slept_ && me_.ends != nullptr && me_.ends(me_.context);
  }
  // Before the look that decides whether to sleep: no death from here on is slept through.
  void Look() { deaths_ = registry_.Deaths().load(std::memory_order_seq_cst); }
  // Sleeps while the word holds what is expected, at most a slice. False if it held something else already.
  bool Sleep(std::atomic<uint32_t>& word, uint32_t expected, int64_t slice_ns = kSliceNs) {
    const int64_t until = std::min(deadline_ns_, os::NowNs() + slice_ns);
    slept_ = true;
    if (!os::CanWaitOnAny()) return os::WaitOn(word, expected, until) != os::Waited::kChanged;
    const os::Watched words[] = {{&word, expected}, {&registry_.Deaths(), deaths_}};
    return os::WaitOnAny(words, 2, until) != os::Waited::kChanged;
  }

 private:
  const Waiter& me_;
  Registry& registry_;
  const int64_t deadline_ns_;
  bool slept_ = false;
  uint32_t deaths_ = 0;
};

}  // namespace procloom
