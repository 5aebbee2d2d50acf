// The words of locks and semaphores, and of what stands beside each word that can be waited for.
#pragma once

#include "layout/registry-layout.h"

namespace procloom {

// Event loops that wait, as a set of tokens: a ring takes one out. Blocked threads are not listed: the kernel (or
// the parkers) knows them by the word they wait on.
inline constexpr uint32_t kListedLoops = 6;

template <class P>
struct LoopListWords {
  AtomicOf<P, uint32_t> token[kListedLoops];
  AtomicOf<P, uint32_t> marks;  // the place whose turn it is to be rung << 1 | more loops wait than are listed
};

// word = 0 | owner | kReserved | kAbandoned | kWaiters
inline constexpr uint32_t kWaiters = 1u << 31;
inline constexpr uint32_t kAbandoned = 1u << 30;
inline constexpr uint32_t kReserved = 1u << 29;

template <class P>
struct MutexWords {
  AtomicOf<P, uint32_t> word;
  LoopListWords<P> loops;
  AtomicOf<P, uint32_t> takes;  // so far; counted by the owner
  AtomicOf<P, uint32_t> limit;  // the take that is to be somebody's who has slept; 0: nobody sleeps
};

// word = permits | kWaiters
inline constexpr uint32_t kMaximumPermits = 0x7fffffff;

template <class P>
struct SemaphoreWords {
  AtomicOf<P, uint32_t> word;
  LoopListWords<P> loops;
  uint32_t maximum;
  uint32_t initial;
};

// A semaphore whose permits belong to who took them. So many environments can hold some at once.
inline constexpr uint32_t kPermitCells = 112;

template <class P>
struct PermitCell {
  AtomicOf<P, uint32_t> token;  // 0: free
  AtomicOf<P, uint32_t> count;
};

template <class P>
struct OwnedPermitsWords {
  MutexWords<P> lock;            // of the cells
  AtomicOf<P, uint32_t> change;  // kWaiters | how often permits have been given back
  LoopListWords<P> loops;
  uint32_t maximum;
  PermitCell<P> cells[kPermitCells];
};
static_assert(sizeof(OwnedPermitsWords<StdAtomics>) == 76 + kPermitCells * 8);

static_assert(sizeof(MutexWords<StdAtomics>) == 40 && sizeof(SemaphoreWords<StdAtomics>) == 40);

}  // namespace procloom
