#include "sync/barrier.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "test/support/barrier-scene.h"

namespace procloom::test {

TEST_CASE("barrier: one party passes at once") {
  BarrierScene scene(1);
  for (uint32_t round = 0; round < 5; round++) {
    CHECK(PhaseOf(scene.segment) == round);
    const Meeting meeting = scene.Wait(0);
    CHECK(meeting.met == Met::kPassed);
    CHECK(meeting.index == 0);
  }
}

TEST_CASE("barrier: arrivals of one thread, as its promises make them") {
  BarrierScene scene(3);
  const Waiter& me = scene.member.me;
  for (uint32_t round = 0; round < 3; round++) {
    for (uint32_t index = 0; index < 2; index++) {
      const Meeting meeting = Barriers::Arrive(scene.words, me, false, true);
      CHECK(meeting.met == Met::kInside);
      CHECK(meeting.index == index);
      CHECK(scene.Waiting() == index + 1);
    }
    CHECK(Barriers::Look(scene.words, me, 0, true).met == Met::kInside);
    const Meeting last = Barriers::Arrive(scene.words, me, false, true);
    CHECK(last.met == Met::kPassed);
    CHECK(last.index == 2);
    CHECK(scene.Waiting() == 0);
    // The next round begins when the others have looked.
    CHECK(Barriers::Arrive(scene.words, me, false, true).met == Met::kOutside);
    CHECK(Barriers::Look(scene.words, me, 1, true).met == Met::kPassed);
    CHECK(Barriers::Arrive(scene.words, me, false, true).met == Met::kOutside);
    CHECK(Barriers::Look(scene.words, me, 0, true).met == Met::kPassed);
  }
}

TEST_CASE("barrier: the last one acts before anybody passes") {
  BarrierScene scene(2);
  const Waiter& me = scene.member.me;
  CHECK(Barriers::Arrive(scene.words, me, true, false).met == Met::kInside);
  const Meeting last = Barriers::Arrive(scene.words, me, true, false);
  CHECK(last.met == Met::kToAct);
  CHECK(last.index == 1);
  CHECK(scene.Waiting() == 2);
  CHECK(Barriers::Look(scene.words, me, 0, true).met == Met::kInside);
  CHECK(Barriers::Arrive(scene.words, me, true, false).met == Met::kOutside);  // one too many comes next
  SUBCASE("and is done") {
    CHECK(Barriers::Acted(scene.words, me).met == Met::kPassed);
    CHECK(Barriers::Look(scene.words, me, 0, true).met == Met::kPassed);
    CHECK(PhaseOf(scene.segment) == 1);
  }
  SUBCASE("and fails") {
    CHECK(Barriers::GiveUp(scene.words, me, 1).met == Met::kBroken);
    CHECK(Barriers::Look(scene.words, me, 0, true).met == Met::kBroken);
    CHECK(scene.Broken());
  }
  SUBCASE("and is done too late: it was aborted") {
    scene.Abort();
    CHECK(Barriers::Acted(scene.words, me).met == Met::kBroken);
    CHECK(Barriers::Look(scene.words, me, 0, true).met == Met::kBroken);
    CHECK(scene.Broken());
  }
  SUBCASE("and is done too late: it was reset") {
    scene.Reset();
    CHECK_FALSE(scene.Broken());
    CHECK(Barriers::Look(scene.words, me, 0, true).met == Met::kBroken);
    CHECK(StageOf(scene.segment) == kBarrierResetting);
    CHECK(Barriers::Acted(scene.words, me).met == Met::kBroken);
    CHECK(StageOf(scene.segment) == kBarrierFilling);
  }
  scene.CheckGoesOn();
}

TEST_CASE("barrier: the indices are the order of arrival") {
  BarrierScene scene(5);
  for (int i = 0; i < 4; i++) {
    scene.Start();
    Await([&] { return scene.Waiting() == static_cast<uint32_t>(i + 1); });
  }
  CHECK(scene.Wait().index == 4);
  scene.CheckAllMet(Met::kPassed);
  for (int i = 0; i < 4; i++) CHECK(scene.log->index[i] == i);
}

TEST_CASE("barrier: rounds without a pause stay in step") {
  constexpr int kRounds = 2000;
  BarrierScene scene(5);
  Shared<MeetingLog> log;
  const auto work = [&](int number, Member& own) {
    Spinner spinner;
    for (int round = 0; round < kRounds; round++) {
      log->round[number] = round;
      const Meeting meeting = Barriers::Wait(scene.words, own.me, true, Soon(), spinner);
      if (meeting.met == Met::kToAct) {
        EXPECT(meeting.index == 4);
        EXPECT(log->acting++ == 0);
        for (int i = 0; i < 5; i++) EXPECT(log->round[i] == round);
        log->acting--;
        EXPECT(Barriers::Acted(scene.words, own.me).met == Met::kPassed);
        log->ended++;
      } else {
        EXPECT(meeting.met == Met::kPassed);
        EXPECT(meeting.index < 4);
      }
    }
  };
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 1; i < 5; i++) {
    children.push_back(std::make_unique<Child>([&, i] {
      Member own;
      work(i, own);
    }));
  }
  work(0, scene.member);
  for (const auto& child : children) CHECK(child->Wait() == 0);
  CHECK(log->ended == kRounds);
  CHECK(TakenCells(scene.segment) == 0);
}

