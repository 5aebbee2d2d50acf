// The bare ring with one call from JavaScript for each message: what an addon could reach that had nothing else to do.
#include "../verbs.h"
#include "../arguments.h"
#include "spsc-ring.h"

namespace procloom::bench {

namespace {

template <class End>
End* MakeEnd(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  size_t bytes = 0;
  napi_get_arraybuffer_info(env, arguments[0], nullptr, &bytes);
  return new End(&arguments.Memory<uint8_t>(0), bytes - kRingOffset);
}

// A function of that end, which lives as long as the process.
napi_value FunctionOf(napi_env env, napi_callback callback, void* end) {
  napi_value function;
  napi_create_function(env, nullptr, 0, callback, end, &function);
  return function;
}

// ringProducer(memory): put(message)
napi_value MakeProducer(napi_env env, napi_callback_info info) {
  const napi_callback put = [](napi_env called, napi_callback_info call) -> napi_value {
    const Arguments arguments(called, call);
    const Bytes message = arguments.View(0);
    arguments.Self<RingProducer>().Put(message.data, message.length);
    return nullptr;
  };
  return FunctionOf(env, put, MakeEnd<RingProducer>(env, info));
}

// ringConsumer(memory): get(into, offset), which returns the length.
napi_value MakeConsumer(napi_env env, napi_callback_info info) {
  const napi_callback get = [](napi_env called, napi_callback_info call) -> napi_value {
    const Arguments arguments(called, call);
    const Bytes into = arguments.View(0);
    const auto offset = static_cast<uint64_t>(arguments.Number(1));
    const uint64_t room = offset <= into.length ? into.length - offset : 0;
    const uint64_t length = arguments.Self<RingConsumer>().Get(into.data + offset, room);
    if (length > room) {
      napi_throw_range_error(called, nullptr, "a message does not fit where it was to go");
      return nullptr;
    }
    napi_value result;
    napi_create_uint32(called, static_cast<uint32_t>(length), &result);
    return result;
  };
  return FunctionOf(env, get, MakeEnd<RingConsumer>(env, info));
}

// ringIsEmpty(memory)
napi_value IsEmpty(napi_env env, napi_callback_info info) {
  const auto& words = Arguments(env, info).Memory<RingWords>(0);
  napi_value result;
  napi_get_boolean(env, words.head.load() == words.tail.load(), &result);
  return result;
}

}  // namespace

void DefineRing(napi_env env, napi_value exports) {
  Define(env, exports, "ringProducer", MakeProducer);
  Define(env, exports, "ringConsumer", MakeConsumer);
  Define(env, exports, "ringIsEmpty", IsEmpty);
}

}  // namespace procloom::bench
