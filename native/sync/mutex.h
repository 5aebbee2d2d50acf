// Mutual exclusion that survives its owner.
//
//   word = owner token (0: free) | kReserved | kAbandoned | kWaiters
//
//   free ──CAS──▶ owned ──exchange 0──▶ free            (nobody waits: no system call)
//                  │ CAS + kWaiters
//                  ▼
//             owned, waited for ──exchange 0──▶ free, then one thread is woken and one loop rung
//                  │ owner is dead: CAS
//                  ▼
//             owned by the thief, kAbandoned
//
// Who comes takes a free lock, though others sleep: handing it over each time would cost a switch of threads each time.
// But each take is counted, and the first sleeper has set a limit: whoever reaches it lets go again, leaves the word
// kReserved, which only one who has slept may take, and queues up.
//
// Thread safety: any thread of any process.
//
// Invariants
//  1. The owner stands in the word that the CAS writes: there is no instant at which a living owner looks dead.
//  2. Who has slept takes the lock with kWaiters set, as others may still sleep: a release without kWaiters happens
//     only while nobody sleeps, or while somebody woken is on its way to set it again.
//  3. A wake that a corpse consumed (woken, killed before it took the lock), or owed (killed between the release and
//  the
//     wake), is made up for after the look that follows a death, or a slice.
//  4. A woken waiter that gives up passes its wake on, and ends a reservation.
//  5. Sleeping threads are woken in the order in which they went to sleep (without futexes: in turns), and at most
//     kTakesPerTurn takes pass between two wakes that are sure to get the lock; about every other such turn is a
//     waiting loop's, if there is one.
//  6. `takes` is written by the owner only; it and `limit` are hints: any value of theirs is safe.
#pragma once

#include "layout/status.h"
#include "layout/sync-layout.h"
#include "os/wait.h"
#include "sync/loop-list.h"
#include "sync/waiter.h"

namespace procloom {

// How many may take a lock before one who sleeps for it: half a millisecond of the busiest traffic, so that handing
// over (some 10 µs) costs little.
inline constexpr uint32_t kTakesPerTurn = 10'000;
// So soon, and so often, it is tried again when nobody was asleep.
inline constexpr uint32_t kTakesInVain = 16;
inline constexpr uint32_t kTriesInVain = 64;
// A reservation for somebody slow (a busy event loop) holds others up no longer than this.
inline constexpr int64_t kReservationNs = 2'000'000;

enum class Taken { kNo, kClean, kFromTheDead };

template <class P>
class Mutex {
 public:
  using Words = MutexWords<P>;
  using Loops = LoopList<P>;

  // `slept`: a wake may have been spent on us. `entitled`: and we may take what is reserved.
  static Taken Try(Words& words, const Waiter& me, bool slept, bool entitled) {
    uint32_t word = words.word.load(std::memory_order_seq_cst);
    while ((word & kTokenMask) == 0) {
      if ((word & kReserved) != 0 && !entitled) return Taken::kNo;
      // A free lock can still be marked: its last owner died, and who had it since did not mend what it guards.
      const uint32_t taken = me.token | (word & (kAbandoned | kWaiters)) | (slept ? kWaiters : 0);
      if (!words.word.compare_exchange_weak(word, taken, std::memory_order_seq_cst)) continue;
      if (!Keeps(words, me, taken, entitled)) return Taken::kNo;
      return (word & kAbandoned) != 0 ? Taken::kFromTheDead : Taken::kClean;
    }
    return TrySteal(words, me, word);
  }

  // The first try of a hot path: leaves the dead alone.
  static bool TryQuick(Words& words, const Waiter& me) {
    uint32_t free = 0;
    return words.word.compare_exchange_strong(free, me.token, std::memory_order_seq_cst) &&
           Keeps(words, me, me.token, false);
  }

