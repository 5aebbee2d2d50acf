// A lock and a semaphore in a segment, as several processes see them.
#pragma once

#include <cstddef>
#include <memory>

#include "memory/segment.h"
#include "sync/mutex.h"
#include "sync/semaphore.h"
#include "test/support/member.h"

namespace procloom::test {

struct SyncWords {
  SegmentHeader header;
  MutexWords<StdAtomics> lock;
  SemaphoreWords<StdAtomics> semaphore;
  // What the lock guards: two words that are equal while nobody is in between.
  uint64_t guarded[2];
};

inline std::shared_ptr<Segment> MakeSync(const Member& member, uint32_t permits = 1,
                                         uint32_t maximum = kMaximumPermits) {
  std::shared_ptr<Segment> segment;
  const auto fill = [&](Segment& fresh) {
    auto& words = *fresh.At<SyncWords>(0);
    words.semaphore.word = permits;
    words.semaphore.initial = permits;
    words.semaphore.maximum = maximum;
  };
  EXPECT(!Failed(Segments::Create(member.registry, Kind::kLOCK, sizeof(SyncWords), fill, &segment)));
  return segment;
}

inline SyncWords& WordsOf(const std::shared_ptr<Segment>& segment) { return *segment->At<SyncWords>(0); }

template <class P>
MutexWords<P>& LockAs(SyncWords& words) {
  static_assert(sizeof(MutexWords<P>) == sizeof(MutexWords<StdAtomics>));
  return *reinterpret_cast<MutexWords<P>*>(reinterpret_cast<char*>(&words) + offsetof(SyncWords, lock));
}
template <class P>
SemaphoreWords<P>& SemaphoreAs(SyncWords& words) {
  static_assert(sizeof(SemaphoreWords<P>) == sizeof(SemaphoreWords<StdAtomics>));
  return *reinterpret_cast<SemaphoreWords<P>*>(reinterpret_cast<char*>(&words) + offsetof(SyncWords, semaphore));
}

using Locks = Mutex<StdAtomics>;
using Permits = procloom::Semaphore<StdAtomics>;

inline Taken AcquireLock(SyncWords& words, const Waiter& me, int64_t deadline_ns) {
  Spinner spinner;
  return Locks::Acquire(words.lock, me, deadline_ns, spinner);
}
inline bool AcquirePermit(SyncWords& words, const Waiter& me, int64_t deadline_ns) {
  Spinner spinner;
  return Permits::Acquire(words.semaphore, me, deadline_ns, spinner);
}

}  // namespace procloom::test
