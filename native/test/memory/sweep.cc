#include "memory/sweep.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>

#include "memory/segment.h"
#include "test/support/member.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

struct Facts {
  std::atomic<int> stage;
  char file[2][64];
};

bool Exists(const PrivateDirectory& directory, const char* file) {
  return access((directory.path() + "/" + file).c_str(), F_OK) == 0;
}

// Makes two anonymous segments and stays; `travels`: the second has a reference on its way.
void MakeTwo(Facts& facts, bool travels) {
  Member member;
  std::shared_ptr<Segment> segment[2];
  for (int i = 0; i < 2; i++) {
    EXPECT(Segments::Create(
               member.registry, Kind::kVALUE, 4096, [](Segment&) {}, &segment[i]) == Status::kOK);
    std::snprintf(facts.file[i], sizeof facts.file[i], "%s", segment[i]->file().c_str());
  }
  if (travels) segment[1]->header()->flights = 1;
  facts.stage = 1;
  for (;;) pause();
}

}  // namespace

TEST_CASE("sweep: what a killed process left goes, what the living use stays") {
  PrivateDirectory directory;
  Shared<Facts> facts;
  Child maker([&] { MakeTwo(*facts, false); });
  Child user([&] {
    Await([&] { return facts->stage == 1; });
    Member member;
    std::shared_ptr<Segment> segment;
    EXPECT(Segments::Open(member.registry, facts->file[1], Kind::kVALUE, &segment) == Status::kOK);
    facts->stage = 2;
    for (;;) pause();
  });
  Await([&] { return facts->stage == 2; });
  Member member;
  CHECK(Sweep(*member.registry) == 0);
  CHECK(ListSegments(*member.registry).size() == 2);

  maker.KillLeavingZombie();
  CHECK(Exists(directory, facts->file[0]));
  CHECK(Sweep(*member.registry) == 1);
  CHECK_FALSE(Exists(directory, facts->file[0]));
  CHECK(Exists(directory, facts->file[1]));
  const auto left = ListSegments(*member.registry);
  REQUIRE(left.size() == 1);
  CHECK(left[0].file == facts->file[1]);
  CHECK(left[0].used);
  CHECK_FALSE(left[0].named);
  CHECK(left[0].kind == static_cast<uint32_t>(Kind::kVALUE));
  CHECK(left[0].bytes == 4096);

  user.Kill();
  CHECK(Sweep(*member.registry) == 1);
  CHECK(ListSegments(*member.registry).empty());
}

TEST_CASE("sweep: whoever comes next does it, without being asked") {
  PrivateDirectory directory;
  Shared<Facts> facts;
  Child maker([&] { MakeTwo(*facts, true); });
  Await([&] { return facts->stage == 1; });
  maker.Kill();
  CHECK(Exists(directory, facts->file[0]));
  Member member;
  CHECK_FALSE(Exists(directory, facts->file[0]));
  CHECK_FALSE(Exists(directory, facts->file[1]));  // on its way, but nobody is left who could take it
}

TEST_CASE("sweep: what is on its way stays while another process lives") {
  PrivateDirectory directory;
  Shared<Facts> facts;
  Child maker([&] { MakeTwo(*facts, true); });
  Child other([&] {
    Member member;
    Await([&] { return facts->stage == 1; });
    facts->stage = 2;
    for (;;) pause();
  });
  Await([&] { return facts->stage == 2; });
  maker.Kill();
  {
    Member member;
    CHECK_FALSE(Exists(directory, facts->file[0]));
    CHECK(Exists(directory, facts->file[1]));
    CHECK(Sweep(*member.registry) == 0);
    other.Kill();
    CHECK(Sweep(*member.registry) == 1);
  }
}

TEST_CASE("sweep: one's own segments and files of others stay") {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> anonymous, named;
  REQUIRE(Segments::Create(
              member.registry, Kind::kVALUE, 4096, [](Segment&) {}, &anonymous) == Status::kOK);
  REQUIRE(Segments::CreateNamed(
              member.registry, "n.x", Kind::kVALUE, 4096, [](Segment&) {}, &named) == Status::kOK);
  named.reset();
  REQUIRE(symlink("nowhere", (directory.path() + "/note").c_str()) == 0);
  CHECK(Sweep(*member.registry) == 0);
  CHECK(Exists(directory, anonymous->file().c_str()));
  CHECK(Exists(directory, "n.x"));
  CHECK(unlink((directory.path() + "/note").c_str()) == 0);
  CHECK(Segments::Unlink(*member.registry, "x") == Status::kOK);
}

}  // namespace procloom::test
