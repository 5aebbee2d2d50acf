#include "binding/object.h"

#include "os/failure.h"

namespace procloom {

Place Place::InArena(std::shared_ptr<Arena> arena, uint64_t offset) {
  Place place;
  place.segment_ = arena->segment();
  place.arena_ = std::move(arena);
  place.part_ = offset;
  return place;
}

Place Place::Alone(std::shared_ptr<Segment> segment, uint64_t part) {
  Place place;
  place.segment_ = std::move(segment);
  place.part_ = part;
  return place;
}

Place Place::Again() const {
  if (arena_ == nullptr) return Alone(segment_, part_);
  arena_->Hold(part_);  // it is held already: this only counts
  return InArena(arena_, part_);
}

void Place::LetGo() {
  if (arena_ != nullptr) {
    arena_->LetGo(part_);
    Arenas::Trim(arena_);
  }
  arena_.reset();
  segment_.reset();
}

std::string Place::Reference() const { return segment_->file() + "#" + std::to_string(part_); }

void Place::BeginFlight() const {
  segment_->header()->flights.fetch_add(1, std::memory_order_seq_cst);
  if (in_arena()) cell()->flights.fetch_add(1, std::memory_order_seq_cst);
}

void Place::EndFlight() const {
  if (in_arena()) cell()->flights.fetch_sub(1, std::memory_order_seq_cst);
  segment_->header()->flights.fetch_sub(1, std::memory_order_seq_cst);
}

// --------------------------------------------------------------------------------------------- channels

void ChannelObject::Watch(const Waiter& me, uint32_t point) {
  if (point == kPointWrite) {
    if (to != nullptr) to->WatchWritable(me);
  } else if (from != nullptr) {
    from->WatchReadable(me);
  }
}

void ChannelObject::Unwatch(const Waiter& me, uint32_t point) {
  if (point == kPointWrite) {
    if (to != nullptr) to->UnwatchWritable(me);
  } else if (from != nullptr) {
    from->UnwatchReadable(me);
  }
}

PipeEnd::PipeEnd(Place where, uint32_t end_index)
    : ChannelObject(Kind::kPIPE, kPipeType, std::move(where)),
      end(end_index),
      words(*place.segment()->At<PipeWords<StdAtomics>>(0)),
      ends{{&words.end[0], &words.end_flights[0]}, {&words.end[1], &words.end_flights[1]}} {
  // Channel 0 leads from end 1 to end 0, channel 1 the other way.
  const uint32_t other = 1 - end;
  if (end == 0 || words.duplex != 0) {
    channels_[0] = std::make_unique<ByteChannel>(&words.channel[end], place.segment().get(), &ends[other], &ends[end]);
  }
  if (end == 1 || words.duplex != 0) {
    channels_[1] =
        std::make_unique<ByteChannel>(&words.channel[other], place.segment().get(), &ends[end], &ends[other]);
  }
  from = channels_[0].get();
  to = channels_[1].get();
  Segment& segment = *place.segment();
  std::lock_guard guard(segment.parts_mutex());
  if (segment.Hold(end)) ends[end].Add(*segment.registry(), segment.registry()->process_token());
}

void PipeEnd::CloseEnd(Registry& registry) {
  Segment& segment = *place.segment();
  {
    std::lock_guard guard(segment.parts_mutex());
    if (!segment.LetGo(end)) return;
    ends[end].Remove(registry.process_token());
  }
  for (const auto& channel : channels_) {
    if (channel) channel->WakeAll(registry);
  }
}

PipeEnd::~PipeEnd() {
  if (!place.segment() || !place.segment()->registry()) return;
  Registry& registry = *place.segment()->registry();
  for (const auto& channel : channels_) {
    if (channel) channel->Close(registry);
  }
  CloseEnd(registry);
}

void PipeEnd::BeginFlight(const Place*) {
  place.BeginFlight();
  ends[end].BeginFlight();
}

void PipeEnd::EndFlight() {
  ends[end].EndFlight();
  place.EndFlight();
}

QueueObject::QueueObject(Kind kind, Place where)
    : ChannelObject(kind, kQueueType, std::move(where)),
      words(*place.segment()->At<QueueWords<StdAtomics>>(0)),
      tasks(words.tasks, words.channel) {
  channels_[0] = std::make_unique<ByteChannel>(&words.channel, place.segment().get(), nullptr, nullptr);
  from = to = channels_[0].get();
}

void QueueObject::Watch(const Waiter& me, uint32_t point) {
  if (point == kPointJoin) {
    tasks.Watch(me);
  } else {
    ChannelObject::Watch(me, point);
  }
}

void QueueObject::Unwatch(const Waiter& me, uint32_t point) {
  if (point == kPointJoin) {
    tasks.Unwatch(me);
  } else {
    ChannelObject::Unwatch(me, point);
  }
}

Status TakeInHand(ChannelObject& object, const Waiter& me) {
  if (object.kind != Kind::kJOINABLE_QUEUE) return Status::kOK;
  const Status status = static_cast<QueueObject&>(object).tasks.Take(me);
  if (!Failed(status)) return status;
  return os::Fail(status, object.place.segment()->path(), "too many consumers have items that are not done");
}

void LayDown(ChannelObject& object, const Waiter& me) {
  if (object.kind == Kind::kJOINABLE_QUEUE) static_cast<QueueObject&>(object).tasks.LayDown(me);
}

}  // namespace procloom
