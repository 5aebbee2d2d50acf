// Killed at every step of a lock's verbs: it is handed on, and says so exactly when it was held.
#include <doctest/doctest.h>
#include <unistd.h>

#include <memory>

#include "test/step-kill/each-step.h"
#include "test/support/private-directory.h"
#include "test/support/sync-words.h"

namespace procloom::test {

namespace {

using CountedLock = Mutex<CountingAtomics>;

Taken AcquireCounted(SyncWords& words, const Waiter& me, int64_t deadline_ns) {
  Spinner spinner;
  return CountedLock::Acquire(LockAs<CountingAtomics>(words), me, deadline_ns, spinner);
}
void ReleaseCounted(SyncWords& words, const Member& member) {
  CountedLock::Release(LockAs<CountingAtomics>(words), *member.registry);
}

struct Scene {
  PrivateDirectory directory;
  Member member;
};

// The lock of a dead victim works for who comes after it: reported as abandoned iff the victim still stood in it.
void CheckHandedOn(Member& member, SyncWords& words) {
  const bool held = Locks::Owner(words.lock) != 0;
  CHECK(AcquireLock(words, member.me, Soon()) == (held ? Taken::kFromTheDead : Taken::kClean));
  CHECK(Locks::Owner(words.lock) == member.token());
  CHECK(Locks::Release(words.lock, *member.registry) == Status::kOK);
  CHECK(Locks::Release(words.lock, *member.registry) == Status::kNOT_LOCKED);
  CHECK(AcquireLock(words, member.me, 0) == Taken::kClean);
  CHECK(Locks::Release(words.lock, *member.registry) == Status::kOK);
}

struct Report {
  std::atomic<int> taken;  // 1 + Taken
};

// Another process that waits for the lock, takes it, says how, and releases it.
struct Bystander {
  Shared<Report> report;
  SyncWords& words;
  Child child;
  explicit Bystander(SyncWords& lock)
      : words(lock), child([this] {
          Member own;
          const Taken taken = AcquireLock(words, own.me, Soon());
          EXPECT(taken != Taken::kNo);
          EXPECT(Locks::Release(words.lock, *own.registry) == Status::kOK);
          report->taken = 1 + static_cast<int>(taken);
        }) {}
  void AwaitAsleep() const {
    Await([&] { return (words.lock.word & kWaiters) != 0 || child.Ended(); });
  }
  Taken Got() {
    CHECK(child.Wait() == 0);
    return static_cast<Taken>(report->taken - 1);
  }
};

}  // namespace

TEST_CASE("step-kill: acquire a free lock") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member);
    SyncWords& words = WordsOf(segment);
    Victim victim(k, [&](const Member& own) { EXPECT(AcquireCounted(words, own.me, Soon()) == Taken::kClean); });
    const bool died = victim.Died();
    if (!died) CHECK(Locks::Owner(words.lock) != 0);
    CheckHandedOn(scene.member, words);
    return died;
  });
  CHECK(steps >= 1);
}

TEST_CASE("step-kill: acquire a lock that is held, and give up") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member);
    SyncWords& words = WordsOf(segment);
    CHECK(AcquireLock(words, scene.member.me, 0) == Taken::kClean);
    Victim victim(k, [&](const Member& own) { EXPECT(AcquireCounted(words, own.me, InMs(200)) == Taken::kNo); });
    const bool died = victim.Died();
    CHECK(Locks::Owner(words.lock) == scene.member.token());
    CHECK(Locks::Release(words.lock, *scene.member.registry) == Status::kOK);
    CheckHandedOn(scene.member, words);
    return died;
  });
  CHECK(steps >= 2);
}

TEST_CASE("step-kill: acquire a lock that is released meanwhile, while another waits too") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member);
    SyncWords& words = WordsOf(segment);
    CHECK(AcquireLock(words, scene.member.me, 0) == Taken::kClean);
    Bystander bystander(words);
    bystander.AwaitAsleep();
    Shared<std::atomic<int>> begun;
    Victim victim(k, [&](const Member& own) {
      *begun = 1;
      EXPECT(AcquireCounted(words, own.me, Soon()) != Taken::kNo);
    });
    Await([&] { return *begun == 1 || victim.Ended(); });
    Pause(1'000'000);
    CHECK(Locks::Release(words.lock, *scene.member.registry) == Status::kOK);
    const bool died = victim.Died();
    bystander.Got();  // as the first or after the victim, alive or dead
    CheckHandedOn(scene.member, words);
    return died;
  });
  CHECK(steps >= 3);
}

