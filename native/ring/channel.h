// A channel's algorithms: put and get of messages (layout/channel-layout.h has the drawing and the words).
//
// Thread safety: a Channel object belongs to one thread; the words may be used by any number of processes at once.
//
// Invariants
//  1. Only the holder of put_lock moves `tail` and writes between tail and head; only the holder of get_lock moves
//  `head`.
//  2. One addition to a commit word is the only step that publishes (or frees) a message: before it nothing has
//  happened,
//     after it everything has. A lock stolen from the dead therefore needs no repair but the return of a left ring.
//  3. Room for a jump record is always left, so a ring can always be left for a larger one.
//  4. A record's header is read once, and checked against what is published before anything is read by it.
//  5. A place in the file is used again only when no consumer can still give it back: `entered` and leaving_size == 0.
#pragma once

#include <algorithm>
#include <cstring>

#include "layout/channel-layout.h"
#include "ring/counts.h"
#include "ring/ends.h"
#include "ring/rings.h"
#include "ring/room.h"
#include "ring/wait-point.h"
#include "sync/mutex.h"

namespace procloom {

// What a channel has to be told at its birth.
struct ChannelShape {
  uint32_t maximum_items;  // 0: no limit
  uint64_t capacity;       // bytes, with the records' headers; 0: no limit
  uint64_t first_offset;   // of its first ring in the file, kFirstRingBytes long
  uint64_t grow_from;
};

template <class P>
void InitialiseChannel(ChannelWords<P>& words, const ChannelShape& shape) {
  const RingDescription first{shape.first_offset, kFirstRingBytes, 0, 1, 0};
  words.put_ring[0] = words.get_ring[0] = first;
  words.maximum_items = shape.maximum_items;
  words.capacity = shape.capacity;
  words.grow_from = shape.grow_from;
}

template <class P>
class Channel {
 public:
  using Words = ChannelWords<P>;

  // `writers`, `readers`: who holds the ends; null where the channel has none (a queue).
  Channel(Words* words, const Segment* segment, Ends<P>* writers, Ends<P>* readers)
      : words_(*words), segment_(*segment), writers_(writers), readers_(readers) {}

  // ------------------------------------------------------------------------------------------------- put

  // OK, TIMEOUT (no room within the time), BROKEN, SHUT_DOWN, NO_SPACE, DAMAGED.
  Status Put(const Waiter& me, const void* bytes, uint64_t size, uint8_t codec, int64_t deadline_ns) {
    if (size > kMaximumMessage) return os::Fail(Status::kBAD_ARGUMENT, segment_.path(), "the message is too large");
    Slices slices(me, deadline_ns);
    bool slept = false;
    for (;;) {
      bool wake = false;
      const Status status = TryPut(me, bytes, size, codec, &wake);
      if (wake) WaitPoint<P>::WakeOne(words_.readable, words_.tail, *me.registry);
      if (status == Status::kTIMEOUT && deadline_ns != 0 && !slices.Over()) {
        AwaitRoom(me, slices, &slept);
        continue;
      }
      if (status == Status::kTIMEOUT && Failed(Broken(*me.registry, probe_clock_.Due(*me.registry))))
        continue;  // the next try says which
      if (slept) {
        WaitPoint<P>::PassOn(words_.writable, words_.head, *me.registry, Roomy());
      }
      return status;
    }
  }

  // ------------------------------------------------------------------------------------------------- get

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

  // ----------------------------------------------------------------------------------------------- facts

  uint64_t Items() const {
    if (Dropped()) return 0;
    const auto [head, tail] = Snapshot(words_);
    return ItemDistance(head.items, tail.items);
  }
  bool Full() const {
    const auto [head, tail] = Snapshot(words_);
    return (words_.maximum_items != 0 && ItemDistance(head.items, tail.items) >= words_.maximum_items) ||
           (words_.capacity != 0 && PositionDistance(head.position, tail.position) * kUnit >= words_.capacity);
  }

  // ------------------------------------------------------------------------------------------------- end

  void ShutDown(const Waiter& me, bool immediate) {
    // Under the lock: nobody's put is between its look at the flags and its commit.
    LockSide(words_.put_lock, me);
    words_.flags.fetch_or(kShutDown, std::memory_order_seq_cst);
    Mutex<P>::Release(words_.put_lock, *me.registry);
    if (immediate) Drop(me);
    WakeAll(*me.registry);
  }

  void WakeAll(Registry& registry) {
    WaitPoint<P>::WakeAll(words_.readable, registry);
    WaitPoint<P>::WakeAll(words_.writable, registry);
  }

  // ---------------------------------------------------------------------------------------------- loops

  void WatchReadable(const Waiter& me) { WaitPoint<P>::Watch(words_.readable, words_.tail, me); }
  void WatchWritable(const Waiter& me) { WaitPoint<P>::Watch(words_.writable, words_.head, me); }
  void UnwatchReadable(const Waiter& me) {
    if (!LoopList<P>::Remove(words_.readable.loops, me.token)) {
      WaitPoint<P>::PassOn(words_.readable, words_.tail, *me.registry, !Empty());
    }
  }
  void UnwatchWritable(const Waiter& me) {
    if (!LoopList<P>::Remove(words_.writable.loops, me.token)) {
      WaitPoint<P>::PassOn(words_.writable, words_.head, *me.registry, Roomy());
    }
  }

