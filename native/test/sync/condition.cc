#include "sync/condition.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "test/support/condition-words.h"
#include "test/support/private-directory.h"

namespace procloom::test {

namespace {

struct Scene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment = MakeCondition(member);
  SharedCondition& words = ConditionOf(segment);

  uint32_t Notify(uint32_t n) { return NotifyHolding(words, member, n); }
};

// An environment of this process that waits without sleeping, as one with promises does.
struct Party {
  const std::shared_ptr<Registry>& registry;
  SharedCondition& words;
  std::unique_ptr<Participant> participant;
  uint32_t place = 0, owed = 0;

  explicit Party(Scene& scene) : registry(scene.member.registry), words(scene.words) {
    EXPECT(!Failed(registry->Join(false, &participant)));
  }
  Waiter me() const { return {registry.get(), participant->token()}; }
  Status Enter(int times = 1) {
    for (; times > 1; times--) EXPECT(Enter() == Status::kOK);
    return Conditions::Enter(words.condition, me(), place, &owed);
  }
  uint32_t Notified() { return Conditions::Notified(words.condition, me(), place, kAll); }
  bool Take() { return Conditions::Take(words.condition, me(), place); }
  bool Leave(uint32_t most) { return Conditions::Leave(words.condition, me(), place, most); }
  void HandOn() { Conditions::HandOn(words.condition, me(), place); }
  Counts counts() const { return CountsOf(words, participant->token()); }
};

std::vector<std::unique_ptr<Sleeper>> Sleepers(Scene& scene, int count) {
  std::vector<std::unique_ptr<Sleeper>> sleepers;
  for (int i = 0; i < count; i++) sleepers.push_back(std::make_unique<Sleeper>(scene.words));
  for (const auto& sleeper : sleepers) sleeper->AwaitAsleep();
  return sleepers;
}

}  // namespace

TEST_CASE("condition: nobody waits") {
  Scene scene;
  CHECK(scene.Notify(1) == 0);
  CHECK(scene.Notify(kAll) == 0);
  Party late(scene);
  CHECK(late.Enter() == Status::kOK);
  CHECK(late.owed == 0);
  CHECK(late.Notified() == 0);  // what was said before is not for it
  CHECK(late.Leave(0));
  CHECK(NobodyThere(scene.words));
}

TEST_CASE("condition: as many are notified as were asked for, in each environment and all together") {
  Scene scene;
  Party a(scene), b(scene);
  a.Enter(3);
  b.Enter(2);
  CHECK(scene.Notify(0) == 0);
  CHECK(scene.Notify(1) == 1);
  CHECK(scene.Notify(1) == 1);  // in turn
  CHECK(a.counts() == Counts{3, 1});
  CHECK(b.counts() == Counts{2, 1});
  CHECK(scene.Notify(kAll) == 3);
  CHECK(a.counts() == Counts{3, 3});
  CHECK(b.counts() == Counts{2, 2});
  CHECK(scene.Notify(kAll) == 0);
  for (int i = 0; i < 3; i++) CHECK(a.Take());
  CHECK_FALSE(a.Take());
  CHECK(b.Take());
  CHECK(b.counts() == Counts{1, 1});
  CHECK(b.Take());
  CHECK(NobodyThere(scene.words));
}

TEST_CASE("condition: many of one environment beside few of another") {
  Scene scene;
  Party many(scene), few(scene);
  many.Enter(1000);
  few.Enter(1);
  CHECK(scene.Notify(500) == 500);
  CHECK(few.counts() == Counts{1, 1});  // its turn came
  CHECK(many.counts() == Counts{1000, 499});
  CHECK(scene.Notify(kAll) == 501);
  CHECK(many.counts() == Counts{1000, 1000});
}

TEST_CASE("condition: who came after a notification does not get it") {
  Scene scene;
  Party party(scene);
  party.Enter();
  CHECK(scene.Notify(1) == 1);
  party.Enter();
  CHECK(party.owed == 1);
  CHECK(party.counts() == Counts{2, 1});
  CHECK(party.Leave(party.owed));  // it was not notified
  CHECK(party.Notified() == 1);
  CHECK(party.Take());
  CHECK(NobodyThere(scene.words));
}

