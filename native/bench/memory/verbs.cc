// Memory that two processes share, and the rate at which one of them copies into it: what nobody who copies a message
// even once can pass.
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

#include "../arguments.h"
#include "../spin.h"
#include "../verbs.h"

namespace procloom::bench {

namespace {

// share(bytes): a descriptor for a second process to inherit.
napi_value Share(napi_env env, napi_callback_info info) {
  const int memory = memfd_create("procloom-bench", MFD_CLOEXEC);
  if (memory < 0 || ftruncate(memory, Arguments(env, info).Number(0)) != 0) {
    Throw(env, "memfd_create");
    return nullptr;
  }
  napi_value number;
  napi_create_int32(env, memory, &number);
  return number;
}

// map(descriptor): ArrayBuffer, all of it.
napi_value Map(napi_env env, napi_callback_info info) {
  const int memory = static_cast<int>(Arguments(env, info).Number(0));
  const off_t bytes = lseek(memory, 0, SEEK_END);
  void* const data =
      bytes < 0 ? MAP_FAILED : mmap(nullptr, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (data == MAP_FAILED) {
    Throw(env, "mmap");
    return nullptr;
  }
  napi_value buffer;
  const auto unmap = [](napi_env, void* mapped, void* size) { munmap(mapped, reinterpret_cast<size_t>(size)); };
  napi_create_external_arraybuffer(env, data, static_cast<size_t>(bytes), unmap, reinterpret_cast<void*>(bytes),
                                   &buffer);
  return buffer;
}

// copy(memory, offset, message)
napi_value Copy(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const Bytes message = arguments.View(2);
  std::memcpy(&arguments.Memory<uint8_t>(0) + arguments.Number(1), message.data, message.length);
  return nullptr;
}

// say(memory, number), hear(memory, number): the one returns when the other process has said it.
napi_value Say(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  arguments.Memory<std::atomic<int64_t>>(0).store(arguments.Number(1), std::memory_order_release);
  return nullptr;
}

napi_value Hear(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto& word = arguments.Memory<std::atomic<int64_t>>(0);
  const int64_t number = arguments.Number(1);
  SpinUntil([&] { return word.load(std::memory_order_acquire) == number; });
  return nullptr;
}

}  // namespace

void DefineMemory(napi_env env, napi_value exports) {
  Define(env, exports, "share", Share);
  Define(env, exports, "map", Map);
  Define(env, exports, "copy", Copy);
  Define(env, exports, "say", Say);
  Define(env, exports, "hear", Hear);
}

}  // namespace procloom::bench
