#include "os/heir.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace procloom::os {

namespace {

// Where nothing says how many there may be.
constexpr unsigned kMostDescriptors = 1 << 20;

void CloseRange(unsigned first, unsigned last) {
  if (first > last) return;
#if defined(__linux__) && defined(SYS_close_range)
  if (syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
  rlimit most{};
  const bool known = getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_cur < kMostDescriptors;
  const unsigned end = std::min(last, static_cast<unsigned>(known ? most.rlim_cur : kMostDescriptors));
  for (unsigned fd = first; fd <= end; fd++) close(static_cast<int>(fd));
}

void CloseAllBut(const int* descriptors, size_t count) {
  unsigned next = 0;
  for (size_t i = 0; i < count; i++) {
    const auto kept = static_cast<unsigned>(descriptors[i]);
    if (kept > next) CloseRange(next, kept - 1);
    next = kept + 1;
  }
  CloseRange(next, ~0U);
}

// The handlers are the program's, which has ended.
void ForgetSignals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

bool Bequeath(const int* descriptors, size_t count, void (*run)(void* context), void* context) {
  const pid_t between = fork();
  if (between < 0) return false;
  if (between == 0) {
    // Once more, so that it is nobody's child: who started us looks after us only.
    const pid_t heir = fork();
    if (heir != 0) _exit(heir < 0 ? 1 : 0);
    ForgetSignals();
    CloseAllBut(descriptors, count);
    run(context);
    _exit(0);
  }
  int status = 0;
  while (waitpid(between, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace procloom::os
