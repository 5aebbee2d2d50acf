// A queue of its own, with its process and its directory: what tests of what stands in rings begin with.
#pragma once

#include <memory>

#include "test/support/channels.h"
#include "test/support/member.h"
#include "test/support/private-directory.h"

namespace procloom::test {

struct OneQueue {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment;
  ChannelWords<StdAtomics>& words;
  Queue queue;

  explicit OneQueue(uint32_t maximum_items = 0, uint64_t capacity = 0)
      : segment(MakeQueue(member, maximum_items, capacity)), words(QueueChannel(*segment)), queue(segment) {}
};

}  // namespace procloom::test
