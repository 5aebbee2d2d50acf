// Killed at every step of a semaphore's verbs: at most the permit in the dead hand is gone, and nobody waits beside
// one.
#include <doctest/doctest.h>

#include <memory>

#include "test/step-kill/each-step.h"
#include "test/support/private-directory.h"
#include "test/support/sync-words.h"

namespace procloom::test {

namespace {

using CountedPermits = procloom::Semaphore<CountingAtomics>;

bool AcquireCounted(SyncWords& words, const Waiter& me, int64_t deadline_ns) {
  Spinner spinner;
  return CountedPermits::Acquire(SemaphoreAs<CountingAtomics>(words), me, deadline_ns, spinner);
}

struct Scene {
  PrivateDirectory directory;
  Member member;
};

std::unique_ptr<Child> Sleeper(SyncWords& words) {
  auto child = std::make_unique<Child>([&] {
    Member own;
    EXPECT(AcquirePermit(words, own.me, os::kForever));
  });
  Await([&] { return (words.semaphore.word & kWaiters) != 0; });
  return child;
}

}  // namespace

TEST_CASE("step-kill: acquire a permit") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member, 2);
    SyncWords& words = WordsOf(segment);
    Victim victim(k, [&](const Member& own) { EXPECT(AcquireCounted(words, own.me, Soon())); });
    const bool died = victim.Died();
    CHECK(Permits::Value(words.semaphore) == (died ? 2u : 1u));  // one step: taken or not
    CHECK(AcquirePermit(words, scene.member.me, 0));
    return died;
  });
  CHECK(steps == 1);
}

TEST_CASE("step-kill: wait for a permit in vain") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member, 0);
    SyncWords& words = WordsOf(segment);
    Victim victim(k, [&](const Member& own) { EXPECT(!AcquireCounted(words, own.me, InMs(200))); });
    const bool died = victim.Died();
    CHECK(Permits::Value(words.semaphore) == 0);
    CHECK(Permits::Release(words.semaphore, *scene.member.registry, 1) == Status::kOK);
    CHECK(Permits::Value(words.semaphore) == 1);
    CHECK(AcquirePermit(words, scene.member.me, 0));
    return died;
  });
  CHECK(steps >= 2);
}

TEST_CASE("step-kill: wait for a permit that comes, beside another") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member, 0);
    SyncWords& words = WordsOf(segment);
    const auto sleeper = Sleeper(words);
    Shared<std::atomic<int>> begun;
    Victim victim(k, [&](const Member& own) {
      *begun = 1;
      EXPECT(AcquireCounted(words, own.me, Soon()));
    });
    Await([&] { return *begun == 1 || victim.Ended(); });
    Pause(1'000'000);
    CHECK(Permits::Release(words.semaphore, *scene.member.registry, 2) == Status::kOK);
    const bool died = victim.Died();
    CHECK(sleeper->Wait() == 0);  // there is one for it whatever the victim did
    const uint32_t left = Permits::Value(words.semaphore);
    if (died) {
      CHECK(left <= 1);
    } else {
      CHECK(left == 0);
    }
    CHECK(AcquirePermit(words, scene.member.me, 0) == (left == 1));
    return died;
  });
  CHECK(steps >= 3);
}

TEST_CASE("step-kill: release permits") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member, 1);
    SyncWords& words = WordsOf(segment);
    Victim victim(k, [&](const Member& own) {
      EXPECT(CountedPermits::Release(SemaphoreAs<CountingAtomics>(words), *own.registry, 3) == Status::kOK);
    });
    const bool died = victim.Died();
    CHECK(Permits::Value(words.semaphore) == (died ? 1u : 4u));  // one step: all or none
    return died;
  });
  CHECK(steps == 1);
}

TEST_CASE("step-kill: release permits while others wait") {
  Scene scene;
  REQUIRE(scene.member.participant->MakeBell() == Status::kOK);
  bool loop = false;
  SUBCASE("threads") {}
  SUBCASE("threads and a loop") { loop = true; }
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member, 0);
    SyncWords& words = WordsOf(segment);
    if (loop) Permits::Watch(words.semaphore, scene.member.me);
    const auto first = Sleeper(words), second = Sleeper(words);
    Victim victim(k, [&](const Member& own) {
      EXPECT(CountedPermits::Release(SemaphoreAs<CountingAtomics>(words), *own.registry, 2) == Status::kOK);
    });
    const bool died = victim.Died();
    // Before its first step nothing was given; after it, all was, and who sleeps finds it within a slice.
    if (died && k == 0) CHECK(Permits::Release(words.semaphore, *scene.member.registry, 2) == Status::kOK);
    CHECK(first->Wait() == 0);
    CHECK(second->Wait() == 0);
    CHECK(Permits::Value(words.semaphore) == 0);
    return died;
  });
  CHECK(steps >= 2);
}

}  // namespace procloom::test
