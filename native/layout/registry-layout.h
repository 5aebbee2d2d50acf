// The registry: one file for each user's private directory, in which every environment is a participant.
//
//   ┌────────┬────────────┬───────────────────────┬───────────────────────┐
//   │ header │ high_water │ slots[kSlots] 64 B    │ parkers[kSlots] 8 B   │
//   └────────┴────────────┴───────────────────────┴───────────────────────┘
//
// A slot belongs to whoever holds the OFD lock of its byte; the kernel gives it back however the holder ends.
// A token is `generation << kSlotBits | slot`; generations only grow, so a token is never given twice.
// A participant lives iff its slot still has its generation, its `life` is not lost, and the byte is locked.
#pragma once

#include <cstddef>

#include "layout/segment-layout.h"

namespace procloom {

using Token = uint32_t;

inline constexpr uint32_t kSlotBits = 12;
inline constexpr uint32_t kSlots = 1u << kSlotBits;
inline constexpr uint32_t kTokenBits = 29;  // three bits of a lock's word are flags
inline constexpr uint32_t kTokenMask = (1u << kTokenBits) - 1;
inline constexpr uint32_t kLastGeneration = (1u << (kTokenBits - kSlotBits)) - 1;

inline constexpr uint32_t SlotOf(Token token) { return token & (kSlots - 1); }
inline constexpr uint32_t GenerationOf(Token token) { return token >> kSlotBits; }
inline constexpr Token MakeToken(uint32_t generation, uint32_t slot) { return generation << kSlotBits | slot; }

// The state of a loop's doorbell: `epoch << 2 | state`.
enum BellState : uint32_t {
  kBellAwake = 0,     // the loop runs: it will look before it sleeps
  kBellArmed = 1,     // the loop sleeps: write to its FIFO
  kBellNotified = 2,  // somebody has rung since it last looked
  kBellMask = 3,
};

// A thread's life as the kernel tells it: `word` is the thread's id while it is there (os/life.h). `previous` and
// `next` are a link of that thread's own list, and mean nothing to anybody else; the C library fixes where they stand.
struct Life {
  std::atomic<uint32_t> word;     // 0: the kernel does not tell
  std::atomic<uint32_t> process;  // the token of its process
  uint32_t reserved[4];
  void* previous;
  void* next;
};
static_assert(offsetof(Life, next) == 32 && sizeof(Life) == 40);

struct RegistrySlot {
  std::atomic<uint32_t> generation;  // 0: never used
  std::atomic<uint32_t> pid;
  std::atomic<uint32_t> bell;
  std::atomic<uint32_t> has_loop;  // 1 while it has a FIFO to ring
  Life life;
  uint32_t reserved[2];
};
static_assert(sizeof(RegistrySlot) == 64);

// Where a blocked thread says which word it waits for (the posix body of waiting; unused by the linux one).
struct Parker {
  std::atomic<uint64_t> key;
};
static_assert(sizeof(Parker) == 8);

struct RegistryLayout {
  SegmentHeader header;
  std::atomic<uint32_t> high_water;  // slots below it have been used
  std::atomic<uint32_t> arrivals;    // of participants so far
  std::atomic<uint32_t> deaths;      // looks that who waits should take, as somebody has died
  uint32_t reserved[13];
  RegistrySlot slots[kSlots];
  Parker parkers[kSlots];
};
static_assert(sizeof(RegistryLayout) == 128 + 64 + kSlots * (64 + 8));

// How many slots are worth a look: never more than there are, whatever stands in a damaged registry.
inline uint32_t UsedSlots(const std::atomic<uint32_t>& high_water) {
  const uint32_t used = high_water.load(std::memory_order_seq_cst);
  return used < kSlots ? used : kSlots;
}

}  // namespace procloom
