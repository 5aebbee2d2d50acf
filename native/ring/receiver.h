// The side of a channel at which messages come out.
//
// Thread safety: a Receiver belongs to one thread; the words may be used by any number of processes at once.
#pragma once

#include <cstring>

#include "ring/room.h"
#include "ring/side.h"

namespace procloom {

template <class P>
class Receiver : Side<P> {
  using typename Side<P>::Words;
  using Side<P>::words_, Side<P>::segment_, Side<P>::others_, Side<P>::view_, Side<P>::probe_clock_, Side<P>::spinner_;

 public:
  // `writers`: who holds the other end, or null.
  Receiver(Words& words, const Segment& segment, Ends<P>* writers) : Side<P>(words, segment, writers) {}

  // Calls `take(payload, bytes, codec)` for the next message under the lock; the message is consumed if it returns
  // true. OK, TIMEOUT, TOO_LONG (take refused), END, SHUT_DOWN, DAMAGED.
  template <class Take>
  Status Get(const Waiter& me, int64_t deadline_ns, Take&& take) {
    Slices slices(me, deadline_ns);
    bool slept = false;
    for (;;) {
      bool wake = false;
      Status status = TryGet(me, take, &wake);
      if (wake) WaitPoint<P>::WakeOne(words_.writable, words_.head, *me.registry);
      if (status == Status::kTIMEOUT) {
        const Status ended = Ended(*me.registry, probe_clock_.Due(*me.registry));
        // What came before the end was seen is still given.
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
        WaitPoint<P>::PassOn(words_.readable, words_.tail, *me.registry, !Empty());
      }
      return status;
    }
  }

  // One store drops all that is queued; its memory is given back after that.
  void Drop(const Waiter& me) {
    const Taken taken = this->LockSide(words_.get_lock, me);
    if (taken == Taken::kFromTheDead) GiveLeftRingBack();
    if (!Dropped(words_)) {
      words_.dropped_at = static_cast<uint32_t>(Commit::Of(words_.head.load(std::memory_order_seq_cst)).items);
      words_.flags.fetch_or(kDropped, std::memory_order_seq_cst);
    }
    bool wake = false;  // everybody is woken anyway
    while (GetLocked([](const char*, uint64_t, uint8_t) { return true; }, &wake) == Status::kOK) {
    }
    Mutex<P>::Release(words_.get_lock, *me.registry);
  }

  void Watch(const Waiter& me) { WaitPoint<P>::Watch(words_.readable, words_.tail, me); }
  void Unwatch(const Waiter& me) {
    if (!LoopList<P>::Remove(words_.readable.loops, me.token))
      WaitPoint<P>::PassOn(words_.readable, words_.tail, *me.registry, !Empty());
  }

 private:
  bool Empty() const {
    const uint64_t head = words_.head.load(std::memory_order_acquire);
    return Commit::Of(words_.tail.load(std::memory_order_acquire)).items == Commit::Of(head).items;
  }

  template <class Take>
  Status TryGet(const Waiter& me, Take&& take, bool* wake) {
    const Taken taken = this->LockSide(words_.get_lock, me);
    if (taken == Taken::kFromTheDead) GiveLeftRingBack();
    const Status status = Dropped(words_) ? Status::kSHUT_DOWN : GetLocked(take, wake);
    Mutex<P>::Release(words_.get_lock, *me.registry);
    return status;
  }

  template <class Take>
  Status GetLocked(Take&& take, bool* wake) {
    for (;;) {
      const uint64_t before = words_.head.load(std::memory_order_relaxed) & ~kWaitingBit;
      Commit head = Commit::Of(before);
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
      if (units * kUnit > ring.size || units > PositionDistance(head.position, tail.position)) return Damaged();
      if ((header & 0xff) == kJump) {
        RingDescription next;
        if (size != sizeof next) return Damaged();
        std::memcpy(&next, place + sizeof header, sizeof next);
        if (next.base != ((head.position + units) & kPositionMask)) return Damaged();
        if (const Status status = Follow(ring, next, head, before, wake); Failed(status)) return status;
        continue;
      }
      if ((header & 0xff) != kMessage) return Damaged();
      P::Step();
      if (!take(place + sizeof header, size, static_cast<uint8_t>(header >> 8))) return Status::kTOO_LONG;
      head.position += units;
      head.items++;
      *wake |=
          (words_.head.fetch_add(head.Word() - before, std::memory_order_seq_cst) & kWaitingBit) != 0;  // SYNC head
      return Status::kOK;
    }
  }

  // Goes over to the next ring and gives the memory of the left one back.
  Status Follow(const RingDescription& left, const RingDescription& next, Commit head, uint64_t before, bool* wake) {
    RingView probe;
    if (const Status status = probe.Show(segment_, next); Failed(status)) return status;  // before anything is changed
    words_.get_ring[!head.parity] = next;
    if (left.file_offset >= words_.grow_from) {  // the first ring is part of the segment itself
      words_.leaving_offset = left.file_offset;
      words_.leaving_size.store(left.size, std::memory_order_release);  // SYNC leaving
    }
    head.position = next.base;
    head.parity = !head.parity;
    *wake |= (words_.head.fetch_add(head.Word() - before, std::memory_order_seq_cst) & kWaitingBit) != 0;  // SYNC head
    view_.Drop();
    GiveLeftRingBack();
    return Status::kOK;
  }

  void GiveLeftRingBack() {
    const uint64_t size = words_.leaving_size.load(std::memory_order_relaxed);
    if (size == 0) return;
    // Noted before the commit that left it: if that commit never came, the ring is still in use.
    const Commit head = Commit::Of(words_.head.load(std::memory_order_relaxed));
    if (words_.get_ring[head.parity].file_offset != words_.leaving_offset) {
      P::Step();
      os::GiveBack(segment_.fd(), words_.leaving_offset, size);
    }
    words_.leaving_size.store(0, std::memory_order_release);  // SYNC leaving
  }

  Status Damaged() const { return os::Fail(Status::kDAMAGED, segment_.path(), "a record contradicts the channel"); }

  void AwaitMessage(const Waiter& me, Slices& slices, bool* slept) {
    if (spinner_.Spin([&] { return !Empty() || words_.flags.load(std::memory_order_relaxed) != 0; })) return;
    slices.Look();
    if (Failed(Ended(*me.registry, probe_clock_.Due(*me.registry)))) return;
    const uint64_t head_items = Commit::Of(words_.head.load(std::memory_order_seq_cst)).items;
    WaitPoint<P>::Sleep(words_.readable, words_.tail, slices, spinner_, [&](uint64_t word) {
      return Commit::Of(word).items != head_items || Failed(Ended(*me.registry, false));
    });
    *slept = true;
  }

  Status Ended(Registry& registry, bool probe) const {
    if (words_.flags.load(std::memory_order_seq_cst) != 0) return Status::kSHUT_DOWN;
    return others_ != nullptr && others_->Gone(registry, probe) ? Status::kEND : Status::kOK;
  }
};

}  // namespace procloom
