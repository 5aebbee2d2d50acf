#include "sync/mutex.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "os/wait.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"
#include "test/support/sync-words.h"

namespace procloom::test {

namespace {

struct LockScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment = MakeSync(member);
  SyncWords& words = WordsOf(segment);

  Taken Acquire(int64_t deadline_ns = 0) { return AcquireLock(words, member.me, deadline_ns); }
  Status Release(bool marked = false) { return Locks::Release(words.lock, *member.registry, marked); }
};

struct Stage {
  std::atomic<int> value;
};

// A process that takes the lock and dies with it.
void DieHolding(LockScene& scene) {
  Child holder([&] {
    Member member;
    EXPECT(AcquireLock(scene.words, member.me, Soon()) != Taken::kNo);
    _exit(0);
  });
  REQUIRE(holder.Wait() == 0);
}

}  // namespace

TEST_CASE("mutex: free, taken, free") {
  LockScene scene;
  CHECK(Locks::Owner(scene.words.lock) == 0);
  CHECK(scene.Acquire() == Taken::kClean);
  CHECK(Locks::Owner(scene.words.lock) == scene.member.token());
  CHECK_FALSE(Locks::Abandoned(scene.words.lock));
  CHECK(scene.Acquire() == Taken::kNo);  // it knows no recursion: that is counted above it
  CHECK(scene.Release() == Status::kOK);
  CHECK(Locks::Owner(scene.words.lock) == 0);
  CHECK(scene.words.lock.word == 0);
}

TEST_CASE("mutex: what nobody holds cannot be released") {
  LockScene scene;
  CHECK(scene.Release() == Status::kNOT_LOCKED);
  CHECK(scene.Acquire() == Taken::kClean);
  CHECK(scene.Release() == Status::kOK);
  CHECK(scene.Release() == Status::kNOT_LOCKED);
  CHECK(scene.Acquire() == Taken::kClean);
  CHECK(scene.Release() == Status::kOK);
}

TEST_CASE("mutex: another may release it, as Python's Lock allows") {
  LockScene scene;
  Child holder([&] {
    Member member;
    EXPECT(AcquireLock(scene.words, member.me, 0) == Taken::kClean);
    EXPECT(AcquireLock(scene.words, member.me, Soon()) == Taken::kClean);  // released by the parent meanwhile
    EXPECT(Locks::Release(scene.words.lock, *member.registry) == Status::kOK);
  });
  Await([&] { return Locks::Owner(scene.words.lock) != 0; });
  Pause(5'000'000);
  CHECK(scene.Release() == Status::kOK);
  CHECK(holder.Wait() == 0);
  CHECK(scene.Release() == Status::kNOT_LOCKED);
}

TEST_CASE("mutex: a deadline passes while a living process holds it") {
  LockScene scene;
  Shared<Stage> stage;
  Child holder([&] {
    Member member;
    EXPECT(AcquireLock(scene.words, member.me, 0) == Taken::kClean);
    stage->value = 1;
    Await([&] { return stage->value == 2; });
    EXPECT(Locks::Release(scene.words.lock, *member.registry) == Status::kOK);
  });
  Await([&] { return stage->value == 1; });
  CHECK(scene.Acquire() == Taken::kNo);
  for (const int64_t ms : {1, 20, 120}) {
    const int64_t deadline = InMs(ms);
    CHECK(scene.Acquire(deadline) == Taken::kNo);
    CHECK(os::NowNs() >= deadline);
  }
  CHECK(scene.Acquire(os::NowNs() - 1) == Taken::kNo);
  stage->value = 2;
  CHECK(holder.Wait() == 0);
  CHECK(scene.Acquire() == Taken::kClean);  // whatever a waiter that gave up has left in the word
  CHECK(scene.Release() == Status::kOK);
}

