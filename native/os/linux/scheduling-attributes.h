// What the kernel knows of how a thread is scheduled. The C library has no struct sched_attr, and the kernel's header
// collides with its.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace procloom::os {

// struct sched_attr in its first version.
struct SchedulingAttributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime_ns;
  uint64_t deadline_ns;
  uint64_t period_ns;
};
static_assert(sizeof(SchedulingAttributes) == 48);

// Of the calling thread; false when the kernel does not tell.
inline bool GetSchedulingAttributes(SchedulingAttributes* attributes) {
  return syscall(SYS_sched_getattr, 0, attributes, sizeof *attributes, 0) == 0;
}

}  // namespace procloom::os
