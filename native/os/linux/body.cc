#include "os/body.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "os/file.h"

namespace procloom::os {

std::string DefaultSharedFolder() { return "/dev/shm"; }

int OpenUnnamed(int directory, mode_t mode) { return openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode); }

int LinkUnnamed(int fd, int directory, const char* name) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return linkat(AT_FDCWD, path, directory, name, AT_SYMLINK_FOLLOW);
}

void DropUnnamed(int, int) {}

int ReserveBytes(int fd, uint64_t offset, uint64_t size) {
  int error;
  do {
    error = posix_fallocate(fd, static_cast<off_t>(offset), static_cast<off_t>(size));
  } while (error == EINTR);
  return error;
}

void GiveBack(int fd, uint64_t offset, uint64_t size) {
  fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset), static_cast<off_t>(size));
}

// Faults of a small ring would come one by one in the first round through it; those of a large one may never come.
int PrefaultFlag(uint64_t size) { return size <= (uint64_t{16} << 20) ? MAP_POPULATE : 0; }

void Mapped(void*, uint64_t, int, uint64_t) {}
void Unmapped(void*) {}

void FillRandom(void* memory, size_t size) {
  if (getrandom(memory, size, 0) != static_cast<ssize_t>(size)) std::abort();
}

}  // namespace procloom::os
