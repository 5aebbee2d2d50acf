#include "os/bell.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "os/failure.h"
#include "os/file.h"

namespace procloom::os {

Status MakeBell(int directory, const std::string& directory_path, const std::string& name, int* fd) {
  const std::string path = directory_path + "/" + name;
  RemoveFile(directory, name);
  if (mkfifo(path.c_str(), 0600) != 0) {
    return Fail(Status::kSYSTEM, path, std::string("mkfifo: ") + std::strerror(errno), errno);
  }
  // Opened for writing too, so that it never reports its end when a ringer closes.
  *fd = openat(directory, name.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (*fd < 0) return Fail(Status::kSYSTEM, path, std::string("open: ") + std::strerror(errno), errno);
  return Status::kOK;
}

int OpenBell(int directory, const std::string& name) {
  const int fd = openat(directory, name.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  struct stat facts;
  if (fd >= 0 && (fstat(fd, &facts) != 0 || !S_ISFIFO(facts.st_mode))) {
    CloseFile(fd);
    return -1;
  }
  return fd;
}

bool RingBell(int fd) {
  const char ring = 1;
  for (;;) {
    if (write(fd, &ring, 1) == 1) return true;
    if (errno == EAGAIN) return true;  // full of rings: it is awake, or will be at once
    if (errno != EINTR) return false;
  }
}

void DrainBell(int fd) {
  char rings[256];
  while (read(fd, rings, sizeof rings) == static_cast<ssize_t>(sizeof rings)) {
  }
}

}  // namespace procloom::os