TEST_CASE("mutex: one at a time, of many processes") {
  LockScene scene;
  constexpr int kProcesses = 4, kRounds = 20'000;
  const auto work = [&](int deadline_kind) {
    Member member;
    Spinner spinner;
    for (int round = 0; round < kRounds; round++) {
      Taken taken;
      do {
        const int64_t deadline = deadline_kind == 0   ? os::kForever
                                 : deadline_kind == 1 ? InMs(1)
                                 : round % 3 == 0     ? 0
                                                      : Soon();
        taken = Locks::Acquire(scene.words.lock, member.me, deadline, spinner);
      } while (taken == Taken::kNo);
      EXPECT(taken == Taken::kClean);
      volatile uint64_t* const guarded = scene.words.guarded;
      EXPECT(guarded[0] == guarded[1]);
      guarded[0] = guarded[0] + 1;
      if (round % 64 == 0) Pause(1'000);
      guarded[1] = guarded[1] + 1;
      EXPECT(Locks::Release(scene.words.lock, *member.registry) == Status::kOK);
    }
  };
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < kProcesses; i++) children.push_back(std::make_unique<Child>([&, i] { work(i % 3); }));
  for (const auto& child : children) CHECK(child->Wait() == 0);
  CHECK(scene.words.guarded[0] == kProcesses * kRounds);
  CHECK(scene.words.guarded[1] == kProcesses * kRounds);
}

TEST_CASE("mutex: what a dead process held is taken over and says so, until it was released") {
  LockScene scene;
  DieHolding(scene);
  CHECK(Locks::Owner(scene.words.lock) != 0);
  SUBCASE("without waiting") { CHECK(scene.Acquire() == Taken::kFromTheDead); }
  SUBCASE("with a deadline") { CHECK(scene.Acquire(Soon()) == Taken::kFromTheDead); }
  CHECK(Locks::Abandoned(scene.words.lock));
  CHECK(Locks::Owner(scene.words.lock) == scene.member.token());
  CHECK((scene.words.lock.word & kWaiters) != 0);  // others may sleep behind the dead
  CHECK(scene.Release() == Status::kOK);
  CHECK_FALSE(Locks::Abandoned(scene.words.lock));
  CHECK(scene.Acquire() == Taken::kClean);
  CHECK(scene.Release() == Status::kOK);
}

TEST_CASE("mutex: a mark is passed on by who does not mend what the dead left") {
  LockScene scene;
  DieHolding(scene);
  CHECK(scene.Acquire() == Taken::kFromTheDead);
  CHECK(scene.Release(true) == Status::kOK);
  CHECK(Locks::Abandoned(scene.words.lock));
  CHECK(Locks::Owner(scene.words.lock) == 0);
  CHECK(scene.Release() == Status::kNOT_LOCKED);
  CHECK(Locks::Abandoned(scene.words.lock));  // that took nothing from it
  SUBCASE("to the next") { CHECK(scene.Acquire() == Taken::kFromTheDead); }
  SUBCASE("to the next that waits") { CHECK(scene.Acquire(Soon()) == Taken::kFromTheDead); }
  SUBCASE("to another process") {
    Child other([&] {
      Member member;
      EXPECT(AcquireLock(scene.words, member.me, Soon()) == Taken::kFromTheDead);
      EXPECT(Locks::Release(scene.words.lock, *member.registry) == Status::kOK);
    });
    CHECK(other.Wait() == 0);
    CHECK(scene.Acquire() == Taken::kClean);
    CHECK(scene.Release(true) == Status::kOK);
    CHECK(scene.Acquire() == Taken::kFromTheDead);
  }
  CHECK(Locks::Abandoned(scene.words.lock));  // who has it can ask
  CHECK(scene.Release() == Status::kOK);
  CHECK_FALSE(Locks::Abandoned(scene.words.lock));
}

