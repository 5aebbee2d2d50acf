// Queues and pipes as the binding makes them, without it.
#pragma once

#include <memory>

#include "memory/segment.h"
#include "ring/channel.h"
#include "test/support/member.h"
#include "test/support/message.h"

namespace procloom::test {

inline constexpr uint64_t RingOffset(uint32_t channel) { return kRingOffset + channel * kFirstRingBytes; }

inline std::shared_ptr<Segment> MakeQueue(const Member& member, uint32_t maximum_items = 0, uint64_t capacity = 0,
                                          bool by_hand = false) {
  std::shared_ptr<Segment> segment;
  const auto fill = [&](Segment& fresh) {
    auto* const words = fresh.At<QueueWords<StdAtomics>>(0);
    InitialiseChannel(words->channel, {maximum_items, capacity, RingOffset(0), GrowFrom(0)});
    words->tasks.by_hand = by_hand;
  };
  EXPECT(!Failed(Segments::Create(member.registry, Kind::kQUEUE, RingOffset(1), fill, &segment)));
  return segment;
}

inline std::shared_ptr<Segment> MakePipe(const Member& member, uint64_t capacity) {
  std::shared_ptr<Segment> segment;
  const auto fill = [&](Segment& fresh) {
    auto* const words = fresh.At<PipeWords<StdAtomics>>(0);
    words->duplex = 1;
    for (uint32_t i = 0; i < 2; i++) InitialiseChannel(words->channel[i], {0, capacity, RingOffset(i), GrowFrom(i)});
  };
  EXPECT(!Failed(Segments::Create(member.registry, Kind::kPIPE, RingOffset(2), fill, &segment)));
  return segment;
}

inline ChannelWords<StdAtomics>& QueueChannel(const Segment& segment) {
  return segment.At<QueueWords<StdAtomics>>(0)->channel;
}

// The words as another atomic policy sees them: the layout is the same.
template <class P>
ChannelWords<P>* WordsAs(ChannelWords<StdAtomics>& words) {
  static_assert(sizeof(ChannelWords<P>) == sizeof(ChannelWords<StdAtomics>));
  return static_cast<ChannelWords<P>*>(static_cast<void*>(&words));
}

// The one channel of a queue, for one thread.
template <class P = StdAtomics>
class QueueOf : public Channel<P> {
 public:
  explicit QueueOf(const std::shared_ptr<Segment>& segment)
      : Channel<P>(WordsAs<P>(QueueChannel(*segment)), segment.get(), nullptr, nullptr), segment_(segment) {}

 private:
  std::shared_ptr<Segment> segment_;
};
using Queue = QueueOf<StdAtomics>;

// One end of a duplex pipe, held by this process.
class PipeSide {
 public:
  PipeSide(const std::shared_ptr<Segment>& segment, uint32_t side)
      : segment_(segment),
        side_(side),
        words_(*segment->At<PipeWords<StdAtomics>>(0)),
        ends_{{&words_.end[0], &words_.end_flights[0]}, {&words_.end[1], &words_.end_flights[1]}},
        from(&words_.channel[side], segment.get(), &ends_[1 - side], &ends_[side]),
        to(&words_.channel[1 - side], segment.get(), &ends_[side], &ends_[1 - side]) {}
  void Open(const Member& member) { ends_[side_].Add(*member.registry, member.registry->process_token()); }
  void Close(const Member& member) {
    ends_[side_].Remove(member.registry->process_token());
    from.WakeAll(*member.registry);
    to.WakeAll(*member.registry);
  }
  Ends<StdAtomics>& ends(uint32_t side) { return ends_[side]; }

 private:
  std::shared_ptr<Segment> segment_;
  uint32_t side_;
  PipeWords<StdAtomics>& words_;
  Ends<StdAtomics> ends_[2];

 public:
  Channel<StdAtomics> from, to;
};

template <class P>
void ShutDown(Channel<P>& channel, const Waiter& me, bool immediate) {
  if (immediate)
    channel.ShutDownNow(me);
  else
    channel.ShutDown(me);
}

template <class P>
Status PutNumber(Channel<P>& channel, const Waiter& me, uint64_t number, uint64_t size, int64_t deadline_ns) {
  const std::string message = MakeMessage(number, size);
  return channel.Put(me, message.data(), message.size(), static_cast<uint8_t>(number % 13), deadline_ns);
}

// What a get brought: `number` is kTorn for a message that is not what was put.
struct Got {
  Status status = Status::kTIMEOUT;
  uint64_t number = 0;
  uint64_t size = 0;
};

template <class P>
Got GetNumber(Channel<P>& channel, const Waiter& me, int64_t deadline_ns) {
  Got got;
  got.status = channel.Get(me, deadline_ns, [&](const char* payload, uint64_t size, uint8_t codec) {
    got.size = size;
    got.number = NumberOf(payload, size);
    if (got.number != kTorn && codec != got.number % 13) got.number = kTorn;
    return true;
  });
  return got;
}

}  // namespace procloom::test
