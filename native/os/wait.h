// Waiting for a word in shared memory to change, and waking who waits.
//
// Two bodies: futexes (linux/), and a named semaphore for each thread that blocks, found through the table of
// parkers (posix/).
//
// Thread safety: any thread, any process. A wait may end early for no reason: every caller loops on its predicate.
// Who wakes has changed the word before, by a read-modify-write or a seq-cst store.
#pragma once

#include <atomic>
#include <cstdint>

#include "layout/registry-layout.h"
#include "os/clock.h"

namespace procloom::os {

// How a wait ended. kChanged: the word held something else when it began, so no wake can have been meant for us.
enum class Waited { kWoken, kChanged, kDeadline };

// Blocks while `word` holds `expected`, until woken or the deadline.
Waited WaitOn(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns);

// A word and what it held when it was looked at.
struct Watched {
  std::atomic<uint32_t>* word;
  uint32_t expected;
};
inline constexpr uint32_t kMostWatched = 128;
// Whether WaitOnAny may be used.
bool CanWaitOnAny();
// Blocks while all words hold what is expected of them.
Waited WaitOnAny(const Watched* words, uint32_t count, int64_t deadline_ns);

inline constexpr int kEverybody = 0x7fffffff;
// Wakes up to `count` threads that wait on the word; returns how many.
int Wake(std::atomic<uint32_t>& word, int count);

// Calls of Wake that went to the kernel, by this process.
uint64_t WakeCalls();

// Tells the posix body where the parkers are, and which is this thread's (-1: none). The linux body needs neither.
void UseParkers(Parker* parkers, std::atomic<uint32_t>* high_water, uint64_t directory_id);
void ForgetParkers(Parker* parkers);
void UseParker(int slot);
// Removes what a slot's dead owner may have left in the system.
void ForgetParker(uint64_t directory_id, uint32_t slot);

}  // namespace procloom::os
