// A meeting point of `parties`.
//
//   state = kWaiters | phase | stage                cell[i] = phase | token: who came as the i-th, 0: nobody
//
//             all have arrived       action done            all have left
//    FILLING ─────────────▶ ACTING ─────────────▶ DRAINING ─────────────▶ FILLING, phase + 1
//       │ death, timeout, abort │ the same, or the action failed   │ abort(), a timeout of one who waits to arrive
//       ▼                       ▼                                  ▼                  all have left
//    BROKEN ◀───────────────────┘                               BREAKING ────────────────────────▶ BROKEN, phase + 1
//       │ reset(), also from FILLING and ACTING                    └── reset() ──▶ DRAINING
//       ▼                   all have left
//    RESETTING ─────────────────────────▶ FILLING, phase + 1            RESETTING ── abort() ──▶ BROKEN
//
// Without an action the last to arrive moves FILLING to DRAINING.
//
//   arrive   cell[i]: (phase, 0) → (phase, own token), for the first i where that succeeds: i is the arrival's index,
//            and who gets the last cell is the last to arrive
//   look     DRAINING, BREAKING: it passed; BROKEN, RESETTING: it was broken; else it waits
//   leave    cell[i]: (phase, own token) → (phase + 1, 0); who then finds all cells in phase + 1 moves the state on
//
// A free cell belongs to one phase. So an arrival that was decided upon in one phase cannot slip into another one, and
// no lock is needed around it: a lock's holder could be stopped in it, and event loops must not wait for that.
//
// Thread safety: any thread of any process.
//
// Invariants
//  1. `state` is only changed by CAS from a state that an arrow starts at: of two sides of a race (the action ends and
//     somebody breaks it) one wins, and everyone who is inside gets the same answer.
//  2. While a phase fills, the cells taken are the first ones, without a gap.
//  3. A phase ends only when no cell holds a token in it: who is inside sees the outcome of its own phase.
//  4. A barrier only lets its parties pass if all of them lived when the last one arrived. A cell of the dead breaks a
//     phase that fills or acts; elsewhere it is emptied for its owner. What one who was killed on the way left undone
//     (the step after its own) is made up for by the next one who looks.
//  5. A wake that was owed by a corpse is made up for within a slice.
#pragma once

#include <cstdint>

#include "layout/barrier-layout.h"
#include "os/wait.h"
#include "sync/loop-list.h"
#include "sync/waiter.h"

namespace procloom {

// What came of an arrival, or of a look at it.
enum class Met {
  kOutside,  // it could not arrive yet
  kInside,   // it waits for the others
  kToAct,    // it came last: it runs the action now
  kPassed,   // and has left
  kBroken,   // and has left, if it was inside
};

struct Meeting {
  Met met;
  uint32_t index;  // which arrival it is; nothing for one outside
};

template <class P>
class Barrier {
 public:
  using Words = BarrierWords<P>;
  using Loops = LoopList<P>;

  // Arrives if that needs no waiting. `acts`: runs an action if it comes last. `thorough`: looks for the dead, too.
  static Meeting Arrive(Words& words, const Waiter& me, bool acts, bool thorough) {
    for (;;) {
      const uint32_t state = State(words);
      const uint32_t stage = StageOf(state);
      if (stage == kBarrierBroken || stage == kBarrierBreaking) return {Met::kBroken, 0};
      if (stage == kBarrierFilling) {
        const uint32_t index = TakeCell(words, PhaseOf(state), me.token);
        if (index < words.parties) return Arrived(words, me, PhaseOf(state), index, acts);
      }
      if ((thorough && Bury(words, me)) || Complete(words, *me.registry)) continue;
      if (State(words) == state) return {Met::kOutside, 0};
    }
  }

  // What has become of the arrival in cell `index`, which has neither passed nor been broken as far as it knows.
  static Meeting Look(Words& words, const Waiter& me, uint32_t index, bool thorough) {
    for (;;) {
      const uint32_t state = State(words);
      switch (StageOf(state)) {
        case kBarrierDraining:
        case kBarrierBreaking:
          Leave(words, me, PhaseOf(state), index);
          return {Met::kPassed, index};
        case kBarrierBroken:
        case kBarrierResetting:
          Leave(words, me, PhaseOf(state), index);
          return {Met::kBroken, index};
        default:
          if (StageOf(state) == kBarrierActing && index + 1 == words.parties) return {Met::kToAct, index};
          if (!thorough || !Bury(words, me)) return {Met::kInside, index};
      }
    }
  }

