// A process that goes on with a little after this one has ended.
#pragma once

#include <cstddef>

namespace procloom::os {

// Forks a process that has nothing of this one but `count` descriptors (ascending) and its memory, is nobody's child,
// and runs run(context), then ends. It must only make system calls: the other threads are not there to give their locks
// back. False if the system does not allow it.
bool Bequeath(const int* descriptors, size_t count, void (*run)(void* context), void* context);

}  // namespace procloom::os
