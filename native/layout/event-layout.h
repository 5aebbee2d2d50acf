// The words of an event.
#pragma once

#include "layout/sync-layout.h"

namespace procloom {

// word = kWaiters | epoch (30 bits) | set (1 bit); the epoch counts how often it was set.
inline constexpr uint32_t kEventSet = 1;
inline constexpr uint32_t kEventEpoch = 2;

template <class P>
struct EventWords {
  AtomicOf<P, uint32_t> word;
  LoopListWords<P> loops;
};
static_assert(sizeof(EventWords<StdAtomics>) == 32);

}  // namespace procloom
