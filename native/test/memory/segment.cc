#include "memory/segment.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "layout/fingerprint.h"
#include "memory/sweep.h"
#include "os/failure.h"
#include "os/file.h"
#include "test/support/member.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

const Fill kNothing = [](Segment&) {};

// Overwrites bytes of a segment's file while nobody has it open here.
void Patch(const std::string& path, uint64_t offset, const void* bytes, size_t size) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(fd >= 0);
  REQUIRE(pwrite(fd, bytes, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size));
  close(fd);
}

// A named segment that was made and closed.
struct ClosedSegment {
  PrivateDirectory directory;
  Member member;
  std::string path;
  std::shared_ptr<Segment> segment;

  ClosedSegment() {
    REQUIRE(Segments::CreateNamed(member.registry, "n.x", Kind::kVALUE, 10'000, kNothing, &segment) == Status::kOK);
    path = segment->path();
    segment.reset();
  }
  ~ClosedSegment() {
    segment.reset();
    os::RemoveFile(member.registry->directory(), "n.x");
  }
  Status Open(Kind kind = Kind::kVALUE) { return Segments::Open(member.registry, "n.x", kind, &segment); }
};

}  // namespace

TEST_CASE("segment: what was filled before it had a name is there for who opens it") {
  PrivateDirectory directory;
  Shared<std::atomic<int>> stage;
  char file[64] = {};
  Shared<char[64]> name;
  Child opener([&] {
    Await([&] { return *stage == 1; });
    Member member;
    std::shared_ptr<Segment> segment;
    EXPECT(Segments::Open(member.registry, *name, Kind::kARRAY, &segment) == Status::kOK);
    EXPECT(segment->size() == 12'288);  // whole pages
    EXPECT(*segment->At<uint64_t>(9000) == 0x1234567);
    *segment->At<uint64_t>(9008) = 0x7654321;
    std::shared_ptr<Segment> again;
    EXPECT(Segments::Open(member.registry, *name, Kind::kNONE, &again) == Status::kOK);
    EXPECT(again == segment);  // mapped once
  });
  Member member;
  std::shared_ptr<Segment> segment;
  const auto fill = [&](Segment& fresh) {
    CHECK(access(fresh.path().c_str(), F_OK) != 0);
    *fresh.At<uint64_t>(9000) = 0x1234567;
  };
  REQUIRE(Segments::Create(member.registry, Kind::kARRAY, 9016, fill, &segment) == Status::kOK);
  CHECK(IsAnonymous(segment->file()));
  CHECK(segment->path() == directory.path() + "/" + segment->file());
  std::snprintf(file, sizeof file, "%s", segment->file().c_str());
  std::memcpy(*name, file, sizeof file);
  *stage = 1;
  CHECK(opener.Wait() == 0);
  CHECK(*segment->At<uint64_t>(9008) == 0x7654321);
}

TEST_CASE("segment: its last user removes an anonymous one") {
  PrivateDirectory directory;
  Shared<std::atomic<int>> stage;
  Shared<char[64]> name;
  Child other([&] {
    Await([&] { return *stage == 1; });
    Member member;
    std::shared_ptr<Segment> segment;
    EXPECT(Segments::Open(member.registry, *name, Kind::kARRAY, &segment) == Status::kOK);
    *stage = 2;
    Await([&] { return *stage == 3; });
    segment.reset();
    *stage = 4;
    Await([&] { return *stage == 5; });
  });
  Member member;
  std::shared_ptr<Segment> segment;
  REQUIRE(Segments::Create(member.registry, Kind::kARRAY, 4096, kNothing, &segment) == Status::kOK);
  const std::string path = segment->path();
  std::snprintf(*name, sizeof *name, "%s", segment->file().c_str());
  *stage = 1;
  Await([&] { return *stage == 2; });
  SUBCASE("this process leaves first") {
    segment.reset();
    CHECK(access(path.c_str(), F_OK) == 0);
    *stage = 3;
    Await([&] { return *stage == 4; });
    CHECK(access(path.c_str(), F_OK) != 0);
  }
  SUBCASE("this process leaves last") {
    *stage = 3;
    Await([&] { return *stage == 4; });
    CHECK(access(path.c_str(), F_OK) == 0);
    segment.reset();
    CHECK(access(path.c_str(), F_OK) != 0);
  }
  *stage = 5;
  CHECK(other.Wait() == 0);
}

TEST_CASE("segment: a name that is taken, one that is missing") {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment, other;
  REQUIRE(Segments::CreateNamed(
              member.registry, "n.x", Kind::kVALUE, 100, [](Segment& fresh) { *fresh.At<int>(200) = 42; }, &segment) ==
          Status::kOK);
  CHECK(Segments::CreateNamed(member.registry, "n.x", Kind::kVALUE, 100, kNothing, &other) == Status::kEXISTS);
  CHECK(os::Failure::Last().path == segment->path());
  CHECK(*segment->At<int>(200) == 42);
  CHECK(Segments::Open(member.registry, "n.y", Kind::kVALUE, &other) == Status::kMISSING);
  CHECK(os::Failure::Last().path == directory.path() + "/n.y");
  CHECK(Segments::Unlink(*member.registry, "y") == Status::kMISSING);

  SUBCASE("a named one outlives its users") {
    segment.reset();
    REQUIRE(Segments::Open(member.registry, "n.x", Kind::kVALUE, &segment) == Status::kOK);
    CHECK(*segment->At<int>(200) == 42);
  }
  SUBCASE("a name that was given again leads to the new one") {
    REQUIRE(Segments::Unlink(*member.registry, "x") == Status::kOK);
    REQUIRE(Segments::CreateNamed(member.registry, "n.x", Kind::kVALUE, 100, kNothing, &other) == Status::kOK);
    std::shared_ptr<Segment> opened;
    REQUIRE(Segments::Open(member.registry, "n.x", Kind::kVALUE, &opened) == Status::kOK);
    CHECK(opened == other);
    CHECK(*segment->At<int>(200) == 42);  // who has the old one keeps it
    CHECK(*opened->At<int>(200) == 0);
  }
  CHECK(Segments::Unlink(*member.registry, "x") == Status::kOK);
}

TEST_CASE("segment: one of another kind is a mismatch, open here or not") {
  ClosedSegment scene;
  CHECK(scene.Open(Kind::kQUEUE) == Status::kMISMATCH);
  CHECK(os::Failure::Last().detail == "its kind is 7, expected 10");
  REQUIRE(scene.Open() == Status::kOK);
  std::shared_ptr<Segment> other;
  CHECK(Segments::Open(scene.member.registry, "n.x", Kind::kQUEUE, &other) == Status::kMISMATCH);
  CHECK(Segments::Open(scene.member.registry, "n.x", Kind::kNONE, &other) == Status::kOK);
}

TEST_CASE("segment: one of another layout is refused by name, and is not touched") {
  ClosedSegment scene;
  const uint64_t foreign = kFingerprint ^ 1;
  Patch(scene.path, offsetof(SegmentHeader, fingerprint), &foreign, sizeof foreign);
  CHECK(scene.Open() == Status::kFOREIGN);
  CHECK(os::Failure::Last().path == scene.path);
  char expected[17];
  std::snprintf(expected, sizeof expected, "%016llx", static_cast<unsigned long long>(foreign));
  CHECK(os::Failure::Last().detail.find(expected) != std::string::npos);
  CHECK(access(scene.path.c_str(), F_OK) == 0);
}

TEST_CASE("segment: the two bodies of waiting refuse each other") { CHECK(Fingerprint(true) != Fingerprint(false)); }

TEST_CASE("segment: a header that is not whole or not ours") {
  ClosedSegment scene;
  Status expected = Status::kFOREIGN;
  SUBCASE("no magic") {
    const uint64_t magic = 0;
    Patch(scene.path, offsetof(SegmentHeader, magic), &magic, sizeof magic);
  }
  SUBCASE("no stamp") {
    const uint32_t stamp = 0;
    Patch(scene.path, offsetof(SegmentHeader, stamp), &stamp, sizeof stamp);
  }
  SUBCASE("shorter than a header") {
    REQUIRE(truncate(scene.path.c_str(), sizeof(SegmentHeader) - 1) == 0);
    expected = Status::kDAMAGED;
  }
  SUBCASE("empty") {
    REQUIRE(truncate(scene.path.c_str(), 0) == 0);
    expected = Status::kDAMAGED;
  }
  SUBCASE("shorter than its header says") {
    REQUIRE(truncate(scene.path.c_str(), 4096) == 0);
    expected = Status::kDAMAGED;
  }
  SUBCASE("a size that holds no header") {
    const uint64_t size = 64;
    Patch(scene.path, offsetof(SegmentHeader, size), &size, sizeof size);
    expected = Status::kDAMAGED;
  }
  SUBCASE("a size beyond the file") {
    const uint64_t size = uint64_t{1} << 60;
    Patch(scene.path, offsetof(SegmentHeader, size), &size, sizeof size);
    expected = Status::kDAMAGED;
  }
  CHECK(scene.Open() == expected);
  CHECK(os::Failure::Last().path == scene.path);
  CHECK_FALSE(os::Failure::Last().detail.empty());
  CHECK(scene.segment == nullptr);
}

TEST_CASE("segment: what was planted in its place is refused") {
  PrivateDirectory directory;
  Member member;
  const std::string path = directory.path() + "/s.0123456789abcdef";
  std::shared_ptr<Segment> segment;
  SUBCASE("a link") { REQUIRE(symlink(RegistryName().c_str(), path.c_str()) == 0); }
  SUBCASE("a FIFO") { REQUIRE(mkfifo(path.c_str(), 0600) == 0); }
  CHECK(Segments::Open(member.registry, "s.0123456789abcdef", Kind::kNONE, &segment) == Status::kLINK);
  CHECK(Sweep(*member.registry) == 0);  // and not mistaken for a segment of the dead
  unlink(path.c_str());
}

TEST_CASE("segment: uses of its parts are counted") {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment;
  REQUIRE(Segments::Create(member.registry, Kind::kPIPE, 4096, kNothing, &segment) == Status::kOK);
  CHECK(segment->HoldsNothing());
  CHECK(segment->Hold(1));
  CHECK_FALSE(segment->Hold(1));
  CHECK(segment->Hold(2));
  CHECK_FALSE(segment->LetGo(1));
  CHECK(segment->LetGo(1));
  CHECK_FALSE(segment->LetGo(1));
  CHECK_FALSE(segment->HoldsNothing());
  CHECK(segment->LetGo(2));
  CHECK(segment->HoldsNothing());
}

}  // namespace procloom::test
