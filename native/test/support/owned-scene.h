// A semaphore with owned permits in a segment, as several processes see it.
#pragma once

#include <memory>

#include "memory/segment.h"
#include "sync/owned-permits.h"
#include "test/support/member.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

using Owned = OwnedPermits<StdAtomics>;

struct OwnedSegment {
  SegmentHeader header;
  OwnedPermitsWords<StdAtomics> words;
};

inline std::shared_ptr<Segment> MakeOwned(const Member& member, uint32_t maximum) {
  std::shared_ptr<Segment> segment;
  const auto fill = [&](Segment& fresh) { fresh.At<OwnedSegment>(0)->words.maximum = maximum; };
  EXPECT(!Failed(Segments::Create(member.registry, Kind::kOWNED_SEMAPHORE, sizeof(OwnedSegment), fill, &segment)));
  return segment;
}

struct OwnedScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment;
  OwnedPermitsWords<StdAtomics>& words;

  explicit OwnedScene(uint32_t maximum)
      : segment(MakeOwned(member, maximum)), words(segment->At<OwnedSegment>(0)->words) {}
  Status Try() { return Owned::Try(words, member.me); }
  Status Acquire(int64_t deadline_ns) {
    Spinner spinner;
    return Owned::Acquire(words, member.me, deadline_ns, spinner);
  }
  Status Release(uint32_t n = 1) { return Owned::Release(words, member.me, n); }
  uint32_t Value() { return Owned::Value(words, member.me); }
};

}  // namespace procloom::test
