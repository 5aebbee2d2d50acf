// The side of a channel at which messages come out.
//
// Thread safety: a Receiver belongs to one thread; the words may be used by any number of processes at once.
#pragma once

#include <cstring>
#include <memory>

#include "ring/room.h"
#include "ring/side.h"

namespace procloom {

template <class P>
class Receiver : Side<P> {
  using typename Side<P>::Words;
  using Side<P>::words_, Side<P>::segment_, Side<P>::others_, Side<P>::in_place_, Side<P>::view_, Side<P>::probe_clock_,
      Side<P>::spinner_;

 public:
  // `writers`: who holds the other end, or null.
  Receiver(Words& words, const Segment& segment, Ends<P>* writers) : Side<P>(words, segment, writers) {}

  // Calls `take(payload, bytes, codec)` for the next message under the lock; the message is consumed if it returns
  // true. OK, TIMEOUT, TOO_LONG (take refused), END, SHUT_DOWN, DAMAGED; RESERVED when we would wait for ourselves.
  template <class Take>
  Status Get(const Waiter& me, int64_t deadline_ns, Take&& take) {
    return UntilMessage(me, deadline_ns, [&](const Next& next, bool* wake) {
      if (!take(next.payload, next.size, next.codec)) return Status::kTOO_LONG;
      Free(next, wake);
      return Status::kOK;
    });
  }

  // The next message (NOT_BYTES for a value, unless these are welcome) where it lies: nobody else gets one until it is
  // returned, or we are dead. As Get.
  Status Borrow(const Waiter& me, int64_t deadline_ns, bool values, const char** payload, uint64_t* size) {
    return UntilMessage(me, deadline_ns, [&](const Next& next, bool*) {
      if (next.codec != 0 && !values) return Status::kNOT_BYTES;
      borrowed_ = next;
      in_place_ = me.token;
      words_.borrower.store(me.token, std::memory_order_seq_cst);
      *payload = next.payload;
      *size = next.size;
      return Status::kOK;
    });
  }
  uint8_t borrowed_codec() const { return borrowed_.codec; }
  // Keeps the memory of the message mapped.
  const std::shared_ptr<void>& mapping() const { return view_.mapping(); }

  // What we have borrowed is consumed …
  void Return(const Waiter& me) { EndLoan(me, true); }
  // … or is the next message still.
  void Keep(const Waiter& me) { EndLoan(me, false); }
  // Gives back what is still borrowed.
  void Close(Registry& registry) {
    if (this->LeavePlace(words_.borrower)) WaitPoint<P>::WakeOne(words_.readable, words_.tail, registry);
  }

  // One store drops all that is queued; its memory is given back after that, each message when `each(payload, bytes,
  // codec)` has seen it.
  template <class Each>
  void Drop(const Waiter& me, Each&& each) {
    const Taken taken = this->LockSide(words_.get_lock, me);
    if (taken == Taken::kFromTheDead) GiveLeftRingBack();
    if (!Dropped(words_)) {
      words_.dropped_at = static_cast<uint32_t>(Commit::Of(words_.head.load(std::memory_order_seq_cst)).items);
      words_.flags.fetch_or(kDropped, std::memory_order_seq_cst);
    }
    bool wake = false;  // everybody is woken anyway
    for (Next next; !Failed(FindNext(&next, &wake)); Free(next, &wake)) each(next.payload, next.size, next.codec);
    Mutex<P>::Release(words_.get_lock, *me.registry);
  }

  void Watch(const Waiter& me) { WaitPoint<P>::Watch(words_.readable, words_.tail, me); }
  void Unwatch(const Waiter& me) {
    if (!LoopList<P>::Remove(words_.readable.loops, me.token))
      WaitPoint<P>::PassOn(words_.readable, words_.tail, *me.registry, [this] { return !Empty(); });
  }

