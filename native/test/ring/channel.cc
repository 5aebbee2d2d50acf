#include "ring/channel.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "os/failure.h"
#include "test/support/channels.h"
#include "test/support/one-queue.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

constexpr uint64_t kMiB = 1 << 20;

struct QueueScene : OneQueue {
  using OneQueue::OneQueue;

  Status Put(uint64_t number, uint64_t size, int64_t deadline_ns = 0) {
    return PutNumber(queue, member.me, number, size, deadline_ns);
  }
  Got Get(int64_t deadline_ns = 0) { return GetNumber(queue, member.me, deadline_ns); }
};

}  // namespace

TEST_CASE("channel: what was put comes out, in order, with its codec") {
  QueueScene scene;
  CHECK(scene.queue.Items() == 0);
  const char* const texts[] = {"", "a", "seven b", "eight by", "nine byte"};
  for (const char* text : texts) {
    CHECK(scene.queue.Put(scene.member.me, text, std::strlen(text), static_cast<uint8_t>(std::strlen(text)), 0) ==
          Status::kOK);
  }
  CHECK(scene.queue.Items() == 5);
  for (const char* text : texts) {
    std::string got;
    const Status status = scene.queue.Get(scene.member.me, 0, [&](const char* payload, uint64_t size, uint8_t codec) {
      got.assign(payload, size);
      return codec == std::strlen(text);
    });
    CHECK(status == Status::kOK);
    CHECK(got == text);
  }
  CHECK(scene.queue.Items() == 0);
  CHECK(scene.Get().status == Status::kTIMEOUT);
}

TEST_CASE("channel: a message that is refused stays the next one") {
  QueueScene scene;
  CHECK(scene.Put(1, 100) == Status::kOK);
  for (int i = 0; i < 3; i++) {
    CHECK(scene.queue.Get(scene.member.me, Soon(), [](const char*, uint64_t, uint8_t) { return false; }) ==
          Status::kTOO_LONG);
    CHECK(scene.queue.Items() == 1);
  }
  CHECK(scene.Get().number == 1);
}

TEST_CASE("channel: deadlines") {
  QueueScene scene(1);
  for (const int64_t ms : {1, 20, 120}) {
    const int64_t deadline = InMs(ms);
    CHECK(scene.Get(deadline).status == Status::kTIMEOUT);
    CHECK(os::NowNs() >= deadline);
  }
  CHECK(scene.Put(1, 8) == Status::kOK);
  for (const int64_t ms : {1, 20, 120}) {
    const int64_t deadline = InMs(ms);
    CHECK(scene.Put(2, 8, deadline) == Status::kTIMEOUT);
    CHECK(os::NowNs() >= deadline);
  }
  CHECK(scene.Get(os::NowNs() - 1).number == 1);  // what is there needs no time
  CHECK(scene.Put(3, 8, os::NowNs() - 1) == Status::kOK);
  CHECK(scene.Get().number == 3);
}

TEST_CASE("channel: no more items than its maximum") {
  QueueScene scene(3);
  for (int round = 0; round < 100; round++) {
    for (uint64_t number = 0; number < 3; number++) {
      CHECK_FALSE(scene.queue.Full());
      REQUIRE(scene.Put(number, 8 + number * 1000) == Status::kOK);
    }
    CHECK(scene.queue.Full());
    CHECK(scene.Put(9, 8) == Status::kTIMEOUT);
    CHECK(scene.queue.Items() == 3);
    for (uint64_t number = 0; number < 3; number++) REQUIRE(scene.Get().number == number);
  }
}

TEST_CASE("channel: no more bytes than its capacity, but any single message") {
  constexpr uint64_t kCapacity = 20'000;
  QueueScene scene(0, kCapacity);
  for (int round = 0; round < 50; round++) {
    uint64_t put = 0;
    while (scene.Put(put, 992) == Status::kOK) REQUIRE(++put < 100);
    CHECK(put == kCapacity / 1000);
    CHECK(scene.queue.Full());
    for (uint64_t number = 0; number < put; number++) REQUIRE(scene.Get().number == number);
  }
  for (const uint64_t size : {kCapacity, 3 * kCapacity, kMiB, 5 * kMiB}) {
    REQUIRE(scene.Put(1, size) == Status::kOK);
    const Got got = scene.Get();
    REQUIRE(got.status == Status::kOK);
    CHECK(got.number == 1);
    CHECK(got.size == size);
  }
}

TEST_CASE("channel: room is waited for, and found when it comes") {
  uint32_t maximum_items = 0;
  uint64_t capacity = 0;
  SUBCASE("by items") { maximum_items = 2; }
  SUBCASE("by bytes") { capacity = 4096; }
  QueueScene scene(maximum_items, capacity);
  constexpr uint64_t kMessages = 3000;
  Child producer([&] {
    Member member;
    Queue queue(scene.segment);
    for (uint64_t number = 0; number < kMessages; number++) {
      EXPECT(PutNumber(queue, member.me, number, 8 + number % 1500, Soon()) == Status::kOK);
    }
  });
  for (uint64_t number = 0; number < kMessages; number++) {
    const Got got = scene.Get(Soon());
    REQUIRE(got.status == Status::kOK);
    REQUIRE(got.number == number);
    if (number % 500 == 0) Pause(2'000'000);
  }
  CHECK(producer.Wait() == 0);
}

