#include "os/child.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <thread>

#include "os/clock.h"
#include "os/signals.h"

namespace procloom::os {

namespace {
constexpr long kLookForParentNs = 50'000'000;
constexpr int64_t kLookForEndMs = 5;
}  // namespace

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

// Nobody is told of the end of a process: it is looked for.
void AwaitBell(int bell, const int32_t* pids, uint32_t count, int64_t deadline_ns) {
  for (;;) {
    const int64_t rest = std::max<int64_t>(0, (deadline_ns - NowNs() + 999'999) / 1'000'000);
    pollfd entry{bell, POLLIN, 0};
    const int ready =
        poll(&entry, 1, static_cast<int>(std::min<int64_t>(rest, count == 0 ? 1'000'000 : kLookForEndMs)));
    if (ready != 0 || NowNs() >= deadline_ns) return;
    for (uint32_t i = 0; i < count; i++) {
      Status status;
      ChildStatus(pids[i], &status);
      if (status == Status::kOK || (kill(pids[i], 0) != 0 && errno == ESRCH)) return;
    }
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
