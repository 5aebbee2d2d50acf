#include "os/child.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <vector>

#include "os/clock.h"
#include "os/file.h"

namespace procloom::os {

Status WaitForChild(int pid, int64_t deadline_ns) {
  Status status;
  ChildStatus(pid, &status);
  if (status != Status::kTIMEOUT) return status;
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return errno == ESRCH ? Status::kMISSING : Status::kSYSTEM;
  for (;;) {
    int64_t rest = -1;
    if (deadline_ns != kForever) rest = std::max<int64_t>(0, (deadline_ns - NowNs() + 999'999) / 1'000'000);
    pollfd entry{fd, POLLIN, 0};
    const int ready = poll(&entry, 1, rest < 0 ? -1 : static_cast<int>(std::min<int64_t>(rest, 1'000'000'000)));
    if (ready != 0 && !(ready < 0 && errno == EINTR)) {
      // A child becomes readable when it is a zombie; between that and waitid nothing is missing.
      ChildStatus(pid, &status);
      break;
    }
    if (deadline_ns != kForever && NowNs() >= deadline_ns) {
      status = Status::kTIMEOUT;
      break;
    }
  }
  CloseFile(fd);
  return status;
}

void AwaitBell(int bell, const int32_t* pids, uint32_t count, int64_t deadline_ns) {
  std::vector<pollfd> entries{{bell, POLLIN, 0}};
  bool gone = false;
  for (uint32_t i = 0; i < count && !gone; i++) {
    const int fd = static_cast<int>(syscall(SYS_pidfd_open, pids[i], 0));
    gone = fd < 0 && errno == ESRCH;
    if (fd >= 0) entries.push_back({fd, POLLIN, 0});
  }
  const int64_t rest = std::max<int64_t>(0, (deadline_ns - NowNs() + 999'999) / 1'000'000);
  if (!gone) poll(entries.data(), entries.size(), static_cast<int>(std::min<int64_t>(rest, 1'000'000)));
  for (size_t i = 1; i < entries.size(); i++) CloseFile(entries[i].fd);
}

Status DieWithParent(int parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return Status::kSYSTEM;
  // It may have died before we asked.
  return getppid() == parent ? Status::kOK : Status::kEND;
}

}  // namespace procloom::os
