// A condition and the lock that its users hold, as several processes see them.
#pragma once

#include <cstddef>
#include <memory>

#include "memory/segment.h"
#include "sync/condition.h"
#include "test/support/member.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

struct SharedCondition {
  SegmentHeader header;
  ConditionWords<StdAtomics> condition;
  MutexWords<StdAtomics> users;
};

inline std::shared_ptr<Segment> MakeCondition(const Member& member) {
  std::shared_ptr<Segment> segment;
  EXPECT(!Failed(Segments::Create(
      member.registry, Kind::kCONDITION, sizeof(SharedCondition), [](Segment&) {}, &segment)));
  return segment;
}
inline SharedCondition& ConditionOf(const std::shared_ptr<Segment>& segment) {
  return *segment->At<SharedCondition>(0);
}

template <class P>
ConditionWords<P>& ConditionAs(SharedCondition& words) {
  static_assert(sizeof(ConditionWords<P>) == sizeof(ConditionWords<StdAtomics>));
  return *reinterpret_cast<ConditionWords<P>*>(reinterpret_cast<char*>(&words) + offsetof(SharedCondition, condition));
}

using Conditions = Condition<StdAtomics>;
using UsersLock = Mutex<StdAtomics>;

inline void LockUsers(SharedCondition& words, const Waiter& me) {
  Spinner spinner;
  EXPECT(UsersLock::Acquire(words.users, me, Soon(), spinner) != Taken::kNo);
}
inline void UnlockUsers(SharedCondition& words, const Member& member) {
  EXPECT(UsersLock::Release(words.users, *member.registry) == Status::kOK);
}

// A wait of one that blocks, from the lock held to the lock held.
template <class P>
bool WaitHolding(SharedCondition& words, const Member& member, int64_t deadline_ns) {
  auto& condition = ConditionAs<P>(words);
  uint32_t place = 0, owed = 0;
  EXPECT(Condition<P>::Enter(condition, member.me, place, &owed) == Status::kOK);
  UnlockUsers(words, member);
  Spinner spinner;
  Condition<P>::Sleep(condition, member.me, place, owed, deadline_ns, spinner);
  LockUsers(words, member.me);
  if (Condition<P>::Leave(condition, member.me, place, owed)) return false;
  EXPECT(Condition<P>::Take(condition, member.me, place));
  return true;
}

inline uint32_t NotifyHolding(SharedCondition& words, const Member& member, uint32_t n) {
  LockUsers(words, member.me);
  const uint32_t given = Conditions::Notify(words.condition, member.me, n);
  UnlockUsers(words, member);
  return given;
}

inline constexpr uint32_t kAll = 0x7fffffff;

// What stands in a cell.
struct Counts {
  uint32_t waiting, granted;
  bool operator==(const Counts&) const = default;
};
inline Counts CountsOf(const SharedCondition& words, Token token) {
  for (const auto& cell : words.condition.cells) {
    if (cell.token != token) continue;
    const uint64_t counts = cell.counts;
    return {static_cast<uint32_t>(counts >> 32), static_cast<uint32_t>(counts)};
  }
  return {0, 0};
}
// No cell is taken.
inline bool NobodyThere(const SharedCondition& words) {
  for (const auto& cell : words.condition.cells) {
    if (cell.token != 0 || cell.counts != 0) return false;
  }
  return true;
}

// A process that waits once, blocking.
class Sleeper {
 public:
  explicit Sleeper(SharedCondition& words, int64_t ms = 20'000)
      : words_(words), child_([this, ms] {
          Member own;
          LockUsers(words_, own.me);
          report_->token = own.token();
          const bool notified = WaitHolding<StdAtomics>(words_, own, InMs(ms));
          UnlockUsers(words_, own);
          report_->came = notified ? kNotified : kInVain;
        }) {}
  // Until its thread sleeps.
  void AwaitAsleep() const {
    Await([&] {
      for (const auto& cell : words_.condition.cells) {
        if (cell.token != 0 && cell.token == report_->token && cell.sleeping == 1) return true;
      }
      return child_.Ended();
    });
  }
  Token token() const { return report_->token; }
  bool Notified() const { return report_->came == kNotified; }
  bool AwaitNotified() const {
    return AwaitFor(20'000'000'000, [&] { return report_->came != 0; }) && Notified();
  }
  // Its end; whether it was notified.
  bool Came() {
    EXPECT(child_.Wait() == 0);
    return Notified();
  }
  void Kill() { child_.Kill(); }

 private:
  enum : uint32_t { kNotified = 1, kInVain = 2 };
  struct Report {
    std::atomic<uint32_t> token, came;
  };
  Shared<Report> report_;
  SharedCondition& words_;
  Child child_;
};

}  // namespace procloom::test
