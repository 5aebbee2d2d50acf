// Who holds an end of a pipe.
//
// Thread safety: any thread of any process.
//
// Invariants
//  1. A process is listed before its first handle of the end can be used, and until its last one is closed (or it
//  died).
//  2. An end on its way is counted in `flights` from before its sender may close it until after its receiver is listed.
#pragma once

#include "layout/channel-layout.h"
#include "memory/registry.h"
#include "os/clock.h"

namespace procloom {

// When to ask the kernel whether those who are listed as holders live: a call that not every look can make.
class ProbeClock {
 public:
  // For one who waits anyway: now and then, and after each death.
  bool Due(const Registry& registry) {
    const int64_t now = os::NowNs();
    const uint32_t deaths = registry.DeathsSoFar();
    if (now < next_ns_ && deaths == deaths_) return false;
    deaths_ = deaths;
    next_ns_ = now + kEveryNs;
    return true;
  }
  // For one who never waits, and to whom even a look at the clock is dear.
  bool DueByCount() { return ++count_ % kEveryCount == 0; }

 private:
  static constexpr int64_t kEveryNs = 10'000'000;
  static constexpr uint32_t kEveryCount = 1024;
  int64_t next_ns_ = 0;
  uint32_t deaths_ = 0;
  uint32_t count_ = 0;
};

template <class P>
class Ends {
 public:
  Ends(EndWords<P>* words, AtomicOf<P, uint32_t>* flights) : words_(*words), flights_(*flights) {}

  void Add(Registry& registry, Token process) {
    for (int round = 0; round < 2; round++) {
      for (auto& place : words_.holder) {
        uint32_t listed = place.load(std::memory_order_seq_cst);
        if (listed != 0 && (round == 0 || registry.Lives(listed))) continue;
        if (place.compare_exchange_strong(listed, process, std::memory_order_seq_cst)) return;
      }
    }
    words_.overflow.store(1, std::memory_order_seq_cst);
  }

  void Remove(Token process) {
    for (auto& place : words_.holder) {
      uint32_t expected = process;
      if (place.compare_exchange_strong(expected, 0, std::memory_order_seq_cst)) return;
    }
  }

  // Whether nobody holds it and none is on its way. `probe`: looks whether the listed live (a system call each).
  bool Gone(Registry& registry, bool probe) {
    if (words_.overflow.load(std::memory_order_seq_cst) != 0) return false;
    const uint32_t flights = flights_.load(std::memory_order_seq_cst);
    if ((flights & kFlightMask) != 0) return false;
    for (auto& place : words_.holder) {
      uint32_t holder = place.load(std::memory_order_seq_cst);
      if (holder == 0) continue;
      if (!probe || registry.Lives(holder)) return false;
      place.compare_exchange_strong(holder, 0, std::memory_order_seq_cst);
    }
    // No flight was under way before we looked, and none has begun since: nobody can have been listed unseen.
    return flights_.load(std::memory_order_seq_cst) == flights;
  }

  void BeginFlight() { flights_.fetch_add(kFlightBegun + 1, std::memory_order_seq_cst); }
  void EndFlight() { flights_.fetch_sub(1, std::memory_order_seq_cst); }

 private:
  EndWords<P>& words_;
  AtomicOf<P, uint32_t>& flights_;
};

}  // namespace procloom
