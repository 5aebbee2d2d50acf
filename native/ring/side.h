// What the two sides of a channel have in common.
#pragma once

#include "layout/channel-layout.h"
#include "ring/counts.h"
#include "ring/ends.h"
#include "ring/rings.h"
#include "ring/wait-point.h"
#include "sync/mutex.h"

namespace procloom {

template <class P>
class Side {
 protected:
  using Words = ChannelWords<P>;

  // `others`: who holds the end at the other side; null where the channel has no ends (a queue).
  Side(Words& words, const Segment& segment, Ends<P>* others) : words_(words), segment_(segment), others_(others) {}

  Taken LockSide(MutexWords<P>& lock, const Waiter& me) {
    if (Mutex<P>::TryQuick(lock, me)) return Taken::kClean;
    return Mutex<P>::Acquire(lock, me.Patient(), os::kForever, lock_spinner_);
  }

  Words& words_;
  const Segment& segment_;
  Ends<P>* const others_;
  RingView view_;
  ProbeClock probe_clock_;
  Spinner lock_spinner_, spinner_;
};

}  // namespace procloom
