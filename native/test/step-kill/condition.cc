// Killed at every step of a condition's verbs: no notification is lost while anybody waits, and nobody hangs.
#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "test/step-kill/each-step.h"
#include "test/support/condition-words.h"
#include "test/support/private-directory.h"

namespace procloom::test {

namespace {

using Counted = Condition<CountingAtomics>;

ConditionWords<CountingAtomics>& CountedAs(SharedCondition& words) { return ConditionAs<CountingAtomics>(words); }

struct Scene {
  PrivateDirectory directory;
  Member member;
};

struct Stage {
  std::atomic<uint32_t> token, at;
};

// One that entered and was notified, and then only lives until the end of the process.
void EnterNotified(SharedCondition& words, const Member& own, Shared<Stage>& stage, uint32_t& place) {
  uint32_t owed = 0;
  EXPECT(Conditions::Enter(words.condition, own.me, place, &owed) == Status::kOK);
  stage->token = own.token();
  Await([&] { return stage->at == 1; });
}

}  // namespace

TEST_CASE("step-kill: wait for a notification, beside another") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeCondition(scene.member);
    SharedCondition& words = ConditionOf(segment);
    Shared<Stage> stage;
    Victim victim(
        k,
        [&](const Member& own) {
          LockUsers(words, own.me);
          stage->token = own.token();
        },
        [&](const Member& own) { EXPECT(WaitHolding<CountingAtomics>(words, own, Soon())); });
    const auto& first = words.condition.cells[0];
    Await([&] { return victim.Ended() || (first.token != 0 && first.sleeping == 1); });
    const bool slept = first.sleeping == 1;
    Sleeper beside(words);
    beside.AwaitAsleep();
    CHECK(NotifyHolding(words, scene.member, 1) == 1);
    const bool died = victim.Died();
    // Its to use from the moment in which it took it: what is left of it then is an empty cell.
    const auto used = [&] { return !died || (slept && first.token == stage->token && first.counts == 0); };
    REQUIRE(AwaitFor(20'000'000'000, [&] { return beside.Notified() || used(); }));
    if (!beside.Notified()) {
      Pause(1'000'000);
      CHECK_FALSE(beside.Notified());
      CHECK(NotifyHolding(words, scene.member, 1) == 1);
    }
    CHECK(beside.Came());
    CHECK(NotifyHolding(words, scene.member, kAll) == 0);
    return died;
  });
  CHECK(steps >= 6);
}

TEST_CASE("step-kill: wait in vain, beside another") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeCondition(scene.member);
    SharedCondition& words = ConditionOf(segment);
    Sleeper beside(words);
    beside.AwaitAsleep();
    Victim victim(
        k, [&](const Member& own) { LockUsers(words, own.me); },
        [&](const Member& own) {
          EXPECT(!WaitHolding<CountingAtomics>(words, own, InMs(2)));
          UnlockUsers(words, own);
        });
    const bool died = victim.Died();
    CHECK(NotifyHolding(words, scene.member, kAll) == 1);
    CHECK(beside.Came());
    CHECK(NobodyThere(words) == !(died && CountsOf(words, words.condition.cells[1].token) == Counts{0, 0} &&
                                  words.condition.cells[1].token != 0));
    return died;
  });
  CHECK(steps >= 6);
}

TEST_CASE("step-kill: enter, and all cells are there for the living") {
  Scene scene;
  std::vector<std::unique_ptr<Participant>> others(kConditionCells);
  for (auto& other : others) REQUIRE(scene.member.registry->Join(false, &other) == Status::kOK);
  const long steps = EachStep([&](long k) {
    const auto segment = MakeCondition(scene.member);
    SharedCondition& words = ConditionOf(segment);
    Victim victim(k, [&](const Member& own) {
      uint32_t place = 0, owed = 0;
      EXPECT(Counted::Enter(CountedAs(words), own.me, place, &owed) == Status::kOK);
    });
    const bool died = victim.Died();
    for (const auto& other : others) {
      uint32_t place = 0, owed = 0;
      CHECK(Conditions::Enter(words.condition, {scene.member.registry.get(), other->token()}, place, &owed) ==
            Status::kOK);
    }
    CHECK(NotifyHolding(words, scene.member, kAll) == kConditionCells);
    return died;
  });
  CHECK(steps == 2);
}

