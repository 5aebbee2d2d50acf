// A channel: messages of variable length in a ring of bytes, many producers, many consumers, one direction.
//
//              tail (commit word of producers)      head (commit word of consumers)
//   ┌──────────────────────┐ ┌───────────────────┐ ┌──────────────────────┐ ┌───────────────────┐
//   │ put lock, ring desc. │ │ position · items  │ │ get lock, ring desc. │ │ position · items  │
//   └──────────────────────┘ └───────────────────┘ └──────────────────────┘ └───────────────────┘
//   ring:  …│ header 8 B │ payload, to 8 B │ header │ payload │ … mapped twice in a row, so that each is contiguous
//
// A commit word is { position: 36, items: 26, parity: 1, waiting: 1 }, positions in units of 8 bytes, both modulo
// their width. One store of it publishes a message (or frees one), counts it and, by the parity, says which of the
// two ring descriptions is in force: a ring that is too small is left by a jump record, and the description of the
// next one is written into the other place before. So SIGKILL at any instruction leaves a valid channel.
#pragma once

#include "layout/event-layout.h"

namespace procloom {

inline constexpr uint32_t kUnit = 8;  // bytes

inline constexpr uint64_t kWaitingBit = 1;
inline constexpr uint64_t kParityBit = 2;
inline constexpr uint32_t kItemsShift = 2;
inline constexpr uint32_t kItemsBits = 26;
inline constexpr uint64_t kItemsMask = (uint64_t{1} << kItemsBits) - 1;
inline constexpr uint32_t kPositionShift = kItemsShift + kItemsBits;
inline constexpr uint32_t kPositionBits = 36;
inline constexpr uint64_t kPositionMask = (uint64_t{1} << kPositionBits) - 1;
static_assert(kPositionShift + kPositionBits == 64);

// A commit word, unpacked.
struct Commit {
  uint64_t position;  // units
  uint64_t items;
  bool parity;

  static constexpr Commit Of(uint64_t word) {
    return {word >> kPositionShift, (word >> kItemsShift) & kItemsMask, (word & kParityBit) != 0};
  }
  constexpr uint64_t Word() const {
    return (position & kPositionMask) << kPositionShift | (items & kItemsMask) << kItemsShift |
           (parity ? kParityBit : 0);
  }
};
inline constexpr uint64_t PositionDistance(uint64_t from, uint64_t to) { return (to - from) & kPositionMask; }
inline constexpr uint64_t ItemDistance(uint64_t from, uint64_t to) { return (to - from) & kItemsMask; }

// A record's header: { bytes: 48, codec: 8, type: 8 }.
enum RecordType : uint8_t { kMessage = 0x5a, kJump = 0xa5 };
inline constexpr uint64_t RecordHeader(uint64_t bytes, uint8_t codec, RecordType type) {
  return bytes << 16 | uint64_t{codec} << 8 | type;
}
inline constexpr uint64_t kMaximumMessage = (uint64_t{1} << 38) - 1;

// Which part of the file a ring lies in. `base` is the position of its first byte. The last two are of use to producers
// only: `entered` is 1 once the consumers are known to have left all earlier rings; until then, and until these are
// given back, nothing of the file before `in_use_until` is free.
struct RingDescription {
  uint64_t file_offset;
  uint64_t size;  // bytes: a power of two, or a number of pages where that would be too much memory
  uint64_t base;  // units
  uint64_t entered : 1;
  uint64_t in_use_until : 63;
};
inline constexpr uint64_t kJumpBytes = sizeof(RingDescription);
inline constexpr uint64_t kJumpUnits = 1 + kJumpBytes / kUnit;

// A place where threads and loops wait: for something to read, or for room.
template <class P>
struct WaitPointWords {
  AtomicOf<P, uint32_t> epoch;  // bumped by each wake; threads wait on it
  LoopListWords<P> loops;
};

enum ChannelFlags : uint32_t {
  kShutDown = 1,  // nothing is put any more
  kDropped = 2,   // and what was queued then is not got any more
};

template <class P>
struct ChannelWords {
  // Written by producers, under put_lock.
  alignas(128) MutexWords<P> put_lock;
  uint64_t head_seen;  // a head that was true once: the true one is never behind it
  RingDescription put_ring[2];
  uint32_t small_puts;             // in a row, in a large ring: a reason to give memory back
  AtomicOf<P, uint32_t> reserver;  // who writes the next message in place, as a token; 0: nobody
  // Where the ring begins whose memory was reserved last. If that is not the one in force it was never published, and
  // its description stands in the other place.
  uint64_t reserved_offset;

