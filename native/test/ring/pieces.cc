// Messages that are put in pieces: in the ring they are as if they had been put whole.
#include <doctest/doctest.h>

#include <vector>

#include "os/failure.h"
#include "test/support/one-queue.h"
#include "test/support/pieces.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

constexpr uint64_t kKiB = 1 << 10, kMiB = 1 << 20;

struct PiecesScene : OneQueue {
  using OneQueue::OneQueue;

  Status Put(uint64_t number, uint64_t size, const std::vector<uint64_t>& lengths, int64_t deadline_ns = 0) {
    return PutNumberInPieces(queue, member.me, number, size, lengths, deadline_ns);
  }
  // Takes the next one, which must be that one and whole.
  void Expect(uint64_t number, uint64_t size) {
    const Got got = GetNumber(queue, member.me, 0);
    REQUIRE(got.status == Status::kOK);
    REQUIRE(got.number == number);
    REQUIRE(got.size == size);
  }
};

}  // namespace

TEST_CASE("pieces: cut anywhere, none of them or some empty") {
  PiecesScene scene;
  for (uint64_t size = kLeastMessage; size < 80; size++) {
    for (uint64_t length = 1; length <= size; length++) {
      REQUIRE(scene.Put(size, size, {length, 0, length}) == Status::kOK);
      scene.Expect(size, size);
    }
  }
  CHECK(scene.queue.PutPieces(scene.member.me, {}, 7, 0) == Status::kOK);
  CHECK(scene.queue.PutPieces(scene.member.me, {{nullptr, 0}, {nullptr, 0}}, 7, 0) == Status::kOK);
  for (int i = 0; i < 2; i++) {
    CHECK(scene.queue.Get(scene.member.me, 0, [](const char*, uint64_t size, uint8_t codec) {
      return size == 0 && codec == 7;
    }) == Status::kOK);
  }
}

TEST_CASE("pieces: across the end of a ring, in each of them") {
  PiecesScene scene;
  uint64_t number = 0;
  // The end of the ring comes to stand everywhere in such a message.
  for (uint64_t round = 0; round < 3000; round++) {
    const uint64_t size = kFirstRingBytes / 3 + round % 64 * 8;
    REQUIRE(scene.Put(number, size, {100, size / 2, 3}) == Status::kOK);
    scene.Expect(number++, size);
  }
  CHECK(scene.words.put_ring[0].size == kFirstRingBytes);
  CHECK((scene.words.tail & kParityBit) == 0);
}

TEST_CASE("pieces: longer than the ring, which grows, and shrinks again") {
  PiecesScene scene;
  uint64_t number = 0;
  for (const uint64_t size : {kFirstRingBytes - 8, kFirstRingBytes, 300 * kKiB, 3 * kMiB, 20 * kMiB, 70 * kMiB, kKiB}) {
    CAPTURE(size);
    REQUIRE(scene.Put(number, size, {70 * kKiB + 1, 5}) == Status::kOK);
    scene.Expect(number++, size);
  }
  for (int i = 0; i < 64; i++) {
    REQUIRE(scene.Put(number, 100, {60, 40}) == Status::kOK);
    scene.Expect(number++, 100);
  }
  CHECK(scene.words.put_ring[Commit::Of(scene.words.tail).parity].size == kMiB);
}

TEST_CASE("pieces: the room for all of them is waited for, and nothing is put without it") {
  PiecesScene scene(0, 300 * kKiB);
  constexpr uint64_t kSize = 100 * kKiB, kMessages = 200;
  const std::vector<uint64_t> lengths{64 * kKiB, 1, 30 * kKiB};
  uint64_t put = 0;
  while (scene.Put(put, kSize, lengths) == Status::kOK) REQUIRE(++put < 10);
  const int64_t deadline = InMs(20);
  CHECK(scene.Put(put, kSize, lengths, deadline) == Status::kTIMEOUT);
  CHECK(os::NowNs() >= deadline);
  CHECK(scene.queue.Items() == put);
  Child producer([&] {
    Member member;
    Queue queue(scene.segment);
    for (uint64_t number = put; number < kMessages; number++)
      EXPECT(PutNumberInPieces(queue, member.me, number, kSize, lengths, Soon()) == Status::kOK);
  });
  for (uint64_t number = 0; number < kMessages; number++) {
    const Got got = GetNumber(scene.queue, scene.member.me, Soon());
    REQUIRE(got.status == Status::kOK);
    REQUIRE(got.number == number);
  }
  CHECK(producer.Wait() == 0);
}

TEST_CASE("pieces: together longer than can be counted is refused as an argument") {
  PiecesScene scene;
  const Piece half{"", kMaximumMessage / 2 + 1}, most{"", ~uint64_t{0} >> 1};
  CHECK(scene.queue.PutPieces(scene.member.me, {half, half}, 0, 0) == Status::kBAD_ARGUMENT);
  CHECK(scene.queue.PutPieces(scene.member.me, {most, most, most}, 0, 0) == Status::kBAD_ARGUMENT);
  CHECK(scene.queue.Items() == 0);
}

}  // namespace procloom::test
