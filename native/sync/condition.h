// Who waits to be notified, and exactly n of them told.
//
//   cell (one for each environment in which somebody waits):  waiting, granted
//
//               Enter: waiting + 1                       notify: granted + 1, then the owner is woken
//   not there ─────────────────────▶ waits ────────────────────────────────────────▶ notified
//       ▲                              │ Leave: waiting − 1, if nobody was notified since        │
//       ├──────────────────────────────┘                                                         │
//       └───────────────────────────────────────── Take: waiting − 1, granted − 1 ───────────────┘
//
// The lock that users hold is not known here. Who waits enters while it is held, then lets go of it; who was notified
// takes it again and only then says Take. So one that is killed anywhere in between leaves its notification in its
// cell, where the others find it.
//
// Several may wait in one environment, promises and at most one blocked thread. Which of them a grant is for is that
// environment's own affair; `owed` is how many of its grants are spoken for.
//
// Thread safety: any thread of any process. A cell's owner, one thread, is the only one to raise `waiting` and to lower
// `granted`; who holds `lock` raises `granted`, and clears the cells of the dead.
//
// Invariants
//  1. granted <= waiting in every cell.
//  2. Each grant is taken by exactly one waiter that lives, or handed on while anybody else waits. It is given before
//  it
//     is taken off the dead: one that is killed in between has made one too many, but none is ever lost.
//  3. A cell that is free has no counts: its owner clears them first, and so does who buries it.
//  4. A wake that a corpse owed (killed between the grant and the wake) is made up for within a slice, and so is a
//  grant
//     to one that died: no sleep is longer, and each ends with a look for the dead.
#pragma once

#include <algorithm>

#include "layout/condition-layout.h"
#include "layout/status.h"
#include "os/wait.h"
#include "sync/hold.h"
#include "sync/waiter.h"

namespace procloom {

template <class P>
class Condition {
 public:
  using Words = ConditionWords<P>;

  // One more of `me` waits; `owed` is how many of those before it have been notified. `place` is where the environment
  // last found its cell. LIMIT when all cells are taken; then nothing changed.
  static Status Enter(Words& words, const Waiter& me, uint32_t& place, uint32_t* owed) {
    Cell* cell = Own(words, me.token, place);
    if (cell == nullptr) cell = Claim(words, me, place);
    if (cell == nullptr) return Status::kLIMIT;
    *owed = Granted(cell->counts.fetch_add(kOneWaiting, std::memory_order_seq_cst));
    return Status::kOK;
  }

  // How many of `me` have been notified and have not taken it yet. If no more than `owed`, it looks for the dead first.
  static uint32_t Notified(Words& words, const Waiter& me, uint32_t& place, uint32_t owed) {
    const Cell* const cell = Own(words, me.token, place);
    if (cell == nullptr) return 0;
    const uint32_t granted = Granted(cell->counts.load(std::memory_order_seq_cst));
    if (granted > owed) return granted;
    LookForTheDead(words, me);
    return Granted(cell->counts.load(std::memory_order_seq_cst));
  }

  // Blocks until more than `owed` have been notified; false when the deadline passed. Nothing is taken.
  static bool Sleep(Words& words, const Waiter& me, uint32_t& place, uint32_t owed, int64_t deadline_ns,
                    Spinner& spinner) {
    Cell* const cell = Own(words, me.token, place);
    if (cell == nullptr) return false;
    const auto notified = [&] { return Granted(cell->counts.load(std::memory_order_seq_cst)) > owed; };
    if (deadline_ns == 0) return notified();
    if (spinner.Spin(notified)) return true;
    Slices slices(me, deadline_ns);
    bool told = false;
    for (;;) {
      slices.Look();
      LookForTheDead(words, me);
      // Either we see the grant, or who gave it sees that we sleep.
      cell->sleeping.store(1, std::memory_order_seq_cst);
      told = notified();
      if (told || slices.Over()) break;
      P::Step();
      slices.Sleep(P::Raw(cell->sleeping), 1);
    }
    cell->sleeping.store(0, std::memory_order_seq_cst);
    return told;
  }

