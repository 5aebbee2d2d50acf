// Verbs of all objects: references, opening, closing, flights, and waiting on the loop.
#include <algorithm>

#include "binding/call.h"
#include "binding/create.h"
#include "memory/sweep.h"
#include "os/clock.h"
#include "os/failure.h"

namespace procloom {

namespace {

int64_t Of(Status status) { return static_cast<int64_t>(status); }

napi_value Reference(Environment& environment, uint32_t handle) {
  const Object* const object = environment.FindAny(handle);
  if (object == nullptr) return Give(environment.env(), Status::kCLOSED);
  return Give(environment.env(), object->Reference());
}

// The object of a place that is held for it; null when what lies there is not such an object.
std::unique_ptr<Object> Make(Kind kind, Place place) {
  switch (kind) {
    case Kind::kLOCK:
    case Kind::kRLOCK:
      return std::make_unique<LockObject>(kind, std::move(place));
    case Kind::kSEMAPHORE:
    case Kind::kBOUNDED_SEMAPHORE:
      return std::make_unique<SemaphoreObject>(kind, std::move(place));
    case Kind::kOWNED_SEMAPHORE:
    case Kind::kOWNED_BOUNDED_SEMAPHORE:
      return std::make_unique<OwnedPermitsObject>(kind, std::move(place));
    case Kind::kEVENT:
      return std::make_unique<EventObject>(kind, std::move(place));
    case Kind::kBARRIER: {
      auto barrier = std::make_unique<BarrierObject>(kind, std::move(place));
      if (barrier->Sound()) return barrier;
      return nullptr;
    }
    case Kind::kCONDITION:
      return std::make_unique<ConditionObject>(kind, std::move(place));
    case Kind::kVALUE:
    case Kind::kARRAY: {
      auto memory = std::make_unique<MemoryObject>(kind, std::move(place));
      if (memory->Sound()) return memory;
      return nullptr;
    }
    default:
      return nullptr;
  }
}

int64_t OpenCell(Environment& environment, const std::string& file, uint64_t part, Kind kind) {
  std::shared_ptr<Arena> arena;
  if (const Status status = Arenas::Open(environment.registry(), file, &arena); Failed(status)) return Of(status);
  if (!arena->IsCell(part))
    return Of(os::Fail(Status::kMISSING, arena->segment()->path(), "there is no cell at " + std::to_string(part)));
  Status status;
  const int32_t known = environment.FindPlace(arena->segment().get(), part, kind, &status);
  if (status != Status::kCLOSED) return Failed(status) ? Of(status) : known;
  if (status = arena->Hold(part); Failed(status)) return Of(status);
  Place place = Place::InArena(arena, part);
  const uint32_t found = place.cell()->kind.load(std::memory_order_acquire);
  if (found != static_cast<uint32_t>(kind)) {
    return Of(
        os::Fail(Status::kMISMATCH, arena->segment()->path(),
                 "its kind is " + std::to_string(found) + ", expected " + std::to_string(static_cast<uint32_t>(kind))));
  }
  std::unique_ptr<Object> object = Make(kind, std::move(place));
  return object ? environment.Keep(std::move(object)) : Of(os::Fail(Status::kDAMAGED, file, "it is no sound object"));
}

int64_t Open(Environment& environment, const std::string& reference, uint32_t kind_number) {
  std::string file;
  uint64_t part;
  if (!ParseReference(reference, &file, &part))
    return Of(os::Fail(Status::kBAD_ARGUMENT, reference, "it is no reference"));
  if (const Status status = environment.Join(); Failed(status)) return Of(status);
  const auto kind = static_cast<Kind>(kind_number);
  // Cells of an arena lie behind its header; everything else is a segment of its own, of at most two parts.
  if (part >= kArenaDataOffset) return OpenCell(environment, file, part, kind);
  const bool pipe = kind == Kind::kPIPE;
  if (part > (pipe ? 1u : 0u)) return Of(os::Fail(Status::kBAD_ARGUMENT, reference, "it is no reference"));
  std::shared_ptr<Segment> segment;
  if (const Status status = Segments::Open(environment.registry(), file, kind, &segment); Failed(status))
    return Of(status);
  Status status;
  const int32_t known = environment.FindPlace(segment.get(), part, kind, &status);
  if (status != Status::kCLOSED) return Failed(status) ? Of(status) : known;
  Place place = Place::Alone(std::move(segment), part);
  if (pipe) return environment.Keep(std::make_unique<PipeEnd>(std::move(place), static_cast<uint32_t>(part)));
  const bool queue = kind == Kind::kQUEUE || kind == Kind::kJOINABLE_QUEUE || kind == Kind::kSIMPLE_QUEUE;
  if (queue) return environment.Keep(std::make_unique<QueueObject>(kind, std::move(place)));
  std::unique_ptr<Object> object = Make(kind, std::move(place));
  return object ? environment.Keep(std::move(object)) : Of(os::Fail(Status::kDAMAGED, file, "it is no sound object"));
}

int64_t Retain(Environment& environment, uint32_t handle) {
  Object* const object = environment.FindAny(handle);
  if (object == nullptr) return Of(Status::kCLOSED);
  object->opens++;
  return 0;
}

int64_t Close(Environment& environment, uint32_t handle) { return Of(environment.Close(handle)); }

int64_t Unlink(Environment& environment, const std::string& name) {
  std::string file;
  uint64_t part;
  if (!ParseReference(std::string(kNamedPrefix) + name + "#0", &file, &part)) return Of(Status::kBAD_ARGUMENT);
  if (const Status status = environment.Join(); Failed(status)) return Of(status);
  return Of(Segments::Unlink(*environment.registry(), name));
}

int64_t FlightBegin(Environment& environment, uint32_t handle, uint32_t carrier) {
  Object* const object = environment.FindAny(handle);
  if (object == nullptr) return Of(Status::kCLOSED);
  const Object* const holder = environment.FindAny(carrier);
  object->BeginFlight(holder == nullptr ? nullptr : &holder->place);
  return 0;
}

int64_t FlightEnd(Environment& environment, uint32_t handle) {
  Object* const object = environment.FindAny(handle);
  if (object == nullptr) return Of(Status::kCLOSED);
  object->EndFlight();
  return 0;
}

// Made once: several copies of the JavaScript may share this environment, and must then share the memory.
template <class T>
napi_value Share(napi_env env, size_t bytes, napi_typedarray_type type, size_t length, Environment::Shared<T>* shared) {
  napi_value array = nullptr;
  if (shared->kept != nullptr) {
    napi_get_reference_value(env, shared->kept, &array);
    return array;
  }
  void* memory = nullptr;
  napi_value buffer;
  if (napi_create_arraybuffer(env, bytes, &memory, &buffer) != napi_ok ||
      napi_create_typedarray(env, type, length, buffer, 0, &array) != napi_ok ||
      napi_create_reference(env, array, 1, &shared->kept) != napi_ok)
    return Give(env, Status::kSYSTEM);
  shared->memory = new (memory) T;
  return array;
}

napi_value Quick(Environment& environment) {
  using Words = Environment::QuickWords;
  return Share(environment.env(), sizeof(Words), napi_uint32_array, sizeof(Words) / sizeof(uint32_t),
               &environment.quick);
}

napi_value Scratch(Environment& environment) {
  return Share(environment.env(), kScratchBytes, napi_uint8_array, kScratchBytes, &environment.scratch);
}

int64_t BellListen(Environment& environment, napi_value callback, napi_value levels) {
  return Of(environment.bell().Listen(callback, levels));
}

int64_t BellHold(Environment& environment) {
  if (const Status status = environment.Join(); Failed(status)) return Of(status);
  return Of(environment.bell().Hold(environment.participant()));
}

int64_t BellSleep(Environment& environment, const Bytes& pids, double timeout_ms) {
  if (pids.size % sizeof(int32_t) != 0) return Of(Status::kBAD_ARGUMENT);
  if (const Status status = environment.Join(); Failed(status)) return Of(status);
  // A slice, after which a death is looked for, and whether this thread is to end.
  const int64_t deadline = std::min(os::DeadlineNs(timeout_ms), os::NowNs() + kSliceNs);
  return Of(environment.bell().Sleep(environment.participant(), reinterpret_cast<const int32_t*>(pids.data),
                                     static_cast<uint32_t>(pids.size / sizeof(int32_t)), deadline));
}

int64_t BellWatch(Environment& environment, uint32_t handle, uint32_t point) {
  Object* const object = environment.FindAny(handle);
  if (object == nullptr) return Of(Status::kCLOSED);
  if (point >= kPoints) return Of(Status::kBAD_ARGUMENT);
  object->Watch(environment.me(), point);
  if (!object->watched[point]) object->watched_turn[point] = environment.bell().turn();
  object->watched[point] = true;
  return 0;
}

int64_t BellUnwatch(Environment& environment, uint32_t handle, uint32_t point) {
  Object* const object = environment.FindAny(handle);
  if (object == nullptr) return Of(Status::kCLOSED);
  if (point >= kPoints) return Of(Status::kBAD_ARGUMENT);
  object->Unwatch(environment.me(), point);
  object->watched[point] = false;
  return 0;
}

}  // namespace

void DefineHandles(napi_env env, napi_value exports, Environment* environment) {
  Define<Reference>(env, exports, environment, "reference");
  Define<Open>(env, exports, environment, "open");
  Define<Retain>(env, exports, environment, "retain");
  Define<Close>(env, exports, environment, "close");
  Define<Unlink>(env, exports, environment, "unlink");
  Define<FlightBegin>(env, exports, environment, "flightBegin");
  Define<FlightEnd>(env, exports, environment, "flightEnd");
  Define<Quick>(env, exports, environment, "quick");
  Define<Scratch>(env, exports, environment, "scratch");
  Define<BellListen>(env, exports, environment, "bellListen");
  Define<BellHold>(env, exports, environment, "bellHold");
  Define<BellSleep>(env, exports, environment, "bellSleep");
  Define<BellWatch>(env, exports, environment, "bellWatch");
  Define<BellUnwatch>(env, exports, environment, "bellUnwatch");
}

}  // namespace procloom
