// Killed at every step of a barrier's verbs: those who wait get one answer, the same for all, and the barrier goes on.
#include <doctest/doctest.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "test/step-kill/each-step.h"
#include "test/support/barrier-words.h"
#include "test/support/private-directory.h"

namespace procloom::test {

namespace {

using CountedBarrier = procloom::Barrier<CountingAtomics>;

struct Scene {
  PrivateDirectory directory;
  Member member;
};

Meeting WaitCounted(const std::shared_ptr<Segment>& segment, const Waiter& me, int64_t deadline_ns, bool acts) {
  Spinner spinner;
  return CountedBarrier::Wait(BarrierAs<CountingAtomics>(segment), me, acts, deadline_ns, spinner);
}

// Another process that waits at the barrier once.
class Party {
 public:
  explicit Party(const std::shared_ptr<Segment>& segment)
      : child_([this, segment] {
          Member own;
          *met_ = 1 + static_cast<int>(WaitAtBarrier(segment, own.me, os::kForever).met);
        }) {}
  Met Got() {
    CHECK(child_.Wait() == 0);
    return static_cast<Met>(*met_ - 1);
  }

 private:
  Shared<std::atomic<int>> met_;
  Child child_;
};

// A barrier of which one process dies, as those see it that go on.
struct Survivors {
  const Member& member;
  std::shared_ptr<Segment> segment;
  BarrierWords<StdAtomics>& words;

  Survivors(const Member& own, uint32_t parties)
      : member(own), segment(MakeBarrier(own, parties)), words(BarrierOf(segment)) {}

  // One more that is inside and sleeps.
  std::unique_ptr<Party> Inside() {
    const uint32_t before = Waiting();
    auto party = std::make_unique<Party>(segment);
    Await([&] { return Waiting() == before + 1 && (words.state & kWaiters) != 0; });
    return party;
  }
  uint32_t Waiting() { return Barriers::Waiting(words, member.me); }
  Met Wait() { return WaitAtBarrier(segment, member.me, Soon()).met; }
  // As an event loop does: it looks when it was rung, and every now and then.
  Met LookUntilOver(uint32_t index) {
    Meeting meeting{Met::kInside, index};
    Await([&] {
      meeting = Barriers::Look(words, member.me, index, true);
      return meeting.met != Met::kInside;
    });
    return meeting.met;
  }
  // Nobody is inside any more: after a reset all meet.
  void CheckGoesOn() {
    Barriers::Reset(words, member.me);
    CHECK(StageOf(segment) == kBarrierFilling);
    CHECK(TakenCells(segment) == 0);
    std::vector<std::unique_ptr<Party>> others;
    for (uint32_t i = 1; i < words.parties; i++) others.push_back(std::make_unique<Party>(segment));
    CHECK(Wait() == Met::kPassed);
    for (const auto& other : others) CHECK(other->Got() == Met::kPassed);
    CHECK(StageOf(segment) == kBarrierFilling);
    CHECK(TakenCells(segment) == 0);
  }
};

}  // namespace

TEST_CASE("step-kill: wait at a barrier, in the midst of others") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    Survivors survivors(scene.member, 3);
    const auto first = survivors.Inside();
    Victim victim(k, [&](const Member& own) {
      EXPECT(WaitCounted(survivors.segment, own.me, Soon(), false).met == Met::kPassed);
    });
    Await([&] { return TakenCells(survivors.segment) == 2 || victim.Ended(); });
    Pause(1'000'000);
    // Where it died before it came, another one comes.
    std::unique_ptr<Party> instead;
    if (victim.Ended() && survivors.Waiting() == 1) instead = survivors.Inside();
    const Met met = survivors.Wait();
    const bool died = victim.Died();
    CHECK((met == Met::kPassed || met == Met::kBroken));
    if (!died || instead) CHECK(met == Met::kPassed);
    CHECK(first->Got() == met);
    if (instead) CHECK(instead->Got() == met);
    survivors.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 3);
}

