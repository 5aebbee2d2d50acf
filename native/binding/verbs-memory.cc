// Verbs of values' and arrays' memory.
#include <cstring>

#include "binding/call.h"
#include "binding/create.h"
#include "os/failure.h"

namespace procloom {

// Keeps memory while an ArrayBuffer lies over it. Let go by the buffer's finalizer, or before by memoryDetach.
struct BufferHold {
  explicit BufferHold(Place held) : place(std::move(held)) {}
  Place place;
  bool detached = false;
};

namespace {

int64_t Closed() { return static_cast<int64_t>(Status::kCLOSED); }

constexpr uint64_t kDataAlignment = 16;
// Data of a segment of its own begins on a line of its own.
constexpr uint64_t kLine = 64;

uint64_t AlignUp(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

int64_t MemoryCreate(Environment& environment, const std::string& name, uint32_t opening, uint32_t kind,
                     const std::string& shape, uint64_t bytes, const Bytes& initial) {
  if (initial.size > bytes ||
      (kind != static_cast<uint32_t>(Kind::kVALUE) && kind != static_cast<uint32_t>(Kind::kARRAY)) ||
      shape.size() > 1 << 20) {
    return static_cast<int64_t>(Status::kBAD_ARGUMENT);
  }
  const uint64_t small = AlignUp(sizeof(MemoryBody) + shape.size(), kDataAlignment);
  const bool alone = !name.empty() || small + bytes > kLargestBody;
  // The body itself begins 16 bytes into its cell, which is aligned to a line.
  const uint64_t data_offset = alone ? AlignUp(small + sizeof(Cell), kLine) - sizeof(Cell) : small;
  std::unique_ptr<Place> place;
  const Recipe recipe{
      static_cast<Kind>(kind), data_offset + bytes,
      [&](void* body) {
        auto* const memory = static_cast<MemoryBody*>(body);
        memory->shape_bytes = static_cast<uint32_t>(shape.size());
        memory->data_offset = static_cast<uint32_t>(data_offset);
        memory->data_bytes = bytes;
        std::memcpy(memory + 1, shape.data(), shape.size());
        if (initial.size != 0) std::memcpy(static_cast<char*>(body) + data_offset, initial.data, initial.size);
      },
      [&](const void* body, uint64_t room) {
        const auto* const memory = static_cast<const MemoryBody*>(body);
        const bool sound = Sound(*memory, room);
        const std::string found(reinterpret_cast<const char*>(memory + 1), sound ? memory->shape_bytes : 0);
        if (!sound || (found == shape && memory->data_bytes != bytes))
          return os::Fail(Status::kDAMAGED, name, "it is no sound object");
        if (found == shape) return Status::kOK;
        return os::Fail(Status::kMISMATCH, name, "its shape is '" + found + "', asked for was '" + shape + "'");
      }};
  return MakeObject<MemoryObject>(environment, recipe, name, opening,
                                  [](MemoryObject& object, bool fresh) { object.created = fresh; });
}

napi_value MemoryShape(Environment& environment, uint32_t handle) {
  MemoryObject* const memory = environment.Find<MemoryObject>(handle);
  if (memory == nullptr) return Give(environment.env(), Status::kCLOSED);
  return Give(environment.env(), memory->Shape());
}

int64_t MemoryCreated(Environment& environment, uint32_t handle) {
  MemoryObject* const memory = environment.Find<MemoryObject>(handle);
  return memory == nullptr ? Closed() : memory->created;
}

void ForgetBuffer(napi_env, void*, void* hint) { delete static_cast<BufferHold*>(hint); }

napi_value MemoryBuffer(Environment& environment, uint32_t handle) {
  napi_env env = environment.env();
  MemoryObject* const memory = environment.Find<MemoryObject>(handle);
  if (memory == nullptr) return Give(env, Status::kCLOSED);
  napi_value buffer = nullptr;
  if (memory->buffer != nullptr) {
    napi_get_reference_value(env, static_cast<napi_ref>(memory->buffer), &buffer);
    if (buffer != nullptr) return buffer;
    napi_delete_reference(env, static_cast<napi_ref>(memory->buffer));
    memory->buffer = nullptr;
  }
  if (memory->body.data_bytes == 0) {
    void* data;
    napi_create_arraybuffer(env, 0, &data, &buffer);
    return buffer;
  }
  auto* const hold = new BufferHold(memory->place.Again());
  if (napi_create_external_arraybuffer(env, memory->Data(), memory->body.data_bytes, ForgetBuffer, hold, &buffer) !=
      napi_ok) {
    delete hold;
    return Give(
        env, os::Fail(Status::kSYSTEM, memory->place.segment()->path(), "this runtime forbids external ArrayBuffers"));
  }
  napi_ref reference = nullptr;
  napi_create_reference(env, buffer, 0, &reference);
  memory->buffer = reference;
  memory->hold = hold;
  return buffer;
}

int64_t MemoryDetach(Environment& environment, uint32_t handle) {
  MemoryObject* const memory = environment.Find<MemoryObject>(handle);
  if (memory == nullptr) return Closed();
  // Another object of this environment may lie over the same buffer, or be about to be sent.
  if (memory->buffer == nullptr || memory->opens > 1) return 0;
  napi_env env = environment.env();
  napi_value buffer = nullptr;
  napi_get_reference_value(env, static_cast<napi_ref>(memory->buffer), &buffer);
  if (buffer != nullptr) {
    // Let go before the detaching: that may already run the finalizer.
    memory->hold->place.LetGo();
    napi_detach_arraybuffer(env, buffer);
  }
  napi_delete_reference(env, static_cast<napi_ref>(memory->buffer));
  memory->buffer = nullptr;
  memory->hold = nullptr;
  return 0;
}

}  // namespace

void DefineMemory(napi_env env, napi_value exports, Environment* environment) {
  Define<MemoryCreate>(env, exports, environment, "memoryCreate");
  Define<MemoryShape>(env, exports, environment, "memoryShape");
  Define<MemoryCreated>(env, exports, environment, "memoryCreated");
  Define<MemoryBuffer>(env, exports, environment, "memoryBuffer");
  Define<MemoryDetach>(env, exports, environment, "memoryDetach");
}

}  // namespace procloom
