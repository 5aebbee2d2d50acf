#include "ring/wait-point.h"

#include <doctest/doctest.h>

#include "test/support/channels.h"
#include "test/support/private-directory.h"

namespace procloom::test {

namespace {

using Point = WaitPoint<StdAtomics>;

struct PointScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment = MakeQueue(member);
  ChannelWords<StdAtomics>& words = QueueChannel(*segment);

  bool Waited() const { return (words.tail & kWaitingBit) != 0; }
  template <class More>
  void PassOn(More&& more) {
    Point::PassOn(words.readable, words.tail, *member.registry, more);
  }
};

}  // namespace

TEST_CASE("wait-point: who passes on wakes the next one if there is more, and leaves the flag if not") {
  PointScene scene;
  scene.PassOn([] { return true; });
  CHECK(scene.words.readable.epoch == 1);
  CHECK_FALSE(scene.Waited());
  scene.PassOn([] { return false; });
  CHECK(scene.words.readable.epoch == 1);
  CHECK(scene.Waited());
}

TEST_CASE("wait-point: what is published between the look and the flag of one that passes on wakes the next one") {
  PointScene scene;
  int looks = 0;
  scene.PassOn([&] {
    // Nobody tells the producer that comes after the first look that somebody sleeps.
    if (++looks == 1) {
      CHECK_FALSE(scene.Waited());
      return false;
    }
    CHECK(scene.Waited());
    return true;
  });
  CHECK(looks == 2);
  CHECK(scene.words.readable.epoch == 1);
  CHECK_FALSE(scene.Waited());
}

}  // namespace procloom::test
