// What is known of the last failure in this thread, beside its status: for messages that help.
#pragma once

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include "layout/status.h"

namespace procloom::os {

struct Failure {
  int error = 0;       // errno, 0 where none was involved
  std::string path;    // of the file
  uint64_t asked = 0;  // bytes
  uint64_t free = 0;   // bytes
  std::string detail;  // what was found and what was expected

  // Of this thread.
  static Failure& Last() {
    thread_local Failure last;
    return last;
  }
};

// Records a failure and returns its status.
inline Status Fail(Status status, std::string path, std::string detail = "", int error = 0) {
  Failure& last = Failure::Last();
  last.error = error;
  last.path = std::move(path);
  last.asked = last.free = 0;
  last.detail = std::move(detail);
  return status;
}

}  // namespace procloom::os
