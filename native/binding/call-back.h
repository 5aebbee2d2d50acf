// Calls of JavaScript from the event loop.
#pragma once

#include <node_api.h>

#include <cstddef>

namespace procloom {

// Calls it as Node calls its own: what it has queued runs afterwards, and what it throws is an uncaught exception.
inline void CallBack(napi_env env, napi_async_context context, napi_value function, size_t count,
                     const napi_value* arguments) {
  napi_value receiver;
  napi_get_global(env, &receiver);
  if (napi_make_callback(env, context, receiver, function, count, arguments, nullptr) != napi_pending_exception) return;
  napi_value error;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

}  // namespace procloom