TEST_CASE("barrier: more come than there is room for") {
  constexpr int kRounds = 600;
  BarrierScene scene(3);
  Shared<MeetingLog> log;
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 6; i++) {  // two rounds' worth at a time
    children.push_back(std::make_unique<Child>([&] {
      Member own;
      Spinner spinner;
      // Together they come exactly as often as three meet.
      while (log->begun++ < 3 * kRounds) {
        const Meeting meeting = Barriers::Wait(scene.words, own.me, false, Soon(), spinner);
        EXPECT(meeting.met == Met::kPassed);
        log->index[meeting.index]++;
      }
    }));
  }
  for (const auto& child : children) CHECK(child->Wait() == 0);
  for (int i = 0; i < 3; i++) CHECK(log->index[i] == kRounds);
}

TEST_CASE("barrier: abort") {
  BarrierScene scene(3);
  SUBCASE("of nobody") {
    scene.Abort();
    scene.Abort();
    CHECK(scene.Broken());
    CHECK(scene.Wait().met == Met::kBroken);
    CHECK(scene.Waiting() == 0);
  }
  SUBCASE("of those who wait") {
    scene.StartWaiting(2);
    scene.Abort();
    CHECK(scene.Broken());
    CHECK(scene.Wait().met == Met::kBroken);
    scene.CheckAllMet(Met::kBroken);
  }
  SUBCASE("while they leave: those have passed, and afterwards it is broken") {
    const Waiter& me = scene.member.me;
    for (int i = 0; i < 3; i++) Barriers::Arrive(scene.words, me, false, false);
    CHECK(StageOf(scene.segment) == kBarrierDraining);
    scene.Abort();
    CHECK(scene.Broken());
    CHECK(Barriers::Arrive(scene.words, me, false, false).met == Met::kBroken);
    CHECK(Barriers::Look(scene.words, me, 0, false).met == Met::kPassed);
    CHECK(scene.Broken());
    CHECK(Barriers::Look(scene.words, me, 1, false).met == Met::kPassed);
    CHECK(StageOf(scene.segment) == kBarrierBroken);
    CHECK(scene.Wait().met == Met::kBroken);
  }
  SUBCASE("while those leave whom a reset sent away") {
    const Waiter& me = scene.member.me;
    Barriers::Arrive(scene.words, me, false, false);
    scene.Reset();
    CHECK(StageOf(scene.segment) == kBarrierResetting);
    scene.Abort();
    CHECK(scene.Broken());
    CHECK(Barriers::Look(scene.words, me, 0, false).met == Met::kBroken);
    CHECK(scene.Broken());
  }
  scene.CheckGoesOn();
}

TEST_CASE("barrier: reset") {
  BarrierScene scene(3);
  const Waiter& me = scene.member.me;
  SUBCASE("of nobody changes nothing") {
    scene.Reset();
    CHECK(PhaseOf(scene.segment) == 0);
  }
  SUBCASE("sends those away who wait") {
    scene.StartWaiting(2);
    scene.Reset();
    scene.CheckAllMet(Met::kBroken);
    CHECK_FALSE(scene.Broken());
    CHECK(PhaseOf(scene.segment) == 1);
  }
  SUBCASE("while they leave: they have passed") {
    for (int i = 0; i < 3; i++) Barriers::Arrive(scene.words, me, false, false);
    scene.Reset();
    CHECK(Barriers::Look(scene.words, me, 0, false).met == Met::kPassed);
    CHECK(Barriers::Look(scene.words, me, 1, false).met == Met::kPassed);
  }
  SUBCASE("takes an abort back that came while they leave") {
    for (int i = 0; i < 3; i++) Barriers::Arrive(scene.words, me, false, false);
    scene.Abort();
    scene.Reset();
    CHECK_FALSE(scene.Broken());
    CHECK(Barriers::Look(scene.words, me, 0, false).met == Met::kPassed);
    CHECK(Barriers::Look(scene.words, me, 1, false).met == Met::kPassed);
    CHECK(StageOf(scene.segment) == kBarrierFilling);
  }
  SUBCASE("waits for nobody, but who comes then waits for those who have not looked") {
    Barriers::Arrive(scene.words, me, false, false);
    scene.Reset();
    scene.Reset();
    scene.Start();
    Await([&] { return scene.log->begun == 1 && (scene.words.state & kWaiters) != 0; });
    CHECK(scene.Waiting() == 0);
    CHECK(Barriers::Look(scene.words, me, 0, false).met == Met::kBroken);
    Await([&] { return scene.Waiting() == 1; });
    scene.StartWaiting(1);
    CHECK(scene.Wait().met == Met::kPassed);
    scene.CheckAllMet(Met::kPassed);
  }
  scene.CheckGoesOn();
}

