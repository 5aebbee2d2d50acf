// Processors: how many this process may run on, and letting others have this one.
#pragma once

#include <sched.h>

#include <thread>

namespace procloom::os {

// On one processor nobody can do what a spinning thread waits for.
inline bool SeveralCpus() {
  static const bool several = std::thread::hardware_concurrency() > 1;
  return several;
}

// Lets whoever waits for this processor run.
inline void Yield() { sched_yield(); }

}  // namespace procloom::os
