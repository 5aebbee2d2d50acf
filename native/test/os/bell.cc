#include "os/bell.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "os/file.h"
#include "test/support/directory.h"
#include "test/support/private-directory.h"

namespace procloom::test {

namespace {

bool Rings(int bell) {
  pollfd entry{bell, POLLIN, 0};
  return poll(&entry, 1, 0) == 1;
}

}  // namespace

TEST_CASE("bell: a ring is heard once it was made, until it is drained") {
  PrivateDirectory directory;
  OpenDirectory room;
  CHECK(os::OpenBell(room.fd, "bell-1") == -1);
  int bell = -1;
  REQUIRE(os::MakeBell(room.fd, room.path, "bell-1", &bell) == Status::kOK);
  const int ringer = os::OpenBell(room.fd, "bell-1");
  REQUIRE(ringer >= 0);
  CHECK_FALSE(Rings(bell));
  CHECK(os::RingBell(ringer));
  CHECK(os::RingBell(ringer));
  CHECK(Rings(bell));
  os::DrainBell(bell);
  CHECK_FALSE(Rings(bell));
  os::CloseFile(ringer);
  CHECK_FALSE(Rings(bell));  // a ringer that leaves is no ring
  os::CloseFile(bell);
}

TEST_CASE("bell: one that is full of rings takes more, and is drained at once") {
  PrivateDirectory directory;
  OpenDirectory room;
  int bell = -1;
  REQUIRE(os::MakeBell(room.fd, room.path, "bell-1", &bell) == Status::kOK);
  const int ringer = os::OpenBell(room.fd, "bell-1");
  REQUIRE(ringer >= 0);
  for (int i = 0; i < 70'000; i++) REQUIRE(os::RingBell(ringer));
  os::DrainBell(bell);
  CHECK_FALSE(Rings(bell));
  os::CloseFile(ringer);
  os::CloseFile(bell);
}

TEST_CASE("bell: nobody listens any more") {
  PrivateDirectory directory;
  OpenDirectory room;
  int bell = -1;
  REQUIRE(os::MakeBell(room.fd, room.path, "bell-1", &bell) == Status::kOK);
  const int ringer = os::OpenBell(room.fd, "bell-1");
  os::CloseFile(bell);
  signal(SIGPIPE, SIG_IGN);  // as Node does
  CHECK_FALSE(os::RingBell(ringer));
  signal(SIGPIPE, SIG_DFL);
  CHECK(os::OpenBell(room.fd, "bell-1") == -1);
  os::CloseFile(ringer);
}

TEST_CASE("bell: a file or a link in its place is not rung") {
  PrivateDirectory directory;
  OpenDirectory room;
  close(openat(room.fd, "bell-1", O_CREAT | O_WRONLY, 0600));
  CHECK(os::OpenBell(room.fd, "bell-1") == -1);
  REQUIRE(symlinkat("bell-1", room.fd, "bell-2") == 0);
  CHECK(os::OpenBell(room.fd, "bell-2") == -1);
  // And is replaced when it stands where one's own is to be.
  int bell = -1;
  CHECK(os::MakeBell(room.fd, room.path, "bell-2", &bell) == Status::kOK);
  os::CloseFile(bell);
}

}  // namespace procloom::test
