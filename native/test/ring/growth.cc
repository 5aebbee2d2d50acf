// A channel that outgrows its ring, goes over to others, and gives their memory back.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <deque>
#include <random>
#include <utility>
#include <vector>

#include "test/support/channels.h"
#include "test/support/one-queue.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

constexpr uint64_t kKiB = 1 << 10, kMiB = 1 << 20;

struct GrowthScene : OneQueue {
  std::deque<std::pair<uint64_t, uint64_t>> in;  // number and size
  uint64_t next = 0;

  explicit GrowthScene(uint64_t capacity = 0) : OneQueue(0, capacity) {}

  bool Put(uint64_t size) {
    const Status status = PutNumber(queue, member.me, next, size, 0);
    if (status == Status::kTIMEOUT) return false;
    REQUIRE(status == Status::kOK);
    in.emplace_back(next++, size);
    return true;
  }
  void Get() {
    const Got got = GetNumber(queue, member.me, 0);
    REQUIRE(got.status == Status::kOK);
    REQUIRE(got.number == in.front().first);
    REQUIRE(got.size == in.front().second);
    in.pop_front();
  }
  void GetAll() {
    while (!in.empty()) Get();
    REQUIRE(GetNumber(queue, member.me, 0).status == Status::kTIMEOUT);
  }
  RingDescription Ring() const { return words.put_ring[Commit::Of(words.tail).parity]; }
  uint64_t Memory() const {
    struct stat facts {};
    fstat(segment->fd(), &facts);
    return static_cast<uint64_t>(facts.st_blocks) * 512;
  }
  // All that the file may hold when the consumers have caught up: its beginning and the ring in force.
  uint64_t MemoryInUse() const { return segment->size() + (Ring().file_offset >= words.grow_from ? Ring().size : 0); }
  void CheckMemory() const {
#ifndef PROCLOOM_BODY_POSIX
    CHECK(Memory() <= MemoryInUse());
#endif
  }
};

}  // namespace

TEST_CASE("growth: messages of every size, one at a time") {
  GrowthScene scene;
  std::vector<uint64_t> sizes;
  for (uint64_t size = 8; size <= 8 * kMiB; size *= 2) {
    for (const uint64_t near : {size - 1, size, size + 1, size + 7}) sizes.push_back(std::max(near, kLeastMessage));
  }
  // Just what fits the first ring beside the jump that must always fit, and a little more.
  for (uint64_t bytes = kFirstRingBytes - 80; bytes <= kFirstRingBytes + 16; bytes++) sizes.push_back(bytes);
  SUBCASE("growing") {}
  SUBCASE("shrinking") { std::reverse(sizes.begin(), sizes.end()); }
  for (const uint64_t size : sizes) {
    CAPTURE(size);
    REQUIRE(scene.Put(size));
    scene.Get();
  }
  scene.GetAll();
  scene.CheckMemory();
}

TEST_CASE("growth: a burst is held in the rings it needs, and their memory is given back") {
  GrowthScene scene;
  for (int burst = 0; burst < 3; burst++) {
    for (int i = 0; i < 3000; i++) REQUIRE(scene.Put(2 * kKiB));
    CHECK(scene.queue.Items() == 3000);
    scene.GetAll();
    scene.CheckMemory();
  }
  CHECK(scene.Ring().size >= 4 * kMiB);
}

TEST_CASE("growth: a ring that a rush has left large is given back after many small messages") {
  GrowthScene scene;
  REQUIRE(scene.Put(20 * kMiB));
  scene.Get();
  CHECK(scene.Ring().size >= 32 * kMiB);
  for (int i = 0; i < 5000; i++) {
    REQUIRE(scene.Put(100));
    scene.Get();
  }
  CHECK(scene.Ring().size == kMiB);
  scene.CheckMemory();
}

TEST_CASE("growth: the ring of a very large message is hardly larger than it, and left soon") {
  GrowthScene scene;
  REQUIRE(scene.Put(70 * kMiB));
  const RingDescription ring = scene.Ring();
  CHECK(ring.size < 80 * kMiB);
  scene.Get();
  // It serves on, round and round: messages that cross its end.
  for (const uint64_t size : {30 * kMiB, 30 * kMiB + 9, 30 * kMiB, 70 * kMiB, 20 * kMiB, 55 * kMiB}) {
    REQUIRE(scene.Put(size));
    scene.Get();
  }
  CHECK(scene.Ring().file_offset == ring.file_offset);
  for (int i = 0; i < 64; i++) REQUIRE(scene.Put(100));
  CHECK(scene.Ring().size == kMiB);
  scene.GetAll();
  scene.CheckMemory();
}

TEST_CASE("growth: a message of more than 4 GiB, in place") {
  GrowthScene scene;
  constexpr uint64_t kSize = (uint64_t{4} << 30) + 3;
  if (os::FreeBytes(scene.segment->fd()) < 2 * kSize) {
    MESSAGE("SKIPPED: there is too little shared memory for it");
    return;
  }
  const Waiter& me = scene.member.me;
  char* place = nullptr;
  REQUIRE(scene.queue.sender().Reserve(me, kSize, 0, &place) == Status::kOK);
  place[0] = 1, place[kSize / 2] = 2, place[kSize - 1] = 3;
  REQUIRE(scene.queue.sender().Publish(me, kSize) == Status::kOK);
  REQUIRE(scene.Put(100));
  const char* found = nullptr;
  uint64_t size = 0;
  REQUIRE(scene.queue.receiver().Borrow(me, 0, false, &found, &size) == Status::kOK);
  CHECK(size == kSize);
  CHECK(found[0] == 1);
  CHECK(found[kSize / 2] == 2);
  CHECK(found[kSize - 1] == 3);
  scene.queue.receiver().Return(me);
  scene.Get();
  scene.GetAll();
  scene.CheckMemory();
}

