#include "os/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "layout/segment-layout.h"
#include "os/failure.h"
#include "test/support/directory.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

int ModeOf(const std::string& path) {
  struct stat facts;
  return lstat(path.c_str(), &facts) == 0 ? static_cast<int>(facts.st_mode & 07777) : -1;
}

Status OpenDirectoryOnly() {
  int fd = -1;
  std::string path;
  const Status status = os::OpenPrivateDirectory(&fd, &path);
  if (!Failed(status)) os::CloseFile(fd);
  return status;
}

}  // namespace

// -------------------------------------------------------------------------------------- the private directory

TEST_CASE("private directory: it is made for its owner only") {
  PrivateDirectory directory;
  const mode_t before = umask(0);
  CHECK(OpenDirectoryOnly() == Status::kOK);
  umask(before);
  CHECK(ModeOf(directory.path()) == 0700);
  CHECK(OpenDirectoryOnly() == Status::kOK);  // it may exist
  CHECK(rmdir(directory.path().c_str()) == 0);
}

TEST_CASE("private directory: one that others may enter is refused and left as it is") {
  PrivateDirectory directory;
  for (const mode_t mode : {0701, 0710, 0750, 0755, 0777}) {
    REQUIRE(mkdir(directory.path().c_str(), 0700) == 0);
    REQUIRE(chmod(directory.path().c_str(), mode) == 0);
    CHECK(OpenDirectoryOnly() == Status::kDENIED);
    CHECK(os::Failure::Last().path == directory.path());
    CHECK(os::Failure::Last().detail.find("expected user") != std::string::npos);
    CHECK(ModeOf(directory.path()) == static_cast<int>(mode));
    REQUIRE(rmdir(directory.path().c_str()) == 0);
  }
}

TEST_CASE("private directory: a link in its place is not followed") {
  PrivateDirectory directory;
  const std::string target = directory.above() + "/target";
  REQUIRE(mkdir(target.c_str(), 0700) == 0);
  REQUIRE(symlink(target.c_str(), directory.path().c_str()) == 0);
  CHECK(OpenDirectoryOnly() == Status::kLINK);
  unlink(directory.path().c_str());
  CHECK(rmdir(target.c_str()) == 0);  // nothing was made in it
}

TEST_CASE("private directory: a file in its place is refused") {
  PrivateDirectory directory;
  const int fd = open(directory.path().c_str(), O_CREAT | O_WRONLY, 0600);
  REQUIRE(fd >= 0);
  close(fd);
  CHECK(OpenDirectoryOnly() == Status::kLINK);
  unlink(directory.path().c_str());
}

TEST_CASE("private directory: another user's is refused" * doctest::skip(geteuid() != 0)) {
  PrivateDirectory directory;
  REQUIRE(mkdir(directory.path().c_str(), 0700) == 0);
  REQUIRE(chown(directory.path().c_str(), 65534, 65534) == 0);
  CHECK(OpenDirectoryOnly() == Status::kDENIED);
  CHECK(os::Failure::Last().detail.find("65534") != std::string::npos);
  rmdir(directory.path().c_str());
}

TEST_CASE("private directory: a folder above it that is missing is said") {
  PrivateDirectory directory;
  setenv("PROCLOOM_DIR", (directory.above() + "/no/such").c_str(), 1);
  CHECK(OpenDirectoryOnly() == Status::kMISSING);
  CHECK(os::Failure::Last().path == directory.above() + "/no/such");
}

// ---------------------------------------------------------------------------------------------------- files

TEST_CASE("file: it has no name before it is given one, and a taken name is not overwritten") {
  PrivateDirectory directory;
  OpenDirectory room;
  int first = -1, second = -1, opened = -1;
  uint64_t size = 0;
  REQUIRE(os::MakeUnnamed(room.fd, room.path, 8192, &first) == Status::kOK);
  CHECK(os::OpenFile(room.fd, room.path, "n.x", &opened, &size) == Status::kMISSING);
  CHECK(os::GiveName(first, room.fd, room.path, "n.x") == Status::kOK);
  CHECK(os::HasName(first));
  CHECK(os::SameFile(first, room.fd, "n.x"));
  REQUIRE(pwrite(first, "first", 5, 0) == 5);

  REQUIRE(os::MakeUnnamed(room.fd, room.path, 4096, &second) == Status::kOK);
  CHECK(os::GiveName(second, room.fd, room.path, "n.x") == Status::kEXISTS);
  CHECK(os::Failure::Last().path == room.path + "/n.x");
  os::CloseFile(second);
  CHECK(os::ListDirectory(room.fd) == std::vector<std::string>{"n.x"});

  REQUIRE(os::OpenFile(room.fd, room.path, "n.x", &opened, &size) == Status::kOK);
  CHECK(size == 8192);
  char bytes[6] = {};
  CHECK(pread(opened, bytes, 5, 0) == 5);
  CHECK(std::string(bytes) == "first");
  os::RemoveFile(room.fd, "n.x");
  CHECK_FALSE(os::HasName(first));
  CHECK_FALSE(os::SameFile(first, room.fd, "n.x"));
  os::CloseFile(opened);
  os::CloseFile(first);
}

