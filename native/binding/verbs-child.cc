// Verbs of child processes.
#include "binding/call.h"
#include "os/child.h"
#include "os/clock.h"

namespace procloom {

namespace {

int64_t ChildWait(Environment&, int32_t pid, double timeout_ms) {
  return static_cast<int64_t>(os::WaitForChild(pid, os::DeadlineNs(timeout_ms)));
}

int64_t ChildStatusOf(Environment&, int32_t pid) {
  Status status;
  return os::ChildStatus(pid, &status);
}

int64_t DieWithParent(Environment&, int32_t pid) { return static_cast<int64_t>(os::DieWithParent(pid)); }

}  // namespace

void DefineChildren(napi_env env, napi_value exports, Environment* environment) {
  Define<ChildWait>(env, exports, environment, "childWait");
  Define<ChildStatusOf>(env, exports, environment, "childStatus");
  Define<DieWithParent>(env, exports, environment, "dieWithParent");
}

}  // namespace procloom
