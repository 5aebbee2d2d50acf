// The side of a channel at which messages go in.
//
// Thread safety: a Sender belongs to one thread; the words may be used by any number of processes at once.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "ring/room.h"
#include "ring/side.h"

namespace procloom {

// Bytes of a message, where they lie before it is put.
struct Piece {
  const void* bytes;
  uint64_t size;
};

template <class P>
class Sender : Side<P> {
  using typename Side<P>::Words;
  using Side<P>::words_, Side<P>::segment_, Side<P>::others_, Side<P>::in_place_, Side<P>::view_, Side<P>::probe_clock_,
      Side<P>::spinner_;

 public:
  // `readers`: who holds the other end, or null.
  Sender(Words& words, const Segment& segment, Ends<P>* readers) : Side<P>(words, segment, readers) {}

  // OK, TIMEOUT (no room within the time), BROKEN, SHUT_DOWN, NO_SPACE, DAMAGED; RESERVED when we would wait for
  // ourselves.
  Status Put(const Waiter& me, const void* bytes, uint64_t size, uint8_t codec, int64_t deadline_ns) {
    return PutWritten(me, size, codec, deadline_ns, [&](char* place) {
      if (size != 0) std::memcpy(place, bytes, size);  // an empty one may lie nowhere
    });
  }

  // One message of all the pieces, in their order. As Put.
  Status PutPieces(const Waiter& me, const std::vector<Piece>& pieces, uint8_t codec, int64_t deadline_ns) {
    uint64_t size = 0;
    for (const Piece& piece : pieces) {
      if (size <= kMaximumMessage) size += piece.size;  // else it is too large already
    }
    return PutWritten(me, size, codec, deadline_ns, [&](char* place) {
      for (const Piece& piece : pieces) {
        if (piece.size != 0) std::memcpy(place, piece.bytes, piece.size);
        place += piece.size;
      }
    });
  }

  // The place of a message of `size` bytes, if OK: nobody else puts one until it is published or given up, or we are
  // dead. As Put.
  Status Reserve(const Waiter& me, uint64_t size, int64_t deadline_ns, char** place) {
    const Status status = UntilRoom(me, size, deadline_ns, [&](const Room& room, bool*) {
      P::Step();
      reserved_ = room;
      in_place_ = me.token;
      words_.reserver.store(me.token, std::memory_order_seq_cst);
    });
    if (!Failed(status)) *place = reserved_.place + sizeof(uint64_t);
    return status;
  }
  // Keeps the memory of the place mapped.
  const std::shared_ptr<void>& mapping() const { return view_.mapping(); }

  // The first `size` bytes of what we have reserved are the next message. OK, BROKEN: then it is given up.
  Status Publish(const Waiter& me, uint64_t size) {
    this->LockSide(words_.put_lock, me);
    const Status status = Broken(*me.registry, true);
    const bool wake = !Failed(status) && PublishLocked(reserved_, size, 0);
    EndReservation(me);
    if (wake) WaitPoint<P>::WakeOne(words_.readable, words_.tail, *me.registry);
    return status;
  }

  // Gives up what is still reserved.
  void Close(Registry& registry) {
    if (this->LeavePlace(words_.reserver)) WaitPoint<P>::WakeOne(words_.writable, words_.head, registry);
  }

  void GiveUp(const Waiter& me) {
    this->LockSide(words_.put_lock, me);
    EndReservation(me);
  }

  // Under the lock: nobody's put is between its look at the flags and its commit.
  void ShutDown(const Waiter& me) {
    this->LockSide(words_.put_lock, me);
    words_.flags.fetch_or(kShutDown, std::memory_order_seq_cst);
    Mutex<P>::Release(words_.put_lock, *me.registry);
  }

  void Watch(const Waiter& me) { WaitPoint<P>::Watch(words_.writable, words_.head, me); }
  void Unwatch(const Waiter& me) {
    if (!LoopList<P>::Remove(words_.writable.loops, me.token))
      WaitPoint<P>::PassOn(words_.writable, words_.head, *me.registry, [this] { return Roomy(); });
  }

