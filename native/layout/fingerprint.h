// One number for all layouts: a build with another one refuses the segment.
#pragma once

#include "layout/arena-layout.h"
#include "layout/barrier-layout.h"
#include "layout/channel-layout.h"
#include "layout/condition-layout.h"
#include "layout/event-layout.h"

namespace procloom {

inline constexpr uint64_t Mix(uint64_t hash, uint64_t value) {
  for (int i = 0; i < 8; i++) hash = (hash ^ ((value >> (8 * i)) & 0xff)) * 0x100000001b3;  // FNV-1a
  return hash;
}

// Bump when the meaning of a word changes and its place does not.
inline constexpr uint64_t kLayoutVersion = 3;

inline constexpr uint64_t Fingerprint(bool posix) {
  const uint64_t facts[] = {
      kLayoutVersion,
      posix,
      sizeof(void*),
      sizeof(SegmentHeader),
      sizeof(RegistryLayout),
      kSlotBits,
      kTokenBits,
      sizeof(LoopListWords<StdAtomics>),
      kListedLoops,
      sizeof(MutexWords<StdAtomics>),
      kWaiters,
      kAbandoned,
      kReserved,
      sizeof(SemaphoreWords<StdAtomics>),
      sizeof(EventWords<StdAtomics>),
      sizeof(BarrierWords<StdAtomics>),
      kBarrierStageBits,
      kBarrierPhaseBits,
      sizeof(ConditionWords<StdAtomics>),
      kConditionCells,
      sizeof(OwnedPermitsWords<StdAtomics>),
      offsetof(OwnedPermitsWords<StdAtomics>, cells),
      sizeof(CellWords<StdAtomics>),
      sizeof(ArenaWords<StdAtomics>),
      kArenaDataOffset,
      kSlabBytes,
      kCellClasses,
      sizeof(MemoryBody),
      kSoloCellOffset,
      kItemsBits,
      kPositionBits,
      sizeof(ChannelWords<StdAtomics>),
      offsetof(ChannelWords<StdAtomics>, tail),
      offsetof(ChannelWords<StdAtomics>, get_lock),
      offsetof(ChannelWords<StdAtomics>, head),
      offsetof(ChannelWords<StdAtomics>, reserver),
      offsetof(ChannelWords<StdAtomics>, borrower),
      offsetof(ChannelWords<StdAtomics>, readable),
      offsetof(ChannelWords<StdAtomics>, writable),
      sizeof(EndWords<StdAtomics>),
      sizeof(PipeWords<StdAtomics>),
      sizeof(QueueWords<StdAtomics>),
      offsetof(QueueWords<StdAtomics>, tasks),
      kFirstRingBytes,
      kRingOffset,
      GrowFrom(0),
  };
  uint64_t hash = 0xcbf29ce484222325;
  for (uint64_t fact : facts) hash = Mix(hash, fact);
  return hash;
}

#ifdef PROCLOOM_BODY_POSIX
inline constexpr bool kPosixBody = true;
#else
inline constexpr bool kPosixBody = false;
#endif
inline constexpr uint64_t kFingerprint = Fingerprint(kPosixBody);

}  // namespace procloom
