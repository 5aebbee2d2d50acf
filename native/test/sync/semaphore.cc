#include "sync/semaphore.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"
#include "test/support/sync-words.h"

namespace procloom::test {

namespace {

struct PermitScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment;
  SyncWords& words;

  explicit PermitScene(uint32_t permits, uint32_t maximum = kMaximumPermits)
      : segment(MakeSync(member, permits, maximum)), words(WordsOf(segment)) {}
  bool Acquire(int64_t deadline_ns = 0) { return AcquirePermit(words, member.me, deadline_ns); }
  Status Release(uint32_t n = 1) { return Permits::Release(words.semaphore, *member.registry, n); }
  uint32_t Value() { return Permits::Value(words.semaphore); }
};

struct Counters {
  std::atomic<int> inside, most, rounds;
};

}  // namespace

TEST_CASE("semaphore: as many as there are permits") {
  PermitScene scene(3);
  CHECK(scene.Value() == 3);
  for (int i = 0; i < 3; i++) CHECK(scene.Acquire());
  CHECK(scene.Value() == 0);
  CHECK_FALSE(scene.Acquire());
  CHECK(scene.Release(2) == Status::kOK);
  CHECK(scene.Value() == 2);
  CHECK(scene.Acquire());
  CHECK(scene.Acquire());
  CHECK_FALSE(scene.Acquire());
}

TEST_CASE("semaphore: more than its maximum is refused and changes nothing") {
  SUBCASE("a bounded one") {
    PermitScene scene(2, 3);
    CHECK(scene.Release(2) == Status::kOVERFLOW);
    CHECK(scene.Value() == 2);
    CHECK(scene.Release() == Status::kOK);
    CHECK(scene.Release() == Status::kOVERFLOW);
    CHECK(scene.Value() == 3);
  }
  SUBCASE("the largest there is") {
    PermitScene scene(kMaximumPermits - 1);
    CHECK(scene.Release(2) == Status::kOVERFLOW);
    CHECK(scene.Release(~0u) == Status::kOVERFLOW);
    CHECK(scene.Release() == Status::kOK);
    CHECK(scene.Value() == kMaximumPermits);
    CHECK(scene.Release() == Status::kOVERFLOW);
    CHECK(scene.Acquire());
    CHECK(scene.Value() == kMaximumPermits - 1);
  }
}

TEST_CASE("semaphore: a deadline passes while there is none") {
  PermitScene scene(0);
  for (const int64_t ms : {1, 20, 120}) {
    const int64_t deadline = InMs(ms);
    CHECK_FALSE(scene.Acquire(deadline));
    CHECK(os::NowNs() >= deadline);
  }
  CHECK(scene.Release() == Status::kOK);  // whatever a waiter that gave up has left in the word
  CHECK(scene.Value() == 1);
  CHECK(scene.Acquire());
}

TEST_CASE("semaphore: one release of n lets n sleepers in") {
  PermitScene scene(0);
  Shared<Counters> counters;
  std::vector<std::unique_ptr<Child>> sleepers;
  for (int i = 0; i < 4; i++) {
    sleepers.push_back(std::make_unique<Child>([&] {
      Member member;
      counters->rounds++;
      EXPECT(AcquirePermit(scene.words, member.me, os::kForever));
      counters->inside++;
    }));
  }
  Await([&] { return counters->rounds == 4 && (scene.words.semaphore.word & kWaiters) != 0; });
  Pause(10'000'000);
  CHECK(scene.Release(3) == Status::kOK);
  Await([&] { return counters->inside == 3; });
  Pause(80'000'000);  // longer than a slice: who looks again finds nothing
  CHECK(counters->inside == 3);
  CHECK(scene.Release() == Status::kOK);
  for (const auto& sleeper : sleepers) CHECK(sleeper->Wait() == 0);
  CHECK(scene.Value() == 0);
}

TEST_CASE("semaphore: never more inside than permits, and none lost") {
  constexpr uint32_t kPermits = 2;
  PermitScene scene(kPermits);
  Shared<Counters> counters;
  constexpr int kProcesses = 4, kRounds = 10'000;
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < kProcesses; i++) {
    children.push_back(std::make_unique<Child>([&, i] {
      Member member;
      Spinner spinner;
      for (int round = 0; round < kRounds; round++) {
        while (!Permits::Acquire(scene.words.semaphore, member.me, i == 0 ? InMs(1) : os::kForever, spinner)) {
        }
        EXPECT(++counters->inside <= static_cast<int>(kPermits));
        if (round % 64 == 0) Pause(1'000);
        counters->inside--;
        EXPECT(Permits::Release(scene.words.semaphore, *member.registry, 1) == Status::kOK);
      }
    }));
  }
  for (const auto& child : children) CHECK(child->Wait() == 0);
  CHECK(scene.Value() == kPermits);
}

TEST_CASE("semaphore: a hand-over to and fro") {
  PermitScene scene(0);
  const auto back = MakeSync(scene.member, 0);
  constexpr int kRounds = 5000;
  Child other([&] {
    Member member;
    for (int round = 0; round < kRounds; round++) {
      EXPECT(AcquirePermit(scene.words, member.me, Soon()));
      EXPECT(Permits::Release(WordsOf(back).semaphore, *member.registry, 1) == Status::kOK);
    }
  });
  for (int round = 0; round < kRounds; round++) {
    REQUIRE(scene.Release() == Status::kOK);
    REQUIRE(AcquirePermit(WordsOf(back), scene.member.me, Soon()));
  }
  CHECK(other.Wait() == 0);
  CHECK(scene.Value() == 0);
}

TEST_CASE("semaphore: a sleeper that is killed takes no permit with it") {
  PermitScene scene(0);
  Child sleeper([&] {
    Member member;
    EXPECT(AcquirePermit(scene.words, member.me, os::kForever));
  });
  Await([&] { return (scene.words.semaphore.word & kWaiters) != 0; });
  sleeper.Kill();
  CHECK(scene.Release() == Status::kOK);
  CHECK(scene.Value() == 1);
  CHECK(scene.Acquire());
}

TEST_CASE("semaphore: loops that wait are rung, as many as there are permits") {
  PermitScene scene(0);
  const auto& registry = scene.member.registry;
  std::unique_ptr<Participant> loops[3];
  for (auto& loop : loops) {
    REQUIRE(registry->Join(false, &loop) == Status::kOK);
    REQUIRE(loop->MakeBell() == Status::kOK);
    Permits::Watch(scene.words.semaphore, {registry.get(), loop->token()});
  }
  const auto rung = [&] {
    int count = 0;
    for (auto& loop : loops) count += (loop->slot().bell & kBellMask) == kBellNotified;
    return count;
  };
  CHECK(scene.Release(2) == Status::kOK);
  CHECK(rung() == 2);
  // One of those that were rung gives up: the third is rung in its place.
  for (auto& loop : loops) {
    if ((loop->slot().bell & kBellMask) != kBellNotified) continue;
    Permits::Unwatch(scene.words.semaphore, {registry.get(), loop->token()});
    break;
  }
  CHECK(rung() == 3);
  CHECK(scene.Value() == 2);
}

}  // namespace procloom::test
