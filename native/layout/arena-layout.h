// Small objects share a segment, the arena, in cells of fixed classes.
//
//   ┌────────┬───────────────┬───────────────┬──────────────────────────────────────────┐
//   │ header │ holders[63]   │ class of each │ slab 0 (4 KiB) │ slab 1 │ …              │
//   │        │ tokens        │ slab          │ cells of one class each                  │
//   └────────┴───────────────┴───────────────┴──────────────────────────────────────────┘
//   cell: holders (one bit a process) · kind · flights · body
//
// A cell is free iff holders == 0 and flights == 0; it is taken by one CAS of `holders` from 0 to the taker's bit,
// so a taker that dies at any instruction leaves a cell that the sweep of its bit gives back.
// Process i of the arena is the one whose token stands in holders[i]; bit 63 stands for all that found no place
// there, and is never cleared.
#pragma once

#include "layout/kind.h"
#include "layout/sync-layout.h"

namespace procloom {

inline constexpr uint32_t kArenaHolders = 63;
inline constexpr uint32_t kOverflowHolder = 63;
inline constexpr uint32_t kSlabBytes = 4096;
inline constexpr uint32_t kMaximumSlabs = 4000;
inline constexpr uint32_t kCellClasses = 6;
inline constexpr uint32_t kCellBytes[kCellClasses] = {64, 128, 256, 512, 1024, 2048};

template <class P>
struct CellWords {
  AtomicOf<P, uint64_t> holders;
  AtomicOf<P, uint32_t> kind;  // 0 until the body is filled (release); read first (acquire)
  AtomicOf<P, uint32_t> flights;
};
static_assert(sizeof(CellWords<StdAtomics>) == 16);

template <class P>
struct ArenaWords {
  SegmentHeader header;
  uint32_t slabs;
  uint32_t reserved[15];
  AtomicOf<P, uint32_t> holders[kArenaHolders];    // changed under the claim lock
  AtomicOf<P, uint32_t> holder_overflow;           // 1 once a process found no place
  AtomicOf<P, uint8_t> slab_class[kMaximumSlabs];  // 0: unassigned, else class + 1
};

// The byte whose OFD lock is held while places of holders are claimed or swept.
inline constexpr int64_t kClaimLockByte = kUseLockByte + 2;

inline constexpr uint64_t kArenaDataOffset = 8192;
static_assert(sizeof(ArenaWords<StdAtomics>) <= kArenaDataOffset);

// Memory of a Value or an Array: its shape as text, then the data.
struct MemoryBody {
  uint32_t shape_bytes;
  uint32_t data_offset;  // from the start of this struct; a multiple of 16
  uint64_t data_bytes;
  // char shape[shape_bytes], then data
};
static_assert(sizeof(MemoryBody) == 16);

// An object that does not live in an arena (a named one, a large one) has a segment with one cell.
inline constexpr uint64_t kSoloCellOffset = 128;

}  // namespace procloom