  // One that was notified goes on. False when none was.
  static bool Take(Words& words, const Waiter& me, uint32_t& place) {
    Cell* const cell = Own(words, me.token, place);
    if (cell == nullptr) return false;
    uint64_t counts = cell->counts.load(std::memory_order_seq_cst);
    do {
      if (Granted(counts) == 0) return false;
    } while (
        !cell->counts.compare_exchange_weak(counts, counts - kOneWaiting - kOneGranted, std::memory_order_seq_cst));
    FreeIfNobodyWaits(*cell, counts - kOneWaiting - kOneGranted);
    return true;
  }

  // One that was not notified goes. False when more than `owed` have been notified by now: then nothing changed, as it
  // may be one of them.
  static bool Leave(Words& words, const Waiter& me, uint32_t& place, uint32_t owed) {
    Cell* const cell = Own(words, me.token, place);
    if (cell == nullptr) return true;
    uint64_t counts = cell->counts.load(std::memory_order_seq_cst);
    do {
      if (Granted(counts) > owed) return false;
    } while (!cell->counts.compare_exchange_weak(counts, counts - kOneWaiting, std::memory_order_seq_cst));
    FreeIfNobodyWaits(*cell, counts - kOneWaiting);
    return true;
  }

  // One that was notified goes without using it: another one is, if any waits.
  static void HandOn(Words& words, const Waiter& me, uint32_t& place) {
    const Hold<P> hold(words.lock, me);
    Give(words, me, 1);
    Take(words, me, place);
  }

  // Notifies n of those that wait, or all if there are fewer; how many there were.
  static uint32_t Notify(Words& words, const Waiter& me, uint32_t n) {
    const Hold<P> hold(words.lock, me);
    bool met_dead = false;
    const uint32_t given = Give(words, me, n, &met_dead);
    if (met_dead) BuryAll(words, me);
    return given;
  }

 private:
  using Cell = ConditionCell<P>;
  static constexpr uint64_t kOneWaiting = uint64_t{1} << 32;
  static constexpr uint64_t kOneGranted = 1;
  static constexpr uint32_t Waiting(uint64_t counts) { return static_cast<uint32_t>(counts >> 32); }
  static constexpr uint32_t Granted(uint64_t counts) { return static_cast<uint32_t>(counts); }
  // Those that wait and have not been notified.
  static uint32_t Open(const Cell& cell) {
    const uint64_t counts = cell.counts.load(std::memory_order_seq_cst);
    return Waiting(counts) - Granted(counts);
  }

  static Cell* Own(Words& words, Token token, uint32_t& place) {
    for (uint32_t i = 0; i < kConditionCells; i++) {
      const uint32_t index = (place + i) % kConditionCells;
      if (words.cells[index].token.load(std::memory_order_seq_cst) != token) continue;
      place = index;
      return &words.cells[index];
    }
    return nullptr;
  }

  static Cell* Claim(Words& words, const Waiter& me, uint32_t& place) {
    if (Cell* const cell = ClaimFree(words, me.token, place)) return cell;
    {
      const Hold<P> hold(words.lock, me);
      BuryAll(words, me);
    }
    return ClaimFree(words, me.token, place);
  }

  static Cell* ClaimFree(Words& words, Token token, uint32_t& place) {
    for (uint32_t i = 0; i < kConditionCells; i++) {
      const uint32_t index = (place + i) % kConditionCells;
      Cell& cell = words.cells[index];
      uint32_t free = 0;
      if (cell.token.load(std::memory_order_seq_cst) != 0 ||
          !cell.token.compare_exchange_strong(free, token, std::memory_order_seq_cst)) {
        continue;
      }
      place = index;
      return &cell;
    }
    return nullptr;
  }