TEST_CASE("condition: one that goes in the moment in which it is notified is told so") {
  Scene scene;
  Party party(scene);
  party.Enter();
  CHECK(scene.Notify(1) == 1);
  CHECK_FALSE(party.Leave(0));
  CHECK(party.counts() == Counts{1, 1});
  CHECK(party.Take());
}

TEST_CASE("condition: a notification that is not used goes to another") {
  Scene scene;
  Party a(scene), b(scene);
  SUBCASE("of another environment") {
    a.Enter();
    b.Enter();
    CHECK(scene.Notify(1) == 1);
    CHECK(a.Notified() == 1);
    a.HandOn();
    CHECK(a.counts() == Counts{0, 0});
    CHECK(b.counts() == Counts{1, 1});
  }
  SUBCASE("of the same") {
    a.Enter(2);
    CHECK(scene.Notify(1) == 1);
    a.HandOn();
    CHECK(a.counts() == Counts{1, 1});
  }
  SUBCASE("if anybody else waits") {
    a.Enter();
    CHECK(scene.Notify(1) == 1);
    a.HandOn();
    CHECK(NobodyThere(scene.words));
  }
}

TEST_CASE("condition: the loop of an environment is rung for each") {
  Scene scene;
  Party party(scene);
  REQUIRE(party.participant->MakeBell() == Status::kOK);
  const auto rung = [&] {
    std::atomic<uint32_t>& bell = party.participant->slot().bell;
    return (bell.exchange(kBellAwake) & kBellMask) == kBellNotified;
  };
  party.Enter(2);
  for (int i = 0; i < 2; i++) {
    CHECK_FALSE(rung());
    CHECK(scene.Notify(1) == 1);
    CHECK(rung());
  }
  CHECK(scene.Notify(1) == 0);
  CHECK_FALSE(rung());
}

TEST_CASE("condition: as many environments as there are cells, and one more") {
  Scene scene;
  std::vector<std::unique_ptr<Party>> parties;
  for (uint32_t i = 0; i < kConditionCells; i++) {
    parties.push_back(std::make_unique<Party>(scene));
    CHECK(parties.back()->Enter(2) == Status::kOK);
  }
  Party late(scene);
  CHECK(late.Enter() == Status::kLIMIT);
  CHECK(parties[7]->Enter() == Status::kOK);  // one that is there already may come again
  SUBCASE("one goes") {
    for (int i = 0; i < 3; i++) CHECK(parties[7]->Leave(0));
  }
  SUBCASE("one is gone for good") { parties[7]->participant.reset(); }
  SUBCASE("one is gone for good that was notified") {
    CHECK(scene.Notify(kConditionCells) == kConditionCells);
    parties[7]->participant.reset();
    CHECK(parties[6]->counts() == Counts{2, 1});
    const uint32_t turn = scene.words.condition.turn;
    CHECK(late.Enter() == Status::kOK);
    CHECK(parties[turn]->counts() == Counts{2, 2});  // it was handed on
    CHECK(late.Leave(0));
  }
  CHECK(late.Enter() == Status::kOK);
  CHECK(late.Enter() == Status::kOK);
}

TEST_CASE("condition: sleepers, as many as were notified") {
  Scene scene;
  const auto sleepers = Sleepers(scene, 5);
  const auto came = [&] {
    int count = 0;
    for (const auto& sleeper : sleepers) count += sleeper->Notified();
    return count;
  };
  CHECK(scene.Notify(2) == 2);
  Await([&] { return came() == 2; });
  Pause(120'000'000);  // longer than a slice: who looks again finds nothing
  CHECK(came() == 2);
  CHECK(scene.Notify(1) == 1);
  Await([&] { return came() == 3; });
  CHECK(scene.Notify(kAll) == 2);
  for (const auto& sleeper : sleepers) CHECK(sleeper->Came());
  CHECK(NobodyThere(scene.words));
}

TEST_CASE("condition: a call to the kernel for each thread that sleeps, and none where nobody does") {
  Scene scene;
  Party party(scene);
  party.Enter(3);
  const uint64_t before = os::WakeCalls();
  CHECK(scene.Notify(1) == 1);
  CHECK(scene.Notify(kAll) == 2);
  CHECK(os::WakeCalls() == before);
  const auto sleepers = Sleepers(scene, 2);
  LockUsers(scene.words, scene.member.me);
  CHECK(Conditions::Notify(scene.words.condition, scene.member.me, kAll) == 2);
  CHECK(os::WakeCalls() == before + 2);
  UnlockUsers(scene.words, scene.member);
  for (const auto& sleeper : sleepers) CHECK(sleeper->Came());
}

