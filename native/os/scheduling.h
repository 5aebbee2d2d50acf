// How soon a thread that wakes up gets a processor that others keep busy.
#pragma once

namespace procloom::os {

// From now on the calling thread runs for short times only, and in exchange soon (Linux 6.12 and later; elsewhere
// nothing changes, nor where system calls are filtered). Needs no privilege, and costs others nothing: its share of the
// processor stays what it was.
void RunSoonAndBriefly();

}  // namespace procloom::os