 private:
  bool Empty() const {
    const uint64_t head = words_.head.load(std::memory_order_acquire);
    return Commit::Of(words_.tail.load(std::memory_order_acquire)).items == Commit::Of(head).items;
  }

  // The next message, and what the head was.
  struct Next {
    uint64_t before = 0;
    const char* payload = nullptr;
    uint64_t size = 0;
    uint8_t codec = 0;
  };

  // Calls `use(next, &wake)` under the lock as soon as there is a message.
  template <class Use>
  Status UntilMessage(const Waiter& me, int64_t deadline_ns, Use&& use) {
    Slices slices(me, deadline_ns);
    bool slept = false;
    for (;;) {
      bool wake = false;
      Status status = TryGet(me, use, &wake);
      if (wake) WaitPoint<P>::WakeOne(words_.writable, words_.head, *me.registry);
      if (status == Status::kRESERVED && deadline_ns == 0) status = Status::kTIMEOUT;
      if (status == Status::kTIMEOUT) {
        // What came before the end was seen is still given, and what is lent may come back.
        const Status ended = lent_ ? Status::kOK : Ended(*me.registry, probe_clock_.Due(*me.registry));
        if (Failed(ended)) {
          if (Empty())
            status = ended;
          else
            continue;
        } else if (deadline_ns != 0 && !slices.Over()) {
          AwaitMessage(me, slices, &slept);
          continue;
        }
      }
      if (slept) {
        WaitPoint<P>::PassOn(words_.readable, words_.tail, *me.registry, [this] { return !Empty(); });
      }
      return status;
    }
  }

  template <class Use>
  Status TryGet(const Waiter& me, Use&& use, bool* wake) {
    const Taken taken = this->LockSide(words_.get_lock, me);
    if (taken == Taken::kFromTheDead) GiveLeftRingBack();
    Next next;
    Status status = this->InPlace(words_.borrower, me);
    lent_ = Failed(status);
    if (!lent_) status = Dropped(words_) ? Status::kSHUT_DOWN : FindNext(&next, wake);
    if (!Failed(status)) {
      P::Step();
      status = use(next, wake);
    }
    Mutex<P>::Release(words_.get_lock, *me.registry);
    return status;
  }

  Status FindNext(Next* next, bool* wake) {
    for (;;) {
      const uint64_t before = words_.head.load(std::memory_order_relaxed) & ~kWaitingBit;
      const Commit head = Commit::Of(before);
      // The producers' line is looked at only when all that was seen there is taken: else each put would have to fetch
      // it back.
      if (Commit::Of(words_.tail_seen).items == head.items) {
        words_.tail_seen = words_.tail.load(std::memory_order_acquire);  // SYNC tail
      }
      const Commit tail = Commit::Of(words_.tail_seen);
      if (tail.items == head.items) return Status::kTIMEOUT;
      const RingDescription& ring = words_.get_ring[head.parity];
      if (const Status status = view_.Show(segment_, ring); Failed(status)) return status;
      const char* const place = view_.At(head.position);
      uint64_t header;
      std::memcpy(&header, place, sizeof header);
      const uint64_t size = header >> 16;
      const uint64_t units = RecordUnits(size);
      if (units * kUnit > view_.size() || units > PositionDistance(head.position, tail.position))
        return this->Damaged();
      if ((header & 0xff) == kJump) {
        RingDescription further;
        if (size != sizeof further) return this->Damaged();
        std::memcpy(&further, place + sizeof header, sizeof further);
        if (further.base != ((head.position + units) & kPositionMask)) return this->Damaged();
        if (const Status status = Follow(ring, further, head, before, wake); Failed(status)) return status;
        continue;
      }
      if ((header & 0xff) != kMessage) return this->Damaged();
      *next = {before, place + sizeof header, size, static_cast<uint8_t>(header >> 8)};
      return Status::kOK;
    }
  }

