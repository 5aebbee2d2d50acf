// A queue of which one process dies, as those see it that go on.
#pragma once

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <memory>
#include <vector>

#include "test/step-kill/each-step.h"
#include "test/support/channels.h"
#include "test/support/private-directory.h"

namespace procloom::test {

inline constexpr uint64_t kKiB = 1 << 10, kMiB = 1 << 20;
using CountedQueue = QueueOf<CountingAtomics>;

struct ChannelScene {
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
    const RingDescription& ring = words.put_ring[Commit::Of(words.tail).parity];
    CHECK(Memory() <= segment->size() + (ring.file_offset >= words.grow_from ? ring.size : 0));
#endif
  }
  uint64_t Memory() const {
    struct stat facts {};
    fstat(segment->fd(), &facts);
    return static_cast<uint64_t>(facts.st_blocks) * 512;
  }
};

inline std::vector<uint64_t> From(uint64_t first, uint64_t end) {
  std::vector<uint64_t> numbers;
  for (uint64_t number = first; number < end; number++) numbers.push_back(number);
  return numbers;
}
inline std::vector<uint64_t> operator+(std::vector<uint64_t> left, const std::vector<uint64_t>& right) {
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

}  // namespace procloom::test
