// The statuses that verbs return across the seam: one list makes the codes, the names and the texts.
#pragma once

#include <cstdint>

namespace procloom {

// X(name, value, text)
#define PROCLOOM_STATUSES(X)                                                           \
  X(OK, 0, "done")                                                                     \
  X(TIMEOUT, -1, "it could not be done within the time given")                         \
  X(CLOSED, -2, "the handle is closed")                                                \
  X(END, -3, "every holder of the other end is gone and nothing is left to receive")   \
  X(BROKEN, -4, "every holder of the other end is gone")                               \
  X(SHUT_DOWN, -5, "the queue was shut down")                                          \
  X(TOO_LONG, -6, "the message is longer than the memory given; it was left in place") \
  X(NOT_LOCKED, -7, "nobody holds the lock")                                           \
  X(OVERFLOW, -8, "the value would pass its maximum")                                  \
  X(DAMAGED, -9, "the segment contradicts itself")                                     \
  X(FOREIGN, -10, "the segment was made by a build with another layout")               \
  X(EXISTS, -11, "the name is taken")                                                  \
  X(MISSING, -12, "there is no such object")                                           \
  X(NO_SPACE, -13, "there is not enough shared memory")                                \
  X(DENIED, -14, "it belongs to another user or is not private")                       \
  X(LINK, -15, "it is a link or no regular file")                                      \
  X(MISMATCH, -16, "the object is of another kind or shape")                           \
  X(SYSTEM, -17, "the system refused")                                                 \
  X(LIMIT, -18, "too many participants")                                               \
  X(BAD_ARGUMENT, -19, "an argument is out of its range")                              \
  X(WRONG_DIRECTION, -20, "this end does not go in that direction")                    \
  X(NOT_BYTES, -21, "the next message is a value, not bytes; it was left in place")    \
  X(BROKEN_BARRIER, -22, "the barrier is broken")                                      \
  X(RESERVED, -23, "this environment has a reservation or a loan of that end itself")

enum class Status : int32_t {
#define X(name, value, text) k##name = value,
  PROCLOOM_STATUSES(X)
#undef X
};

inline constexpr bool Failed(Status status) { return static_cast<int32_t>(status) < 0; }

}  // namespace procloom
