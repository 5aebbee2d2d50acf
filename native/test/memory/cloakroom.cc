#include "memory/cloakroom.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "memory/segment.h"
#include "memory/sweep.h"
#include "os/failure.h"
#include "os/file.h"
#include "test/support/member.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

// The reading end of a pipe: it is at its end when nobody has the writing end open any more.
struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() { EXPECT(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0); }
  ~Pipe() {
    for (const int end : ends) os::CloseFile(end);
  }
  void CloseWriter() {
    os::CloseFile(ends[1]);
    ends[1] = -1;
  }
  bool AtEnd() const {
    char byte;
    return read(ends[0], &byte, 1) == 0;
  }
};

bool SameFile(int left, int right) {
  struct stat one {
  }, other{};
  return fstat(left, &one) == 0 && fstat(right, &other) == 0 && one.st_ino == other.st_ino &&
         one.st_dev == other.st_dev;
}

size_t Rooms(const Member& member) {
  size_t count = 0;
  for (const std::string& name : os::ListDirectory(member.registry->directory()))
    count += name.rfind(Cloakroom::Prefix(), 0) == 0;
  return count;
}

struct Ticket {
  std::atomic<int> stage;
  char reference[128];
};

void Tell(Ticket& told, uint64_t ticket) {
  std::snprintf(told.reference, sizeof told.reference, "%s", Cloakroom::Reference(ticket).c_str());
  told.stage = 1;
}

// Leaves the descriptor as if it were put into a message, and tells the ticket.
uint64_t Send(Member& member, int fd, Ticket& told) {
  uint64_t ticket = 0;
  EXPECT(Cloakroom::Leave(*member.registry, fd, &ticket) == Status::kOK);
  Cloakroom::BeginFlight(ticket);
  Cloakroom::Forget(ticket);
  Tell(told, ticket);
  return ticket;
}

// Told what it is by the time that this returns.
std::unique_ptr<Child> SleepingSender(Pipe& pipe, Ticket& told) {
  auto sender = std::make_unique<Child>([&] {
    Member member;
    Send(member, pipe.ends[1], told);
    for (;;) pause();
  });
  pipe.CloseWriter();
  Await([&] { return told.stage == 1; });
  return sender;
}

}  // namespace

TEST_CASE("cloakroom: in the same process it is handed out once") {
  PrivateDirectory directory;
  Member member;
  Pipe pipe;
  Ticket told{};
  Send(member, pipe.ends[1], told);
  CHECK(Rooms(member) == 1);
  int fd = -1;
  REQUIRE(Cloakroom::Take(*member.registry, told.reference, &fd) == Status::kOK);
  CHECK(SameFile(fd, pipe.ends[1]));
  CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  os::CloseFile(fd);
  CHECK(Cloakroom::Take(*member.registry, told.reference, &fd) == Status::kMISSING);
  pipe.CloseWriter();
  CHECK(pipe.AtEnd());
  Cloakroom::Close(*member.registry);
  CHECK(Rooms(member) == 0);
}

TEST_CASE("cloakroom: it goes when it is neither open nor in flight") {
  PrivateDirectory directory;
  Member member;
  Pipe pipe;
  uint64_t ticket = 0;
  REQUIRE(Cloakroom::Leave(*member.registry, pipe.ends[1], &ticket) == Status::kOK);
  pipe.CloseWriter();
  Cloakroom::BeginFlight(ticket);
  Cloakroom::EndFlight(ticket);
  CHECK_FALSE(pipe.AtEnd());
  Cloakroom::BeginFlight(ticket);
  Cloakroom::Forget(ticket);
  CHECK_FALSE(pipe.AtEnd());
  Cloakroom::EndFlight(ticket);
  CHECK(pipe.AtEnd());
  CHECK(Cloakroom::Leave(*member.registry, 1'000'000, &ticket) == Status::kSYSTEM);
  CHECK(os::Failure::Last().error == EBADF);
  Cloakroom::Close(*member.registry);
}

