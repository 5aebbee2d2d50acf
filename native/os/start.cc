#include "os/start.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "os/failure.h"
#include "os/file.h"

namespace procloom::os {

namespace {

// Moves a descriptor up, where what is made for a child is not in the way of its own numbers.
int MoveUp(int fd, int least) {
  if (fd < 0 || fd >= least) return fd;
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, least);
  const int error = errno;
  CloseFile(fd);
  errno = error;
  return moved;
}

}  // namespace

Status MakeStream(int least, int ends[2]) {
#ifdef SOCK_CLOEXEC
  const int made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
#else
  const int made = socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  for (int i = 0; made == 0 && i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
#endif
  if (made != 0) return Fail(Status::kSYSTEM, "", "", errno);
  for (int i = 0; i < 2; i++) ends[i] = MoveUp(ends[i], least);
  if (ends[0] >= 0 && ends[1] >= 0) return Status::kOK;
  const int error = errno;
  for (int i = 0; i < 2; i++) {
    if (ends[i] >= 0) CloseFile(ends[i]);
  }
  return Fail(Status::kSYSTEM, "", "", error);
}

Status OpenNothing(int least, int* fd) {
  *fd = MoveUp(open("/dev/null", O_RDWR | O_CLOEXEC), least);
  return *fd >= 0 ? Status::kOK : Fail(Status::kSYSTEM, "/dev/null", "", errno);
}

void LetBlock(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_NONBLOCK) != 0) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

}  // namespace procloom::os
