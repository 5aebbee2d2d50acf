// Waiting by futex: shared words, absolute deadlines on the monotonic clock.
#include "os/wait.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace procloom::os {

namespace {
std::atomic<uint64_t> wake_calls{0};

Waited HowEnded(long result) {
  if (result >= 0) return Waited::kWoken;
  if (errno == EAGAIN) return Waited::kChanged;
  return errno == ETIMEDOUT ? Waited::kDeadline : Waited::kWoken;  // by a signal
}

timespec TimeOf(int64_t deadline_ns) {
  return {static_cast<time_t>(deadline_ns / 1'000'000'000), static_cast<long>(deadline_ns % 1'000'000'000)};
}

// As in <linux/futex.h> of 5.16 and later; the headers may be older than the kernel.
struct WaitVector {
  uint64_t value;
  uint64_t address;
  uint32_t flags;
  uint32_t reserved;
};
constexpr uint32_t kSize32 = 2;
#ifdef SYS_futex_waitv
constexpr long kWaitVector = SYS_futex_waitv;
#else
constexpr long kWaitVector = 449;  // on every architecture
#endif

}  // namespace

Waited WaitOn(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns) {
  const timespec deadline = TimeOf(deadline_ns);
  const long result = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, expected,
                              deadline_ns == kForever ? nullptr : &deadline, nullptr, FUTEX_BITSET_MATCH_ANY);
  return HowEnded(result);
}

bool CanWaitOnAny() {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  // The tests fork, and a sanitizer does not bear threads on both sides of that (a lock of the allocator that another
  // thread had is never free again in the child): so there is no sentinel.
  return false;
#else
  // No words is an argument that it refuses; a kernel (or a filter of system calls) without it says so otherwise.
  static const bool can = syscall(kWaitVector, nullptr, 0, 0, nullptr, CLOCK_MONOTONIC) != 0 && errno == EINVAL;
  return can;
#endif
}

Waited WaitOnAny(const Watched* words, uint32_t count, int64_t deadline_ns) {
  WaitVector vector[kMostWatched];
  for (uint32_t i = 0; i < count; i++)
    vector[i] = {words[i].expected, reinterpret_cast<uintptr_t>(words[i].word), kSize32, 0};
  const timespec deadline = TimeOf(deadline_ns);
  const long result =
      syscall(kWaitVector, vector, count, 0, deadline_ns == kForever ? nullptr : &deadline, CLOCK_MONOTONIC);
  return HowEnded(result);
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
