// An open private directory, for tests of what lies below the registry.
#pragma once

#include <string>

#include "os/file.h"
#include "test/support/child.h"

namespace procloom::test {

struct OpenDirectory {
  int fd = -1;
  std::string path;
  OpenDirectory() { EXPECT(!Failed(os::OpenPrivateDirectory(&fd, &path))); }
  ~OpenDirectory() {
    for (const std::string& name : os::ListDirectory(fd)) os::RemoveFile(fd, name);
    os::CloseFile(fd);
    os::RemoveDirectory(path);
  }
};

}  // namespace procloom::test