 private:
  // Where the next message goes, and what is to be added to the tail.
  struct Room {
    uint64_t before = 0;
    Commit tail{};
    char* place = nullptr;
  };

  // Puts the message of `size` bytes that `write(place)` writes.
  template <class Write>
  Status PutWritten(const Waiter& me, uint64_t size, uint8_t codec, int64_t deadline_ns, Write&& write) {
    return UntilRoom(me, size, deadline_ns, [&](const Room& room, bool* wake) {
      P::Step();
      write(room.place + sizeof(uint64_t));
      *wake = PublishLocked(room, size, codec);
    });
  }

  // Calls `use(room, &wake)` under the lock as soon as there is room.
  template <class Use>
  Status UntilRoom(const Waiter& me, uint64_t size, int64_t deadline_ns, Use&& use) {
    if (size > kMaximumMessage) return os::Fail(Status::kBAD_ARGUMENT, segment_.path(), "the message is too large");
    Slices slices(me, deadline_ns);
    bool slept = false;
    for (;;) {
      bool wake = false;
      this->LockSide(words_.put_lock, me);
      Room room;
      Status status = FindRoom(me, size, &room);
      if (!Failed(status)) use(room, &wake);
      Mutex<P>::Release(words_.put_lock, *me.registry);
      if (wake) WaitPoint<P>::WakeOne(words_.readable, words_.tail, *me.registry);
      if (status == Status::kRESERVED && deadline_ns == 0) status = Status::kTIMEOUT;
      if (status == Status::kTIMEOUT && deadline_ns != 0 && !slices.Over()) {
        AwaitRoom(me, slices, &slept);
        continue;
      }
      if (status == Status::kTIMEOUT && Failed(Broken(*me.registry, probe_clock_.Due(*me.registry))))
        continue;  // the next try says which
      if (slept) {
        WaitPoint<P>::PassOn(words_.writable, words_.head, *me.registry, [this] { return Roomy(); });
      }
      return status;
    }
  }

  // Nothing is published by it.
  Status FindRoom(const Waiter& me, uint64_t size, Room* room) {
    // One who never has to wait must find out, too, that nobody is there any more.
    const bool probe = others_ != nullptr && probe_clock_.DueByCount();
    if (const Status ended = Broken(*me.registry, probe); Failed(ended)) return ended;
    const Status in_place = this->InPlace(words_.reserver, me);
    reserved_by_other_ = in_place == Status::kTIMEOUT;
    if (Failed(in_place)) return in_place;
    GiveUnusedRingBack();
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
    bool jumped = false;
    if (!fits || ShouldShrink(*ring, tail, need)) {
      const Status status = Jump(&tail, head, need, !fits);
      if (Failed(status) && !fits) return status;  // shrinking may fail: then the large ring serves on
      ring = &words_.put_ring[tail.parity];
      jumped = !Failed(status);
    }
    if (const Status status = view_.Show(segment_, *ring, jumped); Failed(status)) return status;
    if (need * kUnit > view_.size()) return this->Damaged();
    *room = {before, tail, view_.At(tail.position)};
    return Status::kOK;
  }

  // Whether somebody waits for it.
  bool PublishLocked(const Room& room, uint64_t size, uint8_t codec) {
    const uint64_t header = RecordHeader(size, codec, kMessage);
    std::memcpy(room.place, &header, sizeof header);
    Commit tail = room.tail;
    tail.position += RecordUnits(size);
    tail.items++;
    return (words_.tail.fetch_add(tail.Word() - room.before, std::memory_order_seq_cst) & kWaitingBit) !=
           0;  // SYNC tail
  }

  // Lets the lock go, too. Who waits for that has the flag in `head` and looks at the reserver after it.
  void EndReservation(const Waiter& me) {
    GiveUnusedRingBack();
    words_.reserver.store(0, std::memory_order_seq_cst);
    in_place_ = 0;
    Mutex<P>::Release(words_.put_lock, *me.registry);
    if ((words_.head.load(std::memory_order_seq_cst) & kWaitingBit) != 0)
      WaitPoint<P>::WakeOne(words_.writable, words_.head, *me.registry);
  }

