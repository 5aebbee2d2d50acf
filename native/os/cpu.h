// How many processors this process may run on.
#pragma once

#include <unistd.h>

#include <thread>

namespace procloom::os {

// On one processor nobody can do what a spinning thread waits for.
inline bool SeveralCpus() {
  static const bool several = std::thread::hardware_concurrency() > 1;
  return several;
}

}  // namespace procloom::os
