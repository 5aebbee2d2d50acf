#include "os/scheduling.h"

#include <doctest/doctest.h>

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>
#include <thread>

#include "os/linux/scheduling-attributes.h"
#include "test/support/child.h"

namespace procloom::test {

namespace {

os::SchedulingAttributes OfThisThread() {
  os::SchedulingAttributes attributes{};
  REQUIRE(os::GetSchedulingAttributes(&attributes));
  return attributes;
}

// From now on the system ends this process when it asks for slices.
bool ForbidSlices() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_setattr, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter = {sizeof program / sizeof *program, program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

TEST_CASE("scheduling: a thread asks for shorter slices, and nothing else of it changes") {
  std::thread([] {
    const os::SchedulingAttributes before = OfThisThread();
    os::RunSoonAndBriefly();
    const os::SchedulingAttributes after = OfThisThread();
    CHECK(after.policy == before.policy);
    CHECK(after.flags == before.flags);
    CHECK(after.nice == before.nice);
    CHECK(after.priority == before.priority);
    CHECK(after.runtime_ns <= before.runtime_ns);
    // Again it changes nothing.
    os::RunSoonAndBriefly();
    CHECK(OfThisThread().runtime_ns == after.runtime_ns);
  }).join();
}

TEST_CASE("scheduling: a thread of another policy keeps it") {
  Child batch([] {
    const sched_param none{};
    EXPECT(sched_setscheduler(0, SCHED_BATCH, &none) == 0);
    const uint64_t before = OfThisThread().runtime_ns;
    os::RunSoonAndBriefly();
    EXPECT(sched_getscheduler(0) == SCHED_BATCH);
    EXPECT(OfThisThread().runtime_ns == before);
  });
  CHECK(batch.Wait() == 0);
}

TEST_CASE("scheduling: where a filter of system calls may end the process, it does not ask") {
  Child filtered([] {
    if (!ForbidSlices()) return;
    os::RunSoonAndBriefly();
  });
  CHECK(filtered.Wait() == 0);
}

}  // namespace procloom::test
#endif
