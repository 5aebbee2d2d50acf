// The atomic type the algorithms are written over.
//
// Everything that two processes can race for is a template over a policy `P`, so that a test build can count the
// operations and kill itself at each of them; the addon uses StdAtomics.
#pragma once

#include <atomic>
#include <cstdint>

namespace procloom {

struct StdAtomics {
  template <class T>
  using Atomic = std::atomic<T>;

  // The word as the kernel may wait on it.
  static std::atomic<uint32_t>& Raw(std::atomic<uint32_t>& word) { return word; }

  // Stands before each step that others can see and that is no atomic operation (a wake, a copy into the ring).
  static void Step() {}
};

template <class P, class T>
using AtomicOf = typename P::template Atomic<T>;

static_assert(std::atomic<uint32_t>::is_always_lock_free && std::atomic<uint64_t>::is_always_lock_free,
              "words shared between processes must be lock-free");
static_assert(sizeof(std::atomic<uint32_t>) == 4 && sizeof(std::atomic<uint64_t>) == 8,
              "an atomic word is the word itself");

}  // namespace procloom
