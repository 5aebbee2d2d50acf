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
    // Between our calls we hold no side: a word that says so is damaged, and nobody would ever end it.
    if (Mutex<P>::Owner(lock) == me.token) Mutex<P>::Release(lock, *me.registry, true);
    return Mutex<P>::Acquire(lock, me.Patient(), os::kForever, lock_spinner_);
  }

  // Whether somebody works in place at this side, as its word says: TIMEOUT, or RESERVED if that is us. The dead do
  // not. REQUIRES: the side's lock is held.
  Status InPlace(AtomicOf<P, uint32_t>& word, const Waiter& me) {
    // What we know ourselves counts for more than a word that may be damaged: our place must stay mapped.
    if (in_place_ != 0) return Status::kRESERVED;
    const Token token = word.load(std::memory_order_relaxed);
    if (token == 0) return Status::kOK;
    if (token == me.token) return Status::kRESERVED;
    if (me.registry->Lives(token)) return Status::kTIMEOUT;
    word.store(0, std::memory_order_seq_cst);
    return Status::kOK;
  }

  // For one whose handle is closed: whether it worked in place, which it does no more.
  bool LeavePlace(AtomicOf<P, uint32_t>& word) {
    uint32_t own = in_place_;
    return own != 0 && word.compare_exchange_strong(own, 0, std::memory_order_seq_cst);
  }

  Status Damaged() const { return os::Fail(Status::kDAMAGED, segment_.path(), "a record contradicts the channel"); }

  Words& words_;
  const Segment& segment_;
  Ends<P>* const others_;
  Token in_place_ = 0;  // ours, while we work in place
  RingView view_{words_.grow_from};
  ProbeClock probe_clock_;
  Spinner lock_spinner_, spinner_;
};

}  // namespace procloom
