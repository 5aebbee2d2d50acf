#include "sync/loop-list.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"
#include "test/support/sync-words.h"

namespace procloom::test {

namespace {

using List = LoopList<StdAtomics>;

struct ListScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment = MakeSync(member);
  List::Words& list = WordsOf(segment).lock.loops;
  std::vector<std::unique_ptr<Participant>> loops;

  Token Loop() {
    loops.emplace_back();
    REQUIRE(member.registry->Join(false, &loops.back()) == Status::kOK);
    REQUIRE(loops.back()->MakeBell() == Status::kOK);
    return loops.back()->token();
  }
  int Rung() {
    int count = 0;
    for (auto& loop : loops) count += (loop->slot().bell.exchange(kBellAwake) & kBellMask) == kBellNotified;
    return count;
  }
};

}  // namespace

TEST_CASE("loop list: who is in it is rung once") {
  ListScene scene;
  CHECK_FALSE(List::RingOne(scene.list, *scene.member.registry));
  const Token first = scene.Loop(), second = scene.Loop();
  List::Add(scene.list, *scene.member.registry, first);
  List::Add(scene.list, *scene.member.registry, first);
  List::Add(scene.list, *scene.member.registry, second);
  CHECK(List::Has(scene.list, first));
  for (int i = 0; i < 2; i++) {
    CHECK(List::RingOne(scene.list, *scene.member.registry));
    CHECK(scene.Rung() == 1);
  }
  CHECK_FALSE(List::RingOne(scene.list, *scene.member.registry));
  CHECK(scene.Rung() == 0);
  CHECK_FALSE(List::Has(scene.list, first));
}

TEST_CASE("loop list: who was taken out is not rung, and learns whether it had been") {
  ListScene scene;
  const Token token = scene.Loop();
  CHECK_FALSE(List::Remove(scene.list, token));
  List::Add(scene.list, *scene.member.registry, token);
  CHECK(List::Remove(scene.list, token));
  CHECK_FALSE(List::RingOne(scene.list, *scene.member.registry));
  CHECK(scene.Rung() == 0);
}

TEST_CASE("loop list: RingAll rings all") {
  ListScene scene;
  for (uint32_t i = 0; i < kListedLoops; i++) List::Add(scene.list, *scene.member.registry, scene.Loop());
  List::RingAll(scene.list, *scene.member.registry);
  CHECK(scene.Rung() == static_cast<int>(kListedLoops));
  List::RingAll(scene.list, *scene.member.registry);
  CHECK(scene.Rung() == 0);
}

TEST_CASE("loop list: more than it has places for are rung nevertheless") {
  ListScene scene;
  for (uint32_t i = 0; i < kListedLoops + 2; i++) List::Add(scene.list, *scene.member.registry, scene.Loop());
  CHECK((scene.list.marks & 1) == 1);
  SUBCASE("all at once") {
    List::RingAll(scene.list, *scene.member.registry);
    CHECK(scene.Rung() == static_cast<int>(kListedLoops) + 2);
  }
  SUBCASE("one by one") {
    for (uint32_t i = 0; i < kListedLoops; i++) CHECK(List::RingOne(scene.list, *scene.member.registry));
    CHECK(scene.Rung() == static_cast<int>(kListedLoops));
    CHECK(List::RingOne(scene.list, *scene.member.registry));  // nobody knows who: all are
    CHECK(scene.Rung() == static_cast<int>(kListedLoops) + 2);
  }
  CHECK((scene.list.marks & 1) == 0);
}

TEST_CASE("loop list: each has its turn, though the others come back at once") {
  ListScene scene;
  List::Words& other = WordsOf(scene.segment).semaphore.loops;  // that others are rung meanwhile makes no difference
  uint32_t count = 0;
  SUBCASE("two") { count = 2; }
  SUBCASE("as many as have a place") { count = kListedLoops; }
  SUBCASE("more than have a place") { count = kListedLoops + 3; }
  std::vector<Token> tokens;
  for (uint32_t i = 0; i < count; i++) tokens.push_back(scene.Loop());
  std::vector<int> rung(count, 0);
  constexpr int kRounds = 70;
  for (int round = 0; round < kRounds; round++) {
    for (const Token token : tokens) {
      List::Add(scene.list, *scene.member.registry, token);
      List::Add(other, *scene.member.registry, token);
    }
    REQUIRE(List::RingOne(other, *scene.member.registry));
    scene.Rung();
    REQUIRE(List::RingOne(scene.list, *scene.member.registry));
    for (uint32_t i = 0; i < count; i++)
      rung[i] += (scene.loops[i]->slot().bell.exchange(kBellAwake) & kBellMask) == kBellNotified;
  }
  for (uint32_t i = 0; i < count; i++) {
    CAPTURE(i);
    CHECK(rung[i] >= kRounds / static_cast<int>(std::min(count, kListedLoops + 1)));
  }
}

TEST_CASE("loop list: the dead make place, and are passed over") {
  ListScene scene;
  Child dead([&] {
    Member member;
    std::vector<std::unique_ptr<Participant>> loops(kListedLoops);
    for (auto& loop : loops) {
      EXPECT(member.registry->Join(false, &loop) == Status::kOK);
      EXPECT(loop->MakeBell() == Status::kOK);
      loop->slot().bell =
          kBellArmed;  // it slept; one that was awake would take a ring with it, which a slice makes up for
      List::Add(scene.list, *member.registry, loop->token());
    }
    _exit(0);
  });
  REQUIRE(dead.Wait() == 0);
  const Token token = scene.Loop();
  List::Add(scene.list, *scene.member.registry, token);
  CHECK((scene.list.marks & 1) == 0);
  CHECK(List::Has(scene.list, token));
  CHECK(List::RingOne(scene.list, *scene.member.registry));
  CHECK(scene.Rung() == 1);
  CHECK_FALSE(List::RingOne(scene.list, *scene.member.registry));
}

}  // namespace procloom::test
