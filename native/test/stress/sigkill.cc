// Producers and consumers of one queue that are killed at random while the others go on. Nothing is lost, torn or
// doubled beyond the one message in the hand of a killed consumer.
//
// PROCLOOM_TEST_SEED repeats a run's choices (not its timing), PROCLOOM_TEST_SOAK_MS makes it longer.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "test/support/channels.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"
#include "test/support/sync-words.h"

namespace procloom::test {

namespace {

constexpr uint64_t kLeastKills = 50;
constexpr uint64_t kLives = 4096, kMessages = 1 << 15;
constexpr uint32_t kProducers = 3, kConsumers = 2;

// What each life of a producer has put, and what has come of it.
struct Ledger {
  std::atomic<uint64_t> begun[kLives], done[kLives];  // sequence numbers
  std::atomic<uint8_t> seen[kLives][kMessages];
  std::atomic<uint64_t> torn, doubled, received, locked;
};

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* const text = getenv(name);
  return text == nullptr ? otherwise : std::stoll(text);
}

uint64_t SizeOf(uint64_t number) {
  const uint64_t hash = Scramble(number);
  return kLeastMessage + (hash % 211 == 0 ? hash % 200'000 : hash % 300);
}

void Receive(Ledger& ledger, const Got& got) {
  const uint64_t life = got.number >> 32, sequence = got.number & 0xffffffff;
  if (got.number == kTorn || life >= kLives || sequence >= kMessages || got.size != SizeOf(got.number)) {
    ledger.torn++;
    return;
  }
  if (ledger.seen[life][sequence]++ != 0) ledger.doubled++;
  ledger.received++;
}

// A lock taken between messages, so that owners of it die too.
void PassThroughLock(Ledger& ledger, SyncWords& words, const Member& member) {
  Spinner spinner;
  const Taken taken = Locks::Acquire(words.lock, member.me, os::kForever, spinner);
  EXPECT(taken != Taken::kNo);
  if (taken == Taken::kClean) {
    EXPECT(words.guarded[0] == words.guarded[1]);
  } else {
    words.guarded[1] = words.guarded[0];  // its owner died in between: that is what the mark is for
  }
  words.guarded[0]++;
  words.guarded[1]++;
  ledger.locked++;
  EXPECT(Locks::Release(words.lock, *member.registry) == Status::kOK);
}

}  // namespace

TEST_CASE("stress: random SIGKILL") {
  const auto seed = static_cast<uint64_t>(FromEnvironment("PROCLOOM_TEST_SEED", std::random_device{}()));
  const int64_t run_ns = FromEnvironment("PROCLOOM_TEST_SOAK_MS", 4000) * 1'000'000;
  INFO("PROCLOOM_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  uint32_t maximum_items = 0;
  SUBCASE("bytes limit it") {}
  SUBCASE("items limit it") { maximum_items = 5; }

  PrivateDirectory directory;
  Shared<Ledger> ledger;
  Member member;
  const auto segment = MakeQueue(member, maximum_items, 256 * 1024);
  const auto sync = MakeSync(member);
  SyncWords& words = WordsOf(sync);
  uint64_t lives = 0, killed_consumers = 0, kills = 0;

  const auto produce = [&](uint64_t life) {
    Member own;
    Queue queue(segment);
    for (uint64_t sequence = 0; sequence < kMessages; sequence++) {
      const uint64_t number = life << 32 | sequence;
      ledger->begun[life] = sequence + 1;
      EXPECT(PutNumber(queue, own.me, number, SizeOf(number), os::kForever) == Status::kOK);
      ledger->done[life] = sequence + 1;
      if (number % 16 == 0) PassThroughLock(*ledger, words, own);
    }
  };
  const auto consume = [&] {
    Member own;
    Queue queue(segment);
    for (uint64_t i = 0;; i++) {
      const Got got = GetNumber(queue, own.me, os::kForever);
      if (got.status == Status::kSHUT_DOWN) return;
      EXPECT(got.status == Status::kOK);
      Receive(*ledger, got);
      if (i % 16 == 0) PassThroughLock(*ledger, words, own);
    }
  };
  std::vector<std::unique_ptr<Child>> producers(kProducers), consumers(kConsumers);
  const auto start = [&](std::unique_ptr<Child>& child) {
    const uint64_t life = lives++;
    child = std::make_unique<Child>([&, life] { produce(life); });
  };
  for (auto& producer : producers) start(producer);
  for (auto& consumer : consumers) consumer = std::make_unique<Child>(consume);

  // For the time given, and longer where processes begin slowly: so many kills it must have been.
  const int64_t end = os::NowNs() + run_ns;
  while ((os::NowNs() < end || kills < kLeastKills) && lives < kLives - kProducers) {
    Pause(static_cast<int64_t>(random() % 16'000'000));
    for (auto& producer : producers) {
      if (!producer->Ended()) continue;
      CHECK(producer->Wait() == 0);
      start(producer);
    }
    kills++;
    if (random() % 5 < 3) {
      auto& producer = producers[random() % kProducers];
      producer->Kill();
      start(producer);
    } else {
      auto& consumer = consumers[random() % kConsumers];
      CHECK_FALSE(consumer->Ended());  // it ends by us only
      consumer->Kill();
      killed_consumers++;
      consumer = std::make_unique<Child>(consume);
    }
  }

  // All producers end, then the consumers take what is left.
  for (auto& producer : producers) producer->Kill();
  Queue queue(segment);
  queue.ShutDown(member.me);
  for (auto& consumer : consumers) CHECK(consumer->Wait() == 0);
  CHECK(queue.Items() == 0);

  uint64_t lost = 0, put = 0;
  for (uint64_t life = 0; life < lives; life++) {
    const uint64_t done = ledger->done[life], begun = ledger->begun[life];
    put += done;
    for (uint64_t sequence = 0; sequence < done; sequence++) lost += ledger->seen[life][sequence] == 0;
    // The message of a put that did not return may have come or not; none after it can.
    CHECK(begun <= done + 1);
    for (uint64_t sequence = begun; sequence < std::min(begun + 8, kMessages); sequence++)
      CHECK(ledger->seen[life][sequence] == 0);
  }
  CHECK(ledger->torn == 0);
  CHECK(ledger->doubled == 0);
  CHECK(lost <= killed_consumers);
  CHECK(put > 1000);
  CHECK(kills >= kLeastKills);
  CHECK(AcquireLock(words, member.me, Soon()) != Taken::kNo);
  CHECK(Locks::Release(words.lock, *member.registry) == Status::kOK);
  MESSAGE("seed " << seed << ": " << put << " messages, " << kills << " kills (" << killed_consumers
                  << " of consumers), " << lost << " lost in dead hands, lock taken " << ledger->locked.load()
                  << " times");
}

}  // namespace procloom::test
