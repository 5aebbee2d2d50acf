// From a C++ function to a JavaScript one: `Verb<Fn>` reads the arguments that Fn's parameters ask for, calls it with
// the environment, and gives its number back. One crossing a verb; an argument of another type is BAD_ARGUMENT.
//
// Plain Node-API on purpose: a call through it costs half of one through the C++ wrapper, and these are the hot ones.
#pragma once

#include <node_api.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "binding/environment.h"

namespace procloom {

// The bytes of a typed array, DataView or Buffer.
struct Bytes {
  char* data = nullptr;
  size_t size = 0;
};

inline bool Read(napi_env env, napi_value value, uint32_t* to) {
  int64_t number;
  if (napi_get_value_int64(env, value, &number) != napi_ok || number < 0 || number > 0xffffffff) return false;
  *to = static_cast<uint32_t>(number);
  return true;
}
inline bool Read(napi_env env, napi_value value, double* to) {
  return napi_get_value_double(env, value, to) == napi_ok && !std::isnan(*to);
}
inline bool Read(napi_env env, napi_value value, uint64_t* to) {
  double number;
  if (!Read(env, value, &number) || number < 0 || number > 9007199254740991.0) return false;
  *to = static_cast<uint64_t>(number);
  return true;
}
inline bool Read(napi_env env, napi_value value, int32_t* to) {
  return napi_get_value_int32(env, value, to) == napi_ok;
}
inline bool Read(napi_env env, napi_value value, bool* to) { return napi_get_value_bool(env, value, to) == napi_ok; }
inline bool Read(napi_env env, napi_value value, std::string* to) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return false;
  to->resize(length);
  return napi_get_value_string_utf8(env, value, to->data(), length + 1, &length) == napi_ok;
}
inline bool Read(napi_env env, napi_value value, std::vector<std::string>* to) {
  uint32_t count = 0;
  if (napi_get_array_length(env, value, &count) != napi_ok) return false;
  to->resize(count);
  for (uint32_t i = 0; i < count; i++) {
    napi_value text;
    if (napi_get_element(env, value, i, &text) != napi_ok || !Read(env, text, &(*to)[i])) return false;
  }
  return true;
}
inline bool Read(napi_env env, napi_value value, Bytes* to) {
  void* data = nullptr;
  napi_typedarray_type type;
  size_t length = 0;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) == napi_ok) {
    static constexpr size_t kWidth[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
    if (static_cast<size_t>(type) >= sizeof kWidth / sizeof *kWidth) return false;
    *to = {static_cast<char*>(data), length * kWidth[type]};
    return true;
  }
  if (napi_get_dataview_info(env, value, &length, &data, nullptr, nullptr) != napi_ok) return false;
  *to = {static_cast<char*>(data), length};
  return true;
}
inline bool Read(napi_env, napi_value value, napi_value* to) {
  *to = value;
  return true;
}

inline napi_value Number(napi_env env, int64_t number) {
  napi_value result = nullptr;
  if (number >= std::numeric_limits<int32_t>::min() && number <= std::numeric_limits<int32_t>::max()) {
    napi_create_int32(env, static_cast<int32_t>(number), &result);
  } else {
    napi_create_double(env, static_cast<double>(number), &result);
  }
  return result;
}

inline napi_value Give(napi_env env, int64_t number) { return Number(env, number); }
inline napi_value Give(napi_env env, Status status) { return Number(env, static_cast<int32_t>(status)); }
inline napi_value Give(napi_env env, const std::string& text) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}
inline napi_value Give(napi_env, napi_value value) { return value; }

// A result of the hottest verbs: undefined when it is done, as making even a zero costs a tenth of such a call.
struct DoneOr {
  int64_t other;  // 0: done
};
inline napi_value Give(napi_env env, DoneOr result) { return result.other == 0 ? nullptr : Number(env, result.other); }

template <auto Fn>
struct Verb;

template <class Result, class... Args, Result (*Fn)(Environment&, Args...)>
struct Verb<Fn> {
  static napi_value Call(napi_env env, napi_callback_info info) {
    return Apply(env, info, std::index_sequence_for<Args...>{});
  }

 private:
  template <size_t... I>
  static napi_value Apply(napi_env env, napi_callback_info info, std::index_sequence<I...>) {
    constexpr size_t kCount = sizeof...(Args);
    napi_value given[kCount == 0 ? 1 : kCount];
    size_t count = kCount;
    void* environment = nullptr;
    if (napi_get_cb_info(env, info, &count, given, nullptr, &environment) != napi_ok) return nullptr;
    std::tuple<std::remove_cv_t<std::remove_reference_t<Args>>...> args;
    if (count < kCount || !(Read(env, given[I], &std::get<I>(args)) && ...)) return Give(env, Status::kBAD_ARGUMENT);
    return Give(env, Fn(*static_cast<Environment*>(environment), std::get<I>(args)...));
  }
};

template <auto Fn>
struct QuickVerb;

// A verb of one handle, which JavaScript leaves in memory that it shares with us: to read an argument, and to find the
// environment by the function that was called, takes as long as a quick verb itself.
template <class Result, Result (*Fn)(Environment&, uint32_t)>
struct QuickVerb<Fn> {
  static napi_value Call(napi_env env, napi_callback_info) {
    void* environment = nullptr;
    napi_get_instance_data(env, &environment);
    auto& own = *static_cast<Environment*>(environment);
    return Give(env, Fn(own, own.quick.memory->handle));
  }
};

// Adds a verb to the exports.
template <auto Fn>
void Define(napi_env env, napi_value exports, Environment* environment, const char* name) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, Verb<Fn>::Call, environment, &function);
  napi_set_named_property(env, exports, name, function);
}

template <auto Fn>
void DefineQuick(napi_env env, napi_value exports, const char* name) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, QuickVerb<Fn>::Call, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

// Each room of verbs adds its own.
void DefineLocks(napi_env env, napi_value exports, Environment* environment);
void DefineSemaphores(napi_env env, napi_value exports, Environment* environment);
void DefineOwnedPermits(napi_env env, napi_value exports, Environment* environment);
void DefineEvents(napi_env env, napi_value exports, Environment* environment);
void DefineBarriers(napi_env env, napi_value exports, Environment* environment);
void DefineConditions(napi_env env, napi_value exports, Environment* environment);
void DefineMemory(napi_env env, napi_value exports, Environment* environment);
void DefineChannels(napi_env env, napi_value exports, Environment* environment);
void DefineInPlace(napi_env env, napi_value exports, Environment* environment);
void DefineHandles(napi_env env, napi_value exports, Environment* environment);
void DefineFacts(napi_env env, napi_value exports, Environment* environment);
void DefineChildren(napi_env env, napi_value exports, Environment* environment);
void DefineDescriptors(napi_env env, napi_value exports, Environment* environment);

}  // namespace procloom
