#include "os/scheduling.h"

#include <sched.h>
#include <sys/prctl.h>

#include "os/linux/scheduling-attributes.h"

namespace procloom::os {

namespace {

// The least that the kernel grants. Who asks for a shorter slice than the one who runs is let in before that one's
// ends.
constexpr uint64_t kSliceNs = 100'000;

}  // namespace

void RunSoonAndBriefly() {
  // A filter of system calls may end a process for one that it does not like: that is too much for a hint.
  if (prctl(PR_GET_SECCOMP) > 0) return;
  SchedulingAttributes attributes{};
  if (!GetSchedulingAttributes(&attributes) || attributes.policy != SCHED_OTHER) return;
  attributes.runtime_ns = kSliceNs;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace procloom::os
