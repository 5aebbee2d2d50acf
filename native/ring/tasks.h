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
//  2. Whoever brings `unfinished` to nothing lets all go who wait. If it is killed before that, they see it within a
//     slice.
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
    if (NothingUnfinished()) Event<P>::Pulse(words_.finished, registry);
  }

  // What is to be remembered where a wait begins, and whether one that began there is over.
  uint32_t State() const { return Event<P>::State(words_.finished); }
  bool Over(uint32_t begun, const Waiter& me) {
    if (ByHand() && !OverByNow(begun) && hands_.Bury(*me.registry)) Settle(*me.registry);
    return OverByNow(begun);
  }

  // False when the deadline passed first.
  bool Join(const Waiter& me, int64_t deadline_ns, Spinner& spinner) {
    const uint32_t begun = State();
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

  // At one instant, although it takes several looks: while nothing is put and the queue is empty, hands only empty.
  bool NothingUnfinished() const {
    if (!ByHand()) return Unfinished() == 0;
    for (;;) {
      const uint64_t put = PutSoFar(channel_);
      if (GotSoFar(channel_) != put || hands_.Count() != 0) return false;
      if (PutSoFar(channel_) == put) return true;
    }
  }

  bool OverByNow(uint32_t begun) const { return NothingUnfinished() || Event<P>::Over(words_.finished, begun); }

  Words& words_;
  const ChannelWords<P>& channel_;
  Hands<P> hands_;
  ProbeClock probe_clock_;
};

}  // namespace procloom
