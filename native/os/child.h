// Children of this process, watched without reaping them: whoever started them does that (Node, or binding/children.h).
#pragma once

#include <cstdint>

#include "layout/status.h"

namespace procloom::os {

// OK when the child has ended, TIMEOUT, or MISSING when `pid` is no child of this process (any more).
Status WaitForChild(int pid, int64_t deadline_ns);
// Of a child that ended: its exit code, or minus the signal that killed it.
int ChildStatus(int pid, Status* status);
// The same, and the system forgets it.
int ReapChild(int pid, Status* status);
// Sleeps until the bell is readable, one of the processes has ended, or the deadline has passed; maybe less long.
void AwaitBell(int bell, const int32_t* pids, uint32_t count, int64_t deadline_ns);
// Has the system kill this process when its parent dies; END if the parent is not `parent` any more.
Status DieWithParent(int parent);

}  // namespace procloom::os
