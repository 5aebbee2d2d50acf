// Killed at every step of a shutdown: what is in is a rest without gaps, and doing it again ends all waits.
#include <doctest/doctest.h>

#include <vector>

#include "test/step-kill/survivor.h"

namespace procloom::test {

TEST_CASE("step-kill: shut down") {
  ChannelScene scene;
  bool immediate = false;
  SUBCASE("not immediate") {}
  SUBCASE("immediate") { immediate = true; }
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member, 3), other(scene.member);
    for (uint64_t number = 0; number < 3; number++) survivor.Put(number, 100);
    Child putter([&] {
      Member own;
      Queue queue(survivor.segment);
      const Status status = PutNumber(queue, own.me, 3, 100, os::kForever);
      EXPECT(status == Status::kSHUT_DOWN || status == Status::kOK);
    });
    Await([&] { return (survivor.words.head & kWaitingBit) != 0; });
    Getter getter(other.segment, 1);
    Victim victim(k, [&](const Member& own) {
      CountedQueue first(survivor.segment), second(other.segment);
      ShutDown(first, own.me, immediate);
      ShutDown(second, own.me, immediate);
    });
    const bool died = victim.Died();
    // A death on the way leaves it shut down or not; what is in is a rest without gaps. Once more, it is.
    std::vector<uint64_t> rest;
    for (const bool all : {false, true}) {
      if (all) survivor.queue.ShutDown(scene.member.me);
      for (;;) {
        const Got got = GetNumber(survivor.queue, scene.member.me, 0);
        if (got.status != Status::kOK) break;
        rest.push_back(got.number);
      }
      if (all) CHECK(GetNumber(survivor.queue, scene.member.me, 0).status == Status::kSHUT_DOWN);
    }
    other.queue.ShutDown(scene.member.me);
    CHECK(putter.Wait() == 0);
    CHECK(getter.Numbers().empty());
    if (!immediate) {
      REQUIRE(rest.size() >= 3);
      const bool whole = rest == From(0, 3) || rest == From(0, 4);
      CHECK(whole);
    } else {
      const bool gapless = rest.empty() || rest == From(rest.front(), rest.back() + 1);
      CHECK(gapless);
      if (!died) CHECK(rest.empty());
    }
    CHECK(PutNumber(survivor.queue, scene.member.me, 9, 8, 0) == Status::kSHUT_DOWN);
    return died;
  });
  CHECK(steps >= 8);
}

}  // namespace procloom::test
