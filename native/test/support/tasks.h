// The tasks of a queue in a segment, for one thread.
#pragma once

#include <memory>

#include "memory/segment.h"
#include "ring/tasks.h"
#include "test/support/channels.h"

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

}  // namespace procloom::test