TEST_CASE("growth: a ring whose size is no power of two is left before positions wrap") {
  GrowthScene scene;
  REQUIRE(scene.Put(65 * kMiB));
  scene.Get();
  const RingDescription before = scene.Ring();
  // As if the space of positions were nearly used up since its base.
  const uint64_t position = Commit::Of(scene.words.tail).position;
  for (RingDescription* side : {scene.words.put_ring, scene.words.get_ring}) {
    side[Commit::Of(scene.words.tail).parity].base = (position - kPositionMask / 2 + 64) & kPositionMask;
  }
  for (int i = 0; i < 3; i++) {
    REQUIRE(scene.Put(65 * kMiB));
    scene.Get();
  }
  CHECK(scene.Ring().file_offset != before.file_offset);
  CHECK(scene.Ring().base == ((position + kJumpUnits) & kPositionMask));
  scene.CheckMemory();
}

TEST_CASE("growth: sizes of rings") {
  for (const uint64_t bytes :
       {8 * kKiB, 100 * kKiB, 3 * kMiB, 63 * kMiB, 64 * kMiB, 65 * kMiB, 2253 * kMiB, 9000 * kMiB}) {
    CAPTURE(bytes);
    const uint64_t need = RecordUnits(bytes), least = (need + kJumpUnits) * kUnit;
    const uint64_t first = NextRingBytes(kFirstRingBytes, 0, need, true);
    CHECK(first >= least);
    CHECK(first % os::PageSize() == 0);
    if (bytes > 64 * kMiB) CHECK(first <= least + least / 8 + kFirstRingBytes);
    uint64_t last = first;
    for (uint64_t size = first; size != 0; size = SmallerRingBytes(size, need)) {
      CHECK(size >= least);
      CHECK(size % kFirstRingBytes == 0);
      last = size;
    }
    CHECK(last < least + kFirstRingBytes);
  }
}

TEST_CASE("growth: within its capacity a channel keeps to one ring") {
  GrowthScene scene(kMiB);
  for (int round = 0; round < 30; round++) {
    while (scene.Put(10 * kKiB)) {
    }
    CHECK(scene.in.size() >= kMiB / (10 * kKiB) - 2);
    scene.GetAll();
  }
  CHECK(scene.Ring().size <= 2 * kMiB);
  scene.CheckMemory();
}

// The places in the file come round again: not to a ring that is still in use.
TEST_CASE("growth: rings that are still read are not written over") {
  GrowthScene scene;
  if (os::FreeBytes(scene.segment->fd()) < 600 * kMiB) {
    MESSAGE("SKIPPED: there is too little shared memory for rings of the largest size");
    return;
  }
  SUBCASE("rings of the largest size, consumers sometimes a ring or two behind") {
    for (size_t round = 0; round < 3; round++) {
      for (int i = 0; i < 16; i++) REQUIRE(scene.Put(15 * kMiB));
      while (scene.in.size() > round % 3) scene.Get();
    }
  }
  SUBCASE("a burst just after a large ring was left for a small one") {
    for (int i = 0; i < 700; i++) REQUIRE(scene.Put(kKiB));
    scene.GetAll();
    REQUIRE(scene.Put(20 * kMiB));
    scene.Get();
    for (int i = 0; i < 5000 && scene.Ring().size > kMiB; i++) {
      REQUIRE(scene.Put(100));
      if (scene.in.size() > 1000) scene.Get();
    }
    REQUIRE(scene.Ring().size == kMiB);
    for (int i = 0; i < 40; i++) REQUIRE(scene.Put(300 * kKiB));
  }
  scene.GetAll();
  scene.CheckMemory();
}

TEST_CASE("growth: at random") {
  const uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  uint64_t capacity = 0;
  SUBCASE("without a limit") {}
  SUBCASE("with a capacity") { capacity = 300 * kKiB; }
  GrowthScene scene(capacity);
  uint64_t queued = 0;
  for (int step = 0; step < 6000; step++) {
    const bool wants_more = random() % 1000 < (step / 500 % 2 == 0 ? 650u : 350u);
    if (wants_more && queued < 100 * kMiB) {
      const uint64_t magnitude = random() % 100;
      const uint64_t most = magnitude < 60 ? 200 : magnitude < 90 ? 20 * kKiB : magnitude < 99 ? 300 * kKiB : 3 * kMiB;
      const uint64_t size = kLeastMessage + random() % most;
      if (scene.Put(size)) queued += size;
    } else if (!scene.in.empty()) {
      queued -= scene.in.front().second;
      scene.Get();
    }
  }
  scene.GetAll();
  scene.CheckMemory();
}

TEST_CASE("growth: another process follows the jumps") {
  GrowthScene scene(4 * kMiB);
  constexpr uint64_t kMessages = 400;
  Child consumer([&] {
    Member member;
    Queue queue(scene.segment);
    for (uint64_t number = 0; number < kMessages; number++) {
      const Got got = GetNumber(queue, member.me, Soon());
      EXPECT(got.status == Status::kOK && got.number == number);
      if (number % 50 == 0) Pause(3'000'000);
    }
  });
  for (uint64_t number = 0; number < kMessages; number++) {
    const uint64_t size = number % 40 == 39 ? 3 * kMiB : 100 + number * 300;
    REQUIRE(PutNumber(scene.queue, scene.member.me, number, size, Soon()) == Status::kOK);
  }
  CHECK(consumer.Wait() == 0);
  scene.CheckMemory();
}

}  // namespace procloom::test
