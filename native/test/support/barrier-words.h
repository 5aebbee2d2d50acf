// A barrier in a segment, as several processes see it.
#pragma once

#include <memory>

#include "memory/segment.h"
#include "sync/barrier.h"
#include "test/support/member.h"

namespace procloom::test {

inline std::shared_ptr<Segment> MakeBarrier(const Member& member, uint32_t parties) {
  std::shared_ptr<Segment> segment;
  const auto fill = [&](Segment& fresh) {
    fresh.At<BarrierWords<StdAtomics>>(sizeof(SegmentHeader))->parties = parties;
  };
  EXPECT(!Failed(Segments::Create(member.registry, Kind::kBARRIER, sizeof(SegmentHeader) + BarrierBytes(parties, 0),
                                  fill, &segment)));
  return segment;
}

template <class P>
BarrierWords<P>& BarrierAs(const std::shared_ptr<Segment>& segment) {
  static_assert(sizeof(BarrierWords<P>) == sizeof(BarrierWords<StdAtomics>));
  return *segment->At<BarrierWords<P>>(sizeof(SegmentHeader));
}
inline BarrierWords<StdAtomics>& BarrierOf(const std::shared_ptr<Segment>& segment) {
  return BarrierAs<StdAtomics>(segment);
}

using Barriers = procloom::Barrier<StdAtomics>;

inline Meeting WaitAtBarrier(const std::shared_ptr<Segment>& segment, const Waiter& me, int64_t deadline_ns,
                             bool acts = false) {
  Spinner spinner;
  return Barriers::Wait(BarrierOf(segment), me, acts, deadline_ns, spinner);
}

inline uint32_t StageOf(const std::shared_ptr<Segment>& segment) {
  return Barriers::StageOf(Barriers::State(BarrierOf(segment)));
}
inline uint32_t PhaseOf(const std::shared_ptr<Segment>& segment) {
  return Barriers::PhaseOf(Barriers::State(BarrierOf(segment)));
}

// How many cells hold a token, of the living or the dead.
inline uint32_t TakenCells(const std::shared_ptr<Segment>& segment) {
  BarrierWords<StdAtomics>& words = BarrierOf(segment);
  uint32_t taken = 0;
  for (uint32_t index = 0; index < words.parties; index++) taken += TokenOfCell(BarrierCells(words)[index]) != 0;
  return taken;
}

}  // namespace procloom::test
