#include "os/child.h"

#include <sys/wait.h>

#include <cerrno>

namespace procloom::os {

int ChildStatus(int pid, Status* status) {
  siginfo_t facts{};
  // WNOWAIT leaves the child for Node, which will report its exit as usual.
  if (waitid(P_PID, static_cast<id_t>(pid), &facts, WEXITED | WNOHANG | WNOWAIT) != 0 || facts.si_pid != pid) {
    *status = errno == ECHILD ? Status::kMISSING : Status::kTIMEOUT;
    return 0;
  }
  *status = Status::kOK;
  return facts.si_code == CLD_EXITED ? facts.si_status : -facts.si_status;
}

}  // namespace procloom::os
