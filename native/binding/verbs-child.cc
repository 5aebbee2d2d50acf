// Verbs of children, processes and threads.
#include "binding/call.h"
#include "os/child.h"
#include "os/clock.h"
#include "os/file.h"

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

int64_t AnnounceEnd(Environment& environment, uint32_t handle) {
  const EventObject* const event = environment.Find<EventObject>(handle);
  if (event == nullptr) return static_cast<int64_t>(Status::kCLOSED);
  environment.AnnounceEnd(*event);
  return 0;
}

// In slices: a thread that waits for a reader can be terminated between two of them.
int64_t AwaitWritable(Environment&, int32_t fd) {
  os::AwaitWritable(fd, kSliceNs / 1'000'000);
  return 0;
}

}  // namespace

void DefineChildren(napi_env env, napi_value exports, Environment* environment) {
  Define<ChildWait>(env, exports, environment, "childWait");
  Define<ChildStatusOf>(env, exports, environment, "childStatus");
  Define<DieWithParent>(env, exports, environment, "dieWithParent");
  Define<AnnounceEnd>(env, exports, environment, "announceEnd");
  Define<AwaitWritable>(env, exports, environment, "awaitWritable");
}

}  // namespace procloom
