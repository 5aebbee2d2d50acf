// The header that every segment file begins with.
//
//   byte 0          64          128
//   ┌───────────────┬───────────┬──────────────────────────┐
//   │ magic … stamp │ flights … │ what the kind puts there │
//   └───────────────┴───────────┴──────────────────────────┘
//
// The creator fills everything before the file gets a name, and stores `stamp` last (release): a file that can be
// opened is whole. An opener reads `stamp` (acquire), then checks magic, fingerprint, kind and size.
#pragma once

#include <cstdint>

#include "layout/atomics.h"

namespace procloom {

inline constexpr uint64_t kMagic = 0x314d4f4f4c435250;  // "PRCLOOM1", as little-endian bytes
inline constexpr uint32_t kStamp = 0x600d5e9;

struct SegmentHeader {
  uint64_t magic;
  uint64_t fingerprint;  // of all layouts, see layout/fingerprint.h
  uint64_t size;         // bytes of the file at creation; a channel's file grows beyond
  uint64_t created_ns;   // CLOCK_REALTIME
  uint32_t kind;
  uint32_t creator_pid;
  std::atomic<uint32_t> stamp;
  uint32_t reserved;
  uint64_t spare[2];
  // References to objects in this segment that are on their way in queues and pipes.
  alignas(64) std::atomic<uint32_t> flights;
  uint32_t reserved2[15];
};
static_assert(sizeof(SegmentHeader) == 128);

// Bytes of the file that carry OFD locks instead of data, far beyond any data.
inline constexpr int64_t kUseLockByte = int64_t{1} << 61;            // shared: "this process has it open"
inline constexpr int64_t kGateLockByte = (int64_t{1} << 61) + 1;     // registry: shared by users, exclusive to remove
inline constexpr int64_t kSlotLockBase = (int64_t{1} << 61) + 4096;  // registry: + slot: "this participant lives"

}  // namespace procloom