 private:
  bool Dropped() const { return procloom::Dropped(words_); }

  // One store drops all that is queued; its memory is given back after that.
  void Drop(const Waiter& me) {
    const Taken taken = LockSide(words_.get_lock, me);
    if (taken == Taken::kFromTheDead) GiveLeftRingBack();
    if (!Dropped()) {
      words_.dropped_at = static_cast<uint32_t>(Commit::Of(words_.head.load(std::memory_order_seq_cst)).items);
      words_.flags.fetch_or(kDropped, std::memory_order_seq_cst);
    }
    bool wake = false;  // everybody is woken anyway
    while (GetLocked([](const char*, uint64_t, uint8_t) { return true; }, &wake) == Status::kOK) {
    }
    Mutex<P>::Release(words_.get_lock, *me.registry);
  }

  // ------------------------------------------------------------------------------------------- put, locked

  Taken LockSide(MutexWords<P>& lock, const Waiter& me) {
    if (Mutex<P>::TryQuick(lock, me)) return Taken::kClean;
    return Mutex<P>::Acquire(lock, me.Patient(), os::kForever, lock_spinner_);
  }

  Status TryPut(const Waiter& me, const void* bytes, uint64_t size, uint8_t codec, bool* wake) {
    LockSide(words_.put_lock, me);
    const Status status = PutLocked(me, bytes, size, codec, wake);
    Mutex<P>::Release(words_.put_lock, *me.registry);
    return status;
  }

  Status PutLocked(const Waiter& me, const void* bytes, uint64_t size, uint8_t codec, bool* wake) {
    // One who never has to wait must find out, too, that nobody is there any more.
    const bool probe = readers_ != nullptr && probe_clock_.DueByCount();
    if (const Status ended = Broken(*me.registry, probe); Failed(ended)) return ended;
    const uint64_t before = words_.tail.load(std::memory_order_relaxed) & ~kWaitingBit;
    Commit tail = Commit::Of(before);
    const uint64_t need = RecordUnits(size);
    RingDescription* ring = &words_.put_ring[tail.parity];
    if (!Admitted(words_, Commit::Of(words_.head_seen), tail, need) ||
        !Fits(*ring, Commit::Of(words_.head_seen), tail, need)) {
      words_.head_seen = words_.head.load(std::memory_order_acquire) & ~kWaitingBit;  // SYNC head
      refused_head_ = words_.head_seen;
    }
    const Commit head = Commit::Of(words_.head_seen);
    if (!Admitted(words_, head, tail, need)) return Status::kTIMEOUT;
    const bool fits = Fits(*ring, head, tail, need);
    if (!fits || ShouldShrink(*ring, tail, need)) {
      const Status status = Jump(&tail, head, need, !fits);
      if (Failed(status) && !fits) return status;  // shrinking may fail: then the large ring serves on
      ring = &words_.put_ring[tail.parity];
    }
    if (const Status status = put_view_.Show(segment_, *ring); Failed(status)) return status;
    char* const place = put_view_.At(tail.position);
    const uint64_t header = RecordHeader(size, codec, kMessage);
    P::Step();
    std::memcpy(place, &header, sizeof header);
    std::memcpy(place + sizeof header, bytes, size);
    tail.position += need;
    tail.items++;
    *wake = (words_.tail.fetch_add(tail.Word() - before, std::memory_order_seq_cst) & kWaitingBit) != 0;  // SYNC tail
    return Status::kOK;
  }

  // A ring that a rush has left large is given back after many small messages, once little is queued.
  bool ShouldShrink(const RingDescription& ring, const Commit& tail, uint64_t need) {
    if (ring.size <= std::max(kPipelinedBytes, 2 * words_.capacity) || need * kUnit > ring.size / 64) {
      words_.small_puts = 0;
      return false;
    }
    if (++words_.small_puts < kSmallPutsToShrink) return false;
    words_.small_puts = 0;
    // The head that we know may be old: a large ring has room for long, so nothing made us look.
    words_.head_seen = words_.head.load(std::memory_order_acquire) & ~kWaitingBit;  // SYNC head
    return PositionDistance(Commit::Of(words_.head_seen).position, tail.position) * kUnit <= ring.size / 64;
  }

