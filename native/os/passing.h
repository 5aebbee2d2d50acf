// Descriptors that pass from process to process: a counter (a socket in the private directory) at which they are asked
// for by a number and handed out, as SCM_RIGHTS.
//
//   asker: connect → ticket:u64 →            → 'y' and the descriptor, or 'n'
//
// Thread safety: every function may be called from any thread. Descriptors are close-on-exec.
#pragma once

#include <cstdint>
#include <string>

#include "layout/status.h"

namespace procloom::os {

// Makes a counter that does not block. It has its name only when it is open: one that nobody stands behind is a dead
// process's.
Status MakeCounter(int directory, const std::string& directory_path, const std::string& name, int* fd);
// Whether somebody stands behind the counter of that name.
bool IsCounterOpen(int directory, const std::string& directory_path, const std::string& name);

// The next one who asks, not blocking either; -1 and errno.
int NextAsker(int counter);
// What it asks for; false if it went away or talks nonsense.
bool ReadTicket(int asker, uint64_t* ticket);
// Gives it a duplicate of the descriptor, or says that there is none (-1).
void HandOut(int asker, int fd);

// Asks at the counter of that name. It blocks, but not for ever: MISSING if nobody is there any more or the ticket is
// not known (any more), TIMEOUT if whoever is there does not answer (it was stopped), SYSTEM.
Status AskFor(int directory, const std::string& directory_path, const std::string& name, uint64_t ticket, int* fd);

// A pipe that does not block.
bool MakePipe(int ends[2]);
// A duplicate for ourselves; SYSTEM.
Status Duplicate(int fd, int* duplicate);

}  // namespace procloom::os