TEST_CASE("step-kill: come last to a barrier") {
  Scene scene;
  REQUIRE(scene.member.participant->MakeBell() == Status::kOK);
  bool acts = false, loop = false;
  SUBCASE("threads wait") {}
  SUBCASE("threads wait, and there is an action") { acts = true; }
  SUBCASE("threads and a loop wait, and there is an action") { acts = loop = true; }
  const long steps = EachStep([&](long k) {
    Survivors survivors(scene.member, 4);
    const auto first = survivors.Inside(), second = survivors.Inside();
    std::unique_ptr<Party> third;
    if (loop) {
      CHECK(Barriers::Arrive(survivors.words, scene.member.me, false, false).index == 2);
      Barriers::Watch(survivors.words, scene.member.me);
    } else {
      third = survivors.Inside();
    }
    Victim victim(k, [&](const Member& own) {
      const Meeting meeting = WaitCounted(survivors.segment, own.me, Soon(), acts);
      EXPECT(meeting.index == 3);
      EXPECT(meeting.met == (acts ? Met::kToAct : Met::kPassed));
      if (acts)
        EXPECT(CountedBarrier::Acted(BarrierAs<CountingAtomics>(survivors.segment), own.me).met == Met::kPassed);
    });
    const bool died = victim.Died();
    // Where it died before it came, another one comes.
    std::unique_ptr<Party> instead;
    if (survivors.Waiting() == 3) instead = std::make_unique<Party>(survivors.segment);
    const Met met = first->Got();
    CHECK((met == Met::kPassed || met == Met::kBroken));
    if (!died || instead) CHECK(met == Met::kPassed);
    CHECK(second->Got() == met);
    if (third) CHECK(third->Got() == met);
    if (loop) CHECK(survivors.LookUntilOver(2) == met);
    if (instead) CHECK(instead->Got() == met);
    survivors.CheckGoesOn();
    return died;
  });
  CHECK(steps >= (acts ? 5 : 4));
}

TEST_CASE("step-kill: wait at a barrier in vain") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    Survivors survivors(scene.member, 3);
    const auto other = survivors.Inside();
    Victim victim(k, [&](const Member& own) {
      EXPECT(WaitCounted(survivors.segment, own.me, InMs(200), true).met == Met::kBroken);
    });
    const bool died = victim.Died();
    // Before it came it broke nothing.
    if (survivors.Waiting() == 1) Barriers::Abort(survivors.words, *scene.member.registry);
    CHECK(other->Got() == Met::kBroken);
    CHECK(Barriers::Broken(survivors.words, scene.member.me));
    survivors.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 5);
}

TEST_CASE("step-kill: an action that fails") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    Survivors survivors(scene.member, 3);
    const auto first = survivors.Inside(), second = survivors.Inside();
    Victim victim(
        k,
        [&](const Member& own) { EXPECT(Barriers::Arrive(survivors.words, own.me, true, false).met == Met::kToAct); },
        [&](const Member& own) {
          auto& counted = BarrierAs<CountingAtomics>(survivors.segment);
          EXPECT(CountedBarrier::GiveUp(counted, own.me, 2).met == Met::kBroken);
        });
    const bool died = victim.Died();
    CHECK(first->Got() == Met::kBroken);
    CHECK(second->Got() == Met::kBroken);
    survivors.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 3);
}

TEST_CASE("step-kill: leave a barrier while others wait to arrive") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    Survivors survivors(scene.member, 2);
    Shared<std::atomic<int>> stage;
    Victim victim(
        k,
        [&](const Member& own) {
          EXPECT(Barriers::Arrive(survivors.words, own.me, false, false).index == 0);
          *stage = 1;
          Await([&] { return *stage == 2; });
        },
        [&](const Member& own) {
          auto& counted = BarrierAs<CountingAtomics>(survivors.segment);
          EXPECT(CountedBarrier::Look(counted, own.me, 0, true).met == Met::kPassed);
        });
    Await([&] { return *stage == 1; });
    CHECK(Barriers::Arrive(survivors.words, scene.member.me, false, false).met == Met::kPassed);
    Party next(survivors.segment);
    Await([&] { return (survivors.words.state & kWaiters) != 0; });
    *stage = 2;
    const bool died = victim.Died();
    Await([&] { return survivors.Waiting() == 1; });
    CHECK(survivors.Wait() == Met::kPassed);
    CHECK(next.Got() == Met::kPassed);
    survivors.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 3);
}

TEST_CASE("step-kill: abort") {
  Scene scene;
  bool leaving = false;
  SUBCASE("while others wait") {}
  SUBCASE("while others leave") { leaving = true; }
  const long steps = EachStep([&](long k) {
    Survivors survivors(scene.member, 2);
    std::unique_ptr<Party> waiting;
    if (leaving) {
      for (int i = 0; i < 2; i++) Barriers::Arrive(survivors.words, scene.member.me, false, false);
    } else {
      waiting = survivors.Inside();
    }
    Victim victim(k, [&](const Member& own) {
      CountedBarrier::Abort(BarrierAs<CountingAtomics>(survivors.segment), *own.registry);
    });
    const bool died = victim.Died();
    CHECK(Barriers::Broken(survivors.words, scene.member.me) == (!died || k > 0));
    if (leaving) {
      CHECK(Barriers::Look(survivors.words, scene.member.me, 0, true).met == Met::kPassed);
    } else {
      Barriers::Abort(survivors.words, *scene.member.registry);
      CHECK(waiting->Got() == Met::kBroken);
    }
    survivors.CheckGoesOn();
    return died;
  });
  CHECK(steps >= (leaving ? 1 : 2));
}

