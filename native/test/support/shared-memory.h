// Memory that a test shares with its children, beside and independent of what is tested.
#pragma once

#include <sys/mman.h>
#include <time.h>

#include <atomic>
#include <new>

#include "os/clock.h"

namespace procloom::test {

// A T that is zero at first. Make it before the children that use it.
template <class T>
class Shared {
 public:
  Shared() {
    void* const memory =
        mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    value_ = static_cast<T*>(memory);
  }
  ~Shared() { munmap(value_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  T* operator->() const { return value_; }
  T& operator*() const { return *value_; }

 private:
  T* value_;
};

inline void Pause(int64_t ns) {
  const timespec time{ns / 1'000'000'000, ns % 1'000'000'000};
  nanosleep(&time, nullptr);
}

// Waits until `done()`; the watchdog ends what never comes.
template <class Done>
void Await(Done&& done) {
  while (!done()) Pause(200'000);
}

// The same, for at most `ns`; whether it came.
template <class Done>
bool AwaitFor(int64_t ns, Done&& done) {
  const int64_t deadline = os::NowNs() + ns;
  while (!done()) {
    if (os::NowNs() >= deadline) return false;
    Pause(200'000);
  }
  return true;
}

}  // namespace procloom::test
