// A barrier of which a party dies: waiting, acting, leaving.
#include <doctest/doctest.h>
#include <signal.h>

#include "test/support/barrier-scene.h"

namespace procloom::test {

TEST_CASE("barrier: a death") {
  BarrierScene scene(4);
  SUBCASE("of one who waits breaks it for the others") {
    scene.StartWaiting(3);
    scene.parties[1]->Kill();
    CHECK(scene.MetBy(0) == Met::kBroken);
    CHECK(scene.MetBy(2) == Met::kBroken);
    CHECK(scene.Wait().met == Met::kBroken);
  }
  SUBCASE("breaks it also while the dead is a zombie") {
    scene.StartWaiting(2);
    scene.parties[0]->KillLeavingZombie();
    CHECK(scene.MetBy(1) == Met::kBroken);
  }
  SUBCASE("of the only one who waited is seen by who asks") {
    scene.StartWaiting(1);
    scene.parties[0]->Kill();
    SUBCASE("whether it is broken") { CHECK(scene.Broken()); }
    SUBCASE("how many wait") {
      CHECK(scene.Waiting() == 0);
      CHECK(scene.Broken());
    }
    SUBCASE("by arriving") { CHECK(scene.Wait().met == Met::kBroken); }
    SUBCASE("by a reset") {
      scene.Reset();
      CHECK_FALSE(scene.Broken());
    }
  }
  SUBCASE("is seen by the last one to come: it does not let them pass") {
    const Waiter& me = scene.member.me;
    scene.StartWaiting(1);
    for (int i = 0; i < 2; i++) CHECK(Barriers::Arrive(scene.words, me, false, false).met == Met::kInside);
    scene.parties[0]->Kill();
    CHECK(Barriers::Arrive(scene.words, me, true, false).met == Met::kBroken);
    for (uint32_t i = 1; i < 3; i++) CHECK(Barriers::Look(scene.words, me, i, false).met == Met::kBroken);
  }
  SUBCASE("of the one that acts breaks it for the others") {
    Shared<MeetingLog> log;
    scene.StartWaiting(3);
    Child actor([&] {
      Member own;
      EXPECT(WaitAtBarrier(scene.segment, own.me, os::kForever, true).met == Met::kToAct);
      log->acting = 1;
      Pause(20'000'000'000);
    });
    Await([&] { return log->acting == 1; });
    CHECK(scene.Waiting() == 4);
    actor.Kill();
    scene.CheckAllMet(Met::kBroken);
    CHECK(scene.Broken());
  }
  SUBCASE("of one who waits while the action runs breaks it, too") {
    const Waiter& me = scene.member.me;
    scene.StartWaiting(3);
    CHECK(Barriers::Arrive(scene.words, me, true, false).met == Met::kToAct);
    scene.parties[2]->Kill();
    CHECK(scene.MetBy(0) == Met::kBroken);
    CHECK(scene.MetBy(1) == Met::kBroken);
    CHECK(Barriers::Acted(scene.words, me).met == Met::kBroken);
  }
  SUBCASE("of one who has not left ends the round all the same") {
    const Waiter& me = scene.member.me;
    scene.StartWaiting(1);
    kill(scene.parties[0]->pid(), SIGSTOP);
    for (int i = 0; i < 3; i++) Barriers::Arrive(scene.words, me, false, false);
    for (uint32_t i = 1; i < 3; i++) CHECK(Barriers::Look(scene.words, me, i, false).met == Met::kPassed);
    CHECK(StageOf(scene.segment) == kBarrierDraining);
    Child& next = scene.Start();
    Await([&] { return scene.log->begun == 2; });
    scene.parties[0]->Kill();
    Await([&] { return scene.Waiting() == 1; });
    CHECK(PhaseOf(scene.segment) == 1);
    scene.Abort();
    CHECK(next.Wait() == 0);
  }
  scene.CheckGoesOn();
}

}  // namespace procloom::test
