// What the two processes of a raw wake share, and how one makes sure that the other sleeps.
//
//     waiter                          waker
//     round += 1, waits ────────────▶ sees the round, then the threads asleep in the kernel's books
//        (sleeps)                     a pause, notes the time, wakes
//     notes the time, round += 1 …
//
// The memory is a memfd that the second process inherits. Linux only.
#pragma once

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace procloom::bench {

struct Shared {
  std::atomic<uint32_t> round;   // waits that have begun
  std::atomic<uint32_t> word;    // wakes that were made: the futex
  std::atomic<uint32_t> thread;  // a thread other than the main one that has to sleep too, 0 if none
};

inline int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

inline void WaitFor(Shared& shared, uint32_t seen) {
  while (shared.word.load(std::memory_order_seq_cst) == seen)
    syscall(SYS_futex, &shared.word, FUTEX_WAIT, seen, nullptr, nullptr, 0);
}

inline void WakeOne(Shared& shared) {
  shared.word.fetch_add(1, std::memory_order_seq_cst);
  syscall(SYS_futex, &shared.word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

// A thread's line in the kernel's books.
class State {
 public:
  State(uint32_t process, uint32_t thread) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%u/task/%u/stat", process, thread);
    file_ = open(path, O_RDONLY | O_CLOEXEC);
  }
  ~State() {
    if (file_ >= 0) close(file_);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // Its letter: 'S' asleep, 'R' running; 'Z' when there is no such thread any more.
  char Now() const {
    char text[512];
    const ssize_t length = file_ < 0 ? -1 : pread(file_, text, sizeof text - 1, 0);
    if (length <= 0) return 'Z';
    text[length] = 0;
    const char* const name_end = std::strrchr(text, ')');
    return name_end == nullptr ? 'Z' : name_end[2];
  }

 private:
  int file_;
};

// Returns when wait number `round` has begun and its threads have slept for the pause; false if they are gone.
inline bool AwaitSleep(const Shared& shared, uint32_t round, const State& main, const State* other, int64_t pause_ns) {
  while (shared.round.load(std::memory_order_seq_cst) != round) {
    if (main.Now() == 'Z') return false;
  }
  for (const State* state : {&main, other}) {
    if (state == nullptr) continue;
    for (char now = state->Now(); now != 'S'; now = state->Now()) {
      if (now == 'Z') return false;
    }
  }
  for (const int64_t until = NowNs() + pause_ns; NowNs() < until;) {
  }
  return true;
}

}  // namespace procloom::bench