TEST_CASE("channel: it goes round its ring without growing") {
  QueueScene scene;
  for (uint64_t number = 0; number < 20'000; number++) {
    REQUIRE(scene.Put(number, 8 + number * 7 % 5000) == Status::kOK);
    if (number % 3 == 0) continue;  // two come out for three
    REQUIRE(scene.Get().status == Status::kOK);
    if (scene.queue.Items() < 8) continue;
    while (scene.Get().status == Status::kOK) {
    }
  }
  CHECK(scene.words.put_ring[0].size == kFirstRingBytes);
  CHECK((scene.words.tail & kParityBit) == 0);
}

TEST_CASE("channel: positions and counts wrap") {
  QueueScene scene(50);
  // As after 512 GiB and 67 million messages, near the ends of both.
  const Commit late{kPositionMask - 200, kItemsMask - 20, false};
  scene.words.head = scene.words.tail = scene.words.head_seen = scene.words.tail_seen = late.Word();
  uint64_t put = 0, got = 0;
  const auto run = [&](uint64_t messages, uint64_t size) {
    while (got < messages) {
      while (put < messages && scene.Put(put, size) == Status::kOK) put++;
      REQUIRE(scene.queue.Items() == put - got);
      const uint64_t some = got + 1 + put % 7;
      while (got < put && got < some) {
        const Got next = scene.Get();
        REQUIRE(next.status == Status::kOK);
        REQUIRE(next.number == got);
        got++;
      }
    }
  };
  SUBCASE("in one ring") { run(1000, 120); }
  SUBCASE("while it grows") { run(1000, 9000); }
  SUBCASE("while a large message crosses") { run(50, 300'000); }
  CHECK((Commit::Of(scene.words.tail).position < late.position));
  CHECK((Commit::Of(scene.words.tail).items < late.items));
  CHECK(scene.Get().status == Status::kTIMEOUT);
}

TEST_CASE("channel: the longest that can be counted is refused as an argument") {
  QueueScene scene;
  CHECK(scene.queue.Put(scene.member.me, nullptr, kMaximumMessage + 1, 0, 0) == Status::kBAD_ARGUMENT);
  CHECK(scene.queue.Items() == 0);
}

TEST_CASE("channel: words that contradict themselves are DAMAGED, not followed") {
  QueueScene scene;
  REQUIRE(scene.Put(1, 100) == Status::kOK);
  auto* const ring = reinterpret_cast<uint64_t*>(scene.segment->At<char>(kRingOffset));
  SUBCASE("a record longer than what is published") { ring[0] = RecordHeader(1 << 20, 0, kMessage); }
  SUBCASE("a record as long as can be") { ring[0] = ~uint64_t{0} << 16 | kMessage; }
  SUBCASE("a type that is none") { ring[0] = RecordHeader(100, 0, static_cast<RecordType>(0)); }
  SUBCASE("a jump of another length") { ring[0] = RecordHeader(8, 0, kJump); }
  SUBCASE("a jump to nowhere") { ring[0] = RecordHeader(kJumpBytes, 0, kJump); }
  SUBCASE("a ring of an impossible size") { scene.words.get_ring[0].size = kFirstRingBytes + 8; }
  SUBCASE("a ring at an impossible place") { scene.words.get_ring[0].file_offset = 100; }
  CHECK(scene.Get().status == Status::kDAMAGED);
  CHECK(os::Failure::Last().path == scene.segment->path());
  CHECK(scene.Get(Soon()).status == Status::kDAMAGED);
}

// ---------------------------------------------------------------------------------------------------- end

TEST_CASE("channel: after a shutdown nothing goes in, and what is in comes out unless it was immediate") {
  QueueScene scene;
  for (uint64_t number = 0; number < 3; number++) REQUIRE(scene.Put(number, 100) == Status::kOK);
  bool immediate = false;
  SUBCASE("not immediate") {}
  SUBCASE("immediate") { immediate = true; }
  ShutDown(scene.queue, scene.member.me, immediate);
  CHECK(scene.Put(9, 8) == Status::kSHUT_DOWN);
  CHECK(scene.Put(9, 8, Soon()) == Status::kSHUT_DOWN);
  for (uint64_t number = 0; number < (immediate ? 0u : 3u); number++) CHECK(scene.Get(Soon()).number == number);
  CHECK(scene.Get().status == Status::kSHUT_DOWN);
  CHECK(scene.Get(Soon()).status == Status::kSHUT_DOWN);
  scene.queue.ShutDownNow(scene.member.me);  // again
  CHECK(scene.Get().status == Status::kSHUT_DOWN);
}

TEST_CASE("channel: a shutdown wakes all who wait") {
  QueueScene scene(1), other(0);
  REQUIRE(scene.Put(1, 8) == Status::kOK);
  const auto putter = [&] {
    Member member;
    Queue queue(scene.segment);
    EXPECT(PutNumber(queue, member.me, 2, 8, os::kForever) == Status::kSHUT_DOWN);
  };
  const auto getter = [&] {
    Member member;
    Queue queue(other.segment);
    EXPECT(GetNumber(queue, member.me, os::kForever).status == Status::kSHUT_DOWN);
  };
  Child first(putter), second(putter), third(getter), fourth(getter);
  Await([&] { return (scene.words.head & kWaitingBit) != 0 && (other.words.tail & kWaitingBit) != 0; });
  scene.queue.ShutDown(scene.member.me);
  other.queue.ShutDown(other.member.me);
  for (Child* child : {&first, &second, &third, &fourth}) CHECK(child->Wait() == 0);
  CHECK(scene.Get().number == 1);
}

// --------------------------------------------------------------------------------------------------- loops

TEST_CASE("channel: a loop that waits for a message is rung by the put, once") {
  QueueScene scene;
  REQUIRE(scene.member.participant->MakeBell() == Status::kOK);
  std::atomic<uint32_t>& bell = scene.member.participant->slot().bell;
  const auto rung = [&] { return (bell.exchange(kBellAwake) & kBellMask) == kBellNotified; };
  CHECK(scene.Put(0, 8) == Status::kOK);
  CHECK_FALSE(rung());
  CHECK(scene.Get().number == 0);
  for (uint64_t number = 1; number < 10; number++) {
    scene.queue.WatchReadable(scene.member.me);
    CHECK(scene.Put(number, 8) == Status::kOK);
    CHECK(rung());
    CHECK(scene.Put(number + 100, 8) == Status::kOK);
    CHECK_FALSE(rung());
    CHECK(scene.Get().number == number);
    CHECK(scene.Get().number == number + 100);
  }
}

TEST_CASE("channel: a loop that waits for room is rung by the get") {
  QueueScene scene(1);
  REQUIRE(scene.member.participant->MakeBell() == Status::kOK);
  std::atomic<uint32_t>& bell = scene.member.participant->slot().bell;
  const auto rung = [&] { return (bell.exchange(kBellAwake) & kBellMask) == kBellNotified; };
  CHECK(scene.Put(1, 8) == Status::kOK);
  scene.queue.WatchWritable(scene.member.me);
  CHECK(scene.Put(2, 8) == Status::kTIMEOUT);
  CHECK_FALSE(rung());
  CHECK(scene.Get().number == 1);
  CHECK(rung());
  CHECK(scene.Put(2, 8) == Status::kOK);
}

TEST_CASE("channel: a loop that was rung and gives up has the next one rung") {
  QueueScene scene;
  std::unique_ptr<Participant> loops[2];
  for (auto& loop : loops) {
    REQUIRE(scene.member.registry->Join(false, &loop) == Status::kOK);
    REQUIRE(loop->MakeBell() == Status::kOK);
    scene.queue.WatchReadable({scene.member.registry.get(), loop->token()});
  }
  const auto rung = [&](int i) { return (loops[i]->slot().bell & kBellMask) == kBellNotified; };
  CHECK(scene.Put(1, 8) == Status::kOK);
  CHECK(rung(0) != rung(1));
  const int first = rung(0) ? 0 : 1;
  scene.queue.UnwatchReadable({scene.member.registry.get(), loops[first]->token()});
  CHECK(rung(1 - first));
  scene.queue.UnwatchReadable({scene.member.registry.get(), loops[1 - first]->token()});
  CHECK(scene.Get().number == 1);
}

TEST_CASE("channel: a loop and a thread wait at once, and each gets its message") {
  QueueScene scene;
  REQUIRE(scene.member.participant->MakeBell() == Status::kOK);
  std::atomic<uint32_t>& bell = scene.member.participant->slot().bell;
  for (uint64_t round = 0; round < 20; round++) {
    const uint64_t items = Commit::Of(scene.words.head).items;
    Child thread([&] {
      Member member;
      Queue queue(scene.segment);
      EXPECT(GetNumber(queue, member.me, Soon()).status == Status::kOK);
    });
    Await([&] { return (scene.words.tail & kWaitingBit) != 0; });
    scene.queue.WatchReadable(scene.member.me);
    CHECK(scene.Put(1, 8) == Status::kOK);
    CHECK(scene.Put(2, 8) == Status::kOK);
    Await([&] { return Commit::Of(scene.words.head).items == ((items + 1) & kItemsMask); });
    CHECK(thread.Wait() == 0);
    // The one that the thread has woken passes on to the loop, if the put did not ring it.
    Await([&] { return (bell & kBellMask) == kBellNotified; });
    bell = kBellAwake;
    CHECK(scene.Get().status == Status::kOK);
    scene.queue.UnwatchReadable(scene.member.me);
  }
}

}  // namespace procloom::test
