// The words of a barrier: its state, a cell for each party, and its policy as text.
//
//   ┌───────┬───────┬─────────┬──────────────┬────────────────────┬────────┐
//   │ state │ loops │ parties │ policy_bytes │ cells[parties] 8 B │ policy │
//   └───────┴───────┴─────────┴──────────────┴────────────────────┴────────┘
#pragma once

#include "layout/sync-layout.h"

namespace procloom {

// What a barrier is doing; what leads from one to another is drawn in sync/barrier.h.
enum BarrierStage : uint32_t {
  kBarrierFilling = 0,    // parties arrive
  kBarrierActing = 1,     // all have arrived; the last one runs the action
  kBarrierDraining = 2,   // they leave
  kBarrierBreaking = 3,   // they leave, and then it is broken
  kBarrierBroken = 4,     // until reset()
  kBarrierResetting = 5,  // those leave whom it broke
};

// state = kWaiters | phase << kBarrierStageBits | stage
inline constexpr uint32_t kBarrierStageBits = 3;
inline constexpr uint32_t kBarrierPhaseBits = 28;
inline constexpr uint32_t kBarrierPhaseMask = (1u << kBarrierPhaseBits) - 1;
inline constexpr uint32_t kMaximumParties = 65'535;

// A cell is `phase << 32 | token`. Token 0: free for an arrival in that phase.
inline constexpr uint64_t BarrierCell(uint32_t phase, Token token) { return uint64_t{phase} << 32 | token; }
inline constexpr uint32_t PhaseOfCell(uint64_t cell) { return static_cast<uint32_t>(cell >> 32); }
inline constexpr Token TokenOfCell(uint64_t cell) { return static_cast<Token>(cell); }

template <class P>
struct BarrierWords {
  AtomicOf<P, uint32_t> state;
  LoopListWords<P> loops;
  uint32_t parties;
  uint32_t policy_bytes;
  // AtomicOf<P, uint64_t> cells[parties], then char policy[policy_bytes]
};
static_assert(sizeof(BarrierWords<StdAtomics>) == 40);

inline constexpr uint64_t BarrierBytes(uint32_t parties, uint64_t policy_bytes) {
  return sizeof(BarrierWords<StdAtomics>) + uint64_t{parties} * sizeof(uint64_t) + policy_bytes;
}

template <class P>
AtomicOf<P, uint64_t>* BarrierCells(BarrierWords<P>& words) {
  return reinterpret_cast<AtomicOf<P, uint64_t>*>(&words + 1);
}

}  // namespace procloom
