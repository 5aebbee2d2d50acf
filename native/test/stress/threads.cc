// Threads as participants, hammering one object: what the thread sanitizer is to look at.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "test/support/channels.h"
#include "test/support/private-directory.h"
#include "test/support/sync-words.h"

namespace procloom::test {

namespace {

constexpr int kThreads = 4;
constexpr int64_t kRunNs = 1'500'000'000;

// Runs `work` in threads that each take part, for a while; `until` is when they are to stop.
template <class Work>
void InThreads(Work&& work) {
  const int64_t until = os::NowNs() + kRunNs;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++) {
    threads.emplace_back([&work, i, until] {
      Member member;
      work(member, i, until);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("stress: threads at one lock") {
  PrivateDirectory directory;
  Member member;
  const auto segment = MakeSync(member);
  SyncWords& words = WordsOf(segment);
  std::atomic<uint64_t> rounds{0};
  InThreads([&](const Member& own, int i, int64_t until) {
    Spinner spinner;
    while (os::NowNs() < until) {
      const int64_t deadline = i == 0 ? InMs(1) : i == 1 ? 0 : os::kForever;
      if (Locks::Acquire(words.lock, own.me, deadline, spinner) == Taken::kNo) continue;
      // Plain words: a second one inside would be a race.
      words.guarded[0]++;
      words.guarded[1]++;
      rounds++;
      EXPECT(Locks::Release(words.lock, *own.registry) == Status::kOK);
    }
  });
  CHECK(words.guarded[0] == rounds);
  CHECK(words.guarded[1] == rounds);
  CHECK(rounds > 100);
  CHECK(Locks::Owner(words.lock) == 0);
}

TEST_CASE("stress: threads at one semaphore") {
  PrivateDirectory directory;
  Member member;
  const auto segment = MakeSync(member, 2);
  SyncWords& words = WordsOf(segment);
  std::atomic<int> inside{0};
  std::atomic<uint64_t> rounds{0};
  InThreads([&](const Member& own, int i, int64_t until) {
    Spinner spinner;
    while (os::NowNs() < until) {
      const int64_t deadline = i == 0 ? InMs(1) : os::kForever;
      if (!Permits::Acquire(words.semaphore, own.me, deadline, spinner)) continue;
      EXPECT(++inside <= 2);
      rounds++;
      inside--;
      EXPECT(Permits::Release(words.semaphore, *own.registry, 1) == Status::kOK);
    }
  });
  CHECK(Permits::Value(words.semaphore) == 2);
  CHECK(rounds > 100);
}

TEST_CASE("stress: threads at one queue") {
  PrivateDirectory directory;
  Member member;
  uint32_t maximum_items = 0;
  SUBCASE("that is often full") { maximum_items = 3; }
  SUBCASE("that grows") {}
  const auto segment = MakeQueue(member, maximum_items, 512 * 1024);
  std::atomic<uint64_t> put{0}, got{0}, sum_put{0}, sum_got{0};
  std::atomic<int> producing{kThreads / 2};
  InThreads([&](const Member& own, int i, int64_t until) {
    Queue queue(segment);
    if (i % 2 == 0) {
      for (uint64_t sequence = 0; os::NowNs() < until; sequence++) {
        const uint64_t number = static_cast<uint64_t>(i) << 40 | sequence;
        const uint64_t hash = Scramble(number);
        const uint64_t size = kLeastMessage + (hash % 61 == 0 ? hash % 90'000 : hash % 200);
        EXPECT(PutNumber(queue, own.me, number, size, os::kForever) == Status::kOK);
        put++;
        sum_put += number;
      }
      if (--producing == 0) queue.ShutDown(own.me);
      return;
    }
    for (;;) {
      const Got next = GetNumber(queue, own.me, os::kForever);
      if (next.status == Status::kSHUT_DOWN) break;
      EXPECT(next.status == Status::kOK && next.number != kTorn);
      got++;
      sum_got += next.number;
    }
  });
  CHECK(put == got);
  CHECK(sum_put == sum_got);
  CHECK(put > 100);
}

TEST_CASE("stress: threads that come and go") {
  PrivateDirectory directory;
  std::atomic<uint64_t> rounds{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++) {
    threads.emplace_back([&] {
      for (int round = 0; round < 100; round++) {
        Member member;
        const auto segment = MakeQueue(member);
        Queue queue(segment);
        EXPECT(PutNumber(queue, member.me, 1, 100, 0) == Status::kOK);
        EXPECT(GetNumber(queue, member.me, 0).number == 1);
        rounds++;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(rounds == kThreads * 100);
}

}  // namespace procloom::test
