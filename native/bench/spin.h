// Waiting for another process without the kernel, for as long as that is polite.
#pragma once

#include <sched.h>

namespace procloom::bench {

inline void Relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

// A processor that is wanted by the one we wait for, is given away now and then.
inline constexpr int kSpinsToYield = 10'000;

template <class Condition>
void SpinUntil(Condition&& holds) {
  for (int spins = 0; !holds(); spins++) {
    if (spins < kSpinsToYield) {
      Relax();
    } else {
      sched_yield();
      spins = 0;
    }
  }
}

}  // namespace procloom::bench
