// The kinds of shared objects: one list, as numbers in headers and as names across the seam.
#pragma once

#include <cstdint>

namespace procloom {

// X(name, value)
#define PROCLOOM_KINDS(X) \
  X(REGISTRY, 1)          \
  X(ARENA, 2)             \
  X(LOCK, 3)              \
  X(RLOCK, 4)             \
  X(SEMAPHORE, 5)         \
  X(BOUNDED_SEMAPHORE, 6) \
  X(VALUE, 7)             \
  X(ARRAY, 8)             \
  X(PIPE, 9)              \
  X(QUEUE, 10)            \
  X(JOINABLE_QUEUE, 11)   \
  X(SIMPLE_QUEUE, 12)     \
  X(EVENT, 13)            \
  X(CONDITION, 14)        \
  X(BARRIER, 15)          \
  X(OWNED_SEMAPHORE, 16)  \
  X(OWNED_BOUNDED_SEMAPHORE, 17)

enum class Kind : uint32_t {
  kNONE = 0,
#define X(name, value) k##name = value,
  PROCLOOM_KINDS(X)
#undef X
};

}  // namespace procloom
