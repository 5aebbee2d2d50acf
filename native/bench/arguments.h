// The arguments of a call from JavaScript, each as what it is; errors and functions for the way back.
#pragma once

#include <node_api.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace procloom::bench {

struct Bytes {
  uint8_t* data;
  size_t length;
};

class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kMost;
    napi_get_cb_info(env, info, &count, values_, nullptr, &data_);
  }
  int64_t Number(int i) const {
    int64_t value = 0;
    napi_get_value_int64(env_, values_[i], &value);
    return value;
  }
  std::string Text(int i) const {
    char text[32];
    size_t length = 0;
    napi_get_value_string_utf8(env_, values_[i], text, sizeof text, &length);
    return {text, length};
  }
  // An ArrayBuffer as what lies at its start.
  template <class T>
  T& Memory(int i) const {
    void* data = nullptr;
    napi_get_arraybuffer_info(env_, values_[i], &data, nullptr);
    return *static_cast<T*>(data);
  }
  // A Buffer or Uint8Array.
  Bytes View(int i) const {
    void* data = nullptr;
    size_t length = 0;
    napi_get_typedarray_info(env_, values_[i], nullptr, &length, &data, nullptr, nullptr);
    return {static_cast<uint8_t*>(data), length};
  }
  // A Float64Array.
  double* Times(int i) const {
    void* data = nullptr;
    napi_get_typedarray_info(env_, values_[i], nullptr, nullptr, &data, nullptr, nullptr);
    return static_cast<double*>(data);
  }
  napi_value operator[](int i) const { return values_[i]; }
  napi_ref Reference(int i) const {
    napi_ref reference;
    napi_create_reference(env_, values_[i], 1, &reference);
    return reference;
  }
  // What the called function was made with.
  template <class T>
  T& Self() const {
    return *static_cast<T*>(data_);
  }

 private:
  static constexpr size_t kMost = 8;
  napi_env env_;
  napi_value values_[kMost];
  void* data_ = nullptr;
};

inline void Throw(napi_env env, const char* what) {
  napi_throw_error(env, nullptr, (std::string(what) + ": " + std::strerror(errno)).c_str());
}

inline void Define(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace procloom::bench
