#include "ring/hands.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"
#include "test/support/tasks.h"

namespace procloom::test {

namespace {

// A queue where a death counts as done.
struct HandScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment = MakeQueue(member, 0, 0, true);
  TaskWords<StdAtomics>& words = segment->At<QueueWords<StdAtomics>>(0)->tasks;
  Queue queue{segment};
  TasksOf<StdAtomics> tasks{segment};

  void Put(int items = 1) {
    for (int i = 0; i < items; i++) CHECK(PutNumber(queue, member.me, 1, 20, Soon()) == Status::kOK);
  }
  Status Get() { return GetTask(queue, tasks, member.me); }
  bool Join(int64_t deadline_ns = 0) {
    Spinner spinner;
    return tasks.Join(member.me, deadline_ns, spinner);
  }
  // A process that gets so many, and is there until it is killed or told to go on.
  std::unique_ptr<Child> Consumer(int items) {
    *got = 0;
    auto child = std::make_unique<Child>([this, items] {
      Member own;
      Queue its_queue(segment);
      TasksOf<StdAtomics> its_tasks(segment);
      for (int i = 0; i < items; i++) EXPECT(GetTask(its_queue, its_tasks, own.me, Soon()) == Status::kOK);
      *got = 1;
      Await([this] { return *go == 1; });
    });
    Await([this] { return *got == 1; });
    return child;
  }

  Shared<std::atomic<int>> got, go;
};

}  // namespace

TEST_CASE("hands: unfinished is what is queued and what is in hand") {
  HandScene scene;
  CHECK(scene.Join());
  scene.Put(3);
  CHECK(scene.tasks.Done(scene.member.me) == Status::kOVERFLOW);  // nothing was got
  CHECK(scene.Get() == Status::kOK);
  CHECK(scene.Get() == Status::kOK);
  CHECK(scene.tasks.Unfinished() == 3);
  CHECK(scene.tasks.Done(scene.member.me) == Status::kOK);
  CHECK(scene.tasks.Done(scene.member.me) == Status::kOK);
  CHECK(scene.tasks.Done(scene.member.me) == Status::kOVERFLOW);
  CHECK_FALSE(scene.Join());
  CHECK(scene.Get() == Status::kOK);
  CHECK_FALSE(scene.Join());
  CHECK(scene.tasks.Done(scene.member.me) == Status::kOK);
  CHECK(scene.Join());
  for (const auto& hand : scene.words.hand) CHECK(hand == 0);
}

TEST_CASE("hands: what the dead had is done, what they left in the queue is not") {
  HandScene scene;
  scene.Put(3);
  const auto consumer = scene.Consumer(2);
  CHECK_FALSE(scene.Join());
  consumer->Kill();
  CHECK_FALSE(scene.Join());
  CHECK(scene.tasks.Unfinished() == 1);
  CHECK(scene.Get() == Status::kOK);
  CHECK(scene.tasks.Done(scene.member.me) == Status::kOK);
  CHECK(scene.Join());
  CHECK(scene.tasks.Done(scene.member.me) == Status::kOVERFLOW);
}

TEST_CASE("hands: one that ends is as dead as one that is killed") {
  HandScene scene;
  scene.Put();
  const auto consumer = scene.Consumer(1);
  CHECK_FALSE(scene.Join());
  *scene.go = 1;
  CHECK(consumer->Wait() == 0);
  CHECK(scene.Join());
}

TEST_CASE("hands: those who wait see a death by themselves") {
  HandScene scene;
  scene.Put();
  const auto consumer = scene.Consumer(1);
  const auto sleepers = ThreeJoiners(scene.segment);
  Await([&] { return (scene.words.finished.word & kWaiters) != 0; });
  consumer->Kill();
  for (const auto& sleeper : sleepers) CHECK(sleeper->Wait() == 0);
}

TEST_CASE("hands: anyone may say that another living one's is done, nobody that a dead one's is") {
  HandScene scene;
  scene.Put(2);
  const auto consumer = scene.Consumer(2);
  CHECK(scene.tasks.Done(scene.member.me) == Status::kOK);
  CHECK(scene.tasks.Unfinished() == 1);
  consumer->Kill();
  CHECK(scene.tasks.Done(scene.member.me) == Status::kOVERFLOW);
  CHECK(scene.tasks.Unfinished() == 0);
}

TEST_CASE("hands: too many consumers is LIMIT and leaves the item; the dead make room") {
  HandScene scene;
  scene.Put(2);
  const auto dead = scene.Consumer(1);
  // As many others who live: all of them are this one here, by another name of its own.
  const uint64_t others = uint64_t{scene.member.registry->process_token()} << 32 | 1;
  for (auto& hand : scene.words.hand) {
    if (hand == 0) hand = others;
  }
  CHECK(scene.Get() == Status::kLIMIT);
  CHECK(scene.queue.Items() == 1);
  dead->Kill();
  CHECK(scene.Get() == Status::kOK);
  CHECK(scene.queue.Items() == 0);
  CHECK(scene.tasks.Unfinished() == kHands);
}

TEST_CASE("hands: what a shutdown drops was never in one") {
  HandScene scene;
  scene.Put(4);
  CHECK(scene.Get() == Status::kOK);
  scene.queue.ShutDownNow(scene.member.me);
  CHECK(scene.tasks.Unfinished() == 1);
  CHECK_FALSE(scene.Join());
  CHECK(scene.tasks.Done(scene.member.me) == Status::kOK);
  CHECK(scene.Join());
}

TEST_CASE("hands: several consumers, some of them killed, and the rest finishes") {
  HandScene scene;
  constexpr int kItems = 4000;
  Shared<std::atomic<int>> done;
  const auto consume = [&] {
    Member own;
    Queue queue(scene.segment);
    TasksOf<StdAtomics> tasks(scene.segment);
    while (GetTask(queue, tasks, own.me, Soon()) == Status::kOK) {
      EXPECT(tasks.Done(own.me) == Status::kOK);
      (*done)++;
    }
  };
  std::vector<std::unique_ptr<Child>> living, killed;
  for (int i = 0; i < 2; i++) living.push_back(std::make_unique<Child>(consume));
  for (int i = 0; i < 2; i++) killed.push_back(std::make_unique<Child>(consume));
  for (int i = 0; i < kItems; i++) {
    scene.Put();
    if (i == kItems / 2) {
      for (const auto& child : killed) child->Kill();
    }
  }
  CHECK(scene.Join(Soon()));
  CHECK(scene.tasks.Unfinished() == 0);
  CHECK(*done >= kItems - static_cast<int>(killed.size()) * 2);
  scene.queue.ShutDown(scene.member.me);
  for (const auto& child : living) CHECK(child->Wait() == 0);
}

}  // namespace procloom::test
