#include "ring/tasks.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "test/support/channels.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"
#include "test/support/tasks.h"

namespace procloom::test {

namespace {

struct TaskScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment = MakeQueue(member);
  Queue queue{segment};
  TasksOf<StdAtomics> tasks{segment};

  void Put() { CHECK(PutNumber(queue, member.me, 1, 20, Soon()) == Status::kOK); }
  void Get() { CHECK(GetNumber(queue, member.me, 0).status == Status::kOK); }
  Status Done() { return tasks.Done(member.me); }
  bool Join(int64_t deadline_ns = 0) {
    Spinner spinner;
    return tasks.Join(member.me, deadline_ns, spinner);
  }
  bool Waited() const { return (segment->At<QueueWords<StdAtomics>>(0)->tasks.finished.word & kWaiters) != 0; }
};

}  // namespace

TEST_CASE("tasks: an item is unfinished from its put until it is done") {
  TaskScene scene;
  CHECK(scene.Join());
  scene.Put();
  scene.Put();
  CHECK(scene.tasks.Unfinished() == 2);
  CHECK_FALSE(scene.Join());
  CHECK(scene.Done() == Status::kOVERFLOW);  // nothing was got
  scene.Get();
  CHECK(scene.Done() == Status::kOK);
  CHECK(scene.Done() == Status::kOVERFLOW);
  CHECK_FALSE(scene.Join(InMs(60)));
  scene.Get();
  CHECK(scene.tasks.Unfinished() == 1);
  CHECK(scene.Done() == Status::kOK);
  CHECK(scene.Join(os::kForever));
}

TEST_CASE("tasks: the counts wrap") {
  TaskScene scene;
  auto& words = *scene.segment->At<QueueWords<StdAtomics>>(0);
  const Commit last{0, kItemsMask, false};
  words.channel.head = words.channel.tail = last.Word();
  words.channel.tail_seen = words.channel.head_seen = last.Word();
  words.tasks.done = kItemsMask;
  CHECK(scene.Join());
  for (int i = 0; i < 3; i++) scene.Put();
  CHECK(scene.tasks.Unfinished() == 3);
  for (int i = 0; i < 3; i++) {
    scene.Get();
    CHECK(scene.Done() == Status::kOK);
  }
  CHECK(scene.Done() == Status::kOVERFLOW);
  CHECK(scene.Join());
}

TEST_CASE("tasks: the last one done lets all go, also when more is put at once") {
  TaskScene scene;
  scene.Put();
  scene.Get();
  const auto sleepers = ThreeJoiners(scene.segment);
  Await([&] { return scene.Waited(); });
  Pause(120'000'000);  // all of them sleep: more than two slices
  CHECK(scene.Done() == Status::kOK);
  scene.Put();
  for (const auto& sleeper : sleepers) CHECK(sleeper->Wait() == 0);
  CHECK_FALSE(scene.Join());
}

TEST_CASE("tasks: a pulse that was meant for an earlier join ends no later one") {
  TaskScene scene;
  auto& words = scene.segment->At<QueueWords<StdAtomics>>(0)->tasks;
  scene.Put();
  const uint64_t before = scene.tasks.State();
  scene.Get();
  CHECK(scene.Done() == Status::kOK);
  scene.Put();
  CHECK(scene.tasks.Over(before, scene.member.me));  // nothing was unfinished for a moment
  const uint64_t begun = scene.tasks.State();
  // Another one had found nothing unfinished, too, and was slow to say so.
  Event<StdAtomics>::Pulse(words.finished, *scene.member.registry);
  CHECK_FALSE(scene.tasks.Over(begun, scene.member.me));
  Child late([&] {
    Member own;
    TasksOf<StdAtomics> tasks(scene.segment);
    Await([&] { return (words.finished.word & kWaiters) != 0; });
    Event<StdAtomics>::Pulse(words.finished, *own.registry);
  });
  CHECK_FALSE(scene.Join(InMs(30)));
  CHECK(late.Wait() == 0);
  scene.Get();
  CHECK(scene.Done() == Status::kOK);
  scene.Put();
  CHECK(scene.tasks.Over(begun, scene.member.me));
}

TEST_CASE("tasks: what was settled long ago ends no join, whatever the counts modulo 2^26 look like") {
  TaskScene scene;
  auto& words = *scene.segment->At<QueueWords<StdAtomics>>(0);
  const Commit far{0, kItemsMask / 2 + 100, false};
  words.channel.head = words.channel.tail = far.Word();
  words.channel.tail_seen = words.channel.head_seen = far.Word();
  words.tasks.done = static_cast<uint32_t>(far.items);
  scene.Put();
  const uint64_t begun = scene.tasks.State();
  CHECK(words.tasks.settled == 0);
  CHECK_FALSE(scene.tasks.Over(begun, scene.member.me));
  scene.Get();
  CHECK(scene.Done() == Status::kOK);
  CHECK(words.tasks.settled == far.items + 1);
  scene.Put();
  CHECK(scene.tasks.Over(begun, scene.member.me));
  CHECK_FALSE(scene.tasks.Over(scene.tasks.State(), scene.member.me));
}

TEST_CASE("tasks: what a shutdown drops is not waited for, what is in hand is") {
  TaskScene scene;
  for (int i = 0; i < 5; i++) scene.Put();
  scene.Get();
  scene.queue.ShutDownNow(scene.member.me);
  CHECK(scene.queue.Items() == 0);
  CHECK(scene.tasks.Unfinished() == 1);
  CHECK_FALSE(scene.Join());
  CHECK(scene.Done() == Status::kOK);
  CHECK(scene.Done() == Status::kOVERFLOW);
  CHECK(scene.Join());
  CHECK(GetNumber(scene.queue, scene.member.me, 0).status == Status::kSHUT_DOWN);
}

TEST_CASE("tasks: several consumers finish each item once") {
  TaskScene scene;
  constexpr int kItems = 3000, kConsumers = 3;
  Shared<std::atomic<int>> done;
  std::vector<std::unique_ptr<Child>> consumers;
  for (int i = 0; i < kConsumers; i++) {
    consumers.push_back(std::make_unique<Child>([&] {
      Member own;
      Queue queue(scene.segment);
      TasksOf<StdAtomics> tasks(scene.segment);
      while (GetNumber(queue, own.me, os::kForever).status == Status::kOK) {
        EXPECT(tasks.Done(own.me) == Status::kOK);
        (*done)++;
      }
    }));
  }
  for (int i = 0; i < kItems; i++) scene.Put();
  CHECK(scene.Join(Soon()));
  CHECK(scene.tasks.Unfinished() == 0);
  scene.queue.ShutDown(scene.member.me);
  for (const auto& consumer : consumers) CHECK(consumer->Wait() == 0);
  CHECK(*done == kItems);
  CHECK(scene.Done() == Status::kOVERFLOW);
}

}  // namespace procloom::test