TEST_CASE("condition: a deadline passes") {
  Scene scene;
  LockUsers(scene.words, scene.member.me);
  for (const int64_t ms : {0, 1, 20, 120}) {
    const int64_t deadline = ms == 0 ? 0 : InMs(ms);
    CHECK_FALSE(WaitHolding<StdAtomics>(scene.words, scene.member, deadline));
    CHECK(os::NowNs() >= deadline);
  }
  UnlockUsers(scene.words, scene.member);
  CHECK(NobodyThere(scene.words));
}

TEST_CASE("condition: the dead are passed over") {
  Scene scene;
  auto sleepers = Sleepers(scene, 4);
  sleepers[0]->Kill();
  sleepers[2]->Kill();
  CHECK(scene.Notify(2) == 2);
  CHECK(sleepers[1]->Came());
  CHECK(sleepers[3]->Came());
  CHECK(scene.Notify(kAll) == 0);
  CHECK(NobodyThere(scene.words));
}

TEST_CASE("condition: what the dead were given goes to one who sleeps, or looks") {
  Scene scene;
  Shared<std::atomic<Token>> token;
  Child dead([&] {
    Member own;
    uint32_t place = 0, owed = 0;
    for (int i = 0; i < 2; i++) EXPECT(Conditions::Enter(scene.words.condition, own.me, place, &owed) == Status::kOK);
    *token = own.token();
    for (;;) pause();
  });
  Await([&] { return *token != 0; });
  CHECK(scene.Notify(kAll) == 2);
  SUBCASE("sleepers") {
    const auto sleepers = Sleepers(scene, 3);
    dead.Kill();
    const auto came = [&] {
      int count = 0;
      for (const auto& sleeper : sleepers) count += sleeper->Notified();
      return count;
    };
    Await([&] { return came() == 2; });
    CHECK(scene.Notify(kAll) == 1);
    for (const auto& sleeper : sleepers) CHECK(sleeper->Came());
  }
  SUBCASE("one with promises") {
    Party other(scene);
    other.Enter(3);
    CHECK(other.Notified() == 0);
    dead.Kill();
    CHECK(other.Notified() == 2);
    CHECK(other.counts() == Counts{3, 2});
  }
  SUBCASE("fewer than it was given") {
    Party other(scene);
    dead.Kill();
    CHECK(other.Enter() == Status::kOK);
    CHECK(other.Notified() == 1);  // the second finds nobody
    CHECK(other.Take());
    CHECK(NobodyThere(scene.words));
  }
}

TEST_CASE("condition: as many came as were notified, whatever the deadlines") {
  Scene scene;
  struct Totals {
    std::atomic<uint32_t> came, given, inside;
    std::atomic<uint32_t> waiters_left;
  };
  Shared<Totals> totals;
  constexpr uint32_t kWaiters = 3;
  constexpr int kRounds = 3000;
  totals->waiters_left = kWaiters;
  std::vector<std::unique_ptr<Child>> children;
  for (uint32_t i = 0; i < kWaiters; i++) {
    children.push_back(std::make_unique<Child>([&, i] {
      Member own;
      LockUsers(scene.words, own.me);
      for (int round = 0; round < kRounds; round++) {
        EXPECT(++totals->inside == 1);
        totals->inside--;
        // Short deadlines, so that many pass in the moment of a notification.
        const int64_t deadline = os::NowNs() + (round * 7 + i) % 50 * 2'000;
        totals->came += WaitHolding<StdAtomics>(scene.words, own, deadline);
      }
      totals->waiters_left--;
      UnlockUsers(scene.words, own);
    }));
  }
  for (uint32_t n = 0; totals->waiters_left != 0; n = (n + 1) % 4) {
    LockUsers(scene.words, scene.member.me);
    totals->given += Conditions::Notify(scene.words.condition, scene.member.me, n);
    UnlockUsers(scene.words, scene.member);
  }
  for (const auto& child : children) CHECK(child->Wait() == 0);
  CHECK(totals->given == totals->came);
  CHECK(totals->came > 0);
  CHECK(NobodyThere(scene.words));
}

}  // namespace procloom::test
