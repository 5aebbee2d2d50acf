// Killed at every step of taking and giving owned permits: none is ever lost, none made.
#include <doctest/doctest.h>

#include "test/step-kill/each-step.h"
#include "test/support/owned-scene.h"

namespace procloom::test {

namespace {

using Counted = OwnedPermits<CountingAtomics>;

OwnedPermitsWords<CountingAtomics>& AsCounted(OwnedPermitsWords<StdAtomics>& words) {
  static_assert(sizeof(OwnedPermitsWords<CountingAtomics>) == sizeof(OwnedPermitsWords<StdAtomics>));
  return *reinterpret_cast<OwnedPermitsWords<CountingAtomics>*>(&words);
}

// With all others dead, everything is there, and one that sleeps for more than there was is let in.
void CheckWhole(OwnedScene& scene, uint32_t maximum) {
  CHECK(scene.Value() == maximum);
  for (uint32_t i = 0; i < maximum; i++) CHECK(scene.Acquire(Soon()) == Status::kOK);
  CHECK(scene.Try() == Status::kTIMEOUT);
  CHECK(scene.Release(maximum) == Status::kOK);
}

}  // namespace

TEST_CASE("step-kill: take an owned permit") {
  const long steps = EachStep([&](long k) {
    OwnedScene scene(2);
    Victim victim(k, [&](const Member& own) { EXPECT(Counted::Try(AsCounted(scene.words), own.me) == Status::kOK); });
    const bool died = victim.Died();
    CheckWhole(scene, 2);
    return died;
  });
  CHECK(steps >= 4);
}

TEST_CASE("step-kill: give owned permits back, while another sleeps for one") {
  const long steps = EachStep([&](long k) {
    OwnedScene scene(2);
    Shared<std::atomic<int>> stage;
    Victim victim(
        k,
        [&](const Member& own) {
          EXPECT(Owned::Try(scene.words, own.me) == Status::kOK);
          EXPECT(Owned::Try(scene.words, own.me) == Status::kOK);
          *stage = 1;
          Await([&] { return *stage == 2; });
        },
        [&](const Member& own) { EXPECT(Counted::Release(AsCounted(scene.words), own.me, 2) == Status::kOK); });
    Await([&] { return *stage == 1; });
    Child sleeper([&] {
      Member member;
      Spinner spinner;
      EXPECT(Owned::Acquire(scene.words, member.me, Soon(), spinner) == Status::kOK);
    });
    Await([&] { return (scene.words.change & kWaiters) != 0; });
    *stage = 2;
    const bool died = victim.Died();
    CHECK(sleeper.Wait() == 0);
    CheckWhole(scene, 2);
    return died;
  });
  CHECK(steps >= 5);
}

TEST_CASE("step-kill: take what the dead held") {
  const long steps = EachStep([&](long k) {
    OwnedScene scene(1);
    Child dead([&] {
      Member member;
      EXPECT(Owned::Try(scene.words, member.me) == Status::kOK);
      _exit(0);
    });
    CHECK(dead.Wait() == 0);
    Victim victim(k, [&](const Member& own) { EXPECT(Counted::Try(AsCounted(scene.words), own.me) == Status::kOK); });
    const bool died = victim.Died();
    CheckWhole(scene, 1);
    return died;
  });
  CHECK(steps >= 6);
}

TEST_CASE("step-kill: wait for an owned permit and give up") {
  const long steps = EachStep([&](long k) {
    OwnedScene scene(1);
    CHECK(scene.Try() == Status::kOK);
    Victim victim(k, [&](const Member& own) {
      Spinner spinner;
      EXPECT(Counted::Acquire(AsCounted(scene.words), own.me, InMs(200), spinner) == Status::kTIMEOUT);
    });
    const bool died = victim.Died();
    CHECK(scene.Release() == Status::kOK);
    CheckWhole(scene, 1);
    return died;
  });
  CHECK(steps >= 3);
}

}  // namespace procloom::test