  // Arrives and waits: kPassed, kBroken or kToAct. When the deadline passes first it breaks the barrier.
  static Meeting Wait(Words& words, const Waiter& me, bool acts, int64_t deadline_ns, Spinner& spinner) {
    Slices slices(me, deadline_ns);
    Meeting meeting{Met::kOutside, 0};
    bool thorough = false;
    for (;;) {
      slices.Look();
      const uint32_t word = words.state.load(std::memory_order_seq_cst);
      meeting =
          meeting.met == Met::kOutside ? Arrive(words, me, acts, thorough) : Look(words, me, meeting.index, thorough);
      if (meeting.met != Met::kOutside && meeting.met != Met::kInside) return meeting;
      if (slices.Over()) {
        if (meeting.met == Met::kInside) return GiveUp(words, me, meeting.index);
        Abort(words, *me.registry);
        return {Met::kBroken, 0};
      }
      if (!thorough) {
        if (spinner.Spin([&] { return words.state.load(std::memory_order_relaxed) != word; })) continue;
        thorough = true;  // those who died before this one sleeps wake nobody any more
        continue;
      }
      uint32_t expected = word;
      if ((word & kWaiters) == 0 &&
          !words.state.compare_exchange_strong(expected, word | kWaiters, std::memory_order_seq_cst)) {
        continue;
      }
      P::Step();
      slices.Sleep(P::Raw(words.state), word | kWaiters);
    }
  }

  // The action of the one that came last is done: kPassed, or kBroken. (Where it failed, its runner gives up.)
  static Meeting Acted(Words& words, const Waiter& me) {
    const uint32_t state = State(words);
    if (StageOf(state) == kBarrierActing) {
      Move(words, *me.registry, state, With(PhaseOf(state), kBarrierDraining));
    }
    return Look(words, me, words.parties - 1, false);
  }

  // The one in cell `index` waits no longer, which breaks the barrier for the others; unless it has passed meanwhile.
  static Meeting GiveUp(Words& words, const Waiter& me, uint32_t index) {
    for (;;) {
      const uint32_t state = State(words);
      if (!Waits(StageOf(state))) return Look(words, me, index, false);
      Move(words, *me.registry, state, With(PhaseOf(state), kBarrierBroken));
    }
  }

  // Breaks it; those who have passed already still leave with their indices.
  static void Abort(Words& words, Registry& registry) {
    for (;;) {
      const uint32_t state = State(words);
      const uint32_t stage = StageOf(state);
      if (stage == kBarrierBroken || stage == kBarrierBreaking) return;
      const uint32_t to = stage == kBarrierDraining ? kBarrierBreaking : kBarrierBroken;
      if (Move(words, registry, state, With(PhaseOf(state), to))) {
        Complete(words, registry);
        return;
      }
    }
  }

  // Makes it usable again; those who wait are told that it was broken.
  static void Reset(Words& words, const Waiter& me) {
    for (;;) {
      const uint32_t state = State(words);
      const uint32_t phase = PhaseOf(state);
      switch (StageOf(state)) {
        case kBarrierFilling:
          if (Inside(words, phase) == 0) return;
          [[fallthrough]];
        case kBarrierActing:
        case kBarrierBroken:
          if (!Move(words, *me.registry, state, With(phase, kBarrierResetting))) continue;
          break;
        case kBarrierBreaking:
          if (!Move(words, *me.registry, state, With(phase, kBarrierDraining))) continue;
          break;
        default:
          break;
      }
      if (!Bury(words, me)) Complete(words, *me.registry);
      return;
    }
  }

  // How many have arrived and wait for the others.
  static uint32_t Waiting(Words& words, const Waiter& me) {
    Bury(words, me);
    const uint32_t state = State(words);
    return Waits(StageOf(state)) ? Inside(words, PhaseOf(state)) : 0;
  }

  static bool Broken(Words& words, const Waiter& me) {
    Bury(words, me);
    const uint32_t stage = StageOf(State(words));
    return stage == kBarrierBroken || stage == kBarrierBreaking;
  }

  // A loop announces that it waits, to arrive or to pass. It looks once more afterwards.
  static void Watch(Words& words, const Waiter& me) {
    Loops::Add(words.loops, *me.registry, me.token);
    words.state.fetch_or(kWaiters, std::memory_order_seq_cst);
  }

  // Nothing to pass on: a move wakes everybody.
  static void Unwatch(Words& words, const Waiter& me) { Loops::Remove(words.loops, me.token); }

  static uint32_t State(const Words& words) { return words.state.load(std::memory_order_seq_cst) & ~kWaiters; }
  static uint32_t StageOf(uint32_t state) { return state & ((1u << kBarrierStageBits) - 1); }
  static uint32_t PhaseOf(uint32_t state) { return (state & ~kWaiters) >> kBarrierStageBits; }

 private:
  static uint32_t With(uint32_t phase, uint32_t stage) { return phase << kBarrierStageBits | stage; }
  static uint32_t NextPhase(uint32_t phase) { return (phase + 1) & kBarrierPhaseMask; }
  // Whether those who are inside have no answer yet.
  static bool Waits(uint32_t stage) { return stage == kBarrierFilling || stage == kBarrierActing; }

