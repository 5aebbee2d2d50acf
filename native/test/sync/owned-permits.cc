#include "sync/owned-permits.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "test/support/owned-scene.h"

namespace procloom::test {

TEST_CASE("owned permits: as many as there are, and only who has some gives them back") {
  OwnedScene scene(2);
  CHECK(scene.Value() == 2);
  CHECK(scene.Release() == Status::kNOT_LOCKED);
  CHECK(scene.Try() == Status::kOK);
  CHECK(scene.Try() == Status::kOK);
  CHECK(scene.Try() == Status::kTIMEOUT);
  CHECK(scene.Value() == 0);
  CHECK(scene.Release(3) == Status::kNOT_LOCKED);
  CHECK(scene.Value() == 0);
  Child other([&] {
    Member member;
    EXPECT(Owned::Release(scene.words, member.me, 1) == Status::kNOT_LOCKED);
    EXPECT(Owned::Try(scene.words, member.me) == Status::kTIMEOUT);
  });
  CHECK(other.Wait() == 0);
  CHECK(scene.Release(2) == Status::kOK);
  CHECK(scene.Value() == 2);
}

TEST_CASE("owned permits: those of the dead come back, to one that asks and to one that sleeps") {
  OwnedScene scene(2);
  Shared<std::atomic<int>> begun;
  Child holder([&] {
    Member member;
    EXPECT(Owned::Try(scene.words, member.me) == Status::kOK);
    EXPECT(Owned::Try(scene.words, member.me) == Status::kOK);
    *begun = 1;
    for (;;) pause();
  });
  Await([&] { return *begun == 1; });
  CHECK(scene.Try() == Status::kTIMEOUT);
  Child sleeper([&] {
    Member member;
    Spinner spinner;
    EXPECT(Owned::Acquire(scene.words, member.me, Soon(), spinner) == Status::kOK);
  });
  Await([&] { return (scene.words.change & kWaiters) != 0; });
  holder.Kill();
  CHECK(sleeper.Wait() == 0);
  CHECK(scene.Value() == 2);
  CHECK(scene.Try() == Status::kOK);
  CHECK(scene.Release() == Status::kOK);
}

TEST_CASE("owned permits: a deadline passes while there is none") {
  OwnedScene scene(0);
  for (const int64_t ms : {1, 20, 120}) {
    const int64_t deadline = InMs(ms);
    CHECK(scene.Acquire(deadline) == Status::kTIMEOUT);
    CHECK(os::NowNs() >= deadline);
  }
}

TEST_CASE("owned permits: more holders than there are cells") {
  OwnedScene scene(kPermitCells + 10);
  std::vector<std::unique_ptr<Child>> holders;
  Shared<std::atomic<uint32_t>> holding;
  for (uint32_t i = 0; i < kPermitCells; i++) {
    holders.push_back(std::make_unique<Child>([&] {
      Member member;
      EXPECT(Owned::Try(scene.words, member.me) == Status::kOK);
      (*holding)++;
      for (;;) pause();
    }));
  }
  Await([&] { return *holding == kPermitCells; });
  CHECK(scene.Try() == Status::kLIMIT);
  CHECK(scene.Value() == 10);
  holders.back()->Kill();
  CHECK(scene.Try() == Status::kOK);  // in the place of the dead
  CHECK(scene.Release() == Status::kOK);
}

TEST_CASE("owned permits: never more inside than permits, and none lost") {
  constexpr uint32_t kPermits = 2;
  OwnedScene scene(kPermits);
  Shared<std::atomic<int>> inside;
  constexpr int kProcesses = 4, kRounds = 5'000;
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < kProcesses; i++) {
    children.push_back(std::make_unique<Child>([&, i] {
      Member member;
      Spinner spinner;
      for (int round = 0; round < kRounds; round++) {
        while (Owned::Acquire(scene.words, member.me, i == 0 ? InMs(1) : os::kForever, spinner) != Status::kOK) {
        }
        EXPECT(++*inside <= static_cast<int>(kPermits));
        if (round % 64 == 0) Pause(1'000);
        --*inside;
        EXPECT(Owned::Release(scene.words, member.me, 1) == Status::kOK);
      }
    }));
  }
  for (const auto& child : children) CHECK(child->Wait() == 0);
  CHECK(scene.Value() == kPermits);
}

}  // namespace procloom::test