TEST_CASE("mutex: who sleeps while the owner is killed gets it, one after the other") {
  LockScene scene;
  Shared<Stage> stage, dead;
  Child holder([&] {
    Member member;
    EXPECT(AcquireLock(scene.words, member.me, 0) == Taken::kClean);
    stage->value = 1;
    for (;;) pause();
  });
  Await([&] { return stage->value == 1; });
  std::vector<std::unique_ptr<Child>> sleepers;
  for (int i = 0; i < 3; i++) {
    sleepers.push_back(std::make_unique<Child>([&] {
      Member member;
      const Taken taken = AcquireLock(scene.words, member.me, os::kForever);
      EXPECT(taken != Taken::kNo);
      if (taken == Taken::kFromTheDead) dead->value++;
      EXPECT(Locks::Release(scene.words.lock, *member.registry) == Status::kOK);
    }));
  }
  Await([&] { return (scene.words.lock.word & kWaiters) != 0; });
  holder.Kill();
  for (const auto& sleeper : sleepers) CHECK(sleeper->Wait() == 0);
  CHECK(dead->value == 1);
  CHECK(scene.Acquire() == Taken::kClean);
  CHECK(scene.Release() == Status::kOK);
}

TEST_CASE("mutex: a loop that waits is rung by the release") {
  LockScene scene;
  REQUIRE(scene.member.participant->MakeBell() == Status::kOK);
  std::atomic<uint32_t>& bell = scene.member.participant->slot().bell;
  std::unique_ptr<Participant> other;
  REQUIRE(scene.member.registry->Join(false, &other) == Status::kOK);
  const Waiter holder{scene.member.registry.get(), other->token()};
  CHECK(AcquireLock(scene.words, holder, 0) == Taken::kClean);

  Locks::Watch(scene.words.lock, scene.member.me);
  CHECK(Locks::Try(scene.words.lock, scene.member.me, true, true) == Taken::kNo);
  CHECK((bell & kBellMask) == kBellAwake);
  CHECK(Locks::Release(scene.words.lock, *scene.member.registry) == Status::kOK);
  CHECK((bell & kBellMask) == kBellNotified);
  CHECK(Locks::Try(scene.words.lock, scene.member.me, true, true) == Taken::kClean);
  CHECK((scene.words.lock.word & kWaiters) != 0);  // others may wait as well
  CHECK(scene.Release() == Status::kOK);
}

TEST_CASE("mutex: a loop that was rung and gives up passes its ring on") {
  LockScene scene;
  REQUIRE(scene.member.participant->MakeBell() == Status::kOK);
  std::unique_ptr<Participant> other, holder;
  REQUIRE(scene.member.registry->Join(false, &other) == Status::kOK);
  REQUIRE(other->MakeBell() == Status::kOK);
  REQUIRE(scene.member.registry->Join(false, &holder) == Status::kOK);
  const Waiter first = scene.member.me, second{first.registry, other->token()}, third{first.registry, holder->token()};
  std::atomic<uint32_t>&one = scene.member.participant->slot().bell, &two = other->slot().bell;
  CHECK(AcquireLock(scene.words, third, 0) == Taken::kClean);
  Locks::Watch(scene.words.lock, first);
  Locks::Watch(scene.words.lock, second);
  CHECK(Locks::Release(scene.words.lock, *first.registry) == Status::kOK);
  CHECK(((one & kBellMask) == kBellNotified) != ((two & kBellMask) == kBellNotified));  // exactly one was rung
  const bool first_rung = (one & kBellMask) == kBellNotified;
  Locks::Unwatch(scene.words.lock, first_rung ? first : second);
  CHECK((one & kBellMask) == kBellNotified);
  CHECK((two & kBellMask) == kBellNotified);
}