  // A ring that a rush has left large is given back after many small messages, once little is queued.
  bool ShouldShrink(const RingDescription& ring, const Commit& tail, uint64_t need) {
    if (ring.size <= std::max(kPipelinedBytes, 2 * words_.capacity) || need * kUnit > ring.size / 64) {
      words_.small_puts = 0;
      return false;
    }
    if (++words_.small_puts < SmallPutsToShrink(ring.size)) return false;
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
    uint64_t size = NextRingBytes(old.size, words_.capacity, need, grow);
    // A ring that could hold it, were it empty, and may not grow: wait for the consumers.
    const bool can_wait =
        words_.capacity != 0 && least <= old.size && PositionDistance(head.position, tail->position) != 0;
    if (grow && can_wait && size <= old.size) return Status::kTIMEOUT;
    // Before anything is made: a description that is damaged may have led here.
    if (const Status status = view_.Show(segment_, old); Failed(status)) return status;
    RingDescription next;
    for (;; size = SmallerRingBytes(size, need)) {
      next = PlaceNext(old, size, (tail->position + kJumpUnits) & kPositionMask);
      const Status status = ReserveRing(!tail->parity, next);
      if (!Failed(status)) break;
      if (status == Status::kNO_SPACE && can_wait) return Status::kTIMEOUT;
      if (status != Status::kNO_SPACE || !grow || SmallerRingBytes(size, need) == 0) return status;
    }
    char* const place = view_.At(tail->position);
    const uint64_t header = RecordHeader(kJumpBytes, 0, kJump);
    P::Step();
    std::memcpy(place, &header, sizeof header);
    std::memcpy(place + sizeof header, &next, sizeof next);
    words_.small_puts = 0;
    tail->parity = !tail->parity;
    tail->position = next.base;
    return Status::kOK;
  }

  // Noted first, so that whoever comes after us finds what we have reserved if we die before we publish it.
  Status ReserveRing(bool parity, const RingDescription& next) {
    words_.put_ring[parity] = next;
    words_.reserved_offset = next.file_offset;
    const Status status = os::Reserve(segment_.fd(), segment_.path(), next.file_offset, next.size);
    if (Failed(status)) words_.reserved_offset = 0;
    return status;
  }

  // The memory of a ring that was never published: its maker has died, or given up.
  void GiveUnusedRingBack() {
    const bool parity = Commit::Of(words_.tail.load(std::memory_order_relaxed)).parity;
    const uint64_t reserved = words_.reserved_offset;
    if (reserved == 0 || reserved == words_.put_ring[parity].file_offset) return;
    P::Step();
    // Only further rings are given back, never what the segment itself consists of.
    if (reserved >= segment_.size()) os::GiveBack(segment_.fd(), reserved, words_.put_ring[!parity].size);
    words_.reserved_offset = 0;
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
    const auto moved = [this](uint64_t word) {
      return reserved_by_other_ ? words_.reserver.load(std::memory_order_seq_cst) == 0
                                : (word & ~kWaitingBit) != refused_head_;
    };
    const bool worth_trying = spinner_.Spin([&] {
      return moved(words_.head.load(std::memory_order_relaxed)) || words_.flags.load(std::memory_order_relaxed) != 0;
    });
    if (worth_trying) return;
    slices.Look();
    if (Failed(Broken(*me.registry, probe_clock_.Due(*me.registry)))) return;
    WaitPoint<P>::Sleep(words_.writable, words_.head, slices, spinner_,
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
    return others_ != nullptr && others_->Gone(registry, probe) ? Status::kBROKEN : Status::kOK;
  }

  Room reserved_;
  uint64_t refused_head_ = 0;       // the head when our last put found no room
  bool reserved_by_other_ = false;  // why it found none
};

}  // namespace procloom