  static void FreeIfNobodyWaits(Cell& cell, uint64_t counts) {
    if (Waiting(counts) == 0) cell.token.store(0, std::memory_order_seq_cst);
  }

  // REQUIRES: `lock` is held. Passes over the dead.
  static uint32_t Give(Words& words, const Waiter& me, uint32_t n, bool* met_dead = nullptr) {
    uint32_t given = 0;
    for (bool more = true; more && given < n;) {
      uint32_t cells = 0;
      for (const Cell& cell : words.cells) cells += Open(cell) != 0;
      // One each in turn; where there is more than one for each, a round gives all its share.
      const uint32_t share = cells == 0 ? 0 : std::max(1u, (n - given) / cells);
      more = false;
      const uint32_t turn = words.turn.load(std::memory_order_seq_cst);
      for (uint32_t i = 0; i < kConditionCells && given < n; i++) {
        const uint32_t index = (turn + i) % kConditionCells;
        Cell& cell = words.cells[index];
        if (Open(cell) == 0) continue;
        const Token token = cell.token.load(std::memory_order_seq_cst);
        if (token != me.token && !me.registry->Lives(token)) {
          if (met_dead != nullptr) *met_dead = true;
          continue;
        }
        const uint32_t got = GiveTo(cell, std::min(share, n - given));
        if (got == 0) continue;
        given += got;
        more = true;
        words.turn.store((index + 1) % kConditionCells, std::memory_order_seq_cst);
        Wake(cell, *me.registry);
      }
    }
    return given;
  }

  static uint32_t GiveTo(Cell& cell, uint32_t n) {
    uint64_t counts = cell.counts.load(std::memory_order_seq_cst);
    for (;;) {
      const uint32_t some = std::min(n, Waiting(counts) - Granted(counts));
      if (some == 0) return 0;
      if (cell.counts.compare_exchange_weak(counts, counts + some, std::memory_order_seq_cst)) return some;
    }
  }

  // Its thread if that sleeps, and its loop: which of them the grant is for is known over there only.
  static void Wake(Cell& cell, Registry& registry) {
    if (cell.sleeping.exchange(0, std::memory_order_seq_cst) != 0) {
      P::Step();
      os::Wake(P::Raw(cell.sleeping), 1);
    }
    P::Step();
    registry.Ring(cell.token.load(std::memory_order_seq_cst));
  }

  // Those of the dead to whom something was given that others wait for.
  static void LookForTheDead(Words& words, const Waiter& me) {
    for (Cell& cell : words.cells) {
      if (Granted(cell.counts.load(std::memory_order_seq_cst)) == 0) continue;
      const Token token = cell.token.load(std::memory_order_seq_cst);
      if (token == 0 || token == me.token || me.registry->Lives(token)) continue;
      const Hold<P> hold(words.lock, me);
      Bury(words, me, cell, token);
    }
  }

  // REQUIRES: `lock` is held.
  static void BuryAll(Words& words, const Waiter& me) {
    for (Cell& cell : words.cells) {
      const Token token = cell.token.load(std::memory_order_seq_cst);
      if (token != 0 && token != me.token && !me.registry->Lives(token)) Bury(words, me, cell, token);
    }
  }

  // REQUIRES: `lock` is held, and that token is of the dead. Hands on what it was given and frees the cell.
  static void Bury(Words& words, const Waiter& me, Cell& cell, Token token) {
    if (cell.token.load(std::memory_order_seq_cst) != token) return;  // somebody was quicker
    uint64_t counts = cell.counts.load(std::memory_order_seq_cst);
    while (Granted(counts) != 0 && Give(words, me, 1) == 1) {
      counts -= kOneWaiting + kOneGranted;
      cell.counts.store(counts, std::memory_order_seq_cst);
    }
    cell.sleeping.store(0, std::memory_order_seq_cst);
    cell.counts.store(0, std::memory_order_seq_cst);
    cell.token.store(0, std::memory_order_seq_cst);
  }
};

}  // namespace procloom
