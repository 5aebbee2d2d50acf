// Words of a channel that contradict themselves: a status, and nothing outside of the segment is touched.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstring>

#include "os/failure.h"
#include "test/support/channels.h"
#include "test/support/private-directory.h"

namespace procloom::test {

namespace {

struct DamagedScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment = MakeQueue(member);
  Queue queue{segment};
  ChannelWords<StdAtomics>& words = QueueChannel(*segment);

  Status Put(uint64_t number, uint64_t size) { return PutNumber(queue, member.me, number, size, 0); }
  Got Get() { return GetNumber(queue, member.me, 0); }
  uint64_t FileBytes() const {
    struct stat facts {};
    fstat(segment->fd(), &facts);
    return static_cast<uint64_t>(facts.st_size);
  }
};

}  // namespace

TEST_CASE("damaged channel: who has reserved a place keeps it, though its word was lost") {
  DamagedScene scene;
  char* place = nullptr;
  REQUIRE(scene.queue.sender().Reserve(scene.member.me, 100, 0, &place) == Status::kOK);
  scene.words.reserver = 0;
  // A put of its own would leave the ring in which the place lies.
  CHECK(scene.Put(1, 2 * kFirstRingBytes) == Status::kTIMEOUT);
  const std::string message = MakeMessage(13, 100);
  std::memcpy(place, message.data(), message.size());
  CHECK(scene.queue.sender().Publish(scene.member.me, 100) == Status::kOK);
  CHECK(scene.Put(3, 2 * kFirstRingBytes) == Status::kOK);
  CHECK(scene.Get().number == 13);
}

TEST_CASE("damaged channel: who borrows a message keeps it, though its word was lost") {
  DamagedScene scene;
  REQUIRE(scene.queue.Put(scene.member.me, "abc", 3, 0, 0) == Status::kOK);
  REQUIRE(scene.Put(2, 100) == Status::kOK);
  const char* payload = nullptr;
  uint64_t size = 0;
  REQUIRE(scene.queue.receiver().Borrow(scene.member.me, 0, false, &payload, &size) == Status::kOK);
  scene.words.borrower = 0;
  CHECK(scene.Get().status == Status::kTIMEOUT);
  CHECK(std::string(payload, size) == "abc");
  scene.queue.receiver().Return(scene.member.me);
  CHECK(scene.Get().number == 2);
}

TEST_CASE("damaged channel: a lock that names its own comer is no lock to wait for") {
  DamagedScene scene;
  REQUIRE(scene.Put(1, 100) == Status::kOK);
  scene.words.put_lock.word = scene.member.token();
  CHECK(scene.Put(2, 100) == Status::kOK);
  scene.words.get_lock.word = scene.member.token() | kWaiters;
  CHECK(scene.Get().number == 1);
  CHECK(scene.words.get_lock.word == 0);
  CHECK(scene.words.put_lock.word == 0);
}

TEST_CASE("damaged channel: a ring is described where none can be") {
  DamagedScene scene;
  REQUIRE(scene.Put(1, 100) == Status::kOK);
  const uint64_t before = scene.FileBytes();
  RingDescription ring{RingOffset(0), kFirstRingBytes, 0, 1, 0};
  SUBCASE("over the words of the channel") {
    ring.file_offset = 0;
    ring.size = 4096;
  }
  SUBCASE("behind the end of the file") { ring.file_offset = RingOffset(1); }
  SUBCASE("where rings grow, and none was made") { ring.file_offset = GrowFrom(0); }
  SUBCASE("longer than the file") { ring.size = kFirstRingBytes << 4; }
  SUBCASE("at the end of all numbers") { ring.file_offset = ~uint64_t{0} << 16; }
  SUBCASE("as nothing is that is not mapped yet") {
    ring.file_offset = ~uint64_t{0};
    ring.size = 0;
  }
  scene.words.put_ring[0] = scene.words.get_ring[0] = ring;
  CHECK(scene.Put(2, 100) == Status::kDAMAGED);
  CHECK(scene.Get().status == Status::kDAMAGED);
  CHECK(os::Failure::Last().path == scene.segment->path());
  CHECK(scene.FileBytes() == before);  // nothing was made of it
}

TEST_CASE("damaged channel: a ring that is described beyond a hole of the file takes no memory") {
  DamagedScene scene;
  REQUIRE(scene.Put(1, 2 * kFirstRingBytes) == Status::kOK);  // a second ring, far behind the first
  const uint64_t before = scene.FileBytes();
  scene.words.get_ring[0] = {RingOffset(1) + 4096, 1 << 20, 0, 1, 0};
  CHECK(scene.Get().status == Status::kDAMAGED);
  CHECK(scene.FileBytes() == before);
}

TEST_CASE("damaged channel: no part of the segment itself is given back as a ring that was left") {
  DamagedScene scene;
  REQUIRE(scene.Put(1, 100) == Status::kOK);
  scene.words.leaving_offset = 0;
  scene.words.leaving_size = kRingOffset;
  // Given back by who steals the lock.
  scene.words.get_lock.word = MakeToken(kLastGeneration, kSlots - 1);
  CHECK(scene.Get().number == 1);
  CHECK(scene.words.head != 0);
  CHECK(scene.segment->header()->magic == kMagic);
}

}  // namespace procloom::test
