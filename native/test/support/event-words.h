// An event in a segment, as several processes see it.
#pragma once

#include <cstddef>
#include <memory>

#include "memory/segment.h"
#include "sync/event.h"
#include "test/support/member.h"

namespace procloom::test {

struct EventSegment {
  SegmentHeader header;
  EventWords<StdAtomics> event;
};

inline std::shared_ptr<Segment> MakeEvent(const Member& member) {
  std::shared_ptr<Segment> segment;
  EXPECT(!Failed(Segments::Create(
      member.registry, Kind::kEVENT, sizeof(EventSegment), [](Segment&) {}, &segment)));
  return segment;
}

template <class P>
EventWords<P>& EventAs(const std::shared_ptr<Segment>& segment) {
  static_assert(sizeof(EventWords<P>) == sizeof(EventWords<StdAtomics>));
  return *segment->At<EventWords<P>>(offsetof(EventSegment, event));
}

using Events = procloom::Event<StdAtomics>;

inline bool WaitForEvent(const std::shared_ptr<Segment>& segment, int64_t deadline_ns) {
  Spinner spinner;
  return Events::Wait(EventAs<StdAtomics>(segment), deadline_ns, spinner);
}

}  // namespace procloom::test
