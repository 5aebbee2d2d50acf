// Waiting by futex: shared words, absolute deadlines on the monotonic clock.
#include "os/wait.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace procloom::os {

namespace {
std::atomic<uint64_t> wake_calls{0};
}

bool WaitOn(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns) {
  timespec deadline{};
  if (deadline_ns != kForever) {
    deadline.tv_sec = deadline_ns / 1'000'000'000;
    deadline.tv_nsec = deadline_ns % 1'000'000'000;
  }
  const long result = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, expected,
                              deadline_ns == kForever ? nullptr : &deadline, nullptr, FUTEX_BITSET_MATCH_ANY);
  return !(result != 0 && errno == ETIMEDOUT);
}

int Wake(std::atomic<uint32_t>& word, int count) {
  wake_calls.fetch_add(1, std::memory_order_relaxed);
  const long woken = syscall(SYS_futex, &word, FUTEX_WAKE, count, nullptr, nullptr, 0);
  return woken < 0 ? 0 : static_cast<int>(woken);
}

uint64_t WakeCalls() { return wake_calls.load(std::memory_order_relaxed); }

void UseParkers(Parker*, std::atomic<uint32_t>*, uint64_t) {}
void ForgetParkers(Parker*) {}
void UseParker(int) {}
void ForgetParker(uint64_t, uint32_t) {}

}  // namespace procloom::os
