// Small objects in cells of shared arenas (layout/arena-layout.h has the drawing).
//
// Thread safety: all may be called from any thread.
//
// Invariants
//  1. A cell whose `holders` has a living process's bit is never given to anybody else.
//  2. A cell with flights is never given to anybody else.
//  3. The bits of a dead process are cleared, under the claim lock, before its place is given to another.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "layout/arena-layout.h"
#include "memory/segment.h"

namespace procloom {

using Cell = CellWords<StdAtomics>;

// One arena as this process knows it.
class Arena {
 public:
  // Takes a place among the holders of the segment.
  static Status Attach(std::shared_ptr<Segment> segment, std::shared_ptr<Arena>* arena);
  // A fresh one with `slabs` slabs.
  static Status Create(const std::shared_ptr<Registry>& registry, uint32_t slabs, std::shared_ptr<Arena>* arena);

  // Takes a free cell for `body_bytes`; its offset, or 0 when there is none. The cell counts as held once.
  uint64_t Allocate(uint64_t body_bytes);
  // One more use of a cell by this process. MISSING if nobody holds it (any more).
  Status Hold(uint64_t offset);
  void LetGo(uint64_t offset);
  // Clears what dead processes held; returns whether there were any.
  bool SweepHolders();

  Cell* At(uint64_t offset) const { return segment_->At<Cell>(offset); }
  // Whether `offset` is the start of a cell.
  bool IsCell(uint64_t offset) const;
  bool HoldsNothing();
  const std::shared_ptr<Segment>& segment() const { return segment_; }
  uint32_t slabs() const { return slabs_; }

  ~Arena();

 private:
  Arena() = default;
  Status Claim();
  void SweepLocked();
  uint64_t OwnBit() const { return uint64_t{1} << index_; }
  bool TakeCell(Cell* cell);

  std::shared_ptr<Segment> segment_;
  ArenaWords<StdAtomics>* words_ = nullptr;
  uint32_t slabs_ = 0;  // as checked: what stands in the segment may be damaged later
  uint32_t index_ = kOverflowHolder;
  std::mutex mutex_;
  uint32_t cursor_slab_[kCellClasses] = {};
  uint32_t cursor_cell_[kCellClasses] = {};
};

// All arenas of this process.
class Arenas {
 public:
  static Status Allocate(const std::shared_ptr<Registry>& registry, uint64_t body_bytes, std::shared_ptr<Arena>* arena,
                         uint64_t* offset);
  // The arena in that file.
  static Status Open(const std::shared_ptr<Registry>& registry, const std::string& file, std::shared_ptr<Arena>* arena);
  // Called when a cell was let go: gives an arena of ours back that holds nothing.
  static void Trim(const std::shared_ptr<Arena>& arena);
  // At the end of the last environment.
  static void DropOwn();
};

// The largest body that fits a cell.
inline constexpr uint64_t kLargestBody = kCellBytes[kCellClasses - 1] - sizeof(Cell);

}  // namespace procloom
