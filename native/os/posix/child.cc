#include "os/child.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "os/clock.h"

namespace procloom::os {

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

// The system offers nothing of the kind; lib watches the parent instead.
Status DieWithParent(int parent) { return getppid() == parent ? Status::kOK : Status::kEND; }

}  // namespace procloom::os
