#include "os/child.h"

#include <sys/wait.h>

#include <cerrno>

namespace procloom::os {

namespace {

int Look(int pid, int options, Status* status) {
  siginfo_t facts{};
  const bool failed = waitid(P_PID, static_cast<id_t>(pid), &facts, WEXITED | WNOHANG | options) != 0;
  *status = failed && errno == ECHILD ? Status::kMISSING : Status::kTIMEOUT;
  if (failed || facts.si_pid != pid) return 0;
  *status = Status::kOK;
  return facts.si_code == CLD_EXITED ? facts.si_status : -facts.si_status;
}

}  // namespace

int ChildStatus(int pid, Status* status) { return Look(pid, WNOWAIT, status); }

int ReapChild(int pid, Status* status) { return Look(pid, 0, status); }

}  // namespace procloom::os
