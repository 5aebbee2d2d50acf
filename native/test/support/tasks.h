// The tasks of a queue in a segment, for one thread.
#pragma once

#include <memory>
#include <vector>

#include "memory/segment.h"
#include "ring/tasks.h"
#include "test/support/channels.h"
#include "test/support/child.h"
#include "test/support/member.h"

namespace procloom::test {

template <class P>
class TasksOf : public Tasks<P> {
 public:
  explicit TasksOf(const std::shared_ptr<Segment>& segment)
      : Tasks<P>(*static_cast<TaskWords<P>*>(static_cast<void*>(&segment->At<QueueWords<StdAtomics>>(0)->tasks)),
                 *WordsAs<P>(QueueChannel(*segment))),
        segment_(segment) {
    static_assert(sizeof(TaskWords<P>) == sizeof(TaskWords<StdAtomics>));
  }

 private:
  std::shared_ptr<Segment> segment_;
};

// Gets one as the binding does: it is in hand before it leaves the queue.
template <class P>
Status GetTask(Channel<P>& queue, Tasks<P>& tasks, const Waiter& me, int64_t deadline_ns = 0) {
  Status in_hand = Status::kOK;
  const Status status = queue.Get(me, deadline_ns, [&](const char* payload, uint64_t size, uint8_t) {
    EXPECT(NumberOf(payload, size) != kTorn);
    in_hand = tasks.Take(me);
    return !Failed(in_hand);
  });
  return Failed(in_hand) ? in_hand : status;
}

// A process that waits until all is done.
inline std::unique_ptr<Child> BeginJoin(const std::shared_ptr<Segment>& segment) {
  return std::make_unique<Child>([segment] {
    Member own;
    TasksOf<StdAtomics> tasks(segment);
    Spinner spinner;
    EXPECT(tasks.Join(own.me, Soon(), spinner));
  });
}

// One that sleeps by now, if none did before.
inline std::unique_ptr<Child> Joiner(const std::shared_ptr<Segment>& segment) {
  auto child = BeginJoin(segment);
  Await([&] { return (segment->At<QueueWords<StdAtomics>>(0)->tasks.finished.word & kWaiters) != 0; });
  return child;
}

inline std::vector<std::unique_ptr<Child>> ThreeJoiners(const std::shared_ptr<Segment>& segment) {
  std::vector<std::unique_ptr<Child>> joiners;
  for (int i = 0; i < 3; i++) joiners.push_back(BeginJoin(segment));
  return joiners;
}

}  // namespace procloom::test
