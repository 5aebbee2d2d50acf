// The barest ring in shared memory: one producer, one consumer, no sleeping, no deaths, nothing that grows.
//
//   ┌──────┐ ┌──────┐ ┌────────────────────────────────────────────────┐
//   │ tail │ │ head │ │ … length │ payload, to 8 B │ length │ payload … │
//   └──────┘ └──────┘ └────────────────────────────────────────────────┘
//
// Both count bytes and never go back; each end keeps a copy of the other's, and looks again only when that copy says
// that it must wait. A message lies in one piece: where the rest of the ring is too short for it, kSkip stands.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../spin.h"

namespace procloom::bench {

struct RingWords {
  alignas(128) std::atomic<uint64_t> tail;
  alignas(128) std::atomic<uint64_t> head;
};

inline constexpr uint64_t kLengthBytes = 8;
inline constexpr uint64_t kSkip = ~uint64_t{0};
inline constexpr size_t kRingOffset = 4096;

inline constexpr uint64_t RecordBytes(uint64_t length) { return kLengthBytes + ((length + 7) & ~uint64_t{7}); }

class RingEnd {
 public:
  // `size` is a power of two.
  RingEnd(uint8_t* memory, uint64_t size)
      : words_(*reinterpret_cast<RingWords*>(memory)), ring_(memory + kRingOffset), mask_(size - 1) {}

 protected:
  uint64_t Rest(uint64_t position) const { return mask_ + 1 - (position & mask_); }
  uint8_t* At(uint64_t position) const { return ring_ + (position & mask_); }

  RingWords& words_;
  uint8_t* const ring_;
  const uint64_t mask_;
};

class RingProducer : public RingEnd {
 public:
  using RingEnd::RingEnd;

  void Put(const uint8_t* bytes, uint64_t length) {
    const uint64_t need = RecordBytes(length);
    const uint64_t rest = Rest(tail_);
    const uint64_t start = rest < need ? tail_ + rest : tail_;
    const uint64_t end = start + need;
    if (end - head_ > mask_ + 1) {
      SpinUntil([&] { return end - (head_ = words_.head.load(std::memory_order_acquire)) <= mask_ + 1; });
    }
    if (start != tail_) std::memcpy(At(tail_), &kSkip, sizeof kSkip);
    std::memcpy(At(start), &length, sizeof length);
    std::memcpy(At(start) + kLengthBytes, bytes, length);
    tail_ = end;
    words_.tail.store(end, std::memory_order_release);
  }

 private:
  uint64_t tail_ = words_.tail.load(std::memory_order_relaxed);
  uint64_t head_ = words_.head.load(std::memory_order_relaxed);
};

class RingConsumer : public RingEnd {
 public:
  using RingEnd::RingEnd;

  // The length of the next message; where it does not fit, it stays, and nothing was copied.
  uint64_t Get(uint8_t* into, uint64_t room) {
    uint64_t length = Next();
    if (length == kSkip) {
      head_ += Rest(head_);
      length = Next();
    }
    if (length > room) return length;
    std::memcpy(into, At(head_) + kLengthBytes, length);
    head_ += RecordBytes(length);
    words_.head.store(head_, std::memory_order_release);
    return length;
  }

 private:
  uint64_t Next() {
    if (head_ == tail_) {
      SpinUntil([&] { return (tail_ = words_.tail.load(std::memory_order_acquire)) != head_; });
    }
    uint64_t length;
    std::memcpy(&length, At(head_), sizeof length);
    return length;
  }

  uint64_t head_ = words_.head.load(std::memory_order_relaxed);
  uint64_t tail_ = words_.tail.load(std::memory_order_relaxed);
};

}  // namespace procloom::bench
