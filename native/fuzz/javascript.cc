// libFuzzer for what is written in JavaScript: an addon that runs it in the thread of the script that loads it.
//
//   run(options, counters, input, check, change)
//
//   options   libFuzzer's, after the name of the program
//   counters  Uint8Array in which the script counts where it goes; libFuzzer looks at it after each input and clears it
//   input     Uint8Array in which each input lies, from the front
//   check     (length) => void: looks at an input. A finding is what it throws, when it has told what that is
//   change    (length, seed) => length: makes another input of the one that lies there
//
// Returns the exit code where libFuzzer has only replayed files; else libFuzzer ends the process.
#include <node_api.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "fuzz/input.h"

// What libFuzzer has no header for.
extern "C" {
int LLVMFuzzerRunDriver(int* count, char*** options, int (*check)(const uint8_t* bytes, size_t size));
size_t LLVMFuzzerMutate(uint8_t* bytes, size_t size, size_t longest);
void __sanitizer_cov_8bit_counters_init(uint8_t* begin, uint8_t* end);
void __sanitizer_cov_pcs_init(const uintptr_t* begin, const uintptr_t* end);
}

namespace procloom::fuzz {

namespace {

// One of so many changes is the script's, which knows what the bytes mean; the others are libFuzzer's.
constexpr unsigned kOneIsTheScriptsOf = 4;

struct Bytes {
  uint8_t* begin = nullptr;
  size_t size = 0;
};

// The script: valid as long as run() is being called.
struct Script {
  napi_env env = nullptr;
  napi_value check = nullptr, change = nullptr;
  Bytes input;
};
Script script;

#define FUZZ_CALL(call) FUZZ_MUST((call) == napi_ok)

// Asks the script about an input: how long it is now, if it says so. What the script throws ends the process such that
// libFuzzer keeps the input.
size_t Ask(napi_value function, const uint8_t* bytes, size_t size, unsigned seed) {
  FUZZ_MUST(size <= script.input.size);
  if (size > 0) std::memcpy(script.input.begin, bytes, size);
  napi_env env = script.env;
  napi_handle_scope scope;
  FUZZ_CALL(napi_open_handle_scope(env, &scope));
  napi_value receiver, arguments[2], result;
  FUZZ_CALL(napi_get_undefined(env, &receiver));
  FUZZ_CALL(napi_create_uint32(env, static_cast<uint32_t>(size), &arguments[0]));
  FUZZ_CALL(napi_create_uint32(env, seed, &arguments[1]));
  if (napi_call_function(env, receiver, function, 2, arguments, &result) != napi_ok) std::abort();
  uint32_t length = 0;
  napi_get_value_uint32(env, result, &length);  // undefined is none
  FUZZ_CALL(napi_close_handle_scope(env, scope));
  return length;
}

int Check(const uint8_t* bytes, size_t size) {
  Ask(script.check, bytes, size, 0);
  return 0;
}

Bytes BytesOf(napi_env env, napi_value array) {
  void* data = nullptr;
  size_t size = 0;
  napi_typedarray_type type;
  FUZZ_CALL(napi_get_typedarray_info(env, array, &type, &size, &data, nullptr, nullptr));
  FUZZ_MUST(type == napi_uint8_array);
  return {static_cast<uint8_t*>(data), size};
}

std::vector<std::string> StringsOf(napi_env env, napi_value array) {
  uint32_t count = 0;
  FUZZ_CALL(napi_get_array_length(env, array, &count));
  std::vector<std::string> strings(count);
  for (uint32_t i = 0; i < count; i++) {
    napi_value element;
    size_t size = 0;
    FUZZ_CALL(napi_get_element(env, array, i, &element));
    FUZZ_CALL(napi_get_value_string_utf8(env, element, nullptr, 0, &size));
    strings[i].resize(size);
    FUZZ_CALL(napi_get_value_string_utf8(env, element, strings[i].data(), size + 1, &size));
  }
  return strings;
}

// libFuzzer wants a place in the program for each counter, and a flag: any will do that is nobody else's.
void GiveCounters(const Bytes& counters) {
  static std::vector<uintptr_t> places;
  for (size_t i = 0; i < counters.size; i++) {
    places.push_back(reinterpret_cast<uintptr_t>(counters.begin + i));
    places.push_back(0);
  }
  __sanitizer_cov_8bit_counters_init(counters.begin, counters.begin + counters.size);
  __sanitizer_cov_pcs_init(places.data(), places.data() + places.size());
}

napi_value Run(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t count = 5;
  FUZZ_CALL(napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr));
  FUZZ_MUST(count == 5);
  script = {env, arguments[3], arguments[4], BytesOf(env, arguments[2])};
  GiveCounters(BytesOf(env, arguments[1]));
  std::vector<std::string> strings = StringsOf(env, arguments[0]);
  std::vector<char*> options;
  for (std::string& string : strings) options.push_back(string.data());
  options.push_back(nullptr);
  // libFuzzer takes only signals that nobody has, and Node has taken these.
  for (const int number : {SIGINT, SIGTERM, SIGSEGV}) std::signal(number, SIG_DFL);
  int argc = static_cast<int>(strings.size());
  char** argv = options.data();
  napi_value code;
  FUZZ_CALL(napi_create_int32(env, LLVMFuzzerRunDriver(&argc, &argv, Check), &code));
  return code;
}

}  // namespace

}  // namespace procloom::fuzz

// libFuzzer asks for each change of an input.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* bytes, size_t size, size_t longest, unsigned seed) {
  using namespace procloom::fuzz;
  if (seed % kOneIsTheScriptsOf != 0) return LLVMFuzzerMutate(bytes, size, longest);
  const size_t changed = Ask(script.change, bytes, size, seed / kOneIsTheScriptsOf);
  if (changed == 0 || changed > longest) return LLVMFuzzerMutate(bytes, size, longest);
  std::memcpy(bytes, script.input.begin, changed);
  return changed;
}

// How libFuzzer ends (the linker puts it in the place of exit()). Nothing of Node's is torn down under its own feet.
extern "C" [[noreturn]] void __wrap_exit(int code) {
  std::fflush(nullptr);
  _exit(code);
}

NAPI_MODULE_INIT() {
  napi_value run;
  FUZZ_CALL(napi_create_function(env, "run", NAPI_AUTO_LENGTH, procloom::fuzz::Run, nullptr, &run));
  FUZZ_CALL(napi_set_named_property(env, exports, "run", run));
  return exports;
}
