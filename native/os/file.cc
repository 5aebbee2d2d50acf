#include "os/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "os/body.h"
#include "os/failure.h"

namespace procloom::os {

namespace {

constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPrivateFile = 0600;

std::string Error(int error) { return std::strerror(error); }

Status OfErrno(int error) {
  switch (error) {
    case ENOENT:
      return Status::kMISSING;
    case EEXIST:
      return Status::kEXISTS;
    case EACCES:
    case EPERM:
      return Status::kDENIED;
    case ELOOP:
    case ENOTDIR:
      return Status::kLINK;
    case ENOSPC:
    case ENOMEM:
    case EDQUOT:
      return Status::kNO_SPACE;
    default:
      return Status::kSYSTEM;
  }
}

Status NoSpace(int fd, const std::string& path, uint64_t asked, int error) {
  Fail(Status::kNO_SPACE, path, Error(error), error);
  Failure::Last().asked = asked;
  Failure::Last().free = FreeBytes(fd);
  return Status::kNO_SPACE;
}

Status FailErrno(const std::string& path, const char* what) {
  const int error = errno;
  return Fail(OfErrno(error), path, std::string(what) + ": " + Error(error), error);
}

}  // namespace

std::string PrivateDirectoryPath() {
  const char* given = std::getenv("PROCLOOM_DIR");
  if (given != nullptr && given[0] != '\0') return given;
  return DefaultSharedFolder() + "/procloom-" + std::to_string(geteuid());
}

Status OpenPrivateDirectory(int* fd, std::string* path) {
  *path = PrivateDirectoryPath();
  if (mkdir(path->c_str(), kPrivateFolder) != 0 && errno != EEXIST) return FailErrno(*path, "mkdir");
  *fd = open(path->c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (*fd < 0) return FailErrno(*path, "open");
  struct stat facts;
  if (fstat(*fd, &facts) != 0) {
    const Status status = FailErrno(*path, "fstat");
    CloseFile(*fd);
    return status;
  }
  if (facts.st_uid != geteuid() || (facts.st_mode & 077) != 0) {
    CloseFile(*fd);
    char found[96];
    std::snprintf(found, sizeof found, "it belongs to user %u with mode %o, expected user %u with mode 700",
                  facts.st_uid, facts.st_mode & 0777, geteuid());
    return Fail(Status::kDENIED, *path, found);
  }
  return Status::kOK;
}

Status MakeUnnamed(int directory, const std::string& directory_path, uint64_t size, int* fd) {
  *fd = OpenUnnamed(directory, kPrivateFile);
  if (*fd < 0) return FailErrno(directory_path, "open");
  if (const Status status = Reserve(*fd, directory_path, 0, size); Failed(status)) {
    DropUnnamed(*fd, directory);
    CloseFile(*fd);
    return status;
  }
  return Status::kOK;
}

void DropUnnamedFile(int fd, int directory) { DropUnnamed(fd, directory); }

Status GiveName(int fd, int directory, const std::string& directory_path, const std::string& name) {
  if (LinkUnnamed(fd, directory, name.c_str()) == 0) return Status::kOK;
  return FailErrno(directory_path + "/" + name, "link");
}

Status OpenFile(int directory, const std::string& directory_path, const std::string& name, int* fd, uint64_t* size) {
  const std::string path = directory_path + "/" + name;
  // O_NONBLOCK: a FIFO planted in our place must not hang us; it means nothing to a regular file.
  *fd = openat(directory, name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (*fd < 0)
    return errno == ENXIO || errno == EISDIR ? Fail(Status::kLINK, path, "it is no regular file")
                                             : FailErrno(path, "open");
  struct stat facts;
  Status status = Status::kOK;
  if (fstat(*fd, &facts) != 0) {
    status = FailErrno(path, "fstat");
  } else if (!S_ISREG(facts.st_mode)) {
    status = Fail(Status::kLINK, path, "it is no regular file");
  } else if (facts.st_uid != geteuid() || (facts.st_mode & 077) != 0) {
    status =
        Fail(Status::kDENIED, path, "it belongs to user " + std::to_string(facts.st_uid) + " or is open to others");
  }
  if (Failed(status)) {
    CloseFile(*fd);
    return status;
  }
  *size = static_cast<uint64_t>(facts.st_size);
  return Status::kOK;
}

Status Reserve(int fd, const std::string& path, uint64_t offset, uint64_t size) {
  const int error = ReserveBytes(fd, offset, size);
  if (error == 0) return Status::kOK;
  if (OfErrno(error) == Status::kNO_SPACE || error == EFBIG) return NoSpace(fd, path, size, error);
  return Fail(OfErrno(error), path, "reserve: " + Error(error), error);
}

uint64_t FreeBytes(int fd) {
  struct statvfs facts;
  if (fstatvfs(fd, &facts) != 0) return 0;
  return uint64_t{facts.f_bavail} * facts.f_frsize;
}

uint64_t FileBytes(int fd) {
  struct stat facts;
  return fstat(fd, &facts) == 0 ? static_cast<uint64_t>(facts.st_size) : 0;
}

bool HasName(int fd) {
  struct stat facts;
  return fstat(fd, &facts) == 0 && facts.st_nlink > 0;
}

bool SameFile(int fd, int directory, const std::string& name) {
  struct stat open_facts, name_facts;
  return fstat(fd, &open_facts) == 0 && fstatat(directory, name.c_str(), &name_facts, AT_SYMLINK_NOFOLLOW) == 0 &&
         open_facts.st_dev == name_facts.st_dev && open_facts.st_ino == name_facts.st_ino;
}

Status Map(int fd, const std::string& path, uint64_t offset, uint64_t size, void** memory) {
  *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (*memory == MAP_FAILED) {
    const int error = errno;
    *memory = nullptr;
    return error == ENOMEM ? NoSpace(fd, path, size, error)
                           : Fail(OfErrno(error), path, "mmap: " + Error(error), error);
  }
  Mapped(*memory, size, fd, offset);
  return Status::kOK;
}

Status MapTwice(int fd, const std::string& path, uint64_t offset, uint64_t size, void** memory) {
  // A reservation of twice the size keeps the second half free for us.
  char* const place = static_cast<char*>(mmap(nullptr, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (place == MAP_FAILED) return NoSpace(fd, path, 2 * size, errno);
  for (char* half : {place, place + size}) {
    if (mmap(half, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | PrefaultFlag(size), fd,
             static_cast<off_t>(offset)) == MAP_FAILED) {
      const int error = errno;
      munmap(place, 2 * size);
      return error == ENOMEM ? NoSpace(fd, path, size, error)
                             : Fail(OfErrno(error), path, "mmap: " + Error(error), error);
    }
  }
  *memory = place;
  return Status::kOK;
}

void Unmap(void* memory, uint64_t size) {
  if (memory == nullptr) return;
  Unmapped(memory);
  munmap(memory, size);
}

uint64_t PageSize() {
  static const uint64_t size = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return size;
}

namespace {

struct flock ByteOf(int64_t byte, LockMode mode) {
  struct flock lock {};
  lock.l_type = mode == LockMode::kNone ? F_UNLCK : mode == LockMode::kShared ? F_RDLCK : F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

}  // namespace

Status TryLockByte(int fd, int64_t byte, LockMode mode) {
  struct flock lock = ByteOf(byte, mode);
  return fcntl(fd, F_OFD_SETLK, &lock) == 0 ? Status::kOK : Status::kTIMEOUT;
}

Status LockByte(int fd, int64_t byte, LockMode mode) {
  struct flock lock = ByteOf(byte, mode);
  int result;
  do {
    result = fcntl(fd, F_OFD_SETLKW, &lock);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? Status::kOK : Fail(Status::kSYSTEM, "", "fcntl: " + Error(errno), errno);
}

bool ByteLocked(int fd, int64_t byte) {
  struct flock lock = ByteOf(byte, LockMode::kExclusive);
  // An answer that cannot be had counts as "it lives": never take from the living.
  return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

void AwaitWritable(int fd, int timeout_ms) {
  pollfd entry{fd, POLLOUT, 0};
  poll(&entry, 1, timeout_ms);
}

std::vector<std::string> ListDirectory(int directory) {
  std::vector<std::string> names;
  const int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return names;
  DIR* const stream = fdopendir(fd);
  if (stream == nullptr) {
    CloseFile(fd);
    return names;
  }
  while (const dirent* entry = readdir(stream)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  closedir(stream);
  return names;
}

void RemoveFile(int directory, const std::string& name) { unlinkat(directory, name.c_str(), 0); }

void RemoveDirectory(const std::string& path) { rmdir(path.c_str()); }

void CloseFile(int fd) {
  if (fd >= 0) close(fd);
}

std::string RandomName() {
  uint64_t value = 0;
  FillRandom(&value, sizeof value);
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace procloom::os
