// A semaphore whose permits belong to who took them, and come back when that one dies.
//
//   cell[i] = token, count: so many permits has that environment        change = kWaiters | times that some came back
//
// Free permits are not stored: they are what the cells leave of `maximum`. So the one store of a count is all there is
// to taking and giving, and whoever is killed has either done it or not.
//
// Thread safety: any thread of any process. Cells are changed under `lock` only.
//
// Invariants
//  1. The counts of all cells add up to `maximum` at most; a cell without a token has no count.
//  2. A cell of the dead is emptied, the count first, by whoever finds no permit free.
//  3. Sleepers sleep on `change` with kWaiters. Who gives permits back changes it, which ends every sleep or keeps it
//     from beginning; a death does so through the look that follows it (sync/waiter.h).
#pragma once

#include "layout/status.h"
#include "layout/sync-layout.h"
#include "os/wait.h"
#include "sync/hold.h"
#include "sync/loop-list.h"
#include "sync/waiter.h"

namespace procloom {

template <class P>
class OwnedPermits {
 public:
  using Words = OwnedPermitsWords<P>;
  using Loops = LoopList<P>;

  // OK, TIMEOUT (none is free), LIMIT (more environments hold some than there are cells).
  static Status Try(Words& words, const Waiter& me) {
    const Hold<P> hold(words.lock, me);
    if (Free(words) == 0 && (!Bury(words, me) || Free(words) == 0)) return Status::kTIMEOUT;
    Cell* cell = CellOf(words, me.token);
    if (cell == nullptr) cell = CellOf(words, 0);
    if (cell == nullptr && Bury(words, me)) cell = CellOf(words, 0);
    if (cell == nullptr) return Status::kLIMIT;
    // A token without a count is as good as none: whoever is killed in between has taken nothing.
    cell->token.store(me.token, std::memory_order_seq_cst);
    cell->count.store(Count(*cell) + 1, std::memory_order_seq_cst);
    return Status::kOK;
  }

  static Status Acquire(Words& words, const Waiter& me, int64_t deadline_ns, Spinner& spinner) {
    Status status = Try(words, me);
    if (status != Status::kTIMEOUT || deadline_ns == 0) return status;
    const uint32_t before = Change(words);
    spinner.Spin([&] { return Change(words) != before; });
    Slices slices(me, deadline_ns);
    for (;;) {
      slices.Look();
      uint32_t word = words.change.load(std::memory_order_seq_cst);
      if (status = Try(words, me); status != Status::kTIMEOUT || slices.Over()) return status;
      if ((word & kWaiters) == 0 &&
          !words.change.compare_exchange_strong(word, word | kWaiters, std::memory_order_seq_cst)) {
        continue;
      }
      P::Step();
      slices.Sleep(P::Raw(words.change), word | kWaiters);
    }
  }

  // NOT_LOCKED when this environment has fewer than n; then nothing changed.
  static Status Release(Words& words, const Waiter& me, uint32_t n) {
    {
      const Hold<P> hold(words.lock, me);
      Cell* const cell = CellOf(words, me.token);
      if (cell == nullptr || Count(*cell) < n) return Status::kNOT_LOCKED;
      const uint32_t left = Count(*cell) - n;
      cell->count.store(left, std::memory_order_seq_cst);
      if (left == 0) cell->token.store(0, std::memory_order_seq_cst);
    }
    Tell(words, *me.registry);
    return Status::kOK;
  }

  static uint32_t Value(Words& words, const Waiter& me) {
    const Hold<P> hold(words.lock, me);
    Bury(words, me);
    return Free(words);
  }

  // A loop announces that it waits. It tries once more afterwards.
  static void Watch(Words& words, const Waiter& me) {
    Loops::Add(words.loops, *me.registry, me.token);
    words.change.fetch_or(kWaiters, std::memory_order_seq_cst);
  }

  // Nothing to pass on: permits that come back are told to everybody.
  static void Unwatch(Words& words, const Waiter& me) { Loops::Remove(words.loops, me.token); }

 private:
  using Cell = PermitCell<P>;

  static uint32_t Change(const Words& words) { return words.change.load(std::memory_order_seq_cst) & ~kWaiters; }
  static uint32_t Count(const Cell& cell) { return cell.count.load(std::memory_order_seq_cst); }

  // REQUIRES (the rest as well): `lock` is held.
  static uint32_t Free(const Words& words) {
    uint32_t taken = 0;
    for (const Cell& cell : words.cells) taken += Count(cell);
    return taken >= words.maximum ? 0 : words.maximum - taken;
  }

  static Cell* CellOf(Words& words, Token token) {
    for (Cell& cell : words.cells) {
      if (cell.token.load(std::memory_order_seq_cst) == token) return &cell;
    }
    return nullptr;
  }

  static bool Bury(Words& words, const Waiter& me) {
    bool buried = false;
    for (Cell& cell : words.cells) {
      const Token token = cell.token.load(std::memory_order_seq_cst);
      if (token == 0 || token == me.token || me.registry->Lives(token)) continue;
      cell.count.store(0, std::memory_order_seq_cst);
      cell.token.store(0, std::memory_order_seq_cst);
      buried = true;
    }
    return buried;
  }

  // Several permits can have come back, so everybody looks: also for what a death set free while nobody slept.
  static void Tell(Words& words, Registry& registry) {
    uint32_t word = words.change.load(std::memory_order_seq_cst);
    while (!words.change.compare_exchange_weak(word, (word + 1) & ~kWaiters, std::memory_order_seq_cst)) {
    }
    if ((word & kWaiters) == 0) return;
    P::Step();
    os::Wake(P::Raw(words.change), os::kEverybody);
    Loops::RingAll(words.loops, registry);
  }
};

}  // namespace procloom
