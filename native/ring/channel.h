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
//  5. While a living token stands in `reserver` (or `borrower`) nobody else moves `tail` (or `head`): what lies between
//     is written (or read) in place, without the lock.
//  6. A place in the file is used again only when no consumer can still give it back: `entered` and leaving_size == 0.
#pragma once

#include "ring/receiver.h"
#include "ring/sender.h"

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
      : words_(*words), sender_(*words, *segment, readers), receiver_(*words, *segment, writers) {}

  // OK, TIMEOUT (no room within the time), BROKEN, SHUT_DOWN, NO_SPACE, DAMAGED.
  Status Put(const Waiter& me, const void* bytes, uint64_t size, uint8_t codec, int64_t deadline_ns) {
    return sender_.Put(me, bytes, size, codec, deadline_ns);
  }
  Status PutPieces(const Waiter& me, const std::vector<Piece>& pieces, uint8_t codec, int64_t deadline_ns) {
    return sender_.PutPieces(me, pieces, codec, deadline_ns);
  }

  // Calls `take(payload, bytes, codec)` for the next message under the lock; the message is consumed if it returns
  // true. OK, TIMEOUT, TOO_LONG (take refused), END, SHUT_DOWN, DAMAGED.
  template <class Take>
  Status Get(const Waiter& me, int64_t deadline_ns, Take&& take) {
    return receiver_.Get(me, deadline_ns, std::forward<Take>(take));
  }

  // The handle is closed: what is in place is given up.
  void Close(Registry& registry) {
    sender_.Close(registry);
    receiver_.Close(registry);
  }

  // In place: see there.
  Sender<P>& sender() { return sender_; }
  Receiver<P>& receiver() { return receiver_; }

  // ----------------------------------------------------------------------------------------------- facts

  uint64_t Items() const {
    if (Dropped(words_)) return 0;
    const auto [head, tail] = Snapshot(words_);
    return ItemDistance(head.items, tail.items);
  }
  bool Full() const {
    const auto [head, tail] = Snapshot(words_);
    return (words_.maximum_items != 0 && ItemDistance(head.items, tail.items) >= words_.maximum_items) ||
           (words_.capacity != 0 && PositionDistance(head.position, tail.position) * kUnit >= words_.capacity);
  }

  // ------------------------------------------------------------------------------------------------- end

  void ShutDown(const Waiter& me) {
    sender_.ShutDown(me);
    WakeAll(*me.registry);
  }
  // Drops what is queued, too: `each(payload, bytes, codec)` sees it go.
  template <class Each>
  void ShutDownNow(const Waiter& me, Each&& each) {
    sender_.ShutDown(me);
    receiver_.Drop(me, std::forward<Each>(each));
    WakeAll(*me.registry);
  }
  void ShutDownNow(const Waiter& me) {
    ShutDownNow(me, [](const char*, uint64_t, uint8_t) {});
  }

  void WakeAll(Registry& registry) {
    WaitPoint<P>::WakeAll(words_.readable, registry);
    WaitPoint<P>::WakeAll(words_.writable, registry);
  }

  // ---------------------------------------------------------------------------------------------- loops

  void WatchReadable(const Waiter& me) { receiver_.Watch(me); }
  void WatchWritable(const Waiter& me) { sender_.Watch(me); }
  void UnwatchReadable(const Waiter& me) { receiver_.Unwatch(me); }
  void UnwatchWritable(const Waiter& me) { sender_.Unwatch(me); }

 private:
  Words& words_;
  Sender<P> sender_;
  Receiver<P> receiver_;
};

}  // namespace procloom