TEST_CASE("step-kill: enter where only the dead have cells") {
  Scene scene;
  std::unique_ptr<Participant> participant;
  REQUIRE(scene.member.registry->Join(false, &participant) == Status::kOK);
  const Token dead = participant->token();
  participant.reset();
  const long steps = EachStep([&](long k) {
    const auto segment = MakeCondition(scene.member);
    SharedCondition& words = ConditionOf(segment);
    uint32_t own_place = 0, owed = 0;
    REQUIRE(Conditions::Enter(words.condition, scene.member.me, own_place, &owed) == Status::kOK);
    for (uint32_t i = 1; i < kConditionCells; i++) {
      words.condition.cells[i].counts = uint64_t{1} << 32 | (i == 7);  // one of them was notified
      words.condition.cells[i].token = dead;
    }
    CHECK(CountsOf(words, scene.member.token()) == Counts{1, 0});
    Victim victim(k, [&](const Member& own) {
      uint32_t place = 0, before = 0;
      EXPECT(Counted::Enter(CountedAs(words), own.me, place, &before) == Status::kOK);
    });
    const bool died = victim.Died();
    CHECK(Conditions::Notified(words.condition, scene.member.me, own_place, 0) == 1);
    CHECK(Conditions::Take(words.condition, scene.member.me, own_place));
    CHECK(Conditions::Enter(words.condition, scene.member.me, own_place, &owed) == Status::kOK);
    CHECK(NotifyHolding(words, scene.member, kAll) == 1);
    return died;
  });
  CHECK(steps >= static_cast<long>(kConditionCells));
}

TEST_CASE("step-kill: notify two of three") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeCondition(scene.member);
    SharedCondition& words = ConditionOf(segment);
    std::unique_ptr<Sleeper> sleepers[3];
    for (auto& sleeper : sleepers) sleeper = std::make_unique<Sleeper>(words);
    for (auto& sleeper : sleepers) sleeper->AwaitAsleep();
    Victim victim(
        k, [&](const Member& own) { LockUsers(words, own.me); },
        [&](const Member& own) {
          EXPECT(Counted::Notify(CountedAs(words), own.me, 2) == 2);
          UnlockUsers(words, own);
        });
    const bool died = victim.Died();
    // Whoever is notified comes by itself; the others are there to be notified.
    const uint32_t more = NotifyHolding(words, scene.member, kAll);
    CHECK(more >= 1);
    if (!died) CHECK(more == 1);
    for (auto& sleeper : sleepers) CHECK(sleeper->Came());
    CHECK(NobodyThere(words));
    return died;
  });
  CHECK(steps >= 8);
}

TEST_CASE("step-kill: notify, and those whom it told go on by themselves") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeCondition(scene.member);
    SharedCondition& words = ConditionOf(segment);
    Sleeper sleeper(words);
    sleeper.AwaitAsleep();
    const auto& cell = words.condition.cells[0];
    Victim victim(
        k, [&](const Member& own) { LockUsers(words, own.me); },
        [&](const Member& own) { EXPECT(Counted::Notify(CountedAs(words), own.me, 1) == 1); });
    const bool died = victim.Died();
    const bool told = cell.token == 0 || static_cast<uint32_t>(cell.counts) == 1;
    if (told) {
      CHECK(sleeper.AwaitNotified());
    } else {
      CHECK(died);
      CHECK(NotifyHolding(words, scene.member, 1) == 1);
    }
    CHECK(sleeper.Came());
    return died;
  });
  CHECK(steps >= 6);
}

