// Starting processes. fork() would copy the tables of this process's memory first, which are large in a Node process,
// and block it for milliseconds; here a child borrows the memory until its own program begins.
//
// Thread safety: every function may be called from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "layout/status.h"

namespace procloom::os {

struct ProcessOrder {
  std::string file;                    // a path, nothing that is looked up
  std::vector<std::string> arguments;  // with that of the program itself, the first
  std::vector<std::string> variables;  // NAME=value
  std::string folder;                  // its working directory; empty: this process's
  // What becomes its descriptor 0, 1, …; all others that are close-on-exec it has not.
  std::vector<int> descriptors;
};

// Starts a process whose signals are as if nobody had ever handled or blocked one. SYSTEM with the reason's number in
// Failure::Last(); nothing is left then.
//
// `ended` becomes a descriptor that is readable from its end on.
Status StartProcess(const ProcessOrder& order, int* pid, int* ended);

// Two ends of a stream that go both ways, close-on-exec, neither of them a descriptor below `least`.
Status MakeStream(int least, int ends[2]);
// A descriptor of nothing: empty for readers, and writers write into the void; close-on-exec and not below `least`.
Status OpenNothing(int least, int* fd);
// Has who writes there wait for room, as every program expects of its standard output: it is the same for all who share
// the opening.
void LetBlock(int fd);

}  // namespace procloom::os
