// A place where threads and loops wait for a commit word to move.
//
//   waiter                                        mover (holds the lock of its side)
//   e = epoch                                     old = word += step         (publishes)
//   old = word |= kWaitingBit                     if old has kWaitingBit:
//   old shows what is waited for? → go on           word &= ~kWaitingBit
//   sleep while epoch == e                          epoch += 1, wake one
//
// The flag is in the word that publishes, so one of the two sees the other: either the waiter sees the move in what its
// fetch_or returns, or the mover sees the flag in what its addition returns.
//
// Thread safety: any thread of any process.
//
// Invariants
//  1. Whoever sleeps has set the flag after its last look, or a wake has taken the flag since; who was woken and goes
//  on
//     wakes the next one if there is more to have, or sets the flag again (others may sleep) and looks once more: what
//     was published in between saw no flag.
//  2. A wake lost with a corpse is made up for within a slice.
#pragma once

#include "layout/channel-layout.h"
#include "os/wait.h"
#include "sync/loop-list.h"
#include "sync/waiter.h"

namespace procloom {

template <class P>
class WaitPoint {
 public:
  using Words = WaitPointWords<P>;
  using Word = AtomicOf<P, uint64_t>;

  // Called by the mover, when the addition returned the flag.
  static void WakeOne(Words& words, Word& word, Registry& registry) {
    word.fetch_and(~kWaitingBit, std::memory_order_seq_cst);
    const uint32_t epoch = words.epoch.fetch_add(1, std::memory_order_seq_cst);
    P::Step();
    // Threads and loops take turns in being asked first.
    if ((epoch & 1) != 0) {
      if (LoopList<P>::RingOne(words.loops, registry)) return;
      os::Wake(P::Raw(words.epoch), 1);
    } else {
      if (os::Wake(P::Raw(words.epoch), 1) > 0) return;
      LoopList<P>::RingOne(words.loops, registry);
    }
  }

  static void WakeAll(Words& words, Registry& registry) {
    words.epoch.fetch_add(1, std::memory_order_seq_cst);
    P::Step();
    os::Wake(P::Raw(words.epoch), os::kEverybody);
    LoopList<P>::RingAll(words.loops, registry);
  }

  // Sleeps, at most a slice, unless `ready(word)` holds for the word with the flag set. The caller has told `slices` of
  // its look.
  template <class Ready>
  static void Sleep(Words& words, Word& word, Slices& slices, Spinner& spinner, Ready&& ready) {
    const uint32_t epoch = words.epoch.load(std::memory_order_seq_cst);
    if (ready(word.fetch_or(kWaitingBit, std::memory_order_seq_cst))) return;
    P::Step();
    const int64_t start = os::NowNs();
    slices.Sleep(P::Raw(words.epoch), epoch);
    spinner.Slept(os::NowNs() - start);
  }

  // For one that has slept and got what it wanted, or gives up: `more()` says whether there is something for the next
  // one.
  template <class More>
  static void PassOn(Words& words, Word& word, Registry& registry, More&& more) {
    if (!more()) {
      word.fetch_or(kWaitingBit, std::memory_order_seq_cst);
      if (!more()) return;
    }
    WakeOne(words, word, registry);
  }

  static void Watch(Words& words, Word& word, const Waiter& me) {
    LoopList<P>::Add(words.loops, *me.registry, me.token);
    word.fetch_or(kWaitingBit, std::memory_order_seq_cst);
  }
};

}  // namespace procloom