TEST_CASE("step-kill: notify while another notifies, too") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeCondition(scene.member);
    SharedCondition& words = ConditionOf(segment);
    uint32_t place = 0, owed = 0;
    for (int i = 0; i < 1000; i++) {
      REQUIRE(Conditions::Enter(words.condition, scene.member.me, place, &owed) == Status::kOK);
    }
    Shared<Stage> stage;
    Child other([&] {
      Member own;
      for (int i = 0; i < 400; i++) {
        stage->at = 1;
        EXPECT(Conditions::Notify(words.condition, own.me, 1) == 1);
      }
    });
    Await([&] { return stage->at == 1; });
    Victim victim(k, [&](const Member& own) {
      for (int i = 0; i < 3; i++) EXPECT(Counted::Notify(CountedAs(words), own.me, 1) == 1);
    });
    const bool died = victim.Died();
    CHECK(other.Wait() == 0);
    const uint32_t given = CountsOf(words, scene.member.token()).granted;
    CHECK(given >= 400);
    CHECK(given <= 403);
    if (!died) CHECK(given == 403);
    CHECK(Conditions::Notify(words.condition, scene.member.me, kAll) == 1000 - given);
    return died;
  });
  CHECK(steps >= 15);
}

TEST_CASE("step-kill: hand a notification on") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeCondition(scene.member);
    SharedCondition& words = ConditionOf(segment);
    Shared<Stage> stage;
    uint32_t victims_place = 0;
    Victim victim(
        k, [&](const Member& own) { EnterNotified(words, own, stage, victims_place); },
        [&](const Member& own) {
          uint32_t place = 0;
          Counted::HandOn(CountedAs(words), own.me, place);
        });
    Await([&] { return stage->token != 0; });
    CHECK(NotifyHolding(words, scene.member, 1) == 1);
    uint32_t place = 0, owed = 0;
    for (int i = 0; i < 3; i++) {
      REQUIRE(Conditions::Enter(words.condition, scene.member.me, place, &owed) == Status::kOK);
    }
    stage->at = 1;
    const bool died = victim.Died();
    const uint32_t notified = Conditions::Notified(words.condition, scene.member.me, place, kAll);
    CHECK(notified >= 1);
    CHECK(notified <= (died ? 2u : 1u));  // one too many if it died between giving and taking
    CHECK(Conditions::Notified(words.condition, scene.member.me, place, kAll) == notified);
    CHECK(NotifyHolding(words, scene.member, kAll) == 3 - notified);
    return died;
  });
  CHECK(steps >= 6);
}

TEST_CASE("step-kill: find what the dead were given") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeCondition(scene.member);
    SharedCondition& words = ConditionOf(segment);
    {
      Shared<Stage> stage;
      Child dead([&] {
        Member own;
        uint32_t place = 0;
        EnterNotified(words, own, stage, place);
      });
      Await([&] { return stage->token != 0; });
      CHECK(NotifyHolding(words, scene.member, 1) == 1);
      dead.Kill();
    }
    uint32_t place = 0, owed = 0;
    for (int i = 0; i < 3; i++) {
      REQUIRE(Conditions::Enter(words.condition, scene.member.me, place, &owed) == Status::kOK);
    }
    Victim victim(k, [&](const Member& own) {
      uint32_t own_place = 0, before = 0;
      EXPECT(Conditions::Enter(words.condition, own.me, own_place, &before) == Status::kOK);
      Counted::Notified(CountedAs(words), own.me, own_place, kAll);
    });
    const bool died = victim.Died();
    const uint32_t notified = Conditions::Notified(words.condition, scene.member.me, place, kAll);
    // Only one that lives to its end may have been the one; it has died since without using it.
    CHECK(notified >= 1);
    CHECK(notified <= (died ? 2u : 1u));
    CHECK(NotifyHolding(words, scene.member, kAll) == 3 - notified);
    return died;
  });
  CHECK(steps >= 6);
}

}  // namespace procloom::test
