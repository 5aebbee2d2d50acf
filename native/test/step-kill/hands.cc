// Killed at every step of getting an item where a death counts as done, of finishing it, of waiting for that, and of
// burying one that was killed before.
#include <doctest/doctest.h>

#include <memory>

#include "test/step-kill/survivor.h"
#include "test/support/tasks.h"

namespace procloom::test {

namespace {

struct HandsScene : ChannelScene {
  std::shared_ptr<Segment> Make(int items) const {
    auto segment = MakeQueue(member, 0, 0, true);
    Queue queue(segment);
    for (int i = 0; i < items; i++) CHECK(PutNumber(queue, member.me, 1, 20, Soon()) == Status::kOK);
    return segment;
  }
};

// Gets and finishes all that is left; how many that were.
int FinishAll(const std::shared_ptr<Segment>& segment, const Waiter& me) {
  Queue queue(segment);
  TasksOf<StdAtomics> tasks(segment);
  int items = 0;
  for (; GetTask(queue, tasks, me) == Status::kOK; items++) CHECK(tasks.Done(me) == Status::kOK);
  return items;
}

void CheckFinished(const std::shared_ptr<Segment>& segment, const Waiter& me) {
  TasksOf<StdAtomics> tasks(segment);
  Spinner spinner;
  CHECK(tasks.Join(me, Soon(), spinner));
  CHECK(tasks.Unfinished() == 0);
  CHECK(tasks.Done(me) == Status::kOVERFLOW);
  for (const auto& hand : segment->At<QueueWords<StdAtomics>>(0)->tasks.hand) CHECK(hand == 0);
}

}  // namespace

TEST_CASE("step-kill: get an item that a death would finish") {
  HandsScene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = scene.Make(3);
    const auto joiner = Joiner(segment);
    Victim victim(k, [&](const Member& own) {
      QueueOf<CountingAtomics> queue(segment);
      TasksOf<CountingAtomics> tasks(segment);
      EXPECT(GetTask(queue, tasks, own.me, Soon()) == Status::kOK);
    });
    const bool died = victim.Died();
    // It is in the hand of the dead, or the next one's; never both, never neither.
    const int left = FinishAll(segment, scene.member.me);
    CHECK((left == 2 || left == 3));
    CHECK((died || left == 2));
    CheckFinished(segment, scene.member.me);
    CHECK(joiner->Wait() == 0);
    return died;
  });
  CHECK(steps >= 4);
}

TEST_CASE("step-kill: finish an item that a death would finish, too") {
  HandsScene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = scene.Make(2);
    const auto joiner = Joiner(segment);
    Victim victim(
        k,
        [&](const Member& own) {
          Queue queue(segment);
          TasksOf<StdAtomics> tasks(segment);
          for (int i = 0; i < 2; i++) EXPECT(GetTask(queue, tasks, own.me, 0) == Status::kOK);
        },
        [&](const Member& own) {
          TasksOf<CountingAtomics> tasks(segment);
          EXPECT(tasks.Done(own.me) == Status::kOK);
          EXPECT(tasks.Done(own.me) == Status::kOK);
        });
    const bool died = victim.Died();
    CHECK(joiner->Wait() == 0);
    CheckFinished(segment, scene.member.me);
    return died;
  });
  CHECK(steps >= 4);
}

TEST_CASE("step-kill: bury one that was killed with items in hand, beside another who waits") {
  HandsScene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = scene.Make(2);
    Victim consumer(-1, [&](const Member& own) {
      Queue queue(segment);
      TasksOf<StdAtomics> tasks(segment);
      for (int i = 0; i < 2; i++) EXPECT(GetTask(queue, tasks, own.me, 0) == Status::kOK);
    });
    CHECK_FALSE(consumer.Died());
    Victim victim(k, [&](const Member& own) {
      TasksOf<CountingAtomics> tasks(segment);
      Spinner spinner;
      EXPECT(tasks.Join(own.me, Soon(), spinner));
    });
    const bool died = victim.Died();
    CheckFinished(segment, scene.member.me);
    return died;
  });
  CHECK(steps >= 2);
}

}  // namespace procloom::test
