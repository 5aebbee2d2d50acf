// Killed at every step of finishing an item, and of waiting for that: whoever waits goes on when nothing is unfinished.
#include <doctest/doctest.h>

#include <memory>

#include "test/step-kill/survivor.h"
#include "test/support/tasks.h"

namespace procloom::test {

namespace {

// A queue with items that were got, of which none is done.
std::shared_ptr<Segment> QueueWithGot(const Member& member, int items) {
  const auto segment = MakeQueue(member);
  Queue queue(segment);
  for (int i = 0; i < items; i++) {
    CHECK(PutNumber(queue, member.me, 1, 20, Soon()) == Status::kOK);
    CHECK(GetNumber(queue, member.me, 0).status == Status::kOK);
  }
  return segment;
}

bool JoinCounted(const std::shared_ptr<Segment>& segment, const Waiter& me, int64_t deadline_ns) {
  TasksOf<CountingAtomics> tasks(segment);
  Spinner spinner;
  return tasks.Join(me, deadline_ns, spinner);
}

}  // namespace

TEST_CASE("step-kill: finish the last item while others wait for it") {
  ChannelScene scene;
  REQUIRE(scene.member.participant->MakeBell() == Status::kOK);
  bool loop = false;
  SUBCASE("threads") {}
  SUBCASE("a thread and a loop") { loop = true; }
  const long steps = EachStep([&](long k) {
    const auto segment = QueueWithGot(scene.member, 1);
    TasksOf<StdAtomics> tasks(segment);
    if (loop) tasks.Watch(scene.member.me);
    const auto joiner = Joiner(segment);
    Victim victim(k, [&](const Member& own) { TasksOf<CountingAtomics>(segment).Done(own.me); });
    const bool died = victim.Died();
    // It is done in one step, or not at all: then its survivors find it in the hand of the dead.
    if (tasks.Unfinished() != 0) {
      CHECK(died);
      CHECK(tasks.Done(scene.member.me) == Status::kOK);
    }
    CHECK(joiner->Wait() == 0);
    CHECK(tasks.Done(scene.member.me) == Status::kOVERFLOW);
    return died;
  });
  CHECK(steps >= 3);
}

TEST_CASE("step-kill: wait for items, beside another") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    const auto segment = QueueWithGot(scene.member, 1);
    TasksOf<StdAtomics> tasks(segment);
    Shared<std::atomic<int>> begun;
    Victim victim(k, [&](const Member& own) {
      *begun = 1;
      JoinCounted(segment, own.me, Soon());
    });
    Await([&] {
      return victim.Ended() ||
             (*begun == 1 && (segment->At<QueueWords<StdAtomics>>(0)->tasks.finished.word & kWaiters) != 0);
    });
    const auto joiner = Joiner(segment);
    CHECK(tasks.Done(scene.member.me) == Status::kOK);
    const bool died = victim.Died();
    CHECK(joiner->Wait() == 0);
    return died;
  });
  CHECK(steps >= 2);
}

TEST_CASE("step-kill: drop what is queued while others wait for it") {
  ChannelScene scene;
  const long steps = EachStep([&](long k) {
    Survivor survivor(scene.member);
    for (uint64_t number = 0; number < 3; number++) survivor.Put(number, 100);
    CHECK(GetNumber(survivor.queue, scene.member.me, 0).status == Status::kOK);
    TasksOf<StdAtomics> tasks(survivor.segment);
    Victim victim(k, [&](const Member& own) {
      CountedQueue queue(survivor.segment);
      queue.ShutDownNow(own.me);
      TasksOf<CountingAtomics>(survivor.segment).Settle(*own.registry);
    });
    const bool died = victim.Died();
    // All or nothing: either the two are queued, or they are dropped and only the one in hand is unfinished.
    const uint64_t left = survivor.queue.Items();
    CHECK((left == 2 || left == 0));
    CHECK(tasks.Unfinished() == left + 1);
    survivor.queue.ShutDownNow(scene.member.me);
    CHECK(tasks.Unfinished() == 1);
    CHECK(GetNumber(survivor.queue, scene.member.me, 0).status == Status::kSHUT_DOWN);
    const auto joiner = Joiner(survivor.segment);
    CHECK(tasks.Done(scene.member.me) == Status::kOK);
    CHECK(joiner->Wait() == 0);
    return died;
  });
  CHECK(steps >= 6);
}

}  // namespace procloom::test