  void EndLoan(const Waiter& me, bool consumed) {
    bool wake = false;
    this->LockSide(words_.get_lock, me);
    if (consumed) Free(borrowed_, &wake);
    words_.borrower.store(0, std::memory_order_seq_cst);
    in_place_ = 0;
    Mutex<P>::Release(words_.get_lock, *me.registry);
    if (wake) WaitPoint<P>::WakeOne(words_.writable, words_.head, *me.registry);
    // Who waits for that has the flag in `tail` and looks at the borrower after it.
    if ((words_.tail.load(std::memory_order_seq_cst) & kWaitingBit) != 0)
      WaitPoint<P>::WakeOne(words_.readable, words_.tail, *me.registry);
  }

  // The message is consumed, and its place free.
  void Free(const Next& next, bool* wake) {
    Commit head = Commit::Of(next.before);
    head.position += RecordUnits(next.size);
    head.items++;
    *wake |=
        (words_.head.fetch_add(head.Word() - next.before, std::memory_order_seq_cst) & kWaitingBit) != 0;  // SYNC head
  }

  // Goes over to the next ring and gives the memory of the left one back.
  Status Follow(const RingDescription& left, const RingDescription& next, Commit head, uint64_t before, bool* wake) {
    RingView probe(words_.grow_from);
    if (const Status status = probe.Show(segment_, next); Failed(status)) return status;  // before anything is changed
    words_.get_ring[!head.parity] = next;
    if (left.file_offset >= words_.grow_from) {  // the first ring is part of the segment itself
      words_.leaving_offset = left.file_offset;
      words_.leaving_size.store(left.size, std::memory_order_release);  // SYNC leaving
    }
    head.position = next.base;
    head.parity = !head.parity;
    *wake |= (words_.head.fetch_add(head.Word() - before, std::memory_order_seq_cst) & kWaitingBit) != 0;  // SYNC head
    view_ = std::move(probe);
    GiveLeftRingBack();
    return Status::kOK;
  }

  void GiveLeftRingBack() {
    const uint64_t size = words_.leaving_size.load(std::memory_order_relaxed);
    if (size == 0) return;
    // Noted before the commit that left it: if that commit never came, the ring is still in use.
    const Commit head = Commit::Of(words_.head.load(std::memory_order_relaxed));
    const bool left = words_.get_ring[head.parity].file_offset != words_.leaving_offset;
    // Only further rings are given back, never what the segment itself consists of.
    if (left && words_.leaving_offset >= segment_.size()) {
      P::Step();
      os::GiveBack(segment_.fd(), words_.leaving_offset, size);
    }
    words_.leaving_size.store(0, std::memory_order_release);  // SYNC leaving
  }

  void AwaitMessage(const Waiter& me, Slices& slices, bool* slept) {
    const auto lent = [&] { return words_.borrower.load(std::memory_order_seq_cst) != 0; };
    const auto worth_trying = [&] {
      return (!Empty() && !lent()) || words_.flags.load(std::memory_order_relaxed) != 0;
    };
    if (spinner_.Spin(worth_trying)) return;
    slices.Look();
    if (!lent_ && Failed(Ended(*me.registry, probe_clock_.Due(*me.registry)))) return;
    const uint64_t head_items = Commit::Of(words_.head.load(std::memory_order_seq_cst)).items;
    WaitPoint<P>::Sleep(words_.readable, words_.tail, slices, spinner_, [&](uint64_t word) {
      if (lent_) return !lent();
      return (Commit::Of(word).items != head_items && !lent()) || Failed(Ended(*me.registry, false));
    });
    *slept = true;
  }

  Status Ended(Registry& registry, bool probe) const {
    if (words_.flags.load(std::memory_order_seq_cst) != 0) return Status::kSHUT_DOWN;
    return others_ != nullptr && others_->Gone(registry, probe) ? Status::kEND : Status::kOK;
  }

  Next borrowed_;
  bool lent_ = false;  // why our last get found nothing: somebody reads the next message in place
};

}  // namespace procloom
