// Killed at every step of a channel's verbs: what was committed before is neither lost nor doubled, the message of the
// dead put is there whole or not at all, others go on, and the memory of left rings is given back.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "test/step-kill/each-step.h"
#include "test/support/channels.h"
#include "test/support/private-directory.h"

namespace procloom::test {

namespace {

constexpr uint64_t kKiB = 1 << 10, kMiB = 1 << 20;
using CountedQueue = QueueOf<CountingAtomics>;

struct Scene {
  PrivateDirectory directory;
  Member member;
};

// A queue of which one process dies, as the survivor sees it.
struct Survivor {
  const Member& member;
  std::shared_ptr<Segment> segment;
  ChannelWords<StdAtomics>& words;
  Queue queue;

  Survivor(const Member& own, uint32_t maximum_items = 0, uint64_t capacity = 0)
      : member(own), segment(MakeQueue(own, maximum_items, capacity)), words(QueueChannel(*segment)), queue(segment) {}

  void Put(uint64_t number, uint64_t size) { CHECK(PutNumber(queue, member.me, number, size, Soon()) == Status::kOK); }
  // All that is in it, in order.
  std::vector<uint64_t> Drain() {
    std::vector<uint64_t> numbers;
    for (;;) {
      const Got got = GetNumber(queue, member.me, 0);
      if (got.status != Status::kOK) {
        CHECK(got.status == Status::kTIMEOUT);
        return numbers;
      }
      CHECK(got.number != kTorn);
      numbers.push_back(got.number);
    }
  }
  // It still takes and gives messages of all sizes, and keeps no memory but the ring in force.
  void CheckGoesOn() {
    CHECK(queue.Items() == 0);
    const uint64_t sizes[] = {8, 500, 70 * kKiB, 300 * kKiB, 8, 2 * kMiB};
    for (int round = 0; round < 2; round++) {
      uint64_t number = 1000;
      for (const uint64_t size : sizes) {
        Put(number, size);
        const Got got = GetNumber(queue, member.me, Soon());
        CHECK(got.status == Status::kOK);
        CHECK(got.number == number++);
        CHECK(got.size == size);
      }
    }
    CHECK(Mutex<StdAtomics>::Owner(words.put_lock) == 0);
    CHECK(Mutex<StdAtomics>::Owner(words.get_lock) == 0);
    CHECK(words.leaving_size == 0);
#ifndef PROCLOOM_BODY_POSIX
    struct stat facts {};
    fstat(segment->fd(), &facts);
    const RingDescription& ring = words.put_ring[Commit::Of(words.tail).parity];
    CHECK(static_cast<uint64_t>(facts.st_blocks) * 512 <=
          segment->size() + (ring.file_offset >= words.grow_from ? ring.size : 0));
#endif
  }
};

std::vector<uint64_t> From(uint64_t first, uint64_t end) {
  std::vector<uint64_t> numbers;
  for (uint64_t number = first; number < end; number++) numbers.push_back(number);
  return numbers;
}
std::vector<uint64_t> operator+(std::vector<uint64_t> left, const std::vector<uint64_t>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Another process that gets messages until it has `count`, or a shutdown ends it; tells which it got.
struct Getter {
  struct Report {
    std::atomic<uint64_t> count;
    uint64_t number[16];
  };
  Shared<Report> report;
  Child child;
  Getter(const std::shared_ptr<Segment>& segment, uint64_t count)
      : child([this, segment, count] {
          Member own;
          Queue queue(segment);
          while (report->count < count) {
            const Got got = GetNumber(queue, own.me, os::kForever);
            if (got.status == Status::kSHUT_DOWN) return;
            EXPECT(got.status == Status::kOK && got.number != kTorn);
            report->number[report->count] = got.number;
            report->count++;
          }
        }) {
    Await([&] { return (QueueChannel(*segment).tail & kWaitingBit) != 0 || child.Ended(); });
  }
  std::vector<uint64_t> Numbers() {
    CHECK(child.Wait() == 0);
    return {report->number, report->number + report->count};
  }
};

}  // namespace

// ---------------------------------------------------------------------------------------------------- put

TEST_CASE("step-kill: put") {
  Scene scene;
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
  Scene scene;
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

TEST_CASE("step-kill: put that leaves a large ring for a small one") {
  Scene scene;
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
  Scene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member, 2);
    for (uint64_t number = 0; number < 2; number++) survivor.Put(number, 100);
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(PutNumber(queue, own.me, 100, 100, InMs(5)) == Status::kTIMEOUT);
    });
    const bool died = victim.Died();
    CHECK(survivor.Drain() == From(0, 2));
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 3);
}

TEST_CASE("step-kill: put into a full channel that gets room, beside another that waits") {
  Scene scene;
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
  Scene scene;
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
  Scene scene;
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

// ---------------------------------------------------------------------------------------------------- get

TEST_CASE("step-kill: get") {
  Scene scene;
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
  Scene scene;
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
  Scene scene;
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
  Scene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(GetNumber(queue, own.me, InMs(5)).status == Status::kTIMEOUT);
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
  Scene scene;
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

// ------------------------------------------------------------------------------------------------- the end

TEST_CASE("step-kill: shut down") {
  Scene scene;
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
      first.ShutDown(own.me, immediate);
      second.ShutDown(own.me, immediate);
    });
    const bool died = victim.Died();
    // A death on the way leaves it shut down or not; what is in is a rest without gaps. Once more, it is.
    std::vector<uint64_t> rest;
    for (const bool all : {false, true}) {
      if (all) survivor.queue.ShutDown(scene.member.me, false);
      for (;;) {
        const Got got = GetNumber(survivor.queue, scene.member.me, 0);
        if (got.status != Status::kOK) break;
        rest.push_back(got.number);
      }
      if (all) CHECK(GetNumber(survivor.queue, scene.member.me, 0).status == Status::kSHUT_DOWN);
    }
    other.queue.ShutDown(scene.member.me, false);
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
