// Killed at every step of a put: what was committed before is neither lost nor doubled, the message of the dead is
// there whole or not at all, and others go on.
#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "test/step-kill/survivor.h"
#include "test/support/pieces.h"

namespace procloom::test {

TEST_CASE("step-kill: put") {
  ChannelScene scene;
  uint64_t size = 0;
  long least = 0;
  SUBCASE("plain") { size = 100, least = 4; }
  SUBCASE("an empty ring that must grow") { size = 300 * kKiB, least = 5; }
  SUBCASE("that fills the ring to the last byte") {
    size = kFirstRingBytes - 3 * 112 - kJumpUnits * kUnit - 8, least = 4;
  }
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    for (uint64_t number = 0; number < 3; number++) survivor.Put(number, 100);
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(PutNumber(queue, own.me, 100, size, Soon()) == Status::kOK);
    });
    const bool died = victim.Died();
    const bool there = survivor.queue.Items() == 4;
    if (!died) CHECK(there);
    survivor.Put(200, 100);
    survivor.Put(201, size);
    CHECK(survivor.Drain() == From(0, 3) + From(100, there ? 101 : 100) + From(200, 202));
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= least);
}

TEST_CASE("step-kill: put that leaves a grown ring for a larger one") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    for (uint64_t number = 0; number < 5; number++) survivor.Put(number, 100 * kKiB);  // beyond the second ring
    const Got first = GetNumber(survivor.queue, scene.member.me, 0);
    CHECK(first.number == 0);
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(PutNumber(queue, own.me, 100, 3 * kMiB, Soon()) == Status::kOK);
    });
    const bool died = victim.Died();
    const bool there = survivor.queue.Items() == 5;
    if (!died) CHECK(there);
    survivor.Put(200, 3 * kMiB);
    CHECK(survivor.Drain() == From(1, 5) + From(100, there ? 101 : 100) + From(200, 201));
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 5);
}

TEST_CASE("step-kill: put of a large message: the next put gives back what it had reserved") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(PutNumber(queue, own.me, 100, 20 * kMiB, Soon()) == Status::kOK);
    });
    const bool died = victim.Died();
    const bool there = survivor.queue.Items() == 1;
    survivor.Put(200, 100);
#ifndef PROCLOOM_BODY_POSIX
    if (!there) CHECK(survivor.Memory() <= survivor.segment->size());
#endif
    CHECK(survivor.Drain() == From(100, there ? 101 : 100) + From(200, 201));
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 5);
}

TEST_CASE("step-kill: put in pieces") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    survivor.Put(0, 100);
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(PutNumberInPieces(queue, own.me, 100, 300 * kKiB, {50, 100 * kKiB}, Soon()) == Status::kOK);
    });
    const bool died = victim.Died();
    const bool there = survivor.queue.Items() == 2;
    if (!died) CHECK(there);
    survivor.Put(200, 100);
    CHECK(survivor.Drain() == From(0, 1) + From(100, there ? 101 : 100) + From(200, 201));
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 5);
}

TEST_CASE("step-kill: put that leaves a large ring for a small one") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    survivor.Put(0, 17 * kMiB);
    CHECK(survivor.Drain() == From(0, 1));
    survivor.words.small_puts = 4095;
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(PutNumber(queue, own.me, 100, 100, Soon()) == Status::kOK);
    });
    const bool died = victim.Died();
    const bool there = survivor.queue.Items() == 1;
    if (!died) CHECK(survivor.words.put_ring[Commit::Of(survivor.words.tail).parity].size == kMiB);
    survivor.words.small_puts = 4095;
    survivor.Put(200, 100);
    CHECK(survivor.Drain() == From(100, there ? 101 : 100) + From(200, 201));
    CHECK(survivor.words.put_ring[Commit::Of(survivor.words.tail).parity].size == kMiB);
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 5);
}

TEST_CASE("step-kill: put into a full channel, and give up") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member, 2);
    for (uint64_t number = 0; number < 2; number++) survivor.Put(number, 100);
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(PutNumber(queue, own.me, 100, 100, InMs(200)) == Status::kTIMEOUT);
    });
    const bool died = victim.Died();
    CHECK(survivor.Drain() == From(0, 2));
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 3);
}

TEST_CASE("step-kill: put into a full channel that gets room, beside another that waits") {
  ChannelScene scene;
  uint32_t maximum_items = 0;
  uint64_t capacity = 0;
  SUBCASE("full by items") { maximum_items = 2; }
  SUBCASE("full by bytes") { capacity = 500; }
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member, maximum_items, capacity);
    uint64_t full = 0;
    while (PutNumber(survivor.queue, scene.member.me, full, 100, 0) == Status::kOK) full++;
    Child other([&] {
      Member own;
      Queue queue(survivor.segment);
      EXPECT(PutNumber(queue, own.me, 50, 100, os::kForever) == Status::kOK);
    });
    Await([&] { return (survivor.words.head & kWaitingBit) != 0; });
    Shared<std::atomic<int>> begun;
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      *begun = 1;
      EXPECT(PutNumber(queue, own.me, 100, 100, Soon()) == Status::kOK);
    });
    Await([&] { return *begun == 1 || victim.Ended(); });
    Pause(1'000'000);
    std::vector<uint64_t> got;
    for (uint64_t i = 0; i < full; i++) got.push_back(GetNumber(survivor.queue, scene.member.me, Soon()).number);
    const bool died = victim.Died();
    CHECK(other.Wait() == 0);
    const std::vector<uint64_t> rest = survivor.Drain();
    CHECK(got == From(0, full));
    const bool whole =
        rest == From(50, 51) || rest == From(50, 51) + From(100, 101) || rest == From(100, 101) + From(50, 51);
    CHECK(whole);
    if (!died) CHECK(rest.size() == 2);
    return died;
  });
  CHECK(steps >= 6);
}

TEST_CASE("step-kill: put while a consumer waits") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    Getter getter(survivor.segment, 1);
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(PutNumber(queue, own.me, 100, 100, Soon()) == Status::kOK);
    });
    const bool died = victim.Died();
    const bool put = Commit::Of(survivor.words.tail).items == 1;
    if (!died) CHECK(put);
    if (!put) survivor.Put(200, 100);
    CHECK(getter.Numbers() == (put ? From(100, 101) : From(200, 201)));
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 7);
}

TEST_CASE("step-kill: put while another process puts and a third one gets") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member, 4);
    constexpr uint64_t kMessages = 300;
    Child producer([&] {
      Member own;
      Queue queue(survivor.segment);
      for (uint64_t number = 0; number < kMessages; number++) {
        EXPECT(PutNumber(queue, own.me, number, 100 + number, os::kForever) == Status::kOK);
      }
    });
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(PutNumber(queue, own.me, 1'000'000, 100, Soon()) == Status::kOK);
    });
    uint64_t next = 0, of_victim = 0;
    while (next < kMessages) {
      const Got got = GetNumber(survivor.queue, scene.member.me, Soon());
      REQUIRE(got.status == Status::kOK);
      if (got.number == 1'000'000) {
        of_victim++;
      } else {
        REQUIRE(got.number == next);
        next++;
      }
    }
    const bool died = victim.Died();
    CHECK(producer.Wait() == 0);
    of_victim += survivor.Drain().size();
    CHECK(of_victim <= 1);
    if (!died) CHECK(of_victim == 1);
    return died;
  });
  CHECK(steps >= 4);
}

}  // namespace procloom::test
