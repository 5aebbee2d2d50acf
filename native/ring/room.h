// Whether a message finds room, and how large the next ring is to be.
//
// Everything here is arithmetic on what the caller has read under the producers' lock.
#pragma once

#include <algorithm>
#include <bit>

#include "layout/channel-layout.h"

namespace procloom {

// Large messages are pipelined whatever the capacity: a few of them may be queued, up to this many bytes.
inline constexpr uint64_t kLargeMessageBytes = uint64_t{256} << 10;
inline constexpr uint64_t kPipelinedBytes = uint64_t{16} << 20;
// Rings grow to this by themselves; only a message that needs more makes a larger one.
inline constexpr uint64_t kLargestByGrowth = uint64_t{64} << 20;
// A ring that was left because it had become too large for what it carries is followed by one of this size.
inline constexpr uint64_t kAfterShrinking = uint64_t{1} << 20;
// After so many small messages in a row. One that was made for a single message is left sooner.
inline constexpr uint32_t SmallPutsToShrink(uint64_t ring_bytes) { return ring_bytes > kLargestByGrowth ? 64 : 4096; }

// Units of a message's record.
inline constexpr uint64_t RecordUnits(uint64_t bytes) { return 1 + (bytes + kUnit - 1) / kUnit; }

// Bytes that may be queued where a message of `need` units is to go, too.
inline constexpr uint64_t LimitBytes(uint64_t capacity, uint64_t need) {
  const bool large = need * kUnit >= kLargeMessageBytes;
  return large ? std::max(capacity, std::min(4 * need * kUnit, kPipelinedBytes)) : capacity;
}

// Whether the limits of the channel let a message in.
template <class P>
bool Admitted(const ChannelWords<P>& words, const Commit& head, const Commit& tail, uint64_t need) {
  const uint64_t items = ItemDistance(head.items, tail.items);
  if (items >= kItemsMask - 1 || (words.maximum_items != 0 && items >= words.maximum_items)) return false;
  if (words.capacity == 0 || items == 0) return true;  // a single message of any size passes
  return (PositionDistance(head.position, tail.position) + need) * kUnit <= LimitBytes(words.capacity, need);
}

// Whether it fits the ring, with room left for a jump.
inline bool Fits(RingDescription& ring, const Commit& head, const Commit& tail, uint64_t need) {
  const uint64_t queued = PositionDistance(head.position, tail.position);
  // Positions wrap, so "since the base" means nothing once the consumers are here: then all that is queued is here.
  if (ring.entered == 0 && queued <= PositionDistance(ring.base, tail.position)) ring.entered = 1;
  const uint64_t since_base = PositionDistance(ring.base, tail.position);
  // One whose size is no power of two must be left before positions wrap (rings.h).
  if (!std::has_single_bit(ring.size) && since_base + need + kJumpUnits > kPositionMask / 2) return false;
  const uint64_t here = ring.entered != 0 ? queued : since_base;
  return (here + need + kJumpUnits) * kUnit <= ring.size;
}

inline constexpr uint64_t RoundUp(uint64_t bytes, uint64_t to) { return (bytes + to - 1) / to * to; }

// Bytes of the ring that follows one of `old_bytes` when a message of `need` units is to go into it.
inline uint64_t NextRingBytes(uint64_t old_bytes, uint64_t capacity, uint64_t need, bool grow) {
  const uint64_t least = (need + kJumpUnits) * kUnit;
  uint64_t size = grow ? std::min(std::max(old_bytes * 4, 4 * least), kLargestByGrowth) : kAfterShrinking;
  if (capacity != 0) size = std::min(size, std::max(LimitBytes(capacity, need), least) + kJumpUnits * kUnit);
  size = std::max({size, least, kFirstRingBytes});
  // Of the memory for a large message no more than an eighth is to lie idle, but the next one may be a little larger.
  if (size > kLargestByGrowth) return RoundUp(size, std::bit_floor(size) / 8);
  return std::bit_ceil(size);
}

// What to try when there is no memory for a ring of `bytes`: 0 when no smaller one would do.
inline constexpr uint64_t SmallerRingBytes(uint64_t bytes, uint64_t need) {
  const uint64_t least = std::max(RoundUp((need + kJumpUnits) * kUnit, kFirstRingBytes), kFirstRingBytes);
  const uint64_t half = std::bit_floor(bytes - 1);
  if (half >= least) return half;
  return least < bytes ? least : 0;
}

}  // namespace procloom
