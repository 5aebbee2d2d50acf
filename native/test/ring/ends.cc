#include "ring/ends.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "test/support/channels.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

struct PipeScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment = MakePipe(member, 64 * 1024);
  PipeSide left{segment, 0}, right{segment, 1};
};

struct Stage {
  std::atomic<int> value;
};

}  // namespace

TEST_CASE("pipe: both directions, each of its own") {
  PipeScene scene;
  scene.left.Open(scene.member);
  scene.right.Open(scene.member);
  CHECK(PutNumber(scene.left.to, scene.member.me, 1, 100, 0) == Status::kOK);
  CHECK(PutNumber(scene.right.to, scene.member.me, 2, 200'000, 0) == Status::kOK);
  CHECK(PutNumber(scene.left.to, scene.member.me, 3, 300'000, 0) == Status::kOK);
  CHECK(GetNumber(scene.right.from, scene.member.me, 0).number == 1);
  CHECK(GetNumber(scene.left.from, scene.member.me, 0).number == 2);
  CHECK(GetNumber(scene.right.from, scene.member.me, 0).number == 3);
  CHECK(GetNumber(scene.left.from, scene.member.me, 0).status == Status::kTIMEOUT);
}

TEST_CASE("pipe: when the other end is closed, what is in comes out, then the end") {
  PipeScene scene;
  scene.left.Open(scene.member);
  scene.right.Open(scene.member);
  CHECK(PutNumber(scene.left.to, scene.member.me, 1, 100, 0) == Status::kOK);
  scene.left.Close(scene.member);
  CHECK(GetNumber(scene.right.from, scene.member.me, Soon()).number == 1);
  CHECK(GetNumber(scene.right.from, scene.member.me, 0).status == Status::kEND);
  CHECK(GetNumber(scene.right.from, scene.member.me, Soon()).status == Status::kEND);
  CHECK(PutNumber(scene.right.to, scene.member.me, 1, 100, 0) == Status::kBROKEN);
  CHECK(PutNumber(scene.right.to, scene.member.me, 1, 100, Soon()) == Status::kBROKEN);
}

TEST_CASE("pipe: who waits learns that the other end is gone") {
  PipeScene scene;
  scene.right.Open(scene.member);
  Shared<Stage> stage;
  Child other([&] {
    Member member;
    scene.left.Open(member);
    stage->value = 1;
    Await([&] { return stage->value == 2; });
    Pause(5'000'000);
    if (stage->value == 2) scene.left.Close(member);
    for (;;) pause();
  });
  Await([&] { return stage->value == 1; });
  bool full = false, killed = false;
  SUBCASE("a reader, of a close") {}
  SUBCASE("a reader, of a kill") { killed = true; }
  SUBCASE("a writer, of a close") { full = true; }
  SUBCASE("a writer, of a kill") { full = killed = true; }
  if (full) {
    while (PutNumber(scene.right.to, scene.member.me, 1, 5000, 0) == Status::kOK) {
    }
  }
  if (killed) {
    other.KillLeavingZombie();
  } else {
    stage->value = 2;
  }
  if (full) {
    CHECK(PutNumber(scene.right.to, scene.member.me, 1, 5000, os::kForever) == Status::kBROKEN);
  } else {
    CHECK(GetNumber(scene.right.from, scene.member.me, os::kForever).status == Status::kEND);
  }
}

TEST_CASE("pipe: who only looks learns of a kill too") {
  PipeScene scene;
  scene.right.Open(scene.member);
  Shared<Stage> stage;
  Child other([&] {
    Member member;
    scene.left.Open(member);
    stage->value = 1;
    for (;;) pause();
  });
  Await([&] { return stage->value == 1; });
  CHECK(GetNumber(scene.right.from, scene.member.me, 0).status == Status::kTIMEOUT);
  other.KillLeavingZombie();
  SUBCASE("by getting") {
    CHECK(AwaitFor(20'000'000'000,
                   [&] { return GetNumber(scene.right.from, scene.member.me, 0).status == Status::kEND; }));
  }
  SUBCASE("by putting, also while there is room") {
    CHECK(AwaitFor(20'000'000'000,
                   [&] { return PutNumber(scene.right.to, scene.member.me, 1, 8, 0) == Status::kBROKEN; }));
  }
}

TEST_CASE("pipe: who sleeps already is told within a slice of a kill") {
  PipeScene scene;
  Shared<Stage> stage;
  Child killed([&] {
    Member member;
    scene.left.Open(member);
    stage->value = 1;
    for (;;) pause();
  });
  Await([&] { return stage->value == 1; });
  Child sleeper([&] {
    Member member;
    PipeSide right(scene.segment, 1);
    right.Open(member);
    EXPECT(GetNumber(right.from, member.me, os::kForever).status == Status::kEND);
  });
  auto& words = scene.segment->At<PipeWords<StdAtomics>>(0)->channel[1];
  Await([&] { return (words.tail & kWaitingBit) != 0; });
  killed.KillLeavingZombie();
  CHECK(sleeper.Wait() == 0);
}

TEST_CASE("ends: held by several, on their way, and by more than are listed") {
  PipeScene scene;
  Registry& registry = *scene.member.registry;
  Ends<StdAtomics>& ends = scene.left.ends(0);
  CHECK(ends.Gone(registry, false));
  scene.left.Open(scene.member);
  CHECK_FALSE(ends.Gone(registry, true));

  SUBCASE("another process holds it too") {
    Shared<Stage> stage;
    Child other([&] {
      Member member;
      scene.left.Open(member);
      stage->value = 1;
      for (;;) pause();
    });
    Await([&] { return stage->value == 1; });
    ends.Remove(registry.process_token());
    CHECK_FALSE(ends.Gone(registry, true));
    other.KillLeavingZombie();
    CHECK_FALSE(ends.Gone(registry, false));  // it is still listed
    CHECK(ends.Gone(registry, true));
    CHECK(ends.Gone(registry, false));  // and was taken out
  }
  SUBCASE("a reference is on its way") {
    ends.BeginFlight();
    ends.Remove(registry.process_token());
    CHECK_FALSE(ends.Gone(registry, true));
    ends.EndFlight();
    CHECK(ends.Gone(registry, true));
    for (int i = 0; i < 70'000; i++) {
      ends.BeginFlight();
      ends.EndFlight();
    }
    CHECK(ends.Gone(registry, true));
  }
  SUBCASE("more than are listed: held for ever") {
    std::vector<std::unique_ptr<Participant>> others(kEndHolders);
    for (auto& other : others) {
      REQUIRE(registry.Join(false, &other) == Status::kOK);
      ends.Add(registry, other->token());
    }
    ends.Remove(registry.process_token());
    for (auto& other : others) ends.Remove(other->token());
    CHECK_FALSE(ends.Gone(registry, true));
  }
  SUBCASE("the dead make place") {
    Child dead([&] {
      Member member;
      std::vector<std::unique_ptr<Participant>> others(kEndHolders - 1);
      for (auto& other : others) {
        EXPECT(member.registry->Join(false, &other) == Status::kOK);
        ends.Add(*member.registry, other->token());
      }
      _exit(0);
    });
    REQUIRE(dead.Wait() == 0);
    ends.Add(registry, scene.member.token());
    ends.Remove(registry.process_token());
    ends.Remove(scene.member.token());
    CHECK(ends.Gone(registry, true));
  }
}

}  // namespace procloom::test