  static bool Move(Words& words, Registry& registry, uint32_t from, uint32_t to) {
    // Nobody waits for the action to begin.
    const bool quiet = StageOf(to) == kBarrierActing;
    uint32_t word = words.state.load(std::memory_order_seq_cst);
    do {
      if ((word & ~kWaiters) != from) return false;
    } while (!words.state.compare_exchange_weak(word, quiet ? to | (word & kWaiters) : to, std::memory_order_seq_cst));
    if (quiet || (word & kWaiters) == 0) return true;
    P::Step();
    os::Wake(P::Raw(words.state), os::kEverybody);
    Loops::RingAll(words.loops, registry);
    return true;
  }

  // The index of the cell that was taken; `parties` when none is free in that phase.
  static uint32_t TakeCell(Words& words, uint32_t phase, Token token) {
    auto* const cells = BarrierCells(words);
    // The first free one, by halving: what is taken stands before what is free.
    uint32_t first = 0;
    for (uint32_t end = words.parties; first < end;) {
      const uint32_t middle = first + (end - first) / 2;
      if (cells[middle].load(std::memory_order_seq_cst) == BarrierCell(phase, 0)) {
        end = middle;
      } else {
        first = middle + 1;
      }
    }
    for (uint32_t index = first; index < words.parties; index++) {
      uint64_t free = BarrierCell(phase, 0);
      if (cells[index].compare_exchange_strong(free, BarrierCell(phase, token), std::memory_order_seq_cst)) {
        return index;
      }
    }
    return words.parties;
  }

  static Meeting Arrived(Words& words, const Waiter& me, uint32_t phase, uint32_t index, bool acts) {
    if (index + 1 == words.parties) {
      Bury(words, me);
      const uint32_t to = acts ? kBarrierActing : kBarrierDraining;
      Move(words, *me.registry, With(phase, kBarrierFilling), With(phase, to));
    }
    return Look(words, me, index, false);
  }

  static void Leave(Words& words, const Waiter& me, uint32_t phase, uint32_t index) {
    uint64_t own = BarrierCell(phase, me.token);
    BarrierCells(words)[index].compare_exchange_strong(own, BarrierCell(NextPhase(phase), 0),
                                                       std::memory_order_seq_cst);
    Complete(words, *me.registry);
  }

  // Makes the step that is due when nobody is inside any more; whether it did.
  static bool Complete(Words& words, Registry& registry) {
    const uint32_t state = State(words);
    const uint32_t stage = StageOf(state), phase = PhaseOf(state), next = NextPhase(phase);
    if (stage != kBarrierDraining && stage != kBarrierBreaking && stage != kBarrierResetting) return false;
    // From the end, as those who came first mostly leave first.
    for (uint32_t index = words.parties; index-- > 0;) {
      auto& place = BarrierCells(words)[index];
      uint64_t cell = place.load(std::memory_order_seq_cst);
      // One that nobody took before the phase was broken is taken out of it, too.
      if (cell == BarrierCell(phase, 0)) {
        place.compare_exchange_strong(cell, BarrierCell(next, 0), std::memory_order_seq_cst);
      }
      if (PhaseOfCell(cell) == phase && TokenOfCell(cell) != 0) return false;
    }
    return Move(words, registry, state, With(next, stage == kBarrierBreaking ? kBarrierBroken : kBarrierFilling));
  }

  // Does what the dead cannot do any more. True if something has changed.
  static bool Bury(Words& words, const Waiter& me) {
    const uint32_t state = State(words);
    const uint32_t phase = PhaseOf(state);
    bool emptied = false;
    for (uint32_t index = 0; index < words.parties; index++) {
      auto& place = BarrierCells(words)[index];
      uint64_t cell = place.load(std::memory_order_seq_cst);
      const Token token = TokenOfCell(cell);
      if (PhaseOfCell(cell) != phase || token == 0 || token == me.token || me.registry->Lives(token)) continue;
      if (Waits(StageOf(state))) {
        Move(words, *me.registry, state, With(phase, kBarrierBroken));
        return true;
      }
      emptied |= place.compare_exchange_strong(cell, BarrierCell(NextPhase(phase), 0), std::memory_order_seq_cst);
    }
    if (emptied) Complete(words, *me.registry);
    return emptied;
  }

  static uint32_t Inside(Words& words, uint32_t phase) {
    uint32_t count = 0;
    for (uint32_t index = 0; index < words.parties; index++) {
      const uint64_t cell = BarrierCells(words)[index].load(std::memory_order_seq_cst);
      count += PhaseOfCell(cell) == phase && TokenOfCell(cell) != 0;
    }
    return count;
  }
};

}  // namespace procloom
