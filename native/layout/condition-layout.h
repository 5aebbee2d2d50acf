// The words of a condition: who waits, and how many of them have been notified.
#pragma once

#include "layout/sync-layout.h"

namespace procloom {

// So many environments can wait on one condition at once.
inline constexpr uint32_t kConditionCells = 120;

// One environment that waits, with its thread or with promises of its loop.
template <class P>
struct ConditionCell {
  AtomicOf<P, uint32_t> token;     // 0: free
  AtomicOf<P, uint32_t> sleeping;  // 1 while its thread sleeps, on this word
  AtomicOf<P, uint64_t> counts;    // waiting << 32 | granted
};
static_assert(sizeof(ConditionCell<StdAtomics>) == 16);

template <class P>
struct ConditionWords {
  MutexWords<P> lock;          // of the cells; not the lock that users hold
  AtomicOf<P, uint32_t> turn;  // where the next notify begins to look
  uint32_t lock_kind;          // of the lock that users hold
  uint64_t lock_id;            // a hash of its reference; 0: it came with the condition
  ConditionCell<P> cells[kConditionCells];
};
static_assert(sizeof(ConditionWords<StdAtomics>) == 56 + kConditionCells * 16);

}  // namespace procloom
