// A barrier, and processes that wait at it once and note what came of it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "test/support/barrier-words.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

// The most processes that a scene has waiting.
inline constexpr int kMostParties = 8;

struct MeetingLog {
  std::atomic<int> begun, ended, acting;
  std::atomic<int> round[kMostParties];
  std::atomic<int> index[kMostParties];
  std::atomic<int> met[kMostParties];
};

struct BarrierScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment;
  BarrierWords<StdAtomics>& words;
  Shared<MeetingLog> log;
  std::vector<std::unique_ptr<Child>> parties;

  explicit BarrierScene(uint32_t count) : segment(MakeBarrier(member, count)), words(BarrierOf(segment)) {}

  // One more process that waits once and notes what came of it.
  Child& Start(int64_t deadline_ns = os::kForever) {
    const int number = static_cast<int>(parties.size());
    parties.push_back(std::make_unique<Child>([this, number, deadline_ns] {
      Member own;
      log->begun++;
      const Meeting meeting = WaitAtBarrier(segment, own.me, deadline_ns);
      log->met[number] = static_cast<int>(meeting.met);
      log->index[number] = static_cast<int>(meeting.index);
      log->ended++;
    }));
    return *parties.back();
  }
  void StartWaiting(int count) {
    for (int i = 0; i < count; i++) Start();
    Await([&] { return Waiting() == static_cast<uint32_t>(parties.size()); });
  }
  Met MetBy(int number) {
    CHECK(parties[static_cast<size_t>(number)]->Wait() == 0);
    return static_cast<Met>(log->met[number].load());
  }
  void CheckAllMet(Met met) {
    for (size_t i = 0; i < parties.size(); i++) CHECK(MetBy(static_cast<int>(i)) == met);
  }
  Meeting Wait(int64_t deadline_ns = os::kForever, bool acts = false) {
    return WaitAtBarrier(segment, member.me, deadline_ns, acts);
  }
  uint32_t Waiting() { return Barriers::Waiting(words, member.me); }
  bool Broken() { return Barriers::Broken(words, member.me); }
  void Reset() { Barriers::Reset(words, member.me); }
  void Abort() { Barriers::Abort(words, *member.registry); }
  // Nobody is inside, and a round of all goes well.
  void CheckGoesOn() {
    Reset();
    CHECK(StageOf(segment) == kBarrierFilling);
    CHECK(TakenCells(segment) == 0);
    CHECK_FALSE(Broken());
    parties.clear();
    log->begun = log->ended = 0;
    for (uint32_t i = 1; i < words.parties; i++) Start();
    CHECK(Wait().met == Met::kPassed);
    CheckAllMet(Met::kPassed);
    CHECK(StageOf(segment) == kBarrierFilling);
    CHECK(TakenCells(segment) == 0);
  }
};

}  // namespace procloom::test
