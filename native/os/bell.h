// A doorbell that an event loop can sleep on and another process can ring: a FIFO in the private directory.
#pragma once

#include <string>

#include "layout/status.h"

namespace procloom::os {

// Makes the FIFO and opens it for reading, without blocking.
Status MakeBell(int directory, const std::string& directory_path, const std::string& name, int* fd);
// Opens it for ringing; -1 when nobody listens.
int OpenBell(int directory, const std::string& name);
// False when nobody listens any more.
bool RingBell(int fd);
void DrainBell(int fd);

}  // namespace procloom::os
