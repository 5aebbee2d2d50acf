// Several producers and consumers on one queue: nothing lost, doubled or torn, and each producer's order kept.
#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "test/support/channels.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

constexpr uint32_t kProducers = 4, kConsumers = 2;
constexpr uint64_t kMessages = 20'000;

struct Ledger {
  std::atomic<uint8_t> seen[kProducers][kMessages];
  std::atomic<uint64_t> received;
};

uint64_t SizeOf(uint64_t number, uint64_t largest) {
  const uint64_t hash = Scramble(number);
  return kLeastMessage + (hash % 97 == 0 ? hash % largest : hash % 120);
}

}  // namespace

TEST_CASE("queue: 4 producers and 2 consumers lose, double and tear nothing") {
  uint32_t maximum_items = 0;
  uint64_t capacity = 0, largest = 3000;
  SUBCASE("without a limit") {}
  SUBCASE("of at most 10 items") { maximum_items = 10; }
  SUBCASE("of 256 KiB, with messages larger than its ring") {
    capacity = 256 * 1024;
    largest = 100'000;
  }
  PrivateDirectory directory;
  Shared<Ledger> ledger;
  Member member;
  const auto segment = MakeQueue(member, maximum_items, capacity);
  std::vector<std::unique_ptr<Child>> producers, consumers;
  for (uint32_t i = 0; i < kConsumers; i++) {
    consumers.push_back(std::make_unique<Child>([&] {
      Member own;
      Queue queue(segment);
      std::vector<uint64_t> next(kProducers);
      for (;;) {
        const Got got = GetNumber(queue, own.me, os::kForever);
        if (got.status == Status::kSHUT_DOWN) break;
        EXPECT(got.status == Status::kOK && got.number != kTorn);
        const uint64_t producer = got.number >> 32, sequence = got.number & 0xffffffff;
        EXPECT(producer < kProducers && sequence < kMessages);
        EXPECT(got.size == SizeOf(got.number, largest));
        EXPECT(sequence >= next[producer]);  // one consumer never sees a producer's messages out of order
        next[producer] = sequence + 1;
        EXPECT(ledger->seen[producer][sequence]++ == 0);
        ledger->received++;
      }
    }));
  }
  for (uint64_t producer = 0; producer < kProducers; producer++) {
    producers.push_back(std::make_unique<Child>([&, producer] {
      Member own;
      Queue queue(segment);
      for (uint64_t sequence = 0; sequence < kMessages; sequence++) {
        const uint64_t number = producer << 32 | sequence;
        EXPECT(PutNumber(queue, own.me, number, SizeOf(number, largest), os::kForever) == Status::kOK);
      }
    }));
  }
  for (const auto& producer : producers) CHECK(producer->Wait() == 0);
  Queue queue(segment);
  queue.ShutDown(member.me);
  for (const auto& consumer : consumers) CHECK(consumer->Wait() == 0);
  CHECK(ledger->received == kProducers * kMessages);
  CHECK(queue.Items() == 0);
}

}  // namespace procloom::test
