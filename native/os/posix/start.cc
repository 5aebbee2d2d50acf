#include "os/start.h"

#include <cerrno>

#include "os/failure.h"

namespace procloom::os {

// Here nothing but SIGCHLD tells of an end, and that signal is libuv's: Node starts the processes.
Status StartProcess(const ProcessOrder& order, int*, int*) {
  return Fail(Status::kSYSTEM, order.file, "Node starts processes here", ENOSYS);
}

}  // namespace procloom::os
