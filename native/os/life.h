// A thread's life as a word in shared memory that the kernel itself changes when the thread is gone (robust lists).
//
//   word = thread id | kLifeWatched, while it is there
//        → kLifeLost (and kLifeWatched), once it can execute nothing more
//        → kLifeSaid, once those who wait have been told
//
// The posix body knows nothing of the kind.
//
// Thread safety: a thread enrols and withdraws itself only; the word may be read by anybody.
#pragma once

#include <cstddef>
#include <cstdint>

#include "layout/registry-layout.h"

namespace procloom::os {

inline constexpr uint32_t kLifeLost = 0x4000'0000;     // FUTEX_OWNER_DIED
inline constexpr uint32_t kLifeWatched = 0x8000'0000;  // FUTEX_WAITERS: the kernel wakes one who sleeps on the word
inline constexpr uint32_t kLifeThread = 0x3fff'ffff;   // the thread's id

inline constexpr uint32_t kLifeSaid = 1;
inline bool IsThere(uint32_t word) { return (word & kLifeWatched) != 0 && (word & kLifeLost) == 0; }
inline bool IsLost(uint32_t word) { return (word & kLifeLost) != 0 || word == kLifeSaid; }

// From now on `life` tells of the calling thread. False where the system cannot.
bool Enrol(Life& life);
// Ends that, without a loss.
void Withdraw(Life& life);

}  // namespace procloom::os