TEST_CASE("file: one that never got a name leaves nothing") {
  PrivateDirectory directory;
  OpenDirectory room;
  int fd = -1;
  REQUIRE(os::MakeUnnamed(room.fd, room.path, 4096, &fd) == Status::kOK);
  os::DropUnnamedFile(fd, room.fd);
  os::CloseFile(fd);
  CHECK(os::ListDirectory(room.fd).empty());
}

TEST_CASE("file: a directory that was removed meanwhile is MISSING") {
  PrivateDirectory directory;
  OpenDirectory room;
  REQUIRE(rmdir(room.path.c_str()) == 0);
  int fd = -1;
  Status status = os::MakeUnnamed(room.fd, room.path, 4096, &fd);
  if (status == Status::kOK) {  // not every system notices before there is a name to give
    status = os::GiveName(fd, room.fd, room.path, "n.x");
    os::CloseFile(fd);
  }
  CHECK(status == Status::kMISSING);
}

TEST_CASE("file: what was planted in its place is neither followed nor waited for") {
  PrivateDirectory directory;
  OpenDirectory room;
  const std::string path = room.path + "/s.planted";
  const std::string outside = directory.above() + "/outside";
  int fd = -1;
  uint64_t size = 0;
  const auto status = [&] { return os::OpenFile(room.fd, room.path, "s.planted", &fd, &size); };

  SUBCASE("a link") {
    close(open(outside.c_str(), O_CREAT | O_WRONLY, 0600));
    REQUIRE(symlink(outside.c_str(), path.c_str()) == 0);
    CHECK(status() == Status::kLINK);
  }
  SUBCASE("a link that leads nowhere") {
    REQUIRE(symlink("/no/such/file", path.c_str()) == 0);
    CHECK(status() == Status::kLINK);
  }
  SUBCASE("a FIFO") {
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    CHECK(status() == Status::kLINK);
  }
  SUBCASE("a directory") {
    REQUIRE(mkdir(path.c_str(), 0700) == 0);
    CHECK(status() == Status::kLINK);
    rmdir(path.c_str());
  }
  SUBCASE("a socket") {
    const int server = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    std::strcpy(address.sun_path, path.c_str());
    REQUIRE(bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    CHECK(status() == Status::kLINK);
    close(server);
  }
  SUBCASE("a file that others may read") {
    close(open(path.c_str(), O_CREAT | O_WRONLY, 0600));
    REQUIRE(chmod(path.c_str(), 0644) == 0);
    CHECK(status() == Status::kDENIED);
  }
  CHECK(os::Failure::Last().path == path);
  unlink(outside.c_str());
}

TEST_CASE("file: another user's is refused" * doctest::skip(geteuid() != 0)) {
  PrivateDirectory directory;
  OpenDirectory room;
  const std::string path = room.path + "/s.theirs";
  close(open(path.c_str(), O_CREAT | O_WRONLY, 0600));
  REQUIRE(chown(path.c_str(), 65534, 65534) == 0);
  int fd = -1;
  uint64_t size = 0;
  CHECK(os::OpenFile(room.fd, room.path, "s.theirs", &fd, &size) == Status::kDENIED);
}

TEST_CASE("file: names that nobody else makes up") {
  const std::string first = os::RandomName(), second = os::RandomName();
  CHECK(first.size() == 16);
  CHECK(first.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(first != second);
}

// --------------------------------------------------------------------------------------------------- memory

TEST_CASE("file: memory that is mapped twice in a row wraps around by itself") {
  PrivateDirectory directory;
  OpenDirectory room;
  int fd = -1;
  const uint64_t size = 2 * os::PageSize(), offset = os::PageSize();
  REQUIRE(os::MakeUnnamed(room.fd, room.path, offset + size, &fd) == Status::kOK);
  void *twice = nullptr, *once = nullptr;
  REQUIRE(os::MapTwice(fd, room.path, offset, size, &twice) == Status::kOK);
  REQUIRE(os::Map(fd, room.path, 0, offset + size, &once) == Status::kOK);
  auto* const bytes = static_cast<char*>(twice);
  std::memcpy(bytes + size - 3, "abcdef", 6);
  CHECK(std::memcmp(bytes, "def", 3) == 0);
  CHECK(std::memcmp(bytes + 2 * size - 3, "abc", 3) == 0);
  CHECK(std::memcmp(static_cast<char*>(once) + offset, "def", 3) == 0);
  os::Unmap(twice, 2 * size);
  os::Unmap(once, offset + size);
  os::DropUnnamedFile(fd, room.fd);
  os::CloseFile(fd);
}

TEST_CASE("file: reserving makes bytes that are there, giving back those that need not be") {
  PrivateDirectory directory;
  OpenDirectory room;
  int fd = -1;
  constexpr uint64_t kMiB = 1 << 20;
  REQUIRE(os::MakeUnnamed(room.fd, room.path, 4096, &fd) == Status::kOK);
  const auto blocks = [&] {
    struct stat facts {};
    fstat(fd, &facts);
    return static_cast<uint64_t>(facts.st_blocks) * 512;
  };
  const uint64_t far = uint64_t{1} << 41;
  REQUIRE(os::Reserve(fd, "x", far, kMiB) == Status::kOK);
  CHECK(blocks() >= kMiB);
  CHECK(blocks() < 2 * kMiB);
  os::GiveBack(fd, far, kMiB);
#ifndef PROCLOOM_BODY_POSIX
  CHECK(blocks() <= 4096);
#endif
  CHECK(os::FreeBytes(fd) > 0);
  os::DropUnnamedFile(fd, room.fd);
  os::CloseFile(fd);
}

// ---------------------------------------------------------------------------------------------------- locks

TEST_CASE("byte locks: they stand between openings, also of one process") {
  PrivateDirectory directory;
  OpenDirectory room;
  int first = -1, second = -1;
  uint64_t size = 0;
  REQUIRE(os::MakeUnnamed(room.fd, room.path, 4096, &first) == Status::kOK);
  REQUIRE(os::GiveName(first, room.fd, room.path, "f") == Status::kOK);
  REQUIRE(os::OpenFile(room.fd, room.path, "f", &second, &size) == Status::kOK);
  const int64_t byte = kSlotLockBase + 5;
  using os::LockMode;

  CHECK_FALSE(os::ByteLocked(second, byte));
  CHECK(os::TryLockByte(first, byte, LockMode::kExclusive) == Status::kOK);
  CHECK(os::TryLockByte(second, byte, LockMode::kExclusive) == Status::kTIMEOUT);
  CHECK(os::TryLockByte(second, byte, LockMode::kShared) == Status::kTIMEOUT);
  CHECK(os::ByteLocked(second, byte));
  CHECK_FALSE(os::ByteLocked(first, byte));  // one's own is none
  CHECK_FALSE(os::ByteLocked(second, byte + 1));

  CHECK(os::TryLockByte(first, byte, LockMode::kNone) == Status::kOK);
  CHECK_FALSE(os::ByteLocked(second, byte));
  CHECK(os::TryLockByte(first, byte, LockMode::kShared) == Status::kOK);
  CHECK(os::TryLockByte(second, byte, LockMode::kShared) == Status::kOK);
  CHECK(os::TryLockByte(first, byte, LockMode::kExclusive) == Status::kTIMEOUT);
  os::CloseFile(second);
  CHECK(os::TryLockByte(first, byte, LockMode::kExclusive) == Status::kOK);
  os::CloseFile(first);
}

TEST_CASE("byte locks: SIGKILL drops them, before anybody has reaped the corpse") {
  PrivateDirectory directory;
  OpenDirectory room;
  int fd = -1;
  Shared<std::atomic<int>> locked;
  REQUIRE(os::MakeUnnamed(room.fd, room.path, 4096, &fd) == Status::kOK);
  REQUIRE(os::GiveName(fd, room.fd, room.path, "f") == Status::kOK);
  Child holder([&] {
    int own = -1;
    uint64_t size = 0;
    EXPECT(os::OpenFile(room.fd, room.path, "f", &own, &size) == Status::kOK);
    EXPECT(os::LockByte(own, 9, os::LockMode::kExclusive) == Status::kOK);
    *locked = 1;
    for (;;) pause();
  });
  Await([&] { return *locked == 1; });
  CHECK(os::ByteLocked(fd, 9));
  holder.KillLeavingZombie();
  CHECK_FALSE(os::ByteLocked(fd, 9));
  CHECK(os::TryLockByte(fd, 9, os::LockMode::kExclusive) == Status::kOK);
  os::CloseFile(fd);
}

}  // namespace procloom::test
