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

}  // namespace procloom::test
