// Mutual exclusion that survives its owner.
//
//   word = owner token (0: free) | kAbandoned | kWaiters
//
//   free ──CAS──▶ owned ──exchange 0──▶ free            (nobody waits: no system call)
//                  │ CAS + kWaiters
//                  ▼
//             owned, waited for ──exchange 0──▶ free, then one thread is woken and one loop rung
//                  │ owner is dead: CAS
//                  ▼
//             owned by the thief, kAbandoned
//
// Thread safety: any thread of any process.
//
// Invariants
//  1. The owner stands in the word that the CAS writes: there is no instant at which a living owner looks dead.
//  2. Who has slept takes the lock with kWaiters set, as others may still sleep: a release without kWaiters happens
//     only while nobody sleeps, or while somebody woken is on its way to set it again.
//  3. A wake that a corpse consumed (woken, killed before it took the lock), or owed (killed between the release and
//  the
//     wake), is made up for within a slice: no sleep is longer.
//  4. A woken waiter that gives up passes its wake on.
#pragma once

#include "layout/status.h"
#include "layout/sync-layout.h"
#include "os/wait.h"
#include "sync/loop-list.h"
#include "sync/waiter.h"

namespace procloom {

enum class Taken { kNo, kClean, kFromTheDead };

template <class P>
class Mutex {
 public:
  using Words = MutexWords<P>;
  using Loops = LoopList<P>;

  static Taken Try(Words& words, const Waiter& me, bool slept = false) {
    uint32_t word = words.word.load(std::memory_order_seq_cst);
    while ((word & kTokenMask) == 0) {
      // A free lock can still be marked: its last owner died, and who had it since did not mend what it guards.
      const uint32_t taken = me.token | (word & (kAbandoned | kWaiters)) | (slept ? kWaiters : 0);
      if (!words.word.compare_exchange_weak(word, taken, std::memory_order_seq_cst)) continue;
      return (word & kAbandoned) != 0 ? Taken::kFromTheDead : Taken::kClean;
    }
    return TrySteal(words, me, word);
  }

  // The first try of a hot path: leaves the dead alone.
  static bool TryQuick(Words& words, Token token) {
    uint32_t free = 0;
    return words.word.compare_exchange_strong(free, token, std::memory_order_seq_cst);
  }

  static Taken Acquire(Words& words, const Waiter& me, int64_t deadline_ns, Spinner& spinner) {
    if (TryQuick(words, me.token)) return Taken::kClean;
    if (deadline_ns == 0) return Try(words, me);
    bool taken = false;
    spinner.Spin([&] {
      // An owner with sleepers will not be quick: joining them is fairer than racing them.
      const uint32_t word = words.word.load(std::memory_order_relaxed);
      taken = word == 0 && TryQuick(words, me.token);  // a marked one is left to Sleep
      return taken || (word & kWaiters) != 0;
    });
    if (taken) return Taken::kClean;
    return Sleep(words, me, deadline_ns);
  }

  // NOT_LOCKED when nobody held it. `marked`: the next owner is told, as this one was, that an owner died.
  static Status Release(Words& words, Registry& registry, bool marked = false) {
    uint32_t word = words.word.exchange(marked ? kAbandoned : 0, std::memory_order_seq_cst);
    if ((word & kWaiters) != 0) WakeOne(words, registry);
    if ((word & kTokenMask) != 0) return Status::kOK;
    if ((word & kAbandoned) != 0 && !marked) words.word.fetch_or(kAbandoned, std::memory_order_seq_cst);
    return Status::kNOT_LOCKED;
  }

  // A loop announces that it waits. It tries once more afterwards, as having slept.
  static void Watch(Words& words, const Waiter& me) {
    Loops::Add(words.loops, *me.registry, me.token);
    SetWaiters(words);
  }

  static void Unwatch(Words& words, const Waiter& me) {
    if (!Loops::Remove(words.loops, me.token)) PassOn(words, *me.registry);
  }

  static Token Owner(const Words& words) { return words.word.load(std::memory_order_seq_cst) & kTokenMask; }
  static bool Abandoned(const Words& words) { return (words.word.load(std::memory_order_seq_cst) & kAbandoned) != 0; }

 private:
  static Taken TrySteal(Words& words, const Waiter& me, uint32_t word) {
    const Token owner = word & kTokenMask;
    if (owner == 0 || owner == me.token || me.registry->Lives(owner)) return Taken::kNo;
    // Others may sleep behind the dead: kWaiters stays, or is set to be sure.
    const uint32_t stolen = me.token | kAbandoned | kWaiters;
    return words.word.compare_exchange_strong(word, stolen, std::memory_order_seq_cst) ? Taken::kFromTheDead
                                                                                       : Taken::kNo;
  }

  static Taken Sleep(Words& words, const Waiter& me, int64_t deadline_ns) {
    const Slices slices(deadline_ns);
    bool slept = false;
    for (;;) {
      if (const Taken taken = Try(words, me, slept); taken != Taken::kNo) return taken;
      if (slices.Over()) {
        if (slept) PassOn(words, *me.registry);
        return Taken::kNo;
      }
      uint32_t word = words.word.load(std::memory_order_seq_cst);
      if ((word & kTokenMask) == 0) continue;
      if ((word & kWaiters) == 0 &&
          !words.word.compare_exchange_weak(word, word | kWaiters, std::memory_order_seq_cst)) {
        continue;
      }
      P::Step();
      os::WaitOn(P::Raw(words.word), word | kWaiters, slices.Next());
      slept = true;
    }
  }

  // For one who was woken and does not take it: whoever else sleeps must not be forgotten.
  static void PassOn(Words& words, Registry& registry) {
    if ((SetWaiters(words) & kTokenMask) == 0) WakeOne(words, registry);
  }

  // Has the owner wake somebody; returns the word, whose owner is 0 if there was none to tell.
  static uint32_t SetWaiters(Words& words) {
    uint32_t word = words.word.load(std::memory_order_seq_cst);
    while ((word & kTokenMask) != 0 && (word & kWaiters) == 0 &&
           !words.word.compare_exchange_weak(word, word | kWaiters, std::memory_order_seq_cst)) {
    }
    return word;
  }

  static void WakeOne(Words& words, Registry& registry) {
    P::Step();
    os::Wake(P::Raw(words.word), 1);
    Loops::RingOne(words.loops, registry);
  }
};

}  // namespace procloom