TEST_CASE("step-kill: take over what a dead process held") {
  Scene scene;
  bool contended = false;
  SUBCASE("alone") {}
  SUBCASE("while another wants it too") { contended = true; }
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member);
    SyncWords& words = WordsOf(segment);
    std::unique_ptr<Bystander> bystander;
    {
      Child dead([&] {
        Member own;
        EXPECT(AcquireLock(words, own.me, 0) == Taken::kClean);
        for (;;) pause();
      });
      Await([&] { return Locks::Owner(words.lock) != 0; });
      if (contended) {
        bystander = std::make_unique<Bystander>(words);
        bystander->AwaitAsleep();
      }
    }
    Victim victim(k, [&](const Member& own) { EXPECT(AcquireCounted(words, own.me, Soon()) != Taken::kNo); });
    const bool died = victim.Died();
    if (contended) {
      bystander->Got();
      CheckHandedOn(scene.member, words);
    } else {
      CHECK(AcquireLock(words, scene.member.me, Soon()) == Taken::kFromTheDead);
      CHECK(Locks::Release(words.lock, *scene.member.registry) == Status::kOK);
      CHECK(AcquireLock(words, scene.member.me, 0) == Taken::kClean);
      CHECK(Locks::Release(words.lock, *scene.member.registry) == Status::kOK);
    }
    return died;
  });
  CHECK(steps >= 1);
}

TEST_CASE("step-kill: take over a lock that is free but marked") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member);
    SyncWords& words = WordsOf(segment);
    words.lock.word = kAbandoned;
    Victim victim(k, [&](const Member& own) { EXPECT(AcquireCounted(words, own.me, Soon()) == Taken::kFromTheDead); });
    const bool died = victim.Died();
    // Nobody has mended what it guards: the mark is not lost with the victim.
    CHECK(AcquireLock(words, scene.member.me, Soon()) == Taken::kFromTheDead);
    CHECK(Locks::Release(words.lock, *scene.member.registry) == Status::kOK);
    return died;
  });
  CHECK(steps >= 1);
}

TEST_CASE("step-kill: release") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member);
    SyncWords& words = WordsOf(segment);
    Victim victim(
        k, [&](const Member& own) { EXPECT(AcquireLock(words, own.me, 0) == Taken::kClean); },
        [&](const Member& own) { ReleaseCounted(words, own); });
    const bool died = victim.Died();
    if (!died) CHECK(Locks::Owner(words.lock) == 0);
    CheckHandedOn(scene.member, words);
    return died;
  });
  CHECK(steps >= 1);
}

TEST_CASE("step-kill: release while others wait") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member);
    SyncWords& words = WordsOf(segment);
    Shared<std::atomic<int>> stage;
    Victim victim(
        k,
        [&](const Member& own) {
          EXPECT(AcquireLock(words, own.me, 0) == Taken::kClean);
          *stage = 1;
          Await([&] { return *stage == 2; });
        },
        [&](const Member& own) { ReleaseCounted(words, own); });
    Await([&] { return *stage == 1; });
    Bystander first(words), second(words);
    first.AwaitAsleep();
    *stage = 2;
    const bool died = victim.Died();
    const bool told = (first.Got() == Taken::kFromTheDead) + (second.Got() == Taken::kFromTheDead) == 1;
    // Died before its first step: still the owner. After it: it had released.
    CHECK(told == (died && k == 0));
    CheckHandedOn(scene.member, words);
    return died;
  });
  CHECK(steps >= 2);
}

TEST_CASE("step-kill: release while a loop waits, and a thread") {
  Scene scene;
  REQUIRE(scene.member.participant->MakeBell() == Status::kOK);
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member);
    SyncWords& words = WordsOf(segment);
    Shared<std::atomic<int>> stage;
    Victim victim(
        k,
        [&](const Member& own) {
          EXPECT(AcquireLock(words, own.me, 0) == Taken::kClean);
          *stage = 1;
          Await([&] { return *stage == 2; });
        },
        [&](const Member& own) { ReleaseCounted(words, own); });
    Await([&] { return *stage == 1; });
    Locks::Watch(words.lock, scene.member.me);
    Bystander bystander(words);
    bystander.AwaitAsleep();
    *stage = 2;
    const bool died = victim.Died();
    bystander.Got();
    // The loop looks by itself within a slice.
    CHECK(AwaitFor(20'000'000'000, [&] { return Locks::Try(words.lock, scene.member.me, true, true) != Taken::kNo; }));
    LoopList<StdAtomics>::Remove(words.lock.loops, scene.member.token());
    CHECK(Locks::Release(words.lock, *scene.member.registry) == Status::kOK);
    CheckHandedOn(scene.member, words);
    return died;
  });
  CHECK(steps >= 3);
}

TEST_CASE("step-kill: the take that is one too many, while another sleeps") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeSync(scene.member);
    SyncWords& words = WordsOf(segment);
    CHECK(AcquireLock(words, scene.member.me, 0) == Taken::kClean);
    Bystander bystander(words);
    bystander.AwaitAsleep();
    Await([&] { return words.lock.limit != 0; });
    Victim victim(
        k,
        [&](const Member& own) {
          // Releases as the owner's heir, so that the sleeper is not woken, and is the one who reaches the limit.
          words.lock.takes = words.lock.limit - 1;
          words.lock.word = kWaiters;
          (void)own;
        },
        [&](const Member& own) {
          EXPECT(CountedLock::Try(LockAs<CountingAtomics>(words), own.me, false, false) == Taken::kNo);
        });
    const bool died = victim.Died();
    bystander.Got();
    CheckHandedOn(scene.member, words);
    return died;
  });
  CHECK(steps >= 4);
}

}  // namespace procloom::test
