// Killed at every step of an event's verbs: whoever waits is let go by a set() that was done, and by the next one if
// not.
#include <doctest/doctest.h>

#include <memory>

#include "test/step-kill/each-step.h"
#include "test/support/event-words.h"
#include "test/support/private-directory.h"

namespace procloom::test {

namespace {

using CountedEvent = procloom::Event<CountingAtomics>;

struct Scene {
  PrivateDirectory directory;
  Member member;
};

bool WaitCounted(const std::shared_ptr<Segment>& segment, const Waiter& me, int64_t deadline_ns) {
  Spinner spinner;
  return CountedEvent::Wait(EventAs<CountingAtomics>(segment), me, deadline_ns, spinner);
}

std::unique_ptr<Child> Sleeper(const std::shared_ptr<Segment>& segment) {
  Shared<std::atomic<int>> begun;
  auto child = std::make_unique<Child>([&] {
    Member own;
    const auto& words = EventAs<StdAtomics>(segment);
    const uint32_t state = Events::State(words);
    *begun = 1;
    // What is set from now on ends it, also if that is over before it sleeps.
    while (!Events::Over(words, state) && !WaitForEvent(segment, own.me, InMs(200))) {
    }
  });
  Await([&] { return *begun == 1 && (EventAs<StdAtomics>(segment).word & kWaiters) != 0; });
  return child;
}

// It still sets, clears, and lets go who waits.
void CheckGoesOn(const Scene& scene, const std::shared_ptr<Segment>& segment) {
  auto& words = EventAs<StdAtomics>(segment);
  Events::Clear(words);
  CHECK_FALSE(WaitForEvent(segment, scene.member.me, 0));
  const auto sleeper = Sleeper(segment);
  Events::Set(words, *scene.member.registry);
  CHECK(sleeper->Wait() == 0);
  CHECK(WaitForEvent(segment, scene.member.me, 0));
}

}  // namespace

TEST_CASE("step-kill: set an event for which nobody waits") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeEvent(scene.member);
    Victim victim(k, [&](const Member& own) { CountedEvent::Set(EventAs<CountingAtomics>(segment), *own.registry); });
    const bool died = victim.Died();
    CHECK(Events::IsSet(EventAs<StdAtomics>(segment)) == !died);  // one step: set or not
    CheckGoesOn(scene, segment);
    return died;
  });
  CHECK(steps == 1);
}

TEST_CASE("step-kill: set an event for which others wait") {
  Scene scene;
  REQUIRE(scene.member.participant->MakeBell() == Status::kOK);
  bool loop = false, cleared = false;
  SUBCASE("threads") {}
  SUBCASE("threads and a loop") { loop = true; }
  SUBCASE("threads, and it is cleared at once") { cleared = true; }
  const long steps = EachStep([&](long k) {
    const auto segment = MakeEvent(scene.member);
    auto& words = EventAs<StdAtomics>(segment);
    if (loop) Events::Watch(words, scene.member.me);
    const auto first = Sleeper(segment), second = Sleeper(segment);
    Victim victim(k, [&](const Member& own) {
      CountedEvent::Set(EventAs<CountingAtomics>(segment), *own.registry);
      if (cleared) CountedEvent::Clear(EventAs<CountingAtomics>(segment));
    });
    const bool died = victim.Died();
    // Before its first step nothing was done. After it, it is set, and who sleeps finds that within a slice.
    const uint32_t state = Events::State(words);
    CHECK((state != 0) == (!died || k > 0));
    if (state == 0) Events::Set(words, *scene.member.registry);
    CHECK(first->Wait() == 0);
    CHECK(second->Wait() == 0);
    CheckGoesOn(scene, segment);
    return died;
  });
  CHECK(steps >= (cleared ? 3 : 2));
}

TEST_CASE("step-kill: clear") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeEvent(scene.member);
    auto& words = EventAs<StdAtomics>(segment);
    Events::Set(words, *scene.member.registry);
    Victim victim(k, [&](const Member&) { CountedEvent::Clear(EventAs<CountingAtomics>(segment)); });
    const bool died = victim.Died();
    CHECK(Events::IsSet(words) == died);
    CheckGoesOn(scene, segment);
    return died;
  });
  CHECK(steps == 1);
}

TEST_CASE("step-kill: wait in vain") {
  Scene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = MakeEvent(scene.member);
    Victim victim(k, [&](const Member& own) { EXPECT(!WaitCounted(segment, own.me, InMs(200))); });
    const bool died = victim.Died();
    CHECK_FALSE(Events::IsSet(EventAs<StdAtomics>(segment)));
    CheckGoesOn(scene, segment);
    return died;
  });
  CHECK(steps >= 2);
}

TEST_CASE("step-kill: wait for what comes, beside another") {
  Scene scene;
  bool loop = false;
  SUBCASE("a thread") {}
  SUBCASE("a loop") { loop = true; }
  const long steps = EachStep([&](long k) {
    const auto segment = MakeEvent(scene.member);
    auto& words = EventAs<StdAtomics>(segment);
    Shared<std::atomic<int>> begun;
    Victim victim(k, [&](const Member& own) {
      if (loop) {
        auto& counted = EventAs<CountingAtomics>(segment);
        const uint32_t state = CountedEvent::State(counted);
        EXPECT(own.participant->MakeBell() == Status::kOK);
        CountedEvent::Watch(counted, own.me);
        *begun = 1;
        Await([&] { return CountedEvent::Over(counted, state); });
        CountedEvent::Unwatch(counted, own.me);
      } else {
        *begun = 1;
        EXPECT(WaitCounted(segment, own.me, Soon()));
      }
    });
    // The victim first, so that its steps are the same each time.
    Await([&] { return (*begun == 1 && (words.word & kWaiters) != 0) || victim.Ended(); });
    const auto sleeper = Sleeper(segment);
    Events::Set(words, *scene.member.registry);
    const bool died = victim.Died();
    CHECK(sleeper->Wait() == 0);
    CheckGoesOn(scene, segment);
    return died;
  });
  CHECK(steps >= 2);
}

}  // namespace procloom::test
