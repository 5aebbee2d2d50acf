#include "test/support/child.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "layout/fingerprint.h"
#include "memory/registry.h"
#include "os/child.h"

namespace procloom::test {

namespace {

// Longer than any test case may take: a child must not outlive a parent that hangs.
constexpr unsigned kLifeSeconds = 200;
bool in_child = false;

}  // namespace

void Unexpected(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: process %d expected: %s\n", file, line, static_cast<int>(getpid()), what);
  std::fflush(stderr);
  if (!in_child) std::abort();  // the framework names the test case
  _exit(99);
}

Child::Child(const std::function<void()>& work) {
  const pid_t parent = getpid();
  std::fflush(nullptr);
  pid_ = fork();
  if (pid_ < 0) FAIL("fork failed: " << errno);
  if (pid_ > 0) return;
  // The framework's handlers would sum up the tests a second time.
  for (const int number : {SIGALRM, SIGINT, SIGILL, SIGFPE, SIGSEGV, SIGTERM, SIGABRT}) signal(number, SIG_DFL);
  in_child = true;
  alarm(kLifeSeconds);
  // Elsewhere that takes a thread, which a forked child had better not have; the alarm ends it there.
  if (!kPosixBody && Failed(os::DieWithParent(parent))) _exit(98);
  Registry::ForgetAfterFork();
  work();
  _exit(0);
}

Child::~Child() {
  if (!reaped_) Kill();
}

int Child::Wait() {
  int status = 0;
  while (!reaped_ && waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) FAIL("waitpid failed: " << errno);
  }
  if (!reaped_) status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  reaped_ = true;
  return status_;
}

void Child::Kill() {
  kill(pid_, SIGKILL);
  Wait();
}

void Child::KillLeavingZombie() {
  kill(pid_, SIGKILL);
  siginfo_t facts{};
  while (waitid(P_PID, static_cast<id_t>(pid_), &facts, WEXITED | WNOWAIT) != 0) {
    if (errno != EINTR) FAIL("waitid failed: " << errno);
  }
}

bool Child::Ended() const {
  siginfo_t facts{};
  return reaped_ ||
         (waitid(P_PID, static_cast<id_t>(pid_), &facts, WEXITED | WNOHANG | WNOWAIT) == 0 && facts.si_pid == pid_);
}

}  // namespace procloom::test