TEST_CASE("barrier: a deadline breaks it for all") {
  BarrierScene scene(3);
  SUBCASE("of one who waits") {
    scene.StartWaiting(1);
    for (const int64_t ms : {0, 1, 120}) {
      const int64_t deadline = ms == 0 ? 0 : InMs(ms);
      CHECK(scene.Wait(deadline).met == Met::kBroken);
      CHECK(os::NowNs() >= deadline);
      CHECK(scene.Broken());
      scene.CheckAllMet(Met::kBroken);
      scene.Reset();
      scene.parties.clear();
      scene.StartWaiting(1);
    }
    scene.Abort();
    scene.CheckAllMet(Met::kBroken);
  }
  SUBCASE("of one who waits to arrive: those have passed who leave") {
    const Waiter& me = scene.member.me;
    for (int i = 0; i < 3; i++) Barriers::Arrive(scene.words, me, false, false);
    Child& late = scene.Start(InMs(20));
    CHECK(late.Wait() == 0);
    CHECK(scene.MetBy(0) == Met::kBroken);
    CHECK(scene.Broken());
    CHECK(Barriers::Look(scene.words, me, 0, false).met == Met::kPassed);
    CHECK(Barriers::Look(scene.words, me, 1, false).met == Met::kPassed);
  }
  SUBCASE("but one that comes too late for it has passed") {
    const Waiter& me = scene.member.me;
    for (int i = 0; i < 3; i++) Barriers::Arrive(scene.words, me, false, false);
    CHECK(Barriers::GiveUp(scene.words, me, 0).met == Met::kPassed);
    CHECK(Barriers::GiveUp(scene.words, me, 1).met == Met::kPassed);
    CHECK_FALSE(scene.Broken());
  }
  scene.CheckGoesOn();
}

TEST_CASE("barrier: loops that wait are rung when it moves") {
  BarrierScene scene(2);
  std::unique_ptr<Participant> loop;
  REQUIRE(scene.member.registry->Join(false, &loop) == Status::kOK);
  REQUIRE(loop->MakeBell() == Status::kOK);
  const Waiter other{scene.member.registry.get(), loop->token()};
  const auto rung = [&] { return (loop->slot().bell & kBellMask) == kBellNotified; };
  const auto hush = [&] { loop->slot().bell = kBellAwake; };
  CHECK(Barriers::Arrive(scene.words, other, false, false).met == Met::kInside);
  Barriers::Watch(scene.words, other);
  CHECK(Barriers::Look(scene.words, other, 0, true).met == Met::kInside);
  CHECK_FALSE(rung());
  SUBCASE("all have come") {
    CHECK(Barriers::Arrive(scene.words, scene.member.me, false, false).met == Met::kPassed);
    CHECK(rung());
    hush();
    Barriers::Watch(scene.words, other);
    CHECK(Barriers::Look(scene.words, other, 0, false).met == Met::kPassed);
    CHECK(rung());  // the next round may begin
  }
  SUBCASE("not while the action runs") {
    CHECK(Barriers::Arrive(scene.words, scene.member.me, true, false).met == Met::kToAct);
    CHECK_FALSE(rung());
    CHECK(Barriers::Acted(scene.words, scene.member.me).met == Met::kPassed);
    CHECK(rung());
    CHECK(Barriers::Look(scene.words, other, 0, false).met == Met::kPassed);
  }
  SUBCASE("broken") {
    scene.Abort();
    CHECK(rung());
    CHECK(Barriers::Look(scene.words, other, 0, false).met == Met::kBroken);
  }
  SUBCASE("not one that waits no longer") {
    Barriers::Unwatch(scene.words, other);
    scene.Abort();
    CHECK_FALSE(rung());
    CHECK(Barriers::Look(scene.words, other, 0, false).met == Met::kBroken);
  }
  scene.CheckGoesOn();
}

TEST_CASE("barrier: phases wrap") {
  BarrierScene scene(2);
  scene.words.state = kBarrierPhaseMask << kBarrierStageBits;
  for (uint32_t i = 0; i < 2; i++) BarrierCells(scene.words)[i] = BarrierCell(kBarrierPhaseMask, 0);
  scene.StartWaiting(1);
  CHECK(scene.Wait().met == Met::kPassed);
  scene.CheckAllMet(Met::kPassed);
  CHECK(PhaseOf(scene.segment) == 0);
  scene.CheckGoesOn();
}

TEST_CASE("barrier: as many parties as there can be") {
  BarrierScene scene(kMaximumParties);
  const Waiter& me = scene.member.me;
  for (uint32_t round = 0; round < 2; round++) {
    for (uint32_t i = 0; i + 1 < kMaximumParties; i++) {
      const Meeting meeting = Barriers::Arrive(scene.words, me, false, false);
      REQUIRE(meeting.met == Met::kInside);
      REQUIRE(meeting.index == i);
    }
    CHECK(Barriers::Arrive(scene.words, me, false, false).met == Met::kPassed);
    for (uint32_t i = 0; i + 1 < kMaximumParties; i++) {
      REQUIRE(Barriers::Look(scene.words, me, i, false).met == Met::kPassed);
    }
    CHECK(PhaseOf(scene.segment) == round + 1);
  }
}

}  // namespace procloom::test
