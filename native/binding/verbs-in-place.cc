// Verbs of messages that are written and read where they lie in the ring.
//
// Each is an ArrayBuffer over that memory, which stays mapped while the buffer lives, and is detached when the message
// is done with.
#include "binding/call.h"
#include "os/clock.h"
#include "os/failure.h"

namespace procloom {

namespace {

int64_t Of(Status status) { return static_cast<int64_t>(status); }

using Mapping = std::shared_ptr<void>;

// Null when the runtime refuses.
napi_value Over(napi_env env, void* memory, uint64_t size, const Mapping& mapping) {
  napi_value buffer = nullptr;
  if (size == 0) {
    void* data;
    napi_create_arraybuffer(env, 0, &data, &buffer);
    return buffer;
  }
  auto* const hold = new Mapping(mapping);
  const auto forget = [](napi_env, void*, void* held) { delete static_cast<Mapping*>(held); };
  if (napi_create_external_arraybuffer(env, memory, size, forget, hold, &buffer) == napi_ok) return buffer;
  delete hold;
  return nullptr;
}

Status Refused(const ChannelObject& object) {
  return os::Fail(Status::kSYSTEM, object.place.segment()->path(), "this runtime forbids such an ArrayBuffer");
}

napi_value Reserve(Environment& environment, uint32_t handle, uint64_t size, double timeout_ms) {
  napi_env env = environment.env();
  ChannelObject* const object = environment.Find<ChannelObject>(handle);
  if (object == nullptr) return Give(env, Status::kCLOSED);
  if (object->to == nullptr) return Give(env, Status::kWRONG_DIRECTION);
  Sender<StdAtomics>& sender = object->to->sender();
  char* place = nullptr;
  const Status status = sender.Reserve(environment.me(), size, os::DeadlineNs(timeout_ms), &place);
  if (Failed(status)) return Give(env, status);
  if (napi_value const buffer = Over(env, place, size, sender.mapping()); buffer != nullptr) return buffer;
  sender.GiveUp(environment.me());
  return Give(env, Refused(*object));
}

int64_t Publish(Environment& environment, uint32_t handle, napi_value buffer, uint64_t size) {
  ChannelObject* const object = environment.Find<ChannelObject>(handle);
  if (object == nullptr || object->to == nullptr) return Of(Status::kCLOSED);
  napi_detach_arraybuffer(environment.env(), buffer);
  return Of(object->to->sender().Publish(environment.me(), size));
}

int64_t GiveUp(Environment& environment, uint32_t handle, napi_value buffer) {
  ChannelObject* const object = environment.Find<ChannelObject>(handle);
  if (object == nullptr || object->to == nullptr) return Of(Status::kCLOSED);
  napi_detach_arraybuffer(environment.env(), buffer);
  object->to->sender().GiveUp(environment.me());
  return 0;
}

napi_value Borrow(Environment& environment, uint32_t handle, bool values, double timeout_ms) {
  napi_env env = environment.env();
  ChannelObject* const object = environment.Find<ChannelObject>(handle);
  if (object == nullptr) return Give(env, Status::kCLOSED);
  if (object->from == nullptr) return Give(env, Status::kWRONG_DIRECTION);
  Receiver<StdAtomics>& receiver = object->from->receiver();
  const char* payload = nullptr;
  uint64_t size = 0;
  const Status status = receiver.Borrow(environment.me(), os::DeadlineNs(timeout_ms), values, &payload, &size);
  if (Failed(status)) return Give(env, status);
  napi_value const buffer = Over(env, const_cast<char*>(payload), size, receiver.mapping());
  const Status taken = buffer == nullptr ? Refused(*object) : TakeInHand(*object, environment.me());
  if (!Failed(taken)) return buffer;
  receiver.Keep(environment.me());
  return Give(env, taken);
}

int64_t BorrowedCodec(Environment& environment, uint32_t handle) {
  ChannelObject* const object = environment.Find<ChannelObject>(handle);
  if (object == nullptr || object->from == nullptr) return Of(Status::kCLOSED);
  return object->from->receiver().borrowed_codec();
}

int64_t Return(Environment& environment, uint32_t handle, napi_value buffer, bool consumed) {
  ChannelObject* const object = environment.Find<ChannelObject>(handle);
  if (object == nullptr || object->from == nullptr) return Of(Status::kCLOSED);
  napi_detach_arraybuffer(environment.env(), buffer);
  if (consumed) {
    object->from->receiver().Return(environment.me());
  } else {
    object->from->receiver().Keep(environment.me());
    LayDown(*object, environment.me());
  }
  return 0;
}

}  // namespace

void DefineInPlace(napi_env env, napi_value exports, Environment* environment) {
  Define<Reserve>(env, exports, environment, "reserve");
  Define<Publish>(env, exports, environment, "reservePublish");
  Define<GiveUp>(env, exports, environment, "reserveGiveUp");
  Define<Borrow>(env, exports, environment, "borrow");
  Define<BorrowedCodec>(env, exports, environment, "borrowedCodec");
  Define<Return>(env, exports, environment, "borrowReturn");
}

}  // namespace procloom
