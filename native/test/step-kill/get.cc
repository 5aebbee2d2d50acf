// Killed at every step of a get: at most the message in its hand is gone, others go on, and the memory of left rings is
// given back.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "test/step-kill/survivor.h"

namespace procloom::test {

TEST_CASE("step-kill: get") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    for (uint64_t number = 0; number < 3; number++) survivor.Put(number, 100);
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(GetNumber(queue, own.me, Soon()).number == 0);
    });
    const bool died = victim.Died();
    const uint64_t first = survivor.queue.Items() == 3 ? 0 : 1;
    if (!died) CHECK(first == 1);
    survivor.Put(3, 100);
    CHECK(survivor.Drain() == From(first, 4));
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 4);
}

TEST_CASE("step-kill: get that follows jumps and gives left rings back") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    constexpr uint64_t kMessages = 14;
    for (uint64_t number = 0; number < kMessages; number++) survivor.Put(number, 150 * kKiB);
    Shared<std::atomic<uint64_t>> taken;
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      for (uint64_t number = 0; number < kMessages; number++) {
        EXPECT(GetNumber(queue, own.me, Soon()).number == number);
        *taken = number + 1;
      }
    });
    const bool died = victim.Died();
    survivor.Put(kMessages, 150 * kKiB);
    const std::vector<uint64_t> rest = survivor.Drain();
    // At most the one in its hand is gone.
    const bool whole = rest == From(*taken, kMessages + 1) || rest == From(*taken + 1, kMessages + 1);
    CHECK(whole);
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 14 * 4 + 1 + 4);  // of which one leaves the first ring, and one a ring whose memory is given back
}

TEST_CASE("step-kill: get that makes room for one that waits") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member, 2);
    for (uint64_t number = 0; number < 2; number++) survivor.Put(number, 100);
    Child putter([&] {
      Member own;
      Queue queue(survivor.segment);
      EXPECT(PutNumber(queue, own.me, 2, 100, os::kForever) == Status::kOK);
    });
    Await([&] { return (survivor.words.head & kWaitingBit) != 0; });
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(GetNumber(queue, own.me, Soon()).number == 0);
    });
    const bool died = victim.Died();
    const bool got = Commit::Of(survivor.words.head).items == 1;
    if (!died) CHECK(got);
    if (!got) CHECK(GetNumber(survivor.queue, scene.member.me, Soon()).number == 0);
    CHECK(putter.Wait() == 0);
    CHECK(survivor.Drain() == From(1, 3));
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 7);
}

TEST_CASE("step-kill: get in vain") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(GetNumber(queue, own.me, InMs(200)).status == Status::kTIMEOUT);
    });
    const bool died = victim.Died();
    survivor.Put(1, 100);
    CHECK(survivor.Drain() == From(1, 2));
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 3);
}

TEST_CASE("step-kill: wait for a message that comes, beside another") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    Getter getter(survivor.segment, 1);
    Shared<std::atomic<int>> begun;
    Shared<std::atomic<uint64_t>> got_by_victim;
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      *begun = 1;
      const Got got = GetNumber(queue, own.me, Soon());
      EXPECT(got.status == Status::kOK && got.number != kTorn);
      *got_by_victim = got.number;
    });
    Await([&] { return *begun == 1 || victim.Ended(); });
    Pause(1'000'000);
    survivor.Put(1, 100);
    survivor.Put(2, 100);
    const bool died = victim.Died();
    const std::vector<uint64_t> others = getter.Numbers();
    REQUIRE(others.size() == 1);  // there is one for it whatever the victim did
    std::vector<uint64_t> all = others + survivor.Drain();
    if (*got_by_victim != 0) all.push_back(*got_by_victim);
    std::sort(all.begin(), all.end());
    const bool whole = all == From(1, 3) || (died && *got_by_victim == 0 && all == others);
    CHECK(whole);
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 6);
}

}  // namespace procloom::test
