// Verbs of pipes and queues.
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "binding/call.h"
#include "binding/create.h"
#include "os/clock.h"
#include "os/copy.h"
#include "os/failure.h"

namespace procloom {

namespace {

int64_t Of(Status status) { return static_cast<int64_t>(status); }

// ----------------------------------------------------------------------------------------------- creation

constexpr uint64_t kMostCapacity = uint64_t{1} << 38;

uint64_t RingOffset(uint32_t channel) { return kRingOffset + channel * kFirstRingBytes; }

napi_value PipeCreate(Environment& environment, bool duplex, uint64_t capacity) {
  napi_env env = environment.env();
  if (capacity == 0 || capacity > kMostCapacity) return Give(env, Status::kBAD_ARGUMENT);
  std::shared_ptr<Segment> segment;
  bool created;
  const uint32_t channels = duplex ? 2 : 1;
  const auto fill = [&](Segment& fresh) {
    auto* const words = fresh.At<PipeWords<StdAtomics>>(0);
    words->duplex = duplex;
    for (uint32_t i = 0; i < channels; i++)
      InitialiseChannel(words->channel[i], {0, capacity, RingOffset(i), GrowFrom(i)});
  };
  const SegmentRecipe recipe{Kind::kPIPE, RingOffset(channels), fill, [](const Segment&) { return Status::kOK; }};
  if (const Status status = MakeSegment(environment, recipe, "", 0, &segment, &created); Failed(status))
    return Give(env, status);
  napi_value ends;
  napi_create_array_with_length(env, 2, &ends);
  for (uint32_t end = 0; end < 2; end++) {
    const int32_t handle = environment.Keep(std::make_unique<PipeEnd>(Place::Alone(segment, end), end));
    if (handle < 0) return Number(env, handle);  // the first end, if it was kept, goes with the environment
    napi_set_element(env, ends, end, Number(env, handle));
  }
  return ends;
}

int64_t QueueCreate(Environment& environment, const std::string& name, uint32_t opening, uint32_t kind,
                    uint32_t maxsize, uint64_t capacity, bool ack_on_death) {
  const bool queue = kind == static_cast<uint32_t>(Kind::kQUEUE) ||
                     kind == static_cast<uint32_t>(Kind::kJOINABLE_QUEUE) ||
                     kind == static_cast<uint32_t>(Kind::kSIMPLE_QUEUE);
  if (!queue || capacity > kMostCapacity) return Of(Status::kBAD_ARGUMENT);
  std::shared_ptr<Segment> segment;
  bool created;
  const SegmentRecipe recipe{static_cast<Kind>(kind), RingOffset(1),
                             [&](Segment& fresh) {
                               auto* const words = fresh.At<QueueWords<StdAtomics>>(0);
                               InitialiseChannel(words->channel, {maxsize, capacity, RingOffset(0), GrowFrom(0)});
                               words->tasks.by_hand = ack_on_death;
                             },
                             [&](const Segment& found) {
                               const uint32_t existing = found.At<QueueWords<StdAtomics>>(0)->channel.maximum_items;
                               if (maxsize == 0 || maxsize == existing) return Status::kOK;
                               return OtherNumber(name, "maxsize", existing, maxsize);
                             }};
  if (const Status status = MakeSegment(environment, recipe, name, opening, &segment, &created); Failed(status))
    return Of(status);
  Status status;
  const int32_t known = environment.FindPlace(segment.get(), 0, recipe.kind, &status);
  if (status != Status::kCLOSED) return Failed(status) ? Of(status) : known;
  return environment.Keep(std::make_unique<QueueObject>(recipe.kind, Place::Alone(std::move(segment), 0)));
}

int64_t QueueMaxsize(Environment& environment, uint32_t handle) {
  QueueObject* const queue = environment.Find<QueueObject>(handle);
  return queue == nullptr ? Of(Status::kCLOSED) : static_cast<int64_t>(queue->words.channel.maximum_items);
}

// ------------------------------------------------------------------------------------------------ messages

// Calls `put(channel)` for the channel into which the handle's object puts.
template <class PutIt>
int64_t PutTo(Environment& environment, uint32_t handle, PutIt&& put) {
  ChannelObject* const object = environment.Find<ChannelObject>(handle);
  if (object == nullptr) return Of(Status::kCLOSED);
  if (object->to == nullptr) return Of(Status::kWRONG_DIRECTION);
  if (object->kind == Kind::kJOINABLE_QUEUE && static_cast<QueueObject*>(object)->tasks.TooMany())
    return Of(os::Fail(Status::kLIMIT, object->place.segment()->path(), "too many of its items are not done"));
  return Of(put(*object->to));
}

int64_t PutMessage(Environment& environment, uint32_t handle, const char* data, uint64_t size, uint32_t codec,
                   double timeout_ms) {
  return PutTo(environment, handle, [&](ByteChannel& to) {
    return to.Put(environment.me(), data, size, static_cast<uint8_t>(codec), os::DeadlineNs(timeout_ms));
  });
}

// What an argument costs, and a number that is given back, is a tenth of such a call: quick.ts.
DoneOr Put(Environment& environment, uint32_t handle) {
  const Environment::QuickWords quick = *environment.quick.memory;
  const char* const scratch = environment.scratch.memory;
  if (quick.size > kScratchBytes || quick.codec > 15 || scratch == nullptr) return {Of(Status::kBAD_ARGUMENT)};
  return {PutMessage(environment, handle, scratch, quick.size, quick.codec, quick.waits == 0 ? 0 : -1)};
}

int64_t PutBytes(Environment& environment, uint32_t handle, const Bytes& bytes, uint64_t offset, uint64_t size,
                 uint32_t codec, double timeout_ms) {
  if (offset > bytes.size || size > bytes.size - offset || codec > 15) return Of(Status::kBAD_ARGUMENT);
  return PutMessage(environment, handle, bytes.data + offset, size, codec, timeout_ms);
}

// The same for all of the bytes, for ever: a hot verb is cheaper by the arguments it does not have.
int64_t PutWhole(Environment& environment, uint32_t handle, const Bytes& bytes) {
  return PutMessage(environment, handle, bytes.data, bytes.size, 0, -1);
}

// The pieces of tokens[0, size) and the parts that stand in it: part i before the byte of tokens at positions[i]. False
// when those are not such. The lengths are what they are now: nobody can change them before we return to JavaScript.
bool CollectPieces(napi_env env, const Bytes& tokens, uint64_t size, napi_value parts, napi_value positions,
                   std::vector<Piece>* pieces) {
  uint32_t count = 0, given = 0;
  if (size > tokens.size || napi_get_array_length(env, parts, &count) != napi_ok ||
      napi_get_array_length(env, positions, &given) != napi_ok || given != count) {
    return false;
  }
  pieces->reserve(2 * size_t{count} + 1);
  uint64_t done = 0;
  for (uint32_t i = 0; i < count; i++) {
    napi_handle_scope scope;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return false;
    napi_value element;
    uint64_t position = 0;
    Bytes part;
    const bool found = napi_get_element(env, positions, i, &element) == napi_ok && Read(env, element, &position) &&
                       napi_get_element(env, parts, i, &element) == napi_ok && Read(env, element, &part);
    napi_close_handle_scope(env, scope);
    if (!found || position < done || position > size) return false;
    pieces->push_back({tokens.data + done, position - done});
    pieces->push_back({part.data, part.size});
    done = position;
  }
  pieces->push_back({tokens.data + done, size - done});
  return true;
}

int64_t PutParts(Environment& environment, uint32_t handle, const Bytes& tokens, uint64_t size, napi_value parts,
                 napi_value positions, uint32_t codec, double timeout_ms) {
  std::vector<Piece> pieces;
  if (codec > 15 || !CollectPieces(environment.env(), tokens, size, parts, positions, &pieces))
    return Of(Status::kBAD_ARGUMENT);
  return PutTo(environment, handle, [&](ByteChannel& to) {
    return to.PutPieces(environment.me(), pieces, static_cast<uint8_t>(codec), os::DeadlineNs(timeout_ms));
  });
}

// A bit of the codec: the message counts objects as being on their way.
constexpr uint8_t kHoldsReferences = 8;

constexpr int64_t Describe(uint64_t size, uint8_t codec) { return static_cast<int64_t>(size << 4 | (codec & 15)); }

template <class Take>
int64_t TakeNext(Environment& environment, uint32_t handle, double timeout_ms, Take&& take) {
  ChannelObject* const object = environment.Find<ChannelObject>(handle);
  if (object == nullptr) return Of(Status::kCLOSED);
  if (object->from == nullptr) return Of(Status::kWRONG_DIRECTION);
  if (object->kind != Kind::kJOINABLE_QUEUE)
    return Of(object->from->Get(environment.me(), os::DeadlineNs(timeout_ms), take));
  // What is taken is in hand before it leaves the queue.
  Status in_hand = Status::kOK;
  const auto take_in_hand = [&](const char* payload, uint64_t size, uint8_t codec) {
    if (!take(payload, size, codec)) return false;
    in_hand = TakeInHand(*object, environment.me());
    return !Failed(in_hand);
  };
  const Status status = object->from->Get(environment.me(), os::DeadlineNs(timeout_ms), take_in_hand);
  return Of(Failed(in_hand) ? in_hand : status);
}

int64_t GetInto(Environment& environment, uint32_t handle, char* into, uint64_t room, bool values, double timeout_ms) {
  int64_t described = 0;
  bool is_value = false;
  const int64_t status =
      TakeNext(environment, handle, timeout_ms, [&](const char* payload, uint64_t size, uint8_t codec) {
        is_value = codec != 0;
        if (size > room || (is_value && !values)) return false;
        os::CopyOut(into, payload, size);
        described = Describe(size, codec);
        return true;
      });
  if (status == Of(Status::kTOO_LONG) && is_value && !values) return Of(Status::kNOT_BYTES);
  return status < 0 ? status : described;
}

DoneOr Get(Environment& environment, uint32_t handle) {
  Environment::QuickWords& quick = *environment.quick.memory;
  const size_t room = environment.scratch.memory == nullptr ? 0 : kScratchBytes;
  const double timeout_ms = quick.waits == 0 ? 0 : -1;
  const int64_t described = GetInto(environment, handle, environment.scratch.memory, room, true, timeout_ms);
  if (described < 0) return {described};
  quick.size = static_cast<uint32_t>(described >> 4);
  quick.codec = static_cast<uint32_t>(described & 15);
  return {0};
}

int64_t GetBytes(Environment& environment, uint32_t handle, const Bytes& bytes, uint64_t offset, bool values,
                 double timeout_ms) {
  if (offset > bytes.size) return Of(Status::kBAD_ARGUMENT);
  return GetInto(environment, handle, bytes.data + offset, bytes.size - offset, values, timeout_ms);
}

int64_t GetAt(Environment& environment, uint32_t handle, const Bytes& bytes, uint64_t offset) {
  return GetBytes(environment, handle, bytes, offset, false, -1);
}

int64_t Peek(Environment& environment, uint32_t handle, double timeout_ms) {
  int64_t described = 0;
  const int64_t status = TakeNext(environment, handle, timeout_ms, [&](const char*, uint64_t size, uint8_t codec) {
    described = Describe(size, codec);
    return false;
  });
  return status == Of(Status::kTOO_LONG) ? described : status;
}

// --------------------------------------------------------------------------------------------------- facts

int64_t Count(Environment& environment, uint32_t handle) {
  ChannelObject* const object = environment.Find<ChannelObject>(handle);
  if (object == nullptr) return Of(Status::kCLOSED);
  return object->from == nullptr ? Of(Status::kWRONG_DIRECTION) : static_cast<int64_t>(object->from->Items());
}

int64_t Full(Environment& environment, uint32_t handle) {
  ChannelObject* const object = environment.Find<ChannelObject>(handle);
  if (object == nullptr) return Of(Status::kCLOSED);
  return object->to == nullptr ? Of(Status::kWRONG_DIRECTION) : object->to->Full();
}

// Drops what is queued, too, and gives [codec, bytes] of each message that refers to other objects.
napi_value ShutDownNow(Environment& environment, uint32_t handle) {
  napi_env env = environment.env();
  QueueObject* const queue = environment.Find<QueueObject>(handle);
  if (queue == nullptr) return Give(env, Status::kCLOSED);
  std::vector<std::pair<uint8_t, std::string>> dropped;
  queue->to->ShutDownNow(environment.me(), [&](const char* payload, uint64_t size, uint8_t codec) {
    if ((codec & kHoldsReferences) != 0) dropped.emplace_back(codec, std::string(payload, size));
  });
  queue->tasks.Settle(*environment.registry());
  napi_value list;
  napi_create_array_with_length(env, dropped.size(), &list);
  for (uint32_t i = 0; i < dropped.size(); i++) {
    const auto& [codec, bytes] = dropped[i];
    napi_value message, copy;
    napi_create_array_with_length(env, 2, &message);
    napi_create_buffer_copy(env, bytes.size(), bytes.data(), nullptr, &copy);
    napi_set_element(env, message, 0, Number(env, codec));
    napi_set_element(env, message, 1, copy);
    napi_set_element(env, list, i, message);
  }
  return list;
}

int64_t ShutDown(Environment& environment, uint32_t handle) {
  QueueObject* const queue = environment.Find<QueueObject>(handle);
  if (queue == nullptr) return Of(Status::kCLOSED);
  queue->to->ShutDown(environment.me());
  queue->tasks.Settle(*environment.registry());
  return 0;
}

// ---------------------------------------------------------------------------------------------------- tasks

int64_t TaskDone(Environment& environment, uint32_t handle) {
  QueueObject* const queue = environment.Find<QueueObject>(handle);
  return Of(queue == nullptr ? Status::kCLOSED : queue->tasks.Done(environment.me()));
}

int64_t TasksState(Environment& environment, uint32_t handle) {
  QueueObject* const queue = environment.Find<QueueObject>(handle);
  return queue == nullptr ? Of(Status::kCLOSED) : static_cast<int64_t>(queue->tasks.State());
}

int64_t TasksOver(Environment& environment, uint32_t handle, uint64_t begun) {
  QueueObject* const queue = environment.Find<QueueObject>(handle);
  return queue == nullptr ? Of(Status::kCLOSED) : static_cast<int64_t>(queue->tasks.Over(begun, environment.me()));
}

int64_t TasksJoin(Environment& environment, uint32_t handle, double timeout_ms) {
  QueueObject* const queue = environment.Find<QueueObject>(handle);
  if (queue == nullptr) return Of(Status::kCLOSED);
  const bool over = queue->tasks.Join(environment.me(), os::DeadlineNs(timeout_ms), queue->join_spinner);
  return Of(over ? Status::kOK : Status::kTIMEOUT);
}

}  // namespace

void DefineChannels(napi_env env, napi_value exports, Environment* environment) {
  Define<PipeCreate>(env, exports, environment, "pipeCreate");
  Define<QueueCreate>(env, exports, environment, "queueCreate");
  Define<QueueMaxsize>(env, exports, environment, "queueMaxsize");
  DefineQuick<Put>(env, exports, "put");
  Define<PutBytes>(env, exports, environment, "putBytes");
  Define<PutWhole>(env, exports, environment, "putWhole");
  Define<PutParts>(env, exports, environment, "putParts");
  Define<GetAt>(env, exports, environment, "getAt");
  DefineQuick<Get>(env, exports, "get");
  Define<GetBytes>(env, exports, environment, "getBytes");
  Define<Peek>(env, exports, environment, "peek");
  Define<Count>(env, exports, environment, "count");
  Define<Full>(env, exports, environment, "full");
  Define<ShutDown>(env, exports, environment, "shutdown");
  Define<ShutDownNow>(env, exports, environment, "shutdownNow");
  Define<TaskDone>(env, exports, environment, "taskDone");
  Define<TasksState>(env, exports, environment, "tasksState");
  Define<TasksOver>(env, exports, environment, "tasksOver");
  Define<TasksJoin>(env, exports, environment, "tasksJoin");
}

}  // namespace procloom
