// The monotonic clock, and deadlines on it.
#pragma once

#include <time.h>

#include <cstdint>
#include <limits>

namespace procloom::os {

inline constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

inline int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline int64_t WallNs() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// The deadline of a timeout as it crosses the seam: milliseconds, less than zero for ever, zero without waiting.
inline int64_t DeadlineNs(double timeout_ms) {
  if (timeout_ms < 0) return kForever;
  if (timeout_ms == 0) return 0;
  const double ns = timeout_ms * 1e6;
  const int64_t now = NowNs();
  if (ns >= static_cast<double>(kForever - now)) return kForever;
  return now + static_cast<int64_t>(ns);
}

// One turn of a spin loop.
inline void Relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace procloom::os