TEST_CASE("cloakroom: it goes when the segment that carries it goes") {
  PrivateDirectory directory;
  Member member;
  Pipe pipe;
  std::shared_ptr<Segment> segment;
  REQUIRE(Segments::Create(
              member.registry, Kind::kVALUE, 4096, [](Segment&) {}, &segment) == Status::kOK);
  Ticket told{};
  Cloakroom::CarriedBy(Send(member, pipe.ends[1], told), segment->file());
  pipe.CloseWriter();
  CHECK_FALSE(pipe.AtEnd());
  segment.reset();
  Await([&] { return pipe.AtEnd(); });
  Await([&] { return Rooms(member) == 0; });  // and the room with it
  Cloakroom::Close(*member.registry);         // whose thread has ended and is joined
}

TEST_CASE("cloakroom: what is no reference is refused") {
  PrivateDirectory directory;
  Member member;
  int fd = -1;
  for (const std::string& reference :
       {std::string("x"), std::string("../passwd#1"), Cloakroom::Prefix() + "0123456789abcdeg#1",
        Cloakroom::Prefix() + "0123456789abcdef#", Cloakroom::Prefix() + "0123456789abcdef#1x"}) {
    CHECK(Cloakroom::Take(*member.registry, reference, &fd) == Status::kBAD_ARGUMENT);
  }
  CHECK(Cloakroom::Take(*member.registry, Cloakroom::Prefix() + "0123456789abcdef#1", &fd) == Status::kMISSING);
}

TEST_CASE("cloakroom: another process fetches it from a sender that sleeps, and not twice") {
  PrivateDirectory directory;
  Shared<Ticket> told;
  Pipe pipe;
  const auto sender = SleepingSender(pipe, *told);
  Member member;
  int fd = -1;
  REQUIRE(Cloakroom::Take(*member.registry, told->reference, &fd) == Status::kOK);
  CHECK(write(fd, "x", 1) == 1);
  char byte = 0;
  CHECK(read(pipe.ends[0], &byte, 1) == 1);
  int again = -1;
  CHECK(Cloakroom::Take(*member.registry, told->reference, &again) == Status::kMISSING);
  os::CloseFile(fd);
  sender->Kill();
  CHECK(pipe.AtEnd());
}

TEST_CASE("cloakroom: of a killed sender nothing is left, and the receiver is told") {
  PrivateDirectory directory;
  Shared<Ticket> told;
  Pipe pipe;
  const auto sender = SleepingSender(pipe, *told);
  Member member;
  CHECK(Rooms(member) == 1);
  sender->KillLeavingZombie();
  CHECK(pipe.AtEnd());
  int fd = -1;
  CHECK(Cloakroom::Take(*member.registry, told->reference, &fd) == Status::kMISSING);
  CHECK(Rooms(member) == 1);
  Sweep(*member.registry);
  CHECK(Rooms(member) == 0);
}

TEST_CASE("cloakroom: an heir hands out what the sender left, and ends") {
  PrivateDirectory directory;
  Shared<Ticket> told;
  Pipe pipe;
  Member member;
  Child sender([&] {
    Registry::ForgetAfterFork();
    Member own;
    Send(own, pipe.ends[1], *told);
    Cloakroom::Close(*own.registry);
    own.participant.reset();
    own.registry.reset();
  });
  pipe.CloseWriter();
  CHECK(sender.Wait() == 0);
  CHECK_FALSE(pipe.AtEnd());
  int fd = -1;
  REQUIRE(Cloakroom::Take(*member.registry, told->reference, &fd) == Status::kOK);
  os::CloseFile(fd);
  Await([&] { return pipe.AtEnd(); });
  Await([&] { return Rooms(member) == 0; });
}

TEST_CASE("cloakroom: an heir whom nobody is left to ask ends") {
  PrivateDirectory directory;
  Shared<Ticket> told;
  Pipe pipe;
  // Not this process: the heir would have its mapping of the registry, and so the locks of that opening.
  Child other([&] {
    Member member;
    told->stage = 1;
    for (;;) pause();
  });
  Await([&] { return told->stage == 1; });
  Child sender([&] {
    Member own;
    Send(own, pipe.ends[1], *told);
    Cloakroom::Close(*own.registry);
    own.participant.reset();
    own.registry.reset();
  });
  pipe.CloseWriter();
  CHECK(sender.Wait() == 0);
  CHECK_FALSE(pipe.AtEnd());
  other.Kill();  // it has the pipe, too
  Await([&] { return pipe.AtEnd(); });
  Member member;
  CHECK(Rooms(member) == 0);
}

}  // namespace procloom::test
