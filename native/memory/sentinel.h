// Who tells a process that others have died: a thread that sleeps on the lives of all of them.
//
//   a thread dies ── kernel ──▶ its life is lost, one sentinel wakes ──▶ deaths += 1, wakes all who sleep on that:
//                               blocked threads look again; every sentinel rings the loops of its process
//
// A life is lost as soon as its thread can do nothing more, the byte lock of its process a little later, when the
// kernel has cleared it away: the sentinel that marked the life as told of stays awake until then and announces that,
// too.
//
// It is a hint only. Who waits looks by itself after each slice, so nothing depends on a sentinel being there, quick,
// or alive.
#pragma once

#include <pthread.h>

#include <atomic>
#include <map>

#include "layout/registry-layout.h"

namespace procloom {

class Registry;

class Sentinel {
 public:
  explicit Sentinel(Registry& registry) : registry_(registry) {}
  // Stops its thread.
  ~Sentinel();
  // False where the system cannot do it.
  bool Start();

  Sentinel(const Sentinel&) = delete;
  Sentinel& operator=(const Sentinel&) = delete;

 private:
  void Run();
  // Announces lives that were lost since the last look, and processes that have gone since; until when to sleep.
  int64_t Look();
  void Sleep(uint32_t arrivals, uint32_t deaths, int64_t deadline_ns);

  Registry& registry_;
  std::atomic<uint32_t> stop_{0};
  bool running_ = false;
  pthread_t thread_{};
  std::map<Token, int64_t> leaving_;  // processes that the kernel is clearing away, and since when
};

}  // namespace procloom
