// Which items of a queue are not done yet, and who waits until all are.
//
//   put so far ── of the tail's commit word    got so far ── of the head's    done ── here     (modulo 2^26)
//   unfinished = put so far - done
//
// So an item counts as unfinished in the very step that publishes it: whoever is killed when, none is counted twice or
// not at all. What was dropped (shutdown) counts as never put.
//
// Thread safety: any thread of any process.
//
// Invariants
//  1. done <= got so far <= put so far: each is read before the next larger one, so none seems to be behind.
//  2. Whoever brings `unfinished` to nothing notes how many were put by then, and lets all go who wait. If it is killed
//     before that, they see it within a slice.
//  3. A join is over when nothing is unfinished, or when so many were settled since it began as had been put then. A
//     pulse alone proves nothing: it may be meant for what was settled before.
#pragma once

#include "ring/counts.h"
#include "sync/event.h"

namespace procloom {

// As many are unfinished at most: those who look at that at the same time may all put one more.
inline constexpr uint64_t kMostUnfinished = kItemsMask - kSlots;

template <class P>
class Tasks {
 public:
  using Words = TaskWords<P>;

  Tasks(Words& words, const ChannelWords<P>& channel) : words_(words), channel_(channel) {}

  uint64_t Unfinished() const {
    const uint32_t done = words_.done.load(std::memory_order_seq_cst);
    return ItemDistance(done, PutSoFar(channel_));
  }

  // OVERFLOW when nobody has got an item that is not done.
  Status Done(Registry& registry) {
    uint32_t done = words_.done.load(std::memory_order_seq_cst);
    do {
      if (ItemDistance(done, GotSoFar(channel_)) == 0) return Status::kOVERFLOW;
    } while (!words_.done.compare_exchange_weak(done, (done + 1) & kItemsMask, std::memory_order_seq_cst));
    P::Step();
    Settle(registry);
    return Status::kOK;
  }

  // Lets go who waits, if nothing is unfinished.
  void Settle(Registry& registry) {
    uint32_t known = words_.settled.load(std::memory_order_seq_cst);
    const uint32_t done = words_.done.load(std::memory_order_seq_cst);
    if (ItemDistance(done, PutSoFar(channel_)) != 0) return;
    // What was noted before we looked is older than what we found, by however many items; what was since need not be.
    while (!words_.settled.compare_exchange_strong(known, done, std::memory_order_seq_cst)) {
      if (!Behind(known, done)) break;
    }
    Event<P>::Pulse(words_.finished, registry);
  }

  // What is to be remembered where a wait begins (2 * 26 bits), and whether one that began there is over.
  uint64_t State() const {
    const uint64_t settled = words_.settled.load(std::memory_order_seq_cst);
    return settled << kItemsBits | PutSoFar(channel_);
  }
  bool Over(uint64_t begun) const {
    if (Unfinished() == 0) return true;
    const uint32_t settled = words_.settled.load(std::memory_order_seq_cst);
    return settled != begun >> kItemsBits && !Behind(settled, begun & kItemsMask);
  }

  // False when the deadline passed first.
  bool Join(const Waiter& me, int64_t deadline_ns, Spinner& spinner) {
    const uint64_t begun = State();
    return Event<P>::WaitUntil(words_.finished, me, deadline_ns, spinner, [&] { return Over(begun); });
  }

  void Watch(const Waiter& me) { Event<P>::Watch(words_.finished, me); }
  void Unwatch(const Waiter& me) { Event<P>::Unwatch(words_.finished, me); }

 private:
  // Of two counts that are not too far from each other.
  static bool Behind(uint64_t count, uint64_t other) {
    const uint64_t distance = ItemDistance(count, other);
    return distance != 0 && distance <= kItemsMask / 2;
  }

  Words& words_;
  const ChannelWords<P>& channel_;
};

}  // namespace procloom