  // Writes the record that leads to another ring, of a size for what is to come, and sets `tail` to its beginning.
  // Nothing is published before the caller's commit.
  Status Jump(Commit* tail, const Commit& head, uint64_t need, bool grow) {
    const RingDescription& old = words_.put_ring[tail->parity];
    const uint64_t least = (need + kJumpUnits) * kUnit;
    const uint64_t size = NextRingBytes(old.size, words_.capacity, need, grow);
    // A ring that could hold it, were it empty, and may not grow: wait for the consumers.
    const bool can_wait =
        words_.capacity != 0 && least <= old.size && PositionDistance(head.position, tail->position) != 0;
    if (grow && can_wait && size <= old.size) return Status::kTIMEOUT;
    const RingDescription next = PlaceNext(old, size, (tail->position + kJumpUnits) & kPositionMask);
    if (const Status status = os::Reserve(segment_.fd(), segment_.path(), next.file_offset, size); Failed(status)) {
      return status == Status::kNO_SPACE && can_wait ? Status::kTIMEOUT : status;
    }
    if (const Status status = put_view_.Show(segment_, old); Failed(status)) return status;
    char* const place = put_view_.At(tail->position);
    const uint64_t header = RecordHeader(kJumpBytes, 0, kJump);
    P::Step();
    std::memcpy(place, &header, sizeof header);
    std::memcpy(place + sizeof header, &next, sizeof next);
    words_.put_ring[!tail->parity] = next;
    words_.small_puts = 0;
    tail->parity = !tail->parity;
    tail->position = next.base;
    return Status::kOK;
  }

  // Where in the file the next ring goes. While earlier rings are in use, only what lies behind all of them is free;
  // then only the old one is in the way.
  RingDescription PlaceNext(const RingDescription& old, uint64_t size, uint64_t base) const {
    const bool all_given_back =
        old.entered != 0 && words_.leaving_size.load(std::memory_order_acquire) == 0;  // SYNC leaving
    const uint64_t old_end = old.file_offset + old.size;
    uint64_t place = all_given_back ? old_end : uint64_t{old.in_use_until};
    if (place < words_.grow_from || (all_given_back && old.file_offset >= words_.grow_from + size))
      place = words_.grow_from;
    RingDescription next{place, size, base, 0, 0};
    next.in_use_until = std::max(old_end, place + size);
    return next;
  }

  // Waits, at most a slice, until consumers have moved on from where our put was refused.
  void AwaitRoom(const Waiter& me, Slices& slices, bool* slept) {
    const auto moved = [this](uint64_t word) { return (word & ~kWaitingBit) != refused_head_; };
    const bool worth_trying = room_spinner_.Spin([&] {
      return moved(words_.head.load(std::memory_order_relaxed)) || words_.flags.load(std::memory_order_relaxed) != 0;
    });
    if (worth_trying) return;
    slices.Look();
    if (Failed(Broken(*me.registry, probe_clock_.Due(*me.registry)))) return;
    WaitPoint<P>::Sleep(words_.writable, words_.head, slices, room_spinner_,
                        [&](uint64_t word) { return moved(word) || Failed(Broken(*me.registry, false)); });
    *slept = true;
  }

  // Whether another message would be let in: for the next one that waits for room.
  bool Roomy() const {
    const auto [head, tail] = Snapshot(words_);
    return Admitted(words_, head, tail, 1);
  }

  Status Broken(Registry& registry, bool probe) const {
    if (words_.flags.load(std::memory_order_seq_cst) != 0) return Status::kSHUT_DOWN;
    return readers_ != nullptr && readers_->Gone(registry, probe) ? Status::kBROKEN : Status::kOK;
  }

  // ------------------------------------------------------------------------------------------- get, locked

  bool Empty() const {
    const uint64_t head = words_.head.load(std::memory_order_acquire);
    return Commit::Of(words_.tail.load(std::memory_order_acquire)).items == Commit::Of(head).items;
  }

  template <class Take>
  Status TryGet(const Waiter& me, Take&& take, bool* wake) {
    const Taken taken = LockSide(words_.get_lock, me);
    if (taken == Taken::kFromTheDead) GiveLeftRingBack();
    const Status status = Dropped() ? Status::kSHUT_DOWN : GetLocked(take, wake);
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
      if (const Status status = get_view_.Show(segment_, ring); Failed(status)) return status;
      const char* const place = get_view_.At(head.position);
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
    get_view_.Drop();
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
    if (message_spinner_.Spin([&] { return !Empty() || words_.flags.load(std::memory_order_relaxed) != 0; })) return;
    slices.Look();
    if (Failed(Ended(*me.registry, probe_clock_.Due(*me.registry)))) return;
    const uint64_t head_items = Commit::Of(words_.head.load(std::memory_order_seq_cst)).items;
    WaitPoint<P>::Sleep(words_.readable, words_.tail, slices, message_spinner_, [&](uint64_t word) {
      return Commit::Of(word).items != head_items || Failed(Ended(*me.registry, false));
    });
    *slept = true;
  }

  Status Ended(Registry& registry, bool probe) const {
    if (words_.flags.load(std::memory_order_seq_cst) != 0) return Status::kSHUT_DOWN;
    return writers_ != nullptr && writers_->Gone(registry, probe) ? Status::kEND : Status::kOK;
  }

  Words& words_;
  const Segment& segment_;
  Ends<P>* const writers_;
  Ends<P>* const readers_;
  RingView put_view_, get_view_;
  ProbeClock probe_clock_;
  uint64_t refused_head_ = 0;  // the head when our last put found no room
  Spinner lock_spinner_, message_spinner_, room_spinner_;
};

}  // namespace procloom
