// Killed at every step of writing or reading a message in place: the others go on, with that message or without it, and
// what was only borrowed is the next message still.
#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "test/step-kill/survivor.h"

namespace procloom::test {

namespace {

// What is in place is bytes, that is of codec 0: of number 13, 26, …
constexpr uint64_t kFirst = 13, kSecond = 26, kThird = 39, kLarge = 52;

template <class P>
void WriteInPlace(Channel<P>& queue, const Waiter& me, uint64_t number, uint64_t size) {
  char* place = nullptr;
  EXPECT(queue.sender().Reserve(me, size, Soon(), &place) == Status::kOK);
  const std::string message = MakeMessage(number, size);
  std::memcpy(place, message.data(), size);
}

template <class P>
Got ReadInPlace(Channel<P>& queue, const Waiter& me, int64_t deadline_ns) {
  Got got;
  const char* payload = nullptr;
  got.status = queue.receiver().Borrow(me, deadline_ns, false, &payload, &got.size);
  if (got.status == Status::kOK) got.number = NumberOf(payload, got.size);
  return got;
}

}  // namespace

TEST_CASE("in place: written and read, and refused where one would wait for oneself") {
  ChannelScene scene;
  const auto segment = MakeQueue(scene.member);
  Queue queue(segment);
  const Waiter& me = scene.member.me;
  WriteInPlace(queue, me, kFirst, 100);
  CHECK(queue.Items() == 0);
  CHECK(PutNumber(queue, me, kSecond, 100, 0) == Status::kTIMEOUT);
  CHECK(PutNumber(queue, me, kSecond, 100, Soon()) == Status::kRESERVED);
  CHECK(queue.sender().Publish(me, 100) == Status::kOK);
  CHECK(PutNumber(queue, me, kSecond, 100, 0) == Status::kOK);
  CHECK(PutNumber(queue, me, 1, 100, 0) == Status::kOK);
  CHECK(ReadInPlace(queue, me, 0).number == kFirst);
  CHECK(ReadInPlace(queue, me, 0).status == Status::kTIMEOUT);
  CHECK(GetNumber(queue, me, Soon()).status == Status::kRESERVED);
  queue.receiver().Keep(me);
  CHECK(ReadInPlace(queue, me, 0).number == kFirst);
  queue.receiver().Return(me);
  CHECK(GetNumber(queue, me, 0).number == kSecond);
  CHECK(ReadInPlace(queue, me, 0).status == Status::kNOT_BYTES);
  CHECK(GetNumber(queue, me, 0).number == 1);
  CHECK(ReadInPlace(queue, me, 0).status == Status::kTIMEOUT);
}

TEST_CASE("step-kill: write in place, beside one that waits to put") {
  ChannelScene scene;
  bool publish = true, large = false;
  SUBCASE("published") {}
  SUBCASE("published, in another ring") { large = true; }
  SUBCASE("given up") { publish = false; }
  SUBCASE("given up, in another ring") { publish = false, large = true; }
  const uint64_t size = large ? 300 * kKiB : 100;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    survivor.Put(kFirst, 100);
    Shared<std::atomic<int>> reserved, waits;
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      WriteInPlace(queue, own.me, kSecond, size);
      *reserved = 1;
      Await([&] { return *waits == 1; });
      if (publish) {
        EXPECT(queue.sender().Publish(own.me, size) == Status::kOK);
      } else {
        queue.sender().GiveUp(own.me);
      }
    });
    Await([&] { return *reserved == 1 || victim.Ended(); });
    Child putter([&] {
      Member own;
      Queue queue(survivor.segment);
      EXPECT(PutNumber(queue, own.me, kThird, 100, Soon()) == Status::kOK);
    });
    Await([&] { return (survivor.words.head & kWaitingBit) != 0 || putter.Ended(); });
    *waits = 1;
    const bool died = victim.Died();
    CHECK(putter.Wait() == 0);
    const std::vector<uint64_t> all = survivor.Drain(), without{kFirst, kThird}, with{kFirst, kSecond, kThird};
    if (died && publish) {
      const bool whole = all == without || all == with;
      CHECK(whole);
    } else {
      CHECK(all == (publish ? with : without));
    }
    CHECK(survivor.words.reserver == 0);
#ifndef PROCLOOM_BODY_POSIX
    if (!publish) CHECK(survivor.Memory() <= survivor.segment->size());
#endif
    survivor.Put(kLarge, 100);
    CHECK(survivor.Drain() == std::vector<uint64_t>{kLarge});
    return died;
  });
  CHECK(steps >= 8);
}

TEST_CASE("step-kill: read in place, beside one that waits to get") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    survivor.Put(kFirst, 100);
    survivor.Put(kSecond, 100);
    Shared<std::atomic<int>> lent, waits;
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      EXPECT(ReadInPlace(queue, own.me, Soon()).number == kFirst);
      *lent = 1;
      Await([&] { return *waits == 1; });
      queue.receiver().Return(own.me);
    });
    Await([&] { return *lent == 1 || victim.Ended(); });
    Shared<Got> got;
    Child getter([&] {
      Member own;
      Queue queue(survivor.segment);
      *got = GetNumber(queue, own.me, Soon());
    });
    Await([&] { return (survivor.words.tail & kWaitingBit) != 0 || getter.Ended(); });
    *waits = 1;
    const bool died = victim.Died();
    CHECK(getter.Wait() == 0);
    CHECK(got->status == Status::kOK);
    // What was lent is consumed, or the next message of the other.
    const bool right = got->number == kSecond || (died && got->number == kFirst);
    CHECK(right);
    CHECK(survivor.Drain() == From(kSecond, got->number == kFirst ? kSecond + 1 : kSecond));
    CHECK(survivor.words.borrower == 0);
    survivor.CheckGoesOn();
    return died;
  });
  CHECK(steps >= 8);
}

}  // namespace procloom::test
