// The rings of one channel as this process has them mapped.
//
// Thread safety: none; each environment has its own.
#pragma once

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>

#include "layout/channel-layout.h"
#include "memory/segment.h"
#include "os/failure.h"
#include "os/file.h"

namespace procloom {

// One ring, mapped twice in a row: every record in it is contiguous.
class RingView {
 public:
  // `grow_from`: where in the file the channel's further rings begin, as the channel says.
  explicit RingView(const uint64_t& grow_from) : grow_from_(grow_from) {}
  RingView(const RingView&) = delete;
  RingView& operator=(const RingView&) = delete;
  ~RingView() { Drop(); }

  RingView& operator=(RingView&& other) {
    mapping_ = std::move(other.mapping_);
    memory_ = other.memory_, offset_ = other.offset_, size_ = other.size_, mask_ = other.mask_, base_ = other.base_;
    other.Drop();
    return *this;
  }

  // Maps the described ring if it is not the one mapped already. DAMAGED when the description cannot be.
  // `reserved`: the caller has reserved its pages just now.
  Status Show(const Segment& segment, const RingDescription& ring, bool reserved = false) {
    // A damaged description may say even what nothing mapped looks like.
    if (ring.file_offset == offset_ && ring.size == size_ && memory_ != nullptr) {
      base_ = ring.base;
      return Status::kOK;
    }
    Drop();
    if (!IsPossible(segment, ring)) return os::Fail(Status::kDAMAGED, segment.path(), "a ring is described impossibly");
    // The pages are there already, unless somebody has cut the file: then better an error than a SIGBUS.
    if (!reserved) {
      if (const Status status = os::Reserve(segment.fd(), segment.path(), ring.file_offset, ring.size); Failed(status))
        return status;
    }
    void* memory = nullptr;
    if (const Status status = os::MapTwice(segment.fd(), segment.path(), ring.file_offset, ring.size, &memory);
        Failed(status)) {
      return status;
    }
    memory_ = static_cast<char*>(memory);
    const uint64_t bytes = 2 * ring.size;
    mapping_ = std::shared_ptr<void>(memory, [bytes](void* mapped) { os::Unmap(mapped, bytes); });
    offset_ = ring.file_offset;
    size_ = ring.size;
    mask_ = std::has_single_bit(size_) ? size_ - 1 : 0;
    base_ = ring.base;
    return Status::kOK;
  }

  // REQUIRES: it is mapped. All of a record that begins there lies in the mapping if it is no longer than size().
  // Positions wrap. A mask does not mind; others leave the ring before that (room.h).
  char* At(uint64_t position) const {
    if (mask_ != 0) return memory_ + (((position - base_) * kUnit) & mask_);
    return memory_ + PositionDistance(base_, position) * kUnit % size_;
  }
  uint64_t size() const { return size_; }

  // Keeps it mapped, whatever becomes of this view.
  const std::shared_ptr<void>& mapping() const { return mapping_; }

  void Drop() {
    mapping_.reset();
    memory_ = nullptr;
    offset_ = ~uint64_t{0};
    size_ = 0;
  }

 private:
  // Whether a ring of the channel may lie there: in the segment itself, or where its rings grow. The file is never made
  // longer by it, and holes of it are not filled: what is described has been there before.
  bool IsPossible(const Segment& segment, const RingDescription& ring) const {
    constexpr uint64_t kMostBytes = uint64_t{1} << 40, kFurthest = uint64_t{1} << 45;
    if (ring.size < os::PageSize() || ring.size > kMostBytes || ring.size % os::PageSize() != 0) return false;
    if (ring.file_offset % os::PageSize() != 0 || ring.file_offset >= kFurthest) return false;
    const uint64_t end = ring.file_offset + ring.size;
    if (end <= segment.size()) return ring.file_offset >= kRingOffset;
    return ring.file_offset >= std::max(grow_from_, segment.size()) && end <= os::FileBytes(segment.fd());
  }

  const uint64_t& grow_from_;
  std::shared_ptr<void> mapping_;
  char* memory_ = nullptr;
  uint64_t offset_ = ~uint64_t{0};
  uint64_t size_ = 0;
  uint64_t mask_ = 0;  // of a size that is a power of two
  uint64_t base_ = 0;
};

}  // namespace procloom
