#include "os/child.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "os/clock.h"
#include "test/support/child.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

TEST_CASE("child: waiting tells its end and leaves it for who reaps") {
  Child leaves([] { _exit(7); });
  CHECK(os::WaitForChild(leaves.pid(), os::kForever) == Status::kOK);
  Status status;
  CHECK(os::ChildStatus(leaves.pid(), &status) == 7);
  CHECK(status == Status::kOK);
  CHECK(leaves.Wait() == 7);
  CHECK(os::WaitForChild(leaves.pid(), os::kForever) == Status::kMISSING);
}

TEST_CASE("child: waiting has a deadline, and knows signals") {
  Child stays([] {
    for (;;) pause();
  });
  const int64_t deadline = os::NowNs() + 20'000'000;
  CHECK(os::WaitForChild(stays.pid(), deadline) == Status::kTIMEOUT);
  CHECK(os::NowNs() >= deadline);
  CHECK(os::WaitForChild(stays.pid(), 0) == Status::kTIMEOUT);
  stays.KillLeavingZombie();
  CHECK(os::WaitForChild(stays.pid(), os::kForever) == Status::kOK);
  Status status;
  CHECK(os::ChildStatus(stays.pid(), &status) == -9);
}

TEST_CASE("child: another's child is none") { CHECK(os::WaitForChild(getpid(), 0) == Status::kMISSING); }

}  // namespace procloom::test
