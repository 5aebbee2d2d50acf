#include "os/child.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "os/clock.h"
#include "os/signals.h"

namespace procloom::os {

namespace {
constexpr long kLookForParentNs = 50'000'000;
}

Status WaitForChild(int pid, int64_t deadline_ns) {
  for (int64_t pause = 100'000;; pause = std::min<int64_t>(pause * 2, 5'000'000)) {
    Status status;
    ChildStatus(pid, &status);
    if (status != Status::kTIMEOUT) return status;
    if (NowNs() >= deadline_ns) return Status::kTIMEOUT;
    const timespec time{0, static_cast<long>(pause)};
    nanosleep(&time, nullptr);
  }
}

// The system tells nobody that a parent died, but gives the orphan another one: a thread looks for that.
Status DieWithParent(int parent) {
  const SignalsBlocked blocked;
  std::thread([parent] {
    const timespec pause{0, kLookForParentNs};
    while (getppid() == parent) nanosleep(&pause, nullptr);
    kill(getpid(), SIGKILL);
  }).detach();
  return getppid() == parent ? Status::kOK : Status::kEND;
}

}  // namespace procloom::os