TEST_CASE("step-kill: reset") {
  Scene scene;
  bool waiting = false, broken = false, dead = false;
  SUBCASE("while others wait") { waiting = true; }
  SUBCASE("of a broken one") { broken = true; }
  SUBCASE("of a broken one in which a dead one still stands") { broken = dead = true; }
  const long steps = EachStep([&](long k) {
    Survivors survivors(scene.member, 3);
    std::unique_ptr<Party> first, second;
    if (waiting) {
      first = survivors.Inside();
      second = survivors.Inside();
    }
    if (dead) {
      Child corpse([&] {
        Member own;
        EXPECT(Barriers::Arrive(survivors.words, own.me, false, false).met == Met::kInside);
        _exit(0);
      });
      CHECK(corpse.Wait() == 0);
    }
    if (broken) Barriers::Abort(survivors.words, *scene.member.registry);
    Victim victim(
        k, [&](const Member& own) { CountedBarrier::Reset(BarrierAs<CountingAtomics>(survivors.segment), own.me); });
    const bool died = victim.Died();
    if (died) Barriers::Reset(survivors.words, scene.member.me);
    CHECK_FALSE(Barriers::Broken(survivors.words, scene.member.me));
    if (waiting) {
      CHECK(first->Got() == Met::kBroken);
      CHECK(second->Got() == Met::kBroken);
    }
    survivors.CheckGoesOn();
    return died;
  });
  CHECK(steps >= (waiting ? 2 : 5));
}

TEST_CASE("step-kill: find a dead one at a barrier") {
  Scene scene;
  bool leaving = false;
  SUBCASE("that waits") {}
  SUBCASE("that has not left") { leaving = true; }
  const long steps = EachStep([&](long k) {
    Survivors survivors(scene.member, 3);
    Child corpse([&] {
      Member own;
      EXPECT(Barriers::Arrive(survivors.words, own.me, false, false).index == 0);
      if (leaving) Await([&] { return StageOf(survivors.segment) == kBarrierDraining; });
      _exit(0);
    });
    std::unique_ptr<Party> other;
    if (leaving) {
      Await([&] { return TakenCells(survivors.segment) == 1; });
      for (int i = 0; i < 2; i++) Barriers::Arrive(survivors.words, scene.member.me, false, false);
      CHECK(Barriers::Look(survivors.words, scene.member.me, 1, false).met == Met::kPassed);
      CHECK(corpse.Wait() == 0);
    } else {
      CHECK(corpse.Wait() == 0);
      other = std::make_unique<Party>(survivors.segment);
    }
    Victim victim(
        k, [&](const Member& own) { CountedBarrier::Broken(BarrierAs<CountingAtomics>(survivors.segment), own.me); });
    const bool died = victim.Died();
    if (leaving) {
      CHECK_FALSE(Barriers::Broken(survivors.words, scene.member.me));
    } else {
      CHECK(other->Got() == Met::kBroken);
    }
    survivors.CheckGoesOn();
    return died;
  });
  CHECK(steps >= (leaving ? 2 : 0));  // another may be quicker in finding one that waits
}

TEST_CASE("step-kill: await a barrier") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    Survivors survivors(scene.member, 2);
    Victim victim(
        k, [](const Member& own) { EXPECT(own.participant->MakeBell() == Status::kOK); },
        [&](const Member& own) {
          auto& counted = BarrierAs<CountingAtomics>(survivors.segment);
          EXPECT(CountedBarrier::Arrive(counted, own.me, false, false).met == Met::kInside);
          CountedBarrier::Watch(counted, own.me);
          Meeting meeting{Met::kInside, 0};
          while (meeting.met == Met::kInside) {
            Pause(100'000);
            meeting = CountedBarrier::Look(counted, own.me, 0, true);
          }
          EXPECT(meeting.met == Met::kPassed);
          CountedBarrier::Unwatch(counted, own.me);
        });
    Await([&] { return TakenCells(survivors.segment) == 1 || victim.Ended(); });
    Pause(500'000);
    std::unique_ptr<Party> instead;
    if (victim.Ended() && TakenCells(survivors.segment) == 0) instead = std::make_unique<Party>(survivors.segment);
    const Met met = survivors.Wait();
    const bool died = victim.Died();
    if (!died || instead) CHECK(met == Met::kPassed);
    if (instead) CHECK(instead->Got() == Met::kPassed);
    survivors.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 5);
}

}  // namespace procloom::test
