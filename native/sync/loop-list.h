// The event loops that wait at a point, as a set of tokens.
//
// Thread safety: any thread of any process. SIGKILL at any instruction leaves a set with at worst one token too many
// (it is rung for nothing) or one too few (it looks by itself within a slice).
//
// Invariants
//  1. A loop that is listed, or that the mark of the unlisted stands for, is rung when its turn comes, after at most
//     kListedLoops others, however often these come back meanwhile.
//  2. A ring takes the token out first: of two ringers each rings another loop.
#pragma once

#include "layout/sync-layout.h"
#include "memory/registry.h"

namespace procloom {

template <class P>
class LoopList {
 public:
  using Words = LoopListWords<P>;

  static void Add(Words& words, Registry& registry, Token token) {
    if (Has(words, token)) return;
    for (int round = 0; round < 2; round++) {
      for (auto& place : words.token) {
        uint32_t listed = place.load(std::memory_order_seq_cst);
        // In the second round the places of the dead count as free.
        if (listed != 0 && (round == 0 || registry.Lives(listed))) continue;
        if (place.compare_exchange_strong(listed, token, std::memory_order_seq_cst)) return;
      }
    }
    words.marks.fetch_or(kUnlisted, std::memory_order_seq_cst);
  }

  static bool Has(Words& words, Token token) {
    for (auto& place : words.token) {
      if (place.load(std::memory_order_seq_cst) == token) return true;
    }
    return false;
  }

  // Takes the token out; false when it was not listed (a ring has taken it, or it never was).
  static bool Remove(Words& words, Token token) {
    for (auto& place : words.token) {
      uint32_t expected = token;
      if (place.compare_exchange_strong(expected, 0, std::memory_order_seq_cst)) return true;
    }
    return false;
  }

  // Rings one loop that lives; false when none is there.
  static bool RingOne(Words& words, Registry& registry) {
    const uint32_t first = words.marks.load(std::memory_order_relaxed) >> kTurnShift;
    for (uint32_t i = 0; i < kTurns; i++) {
      const uint32_t turn = (first + i) % kTurns;
      if (!(turn < kListedLoops ? RingListed(words, turn, registry) : RingUnlisted(words, registry))) continue;
      PassTurn(words, (turn + 1) % kTurns);
      return true;
    }
    return false;
  }

  static void RingAll(Words& words, Registry& registry) {
    // Who takes a place that changes under us looks by itself afterwards.
    for (uint32_t at = 0; at < kListedLoops; at++) RingListed(words, at, registry);
    RingUnlisted(words, registry);
  }

 private:
  static constexpr uint32_t kUnlisted = 1, kTurnShift = 1;
  // Of the places, and one of all that are not listed.
  static constexpr uint32_t kTurns = kListedLoops + 1;

  // A hint: it may get lost between two that ring at once.
  static void PassTurn(Words& words, uint32_t turn) {
    uint32_t marks = words.marks.load(std::memory_order_relaxed);
    words.marks.compare_exchange_strong(marks, turn << kTurnShift | (marks & kUnlisted), std::memory_order_seq_cst);
  }

  static bool RingListed(Words& words, uint32_t at, Registry& registry) {
    auto& place = words.token[at];
    uint32_t token = place.load(std::memory_order_seq_cst);
    if (token == 0 || !place.compare_exchange_strong(token, 0, std::memory_order_seq_cst)) return false;
    P::Step();
    return registry.Ring(token);
  }

  static bool RingUnlisted(Words& words, Registry& registry) {
    if ((words.marks.load(std::memory_order_seq_cst) & kUnlisted) == 0) return false;
    if ((words.marks.fetch_and(~kUnlisted, std::memory_order_seq_cst) & kUnlisted) == 0) return false;
    registry.RingAll();
    return true;
  }
};

}  // namespace procloom
