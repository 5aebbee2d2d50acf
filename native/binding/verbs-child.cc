// Verbs of children, processes and threads.
#include <utility>

#include "binding/call.h"
#include "os/child.h"
#include "os/clock.h"
#include "os/file.h"

namespace procloom {

namespace {

int64_t ChildStart(Environment& environment, const std::string& file, const std::vector<std::string>& arguments,
                   const std::vector<std::string>& variables, const std::string& folder, Bytes ends,
                   napi_value on_end) {
  os::ProcessOrder order{file, arguments, variables, folder, {}};
  int pid;
  const Status status = environment.children().Start(std::move(order), reinterpret_cast<int32_t*>(ends.data),
                                                     ends.size / sizeof(int32_t), on_end, &pid);
  return Failed(status) ? static_cast<int64_t>(status) : pid;
}

int64_t ChildHold(Environment& environment, int32_t pid, bool firmly) {
  environment.children().Hold(pid, firmly);
  return 0;
}

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
  Define<ChildStart>(env, exports, environment, "childStart");
  Define<ChildHold>(env, exports, environment, "childHold");
  Define<ChildWait>(env, exports, environment, "childWait");
  Define<ChildStatusOf>(env, exports, environment, "childStatus");
  Define<DieWithParent>(env, exports, environment, "dieWithParent");
  Define<AnnounceEnd>(env, exports, environment, "announceEnd");
  Define<AwaitWritable>(env, exports, environment, "awaitWritable");
}

}  // namespace procloom
