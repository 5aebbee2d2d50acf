// Which items of a queue are not done yet, and who waits until all are.
//
//   put so far ── of the tail's commit word    got so far ── of the head's    done ── here     (modulo 2^26)
//   unfinished = put so far - done
//   unfinished = put so far - got so far + in hand, where a death counts as done (ring/hands.h)
//
// So an item counts as unfinished in the very step that publishes it: whoever is killed when, none is counted twice or
// not at all. What was dropped (shutdown) counts as never put.
//
// Thread safety: a Tasks object belongs to one thread; the words may be used by any thread of any process.
//
// Invariants
//  1. done <= got so far <= put so far: each is read before the next larger one, so none seems to be behind.
//  2. Whoever brings `unfinished` to nothing notes how many were put by then, and lets all go who wait. If it is killed
//     before that, they see it within a slice.
//  3. A join is over when nothing is unfinished, or when so many were settled since it began as had been put then. A
//     pulse alone proves nothing: it may be meant for what was settled before.
#pragma once

#include "ring/counts.h"
#include "ring/ends.h"
#include "ring/hands.h"
#include "sync/event.h"

namespace procloom {

// As many are unfinished at most: those who look at that at the same time may all put one more.
inline constexpr uint64_t kMostUnfinished = kItemsMask - kSlots;

template <class P>
class Tasks {
 public:
  using Words = TaskWords<P>;

  Tasks(Words& words, const ChannelWords<P>& channel) : words_(words), channel_(channel), hands_(words) {}

  uint64_t Unfinished() const {
    if (ByHand()) return ItemDistance(GotSoFar(channel_), PutSoFar(channel_)) + hands_.Count();
    const uint32_t done = words_.done.load(std::memory_order_seq_cst);
    return ItemDistance(done, PutSoFar(channel_));
  }
  // Hands count further than any queue can be long.
  bool TooMany() const { return !ByHand() && Unfinished() > kMostUnfinished; }

  // For one who gets an item, before it leaves the queue: OK, LIMIT. REQUIRES: get_lock is held.
  Status Take(const Waiter& me) { return ByHand() ? hands_.Take(me) : Status::kOK; }

  // It stays in the queue.
  void LayDown(const Waiter& me) {
    if (ByHand()) hands_.LayDown(me);
  }

  // OVERFLOW when nobody has got an item that is not done.
  Status Done(const Waiter& me) {
    const Status status = ByHand() ? hands_.LayDown(me) : CountDone();
    if (Failed(status)) return status;
    P::Step();
    Settle(*me.registry);
    return Status::kOK;
  }

  // Lets go who waits, if nothing is unfinished.
  void Settle(Registry& registry) {
    uint32_t known = words_.settled.load(std::memory_order_seq_cst);
    uint32_t put;
    if (!NothingUnfinished(&put)) return;
    // What was noted before we looked is older than what we found, by however many items; what was since need not be.
    while (!words_.settled.compare_exchange_strong(known, put, std::memory_order_seq_cst)) {
      if (!Behind(known, put)) break;
    }
    Event<P>::Pulse(words_.finished, registry);
  }

  // What is to be remembered where a wait begins (2 * 26 bits), and whether one that began there is over.
  uint64_t State() const {
    const uint64_t settled = words_.settled.load(std::memory_order_seq_cst);
    return settled << kItemsBits | PutSoFar(channel_);
  }
  bool Over(uint64_t begun, const Waiter& me) {
    if (ByHand() && !OverByNow(begun) && hands_.Bury(*me.registry)) Settle(*me.registry);
    return OverByNow(begun);
  }

  // False when the deadline passed first.
  bool Join(const Waiter& me, int64_t deadline_ns, Spinner& spinner) {
    const uint64_t begun = State();
    if (Over(begun, me)) return true;
    return Event<P>::WaitUntil(words_.finished, me, deadline_ns, spinner, [&] {
      return ByHand() && probe_clock_.Due(*me.registry) ? Over(begun, me) : OverByNow(begun);
    });
  }

  void Watch(const Waiter& me) { Event<P>::Watch(words_.finished, me); }
  void Unwatch(const Waiter& me) { Event<P>::Unwatch(words_.finished, me); }

 private:
  bool ByHand() const { return words_.by_hand != 0; }

  Status CountDone() {
    uint32_t done = words_.done.load(std::memory_order_seq_cst);
    do {
      if (ItemDistance(done, GotSoFar(channel_)) == 0) return Status::kOVERFLOW;
    } while (!words_.done.compare_exchange_weak(done, (done + 1) & kItemsMask, std::memory_order_seq_cst));
    return Status::kOK;
  }

  // `put`: how many had been put by then. At one instant, although it takes several looks: `done` is never more than
  // was put; and while nothing is put and the queue is empty, hands only empty.
  bool NothingUnfinished(uint32_t* put) const {
    if (!ByHand()) {
      const uint32_t done = words_.done.load(std::memory_order_seq_cst);
      *put = static_cast<uint32_t>(PutSoFar(channel_));
      return *put == done;
    }
    for (;;) {
      *put = static_cast<uint32_t>(PutSoFar(channel_));
      if (GotSoFar(channel_) != *put || hands_.Count() != 0) return false;
      if (PutSoFar(channel_) == *put) return true;
    }
  }

  bool OverByNow(uint64_t begun) const {
    uint32_t put;
    if (NothingUnfinished(&put)) return true;
    const uint32_t settled = words_.settled.load(std::memory_order_seq_cst);
    return settled != begun >> kItemsBits && !Behind(settled, begun & kItemsMask);
  }

  // Of two counts that are not too far from each other.
  static bool Behind(uint64_t count, uint64_t other) {
    const uint64_t distance = ItemDistance(count, other);
    return distance != 0 && distance <= kItemsMask / 2;
  }

  Words& words_;
  const ChannelWords<P>& channel_;
  Hands<P> hands_;
  ProbeClock probe_clock_;
};

}  // namespace procloom
