// Shared memory that is full: asked for more, everything says NO_SPACE with how much was asked and is free, and nothing
// is a SIGBUS later. A small tmpfs in a mount namespace of the test's own stands in for it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "memory/arena.h"
#include "os/failure.h"
#include "test/support/channels.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr int kNoMount = 77;

bool Write(const char* path, const std::string& text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  const bool written = fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fd);
  return written;
}

// In a child: mounts `bytes` of memory on `path`, seen by this process only. Ends with kNoMount where that is
// forbidden.
void MountSmall(const std::string& path, uint64_t bytes) {
  const uid_t user = geteuid();
  if (unshare(CLONE_NEWNS) != 0) {
    const bool own = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
                     Write("/proc/self/uid_map", std::to_string(user) + " " + std::to_string(user) + " 1");
    if (!own) _exit(kNoMount);
  }
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(kNoMount);
  const std::string options = "mode=0700,size=" + std::to_string(bytes);
  if (mount("tmpfs", path.c_str(), "tmpfs", 0, options.c_str()) != 0) _exit(kNoMount);
}

// Runs `work` as a process whose private directory lies in `bytes` of memory.
void InSmallMemory(const PrivateDirectory& directory, uint64_t bytes, const std::function<void()>& work) {
  REQUIRE(mkdir(directory.path().c_str(), 0700) == 0);
  Child child([&] {
    MountSmall(directory.path(), bytes);
    work();
  });
  const int code = child.Wait();
  if (code == kNoMount) {
    MESSAGE("SKIPPED: this system lets the test mount no memory of its own");
  } else {
    CHECK(code == 0);
  }
  CHECK(rmdir(directory.path().c_str()) == 0);
}

uint64_t FreeIn(const Member& member) { return os::FreeBytes(member.registry->directory()); }

}  // namespace

TEST_CASE("no space: a segment says how much was asked and is free, and leaves nothing") {
  PrivateDirectory directory;
  InSmallMemory(directory, kMiB, [] {
    Member member;
    const uint64_t before = FreeIn(member);
    EXPECT(before > kMiB / 4 && before < kMiB);
    std::shared_ptr<Segment> segment;
    EXPECT(Segments::Create(
               member.registry, Kind::kARRAY, 2 * kMiB, [](Segment&) {}, &segment) == Status::kNO_SPACE);
    const os::Failure& failure = os::Failure::Last();
    EXPECT(failure.asked == 2 * kMiB);
    EXPECT(failure.free > 0 && failure.free <= before);
    EXPECT(FreeIn(member) == before);
    // What fits is there to the last byte, whatever others take afterwards.
    EXPECT(Segments::Create(
               member.registry, Kind::kARRAY, before, [](Segment&) {}, &segment) == Status::kOK);
    std::shared_ptr<Segment> other;
    EXPECT(Segments::Create(
               member.registry, Kind::kARRAY, 4096, [](Segment&) {}, &other) == Status::kNO_SPACE);
    std::memset(segment->At<char>(sizeof(SegmentHeader)), 1, segment->size() - sizeof(SegmentHeader));
    segment.reset();
    EXPECT(FreeIn(member) == before);
  });
}

TEST_CASE("no space: for the registry itself") {
  PrivateDirectory directory;
  InSmallMemory(directory, 128 * 1024, [] {
    std::shared_ptr<Registry> registry;
    EXPECT(Registry::Open(&registry) == Status::kNO_SPACE);
    EXPECT(os::Failure::Last().asked == sizeof(RegistryLayout));
    EXPECT(os::Failure::Last().free > 0 && os::Failure::Last().free <= 128 * 1024);
  });
}

TEST_CASE("no space: for one more arena") {
  PrivateDirectory directory;
  InSmallMemory(directory, kMiB, [] {
    Member member;
    Status status;
    uint64_t cells = 0;
    do {
      std::shared_ptr<Arena> arena;
      uint64_t offset = 0;
      status = Arenas::Allocate(member.registry, 1000, &arena, &offset);
      if (status != Status::kOK) break;
      std::memset(arena->segment()->At<char>(offset + sizeof(Cell)), 1, 1000);
    } while (++cells < 10'000);
    EXPECT(status == Status::kNO_SPACE);
    EXPECT(cells >= 50);
    EXPECT(os::Failure::Last().asked > os::Failure::Last().free);
    Arenas::DropOwn();
  });
}

TEST_CASE("no space: a queue that cannot grow says so, keeps what it has and goes on") {
  PrivateDirectory directory;
  InSmallMemory(directory, 3 * kMiB, [] {
    Member member;
    const auto segment = MakeQueue(member);
    Queue queue(segment);
    uint64_t put = 0;
    Status status;
    while ((status = PutNumber(queue, member.me, put, 40'000, 0)) == Status::kOK) EXPECT(++put < 1000);
    EXPECT(status == Status::kNO_SPACE);
    EXPECT(os::Failure::Last().asked >= 40'000 && os::Failure::Last().free < os::Failure::Last().asked);
    EXPECT(put >= 40);  // most of that memory: smaller rings are made where a large one finds no room
    // A message that is too large for all of memory is refused in the same way, again and again.
    for (int i = 0; i < 3; i++) EXPECT(PutNumber(queue, member.me, 999, 5 * kMiB, 0) == Status::kNO_SPACE);
    for (uint64_t number = 0; number < put; number++) {
      const Got got = GetNumber(queue, member.me, 0);
      EXPECT(got.status == Status::kOK && got.number == number && got.size == 40'000);
    }
    EXPECT(GetNumber(queue, member.me, 0).status == Status::kTIMEOUT);
    for (uint64_t number = 0; number < 100; number++) {
      EXPECT(PutNumber(queue, member.me, number, 40'000, 0) == Status::kOK);
      EXPECT(GetNumber(queue, member.me, 0).number == number);
    }
  });
}

TEST_CASE("no space: a pipe that cannot grow waits for its reader instead") {
  PrivateDirectory directory;
  InSmallMemory(directory, 2 * kMiB, [] {
    Member member;
    const auto segment = MakePipe(member, 64 * kMiB);
    PipeSide left(segment, 0), right(segment, 1);
    left.Open(member);
    right.Open(member);
    uint64_t put = 0;
    Status status;
    while ((status = PutNumber(left.to, member.me, put, 10'000, 0)) == Status::kOK) EXPECT(++put < 1000);
    EXPECT(status == Status::kTIMEOUT);
    uint64_t got = 0;
    while (GetNumber(right.from, member.me, 0).status == Status::kOK) got++;
    EXPECT(got == put);
    EXPECT(PutNumber(left.to, member.me, 5, 10'000, 0) == Status::kOK);
    EXPECT(GetNumber(right.from, member.me, 0).number == 5);
  });
}

}  // namespace procloom::test