TEST_CASE("mutex: one who sleeps gets it, however busy the others are") {
  LockScene scene;
  constexpr int kHoggers = 3, kTurns = 50;
  Shared<std::atomic<bool>> stop;
  std::vector<std::unique_ptr<Child>> hoggers;
  for (int i = 0; i < kHoggers; i++) {
    hoggers.push_back(std::make_unique<Child>([&] {
      Member member;
      Spinner spinner;
      while (!*stop) {
        EXPECT(Locks::Acquire(scene.words.lock, member.me, os::kForever, spinner) == Taken::kClean);
        EXPECT(Locks::Release(scene.words.lock, *member.registry) == Status::kOK);
      }
    }));
  }
  Child sleeper([&] {
    Member member;
    for (int turn = 0; turn < kTurns; turn++) {
      EXPECT(AcquireLock(scene.words, member.me, Soon()) == Taken::kClean);
      const uint32_t takes = scene.words.lock.takes;
      EXPECT(Locks::Release(scene.words.lock, *member.registry) == Status::kOK);
      while (scene.words.lock.takes == takes) Pause(10'000);
    }
    *stop = true;
  });
  CHECK(sleeper.Wait() == 0);
  for (const auto& hogger : hoggers) CHECK(hogger->Wait() == 0);
}

TEST_CASE("mutex: others take it at most so often before one who waits") {
  LockScene scene;
  // A loop that is rung and does not come: so nothing but the limit can stop the others.
  REQUIRE(scene.member.participant->MakeBell() == Status::kOK);
  Child other([&] {
    Member member;
    Locks::Watch(scene.words.lock, scene.member.me);
    uint32_t takes = 0;
    while (Locks::Try(scene.words.lock, member.me, false, false) == Taken::kClean) {
      takes++;
      EXPECT(Locks::Release(scene.words.lock, *member.registry) == Status::kOK);
      // The release has rung it; it looks too late, and waits again.
      Locks::Watch(scene.words.lock, scene.member.me);
    }
    EXPECT(takes <= kTakesPerTurn);
    EXPECT((scene.words.lock.word & kReserved) != 0);
  });
  CHECK(other.Wait() == 0);
  CHECK((scene.member.participant->slot().bell & kBellMask) == kBellNotified);
  CHECK(Locks::Try(scene.words.lock, scene.member.me, true, true) == Taken::kClean);
  CHECK(scene.Release() == Status::kOK);
}

TEST_CASE("mutex: what is reserved is for one who has slept") {
  LockScene scene;
  scene.words.lock.word = kReserved | kWaiters;
  CHECK_FALSE(Locks::TryQuick(scene.words.lock, scene.member.me));
  CHECK(Locks::Try(scene.words.lock, scene.member.me, false, false) == Taken::kNo);
  CHECK(Locks::Try(scene.words.lock, scene.member.me, true, true) == Taken::kClean);
  CHECK((scene.words.lock.word & kReserved) == 0);
  CHECK(scene.Release() == Status::kOK);
  // Nobody comes for it: a newcomer waits a moment, and takes it then.
  scene.words.lock.word = kReserved | kWaiters;
  CHECK(scene.Acquire(Soon()) == Taken::kClean);
  CHECK(scene.Release() == Status::kOK);
}

TEST_CASE("mutex: a limit that nobody waits for is forgotten, and costs nothing more") {
  LockScene scene;
  scene.words.lock.limit = 1;
  scene.words.lock.takes = kTakesPerTurn;
  uint32_t takes = 0;
  while (scene.words.lock.limit != 0) {
    REQUIRE(++takes <= (kTakesInVain + 1) * kTriesInVain);
    REQUIRE(scene.Acquire() == Taken::kClean);
    REQUIRE(Locks::Owner(scene.words.lock) == scene.member.token());
    REQUIRE(scene.Release() == Status::kOK);
  }
  const uint64_t wakes = os::WakeCalls();
  for (uint32_t i = 0; i < 2 * kTakesPerTurn; i++) {
    REQUIRE(scene.Acquire() == Taken::kClean);
    REQUIRE(scene.Release() == Status::kOK);
  }
  CHECK(os::WakeCalls() == wakes);
}

}  // namespace procloom::test