  alignas(128) AtomicOf<P, uint64_t> tail;

  // Written by consumers, under get_lock.
  alignas(128) MutexWords<P> get_lock;
  uint64_t tail_seen;  // a tail that was true once: the true one is never behind it
  RingDescription get_ring[2];
  // A ring that is being left and whose memory may not have been given back yet; size 0: none. Producers use its
  // place in the file again only then.
  uint64_t leaving_offset;
  AtomicOf<P, uint64_t> leaving_size;

  alignas(128) AtomicOf<P, uint64_t> head;
  AtomicOf<P, uint32_t> borrower;  // who reads the next message in place; 0: nobody

  // Read by all, written when somebody waits or ends it.
  alignas(128) WaitPointWords<P> readable;
  WaitPointWords<P> writable;
  AtomicOf<P, uint32_t> flags;
  uint32_t maximum_items;  // 0: no limit
  uint32_t dropped_at;     // with kDropped: how many items had been got before, modulo 2^26
  uint64_t capacity;       // bytes; 0: no limit
  uint64_t grow_from;      // where in the file this channel's further rings begin
};
static_assert(sizeof(ChannelWords<StdAtomics>) == 5 * 128);  // five lines, each its own writers'

// ------------------------------------------------------------------------------------------- pipes and queues

inline constexpr uint32_t kEndHolders = 63;

// The processes that hold an end of a pipe, by token.
template <class P>
struct EndWords {
  AtomicOf<P, uint32_t> holder[kEndHolders];
  AtomicOf<P, uint32_t> overflow;  // 1: more held it than are listed; it counts as held for ever
};

// References to an end that are on their way: { begun so far: 16, under way: 16 }.
inline constexpr uint32_t kFlightBegun = 1u << 16;
inline constexpr uint32_t kFlightMask = kFlightBegun - 1;

template <class P>
struct PipeWords {
  SegmentHeader header;
  AtomicOf<P, uint32_t> end_flights[2];
  uint32_t duplex;
  uint32_t reserved[13];
  EndWords<P> end[2];
  ChannelWords<P> channel[2];  // [0]: from end 1 to end 0; [1]: from end 0 to end 1 (duplex only)
};

// As many environments can have items in hand at once, where a death is to count as done.
inline constexpr uint32_t kHands = 256;

// What became of a queue's items: unfinished = put so far - done, modulo 2^26 (ring/tasks.h) ...
template <class P>
struct TaskWords {
  AtomicOf<P, uint32_t> done;
  AtomicOf<P, uint32_t> settled;  // so many were put, and done, when somebody last found nothing unfinished
  EventWords<P> finished;         // its epoch counts how often somebody found that
  // ... or, if this is 1, unfinished = queued + in the hands of the living (ring/hands.h); then `done` is not used.
  uint32_t by_hand;
  AtomicOf<P, uint64_t> hand[kHands];  // { token: 32, items: 32 }; 0: nobody's
};

template <class P>
struct QueueWords {
  SegmentHeader header;
  ChannelWords<P> channel;
  TaskWords<P> tasks;
};

inline constexpr uint64_t kFirstRingBytes = 64 * 1024;
inline constexpr uint64_t kRingOffset = 4096;  // of the first ring in the file
static_assert(sizeof(PipeWords<StdAtomics>) <= kRingOffset && sizeof(QueueWords<StdAtomics>) <= kRingOffset);
// Further rings of channel i of a segment lie beyond this, far apart (the file is sparse).
inline constexpr uint64_t GrowFrom(uint32_t channel) { return uint64_t{channel + 1} << 41; }

}  // namespace procloom