  static Taken Acquire(Words& words, const Waiter& me, int64_t deadline_ns, Spinner& spinner) {
    if (TryQuick(words, me)) return Taken::kClean;
    if (deadline_ns == 0) return Try(words, me, false, false);
    bool taken = false;
    spinner.Spin([&] {
      // An owner with sleepers will not be quick: joining them is fairer than racing them.
      const uint32_t word = words.word.load(std::memory_order_relaxed);
      taken = word == 0 && TryQuick(words, me);  // a marked one is left to Sleep
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
    SetLimit(words);
    Loops::Add(words.loops, *me.registry, me.token);
    // On a free word, too: who takes it before our next try must find out that we wait.
    words.word.fetch_or(kWaiters, std::memory_order_seq_cst);
  }

  static void Unwatch(Words& words, const Waiter& me) {
    if (!Loops::Remove(words.loops, me.token)) PassOn(words, *me.registry);
  }

  static Token Owner(const Words& words) { return words.word.load(std::memory_order_seq_cst) & kTokenMask; }
  static bool Abandoned(const Words& words) { return (words.word.load(std::memory_order_seq_cst) & kAbandoned) != 0; }

 private:
  // Counts the take that has just succeeded. If it is one too many while others sleep, the lock is let go again, for
  // one of those: false.
  static bool Keeps(Words& words, const Waiter& me, uint32_t taken, bool entitled) {
    const uint32_t takes = words.takes.load(std::memory_order_relaxed) + 1;
    words.takes.store(takes, std::memory_order_relaxed);
    if (entitled) {  // others may sleep as well: their turn begins to count
      words.limit.store(LimitFrom(takes), std::memory_order_relaxed);
      return true;
    }
    const uint32_t limit = words.limit.load(std::memory_order_relaxed);
    if (limit == 0) return true;
    return static_cast<int32_t>(takes - limit) < 0 || !HandOver(words, me, taken);
  }

  static uint32_t LimitFrom(uint32_t takes) {
    const uint32_t limit = takes + kTakesPerTurn;
    return limit == 0 ? 1 : limit;
  }

  static void SetLimit(Words& words) {
    uint32_t none = 0;
    if (words.limit.load(std::memory_order_relaxed) == 0)
      words.limit.compare_exchange_strong(none, LimitFrom(words.takes.load(std::memory_order_relaxed)),
                                          std::memory_order_relaxed);
  }

  // Gives the lock, which we have, to one who sleeps; false, and we keep it, if nobody does.
  static bool HandOver(Words& words, const Waiter& me, uint32_t taken) {
    const uint32_t reserved = (taken & kAbandoned) | kReserved | kWaiters;
    words.word.exchange(reserved, std::memory_order_seq_cst);
    P::Step();
    const uint32_t takes = words.takes.load(std::memory_order_relaxed);
    const bool loop_first = takes / kTakesPerTurn % 2 != 0;
    const bool woken = loop_first ? Loops::RingOne(words.loops, *me.registry) || os::Wake(P::Raw(words.word), 1) > 0
                                  : os::Wake(P::Raw(words.word), 1) > 0 || Loops::RingOne(words.loops, *me.registry);
    // Nobody asleep: either nobody waits any more, or one has just been woken, and will sleep again because we have the
    // lock. That one would be passed over for ever, so it is tried again soon, but not for ever.
    thread_local uint32_t in_vain = 0;
    in_vain = woken ? 0 : (in_vain + 1) % kTriesInVain;
    if (woken) return true;
    words.limit.store(in_vain == 0 ? 0 : takes + kTakesInVain, std::memory_order_relaxed);
    uint32_t found = reserved;
    // Somebody who slept may have come all the same, and somebody else gone to sleep on this very word.
    return !words.word.compare_exchange_strong(found, taken | kWaiters, std::memory_order_seq_cst);
  }

  static Taken TrySteal(Words& words, const Waiter& me, uint32_t word) {
    const Token owner = word & kTokenMask;
    if (owner == 0 || owner == me.token || me.registry->Lives(owner)) return Taken::kNo;
    // Others may sleep behind the dead: kWaiters stays, or is set to be sure.
    const uint32_t stolen = me.token | kAbandoned | kWaiters;
    return words.word.compare_exchange_strong(word, stolen, std::memory_order_seq_cst) ? Taken::kFromTheDead
                                                                                       : Taken::kNo;
  }

  static Taken Sleep(Words& words, const Waiter& me, int64_t deadline_ns) {
    Slices slices(me, deadline_ns);
    bool slept = false;
    for (;;) {
      slices.Look();
      if (const Taken taken = Try(words, me, slept, slept); taken != Taken::kNo) return taken;
      if (slices.Over()) {
        if (slept) PassOn(words, *me.registry);
        return Taken::kNo;
      }
      SetLimit(words);
      uint32_t word = words.word.load(std::memory_order_seq_cst);
      if ((word & kTokenMask) == 0 && (slept || (word & kReserved) == 0)) continue;
      if ((word & kWaiters) == 0 &&
          !words.word.compare_exchange_weak(word, word | kWaiters, std::memory_order_seq_cst)) {
        continue;
      }
      P::Step();
      const bool changed =
          !slices.Sleep(P::Raw(words.word), word | kWaiters, (word & kReserved) != 0 ? kReservationNs : kSliceNs);
      if (!changed) slept = true;  // else no wake can have been ours
    }
  }

  // For one who was woken, or meant, and does not take it: whoever else sleeps must not be forgotten.
  static void PassOn(Words& words, Registry& registry) {
    words.word.fetch_and(~kReserved, std::memory_order_seq_cst);
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
