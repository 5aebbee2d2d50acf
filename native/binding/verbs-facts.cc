// Facts of the addon, of this environment, and of what lies in the private directory.
#include <cstdio>

#include "binding/call.h"
#include "layout/fingerprint.h"
#include "memory/sweep.h"
#include "os/failure.h"
#include "os/file.h"
#include "os/wait.h"

namespace procloom {

namespace {

int64_t GetToken(Environment& environment) {
  const Status status = environment.Join();
  return Failed(status) ? static_cast<int64_t>(status) : static_cast<int64_t>(environment.me().token);
}

int64_t Leave(Environment& environment) {
  environment.Leave();
  return 0;
}

int64_t SweepNow(Environment& environment) {
  if (const Status status = environment.Join(); Failed(status)) return static_cast<int64_t>(status);
  return Sweep(*environment.registry());
}

void SetNumber(napi_env env, napi_value object, const char* name, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  napi_set_named_property(env, object, name, value);
}

void SetText(napi_env env, napi_value object, const char* name, const std::string& text) {
  napi_set_named_property(env, object, name, Give(env, text));
}

void SetFlag(napi_env env, napi_value object, const char* name, bool flag) {
  napi_value value;
  napi_get_boolean(env, flag, &value);
  napi_set_named_property(env, object, name, value);
}

napi_value List(Environment& environment) {
  napi_env env = environment.env();
  napi_value list;
  napi_create_array(env, &list);
  if (Failed(environment.Join())) return list;
  uint32_t index = 0;
  for (const SegmentFacts& facts : ListSegments(*environment.registry())) {
    napi_value entry;
    napi_create_object(env, &entry);
    SetText(env, entry, "file", facts.file);
    SetNumber(env, entry, "kind", facts.kind);
    SetNumber(env, entry, "bytes", static_cast<double>(facts.bytes));
    SetFlag(env, entry, "named", facts.named);
    SetFlag(env, entry, "used", facts.used);
    napi_set_element(env, list, index++, entry);
  }
  return list;
}

napi_value LastFailure(Environment& environment) {
  napi_env env = environment.env();
  const os::Failure& last = os::Failure::Last();
  napi_value failure;
  napi_create_object(env, &failure);
  SetNumber(env, failure, "errno", last.error);
  SetText(env, failure, "path", last.path);
  SetNumber(env, failure, "asked", static_cast<double>(last.asked));
  SetNumber(env, failure, "free", static_cast<double>(last.free));
  SetText(env, failure, "detail", last.detail);
  return failure;
}

napi_value Wakes(Environment& environment) {
  napi_env env = environment.env();
  napi_value wakes;
  napi_create_object(env, &wakes);
  SetNumber(env, wakes, "threads", static_cast<double>(os::WakeCalls()));
  SetNumber(env, wakes, "loops", environment.registry() ? static_cast<double>(environment.registry()->rings()) : 0);
  return wakes;
}

}  // namespace

void DefineFacts(napi_env env, napi_value exports, Environment* environment) {
  Define<GetToken>(env, exports, environment, "token");
  Define<Leave>(env, exports, environment, "leave");
  Define<SweepNow>(env, exports, environment, "sweep");
  Define<List>(env, exports, environment, "list");
  Define<LastFailure>(env, exports, environment, "lastFailure");
  Define<Wakes>(env, exports, environment, "wakes");

  napi_value statuses, kinds;
  napi_create_object(env, &statuses);
#define X(name, value, text) SetNumber(env, statuses, #name, value);
  PROCLOOM_STATUSES(X)
#undef X
  napi_set_named_property(env, exports, "status", statuses);
  napi_create_object(env, &kinds);
#define X(name, value) SetNumber(env, kinds, #name, value);
  PROCLOOM_KINDS(X)
#undef X
  napi_set_named_property(env, exports, "kind", kinds);
  SetText(env, exports, "body", kPosixBody ? "posix" : "linux");
  char fingerprint[17];
  std::snprintf(fingerprint, sizeof fingerprint, "%016llx", static_cast<unsigned long long>(kFingerprint));
  SetText(env, exports, "fingerprint", fingerprint);
  SetText(env, exports, "directory", os::PrivateDirectoryPath());
}

}  // namespace procloom
