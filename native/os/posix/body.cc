// Only what POSIX has: no O_TMPFILE, no holes, no prefaulting.
#include "os/body.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "os/file.h"
#include "os/posix/mapped-words.h"

namespace procloom::os {

namespace {

std::mutex hidden_mutex;
std::map<int, std::string>& Hidden() {
  static auto* const names = new std::map<int, std::string>;  // never destroyed: used until the very end
  return *names;
}

std::string TakeHidden(int fd) {
  std::lock_guard guard(hidden_mutex);
  const auto found = Hidden().find(fd);
  if (found == Hidden().end()) return "";
  std::string name = found->second;
  Hidden().erase(found);
  return name;
}

}  // namespace

std::string DefaultSharedFolder() {
#if defined(__linux__)
  return "/dev/shm";
#else
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && folder[0] != '\0' ? folder : "/tmp";
#endif
}

int OpenUnnamed(int directory, mode_t mode) {
  const std::string name = ".new-" + RandomName();
  const int fd = openat(directory, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return fd;
  std::lock_guard guard(hidden_mutex);
  Hidden()[fd] = name;
  return fd;
}

int LinkUnnamed(int fd, int directory, const char* name) {
  const std::string hidden = TakeHidden(fd);
  const int result = linkat(directory, hidden.c_str(), directory, name, 0);
  const int error = errno;
  unlinkat(directory, hidden.c_str(), 0);
  errno = error;
  return result;
}

void DropUnnamed(int fd, int directory) { unlinkat(directory, TakeHidden(fd).c_str(), 0); }

int ReserveBytes(int fd, uint64_t offset, uint64_t size) {
#if defined(__APPLE__)
  fstore_t store{F_ALLOCATEALL, F_PEOFPOSMODE, 0, static_cast<off_t>(size), 0};
  if (fcntl(fd, F_PREALLOCATE, &store) != 0) return errno;
  struct stat facts;
  if (fstat(fd, &facts) != 0) return errno;
  const off_t end = static_cast<off_t>(offset + size);
  return facts.st_size >= end || ftruncate(fd, end) == 0 ? 0 : errno;
#else
  int error;
  do {
    error = posix_fallocate(fd, static_cast<off_t>(offset), static_cast<off_t>(size));
  } while (error == EINTR);
  return error;
#endif
}

void GiveBack(int, uint64_t, uint64_t) {}

int PrefaultFlag(uint64_t) { return 0; }

void Mapped(void* memory, uint64_t size, int fd, uint64_t offset) {
  struct stat facts {};
  fstat(fd, &facts);
  RememberWords(memory, size, (static_cast<uint64_t>(facts.st_dev) << 32) ^ static_cast<uint64_t>(facts.st_ino),
                offset);
}

void Unmapped(void* memory) { ForgetWords(memory); }

void FillRandom(void* memory, size_t size) {
  const int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (fd < 0 || read(fd, memory, size) != static_cast<ssize_t>(size)) std::abort();
  CloseFile(fd);
}

}  // namespace procloom::os
