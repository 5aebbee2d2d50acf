#include "sync/event.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "test/support/event-words.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

struct EventScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment = MakeEvent(member);
  EventWords<StdAtomics>& words = EventAs<StdAtomics>(segment);

  void Set() { Events::Set(words, *member.registry); }
  void Clear() { Events::Clear(words); }
  bool Wait(int64_t deadline_ns = 0) { return WaitForEvent(segment, deadline_ns); }
  bool Waited() const { return (words.word & kWaiters) != 0; }
};

struct Counters {
  std::atomic<int> begun, over, round;
};

}  // namespace

TEST_CASE("event: set, cleared, set again") {
  EventScene scene;
  CHECK_FALSE(Events::IsSet(scene.words));
  CHECK_FALSE(scene.Wait());
  scene.Clear();
  CHECK(scene.words.word == 0);
  for (int round = 0; round < 3; round++) {
    scene.Set();
    CHECK(Events::IsSet(scene.words));
    CHECK(scene.Wait());
    CHECK(scene.Wait(os::kForever));
    const uint32_t state = Events::State(scene.words);
    scene.Set();  // again: nothing
    CHECK(Events::State(scene.words) == state);
    scene.Clear();
    CHECK_FALSE(Events::IsSet(scene.words));
    CHECK_FALSE(scene.Wait());
  }
}

TEST_CASE("event: a wait is over when it was set meanwhile, set or not by now") {
  EventScene scene;
  const uint32_t begun = Events::State(scene.words);
  CHECK_FALSE(Events::Over(scene.words, begun));
  scene.Set();
  CHECK(Events::Over(scene.words, begun));
  const uint32_t while_set = Events::State(scene.words);
  scene.Clear();
  CHECK(Events::Over(scene.words, begun));
  CHECK(Events::Over(scene.words, while_set));
  const uint32_t afterwards = Events::State(scene.words);
  CHECK_FALSE(Events::Over(scene.words, afterwards));
}

TEST_CASE("event: the epoch wraps beside the flags") {
  EventScene scene;
  scene.words.word = ~(kWaiters | kEventSet);  // the last epoch
  const uint32_t begun = Events::State(scene.words);
  scene.Set();
  CHECK(scene.words.word == kEventSet);
  CHECK(Events::Over(scene.words, begun));
  scene.Clear();
  CHECK(scene.words.word == 0);
  CHECK(Events::Over(scene.words, begun));
}

TEST_CASE("event: a deadline passes") {
  EventScene scene;
  for (const int64_t ms : {1, 20, 120}) {
    const int64_t deadline = InMs(ms);
    CHECK_FALSE(scene.Wait(deadline));
    CHECK(os::NowNs() >= deadline);
  }
  scene.Set();  // whatever a waiter that gave up has left in the word
  CHECK(scene.Wait());
  CHECK_FALSE(scene.Waited());
}

TEST_CASE("event: one set lets all go, also those who find it cleared") {
  EventScene scene;
  Shared<Counters> counters;
  bool cleared = false;
  SUBCASE("left set") {}
  SUBCASE("cleared at once") { cleared = true; }
  std::vector<std::unique_ptr<Child>> sleepers;
  for (int i = 0; i < 4; i++) {
    sleepers.push_back(std::make_unique<Child>([&] {
      Member member;
      counters->begun++;
      EXPECT(WaitForEvent(scene.segment, os::kForever));
      counters->over++;
    }));
  }
  Await([&] { return counters->begun == 4 && scene.Waited(); });
  Pause(120'000'000);  // all of them sleep: more than two slices
  CHECK(counters->over == 0);
  scene.Set();
  if (cleared) scene.Clear();
  for (const auto& sleeper : sleepers) CHECK(sleeper->Wait() == 0);
  CHECK(counters->over == 4);
}

TEST_CASE("event: sets and clears without a pause lose no waiter") {
  EventScene scene;
  constexpr int kRounds = 2000;
  Shared<Counters> counters;
  std::vector<std::unique_ptr<Child>> waiters;
  for (int i = 0; i < 3; i++) {
    waiters.push_back(std::make_unique<Child>([&] {
      Member member;
      Spinner spinner;
      for (int round = 0; round < kRounds; round++) {
        const uint32_t begun = Events::State(scene.words);
        counters->begun++;
        // The wait begins where it says so: whatever is set from then on ends it.
        while (!Events::Over(scene.words, begun)) {
          if (Events::Wait(scene.words, InMs(20), spinner)) break;
        }
        counters->over++;
        Await([&] { return counters->round > round; });
      }
    }));
  }
  for (int round = 0; round < kRounds; round++) {
    Await([&] { return counters->begun == 3 * (round + 1); });
    scene.Set();
    scene.Clear();
    Await([&] { return counters->over == 3 * (round + 1); });
    counters->round++;
  }
  for (const auto& waiter : waiters) CHECK(waiter->Wait() == 0);
}

TEST_CASE("event: nobody waits, nobody is woken") {
  EventScene scene;
  const uint64_t before = os::WakeCalls();
  for (int round = 0; round < 100; round++) {
    scene.Set();
    scene.Clear();
  }
  CHECK(os::WakeCalls() == before);
}

TEST_CASE("event: all loops that wait are rung, and those that gave up are not") {
  EventScene scene;
  const auto& registry = scene.member.registry;
  std::unique_ptr<Participant> loops[9];  // more than are listed
  for (auto& loop : loops) {
    REQUIRE(registry->Join(false, &loop) == Status::kOK);
    REQUIRE(loop->MakeBell() == Status::kOK);
  }
  const auto rung = [&](size_t index) { return (loops[index]->slot().bell & kBellMask) == kBellNotified; };
  SUBCASE("few") {
    for (int i = 0; i < 4; i++) Events::Watch(scene.words, {registry.get(), loops[i]->token()});
    Events::Unwatch(scene.words, {registry.get(), loops[2]->token()});
    scene.Set();
    for (const size_t i : {0, 1, 3}) CHECK(rung(i));
    for (const size_t i : {2, 4}) CHECK_FALSE(rung(i));
  }
  SUBCASE("many") {
    for (const auto& loop : loops) Events::Watch(scene.words, {registry.get(), loop->token()});
    scene.Set();
    for (size_t i = 0; i < 9; i++) CHECK(rung(i));
  }
  SUBCASE("none, when it was set before") {
    scene.Set();
    Events::Watch(scene.words, {registry.get(), loops[0]->token()});
    CHECK_FALSE(scene.Waited());
    scene.Set();
    CHECK_FALSE(rung(0));
  }
}

}  // namespace procloom::test
