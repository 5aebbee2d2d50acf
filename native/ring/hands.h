// Items that were got and are not done, by who got them: so that what the dead had in hand is known.
//
//   get:   hand[own] += 1, then the head's commit word moves        done:  hand[own] -= 1        death:  hand[its] = 0
//
// An item is in a hand before it leaves the queue, so it is never in neither. Whoever is killed in between has it in
// hand and in the queue: the hand is emptied with its owner, and the item is the next one's.
//
// Thread safety: any thread of any process; Take only under get_lock.
//
// Invariants
//  1. A word is changed by compare-and-exchange from the whole word that was seen, and a token is never given twice:
//     what is taken from the dead is never taken from the living.
//  2. Only its owner adds to a hand; anybody may lay down what another one has, as any thread may say that it is done.
#pragma once

#include "layout/channel-layout.h"
#include "sync/waiter.h"

namespace procloom {

template <class P>
class Hands {
 public:
  explicit Hands(TaskWords<P>& words) : words_(words) {}

  // One more is in our hand. LIMIT when too many others have some. REQUIRES: nobody else can take it out of the
  // queue (we hold get_lock, or have borrowed it), and it leaves the queue next.
  Status Take(const Waiter& me) {
    if (AddTo(words_.hand[own_], me.token, me.token)) return Status::kOK;
    for (uint32_t i = 0; i < kHands; i++) {
      if (AddTo(words_.hand[i], me.token, me.token)) return At(i);
    }
    for (int round = 0; round < 2; round++) {
      for (uint32_t i = 0; i < kHands; i++) {
        if (AddTo(words_.hand[i], 0, me.token)) return At(i);
      }
      if (!Bury(*me.registry)) break;
    }
    return Status::kLIMIT;
  }

  // One is done: of ours, or else of another living one's. OVERFLOW when nobody has any.
  Status LayDown(const Waiter& me) {
    if (TakeFrom(words_.hand[own_], me.token)) return Status::kOK;
    for (auto& hand : words_.hand) {
      if (TakeFrom(hand, me.token)) return Status::kOK;
    }
    Bury(*me.registry);
    for (auto& hand : words_.hand) {
      if (TakeFrom(hand, OwnerOf(hand.load(std::memory_order_seq_cst)))) return Status::kOK;
    }
    return Status::kOVERFLOW;
  }

  uint64_t Count() const {
    uint64_t items = 0;
    for (const auto& hand : words_.hand) items += ItemsOf(hand.load(std::memory_order_seq_cst));
    return items;
  }

  // Empties the hands of the dead; whether there were any. A system call for each hand that is not empty.
  bool Bury(Registry& registry) {
    bool buried = false;
    for (auto& hand : words_.hand) {
      uint64_t word = hand.load(std::memory_order_seq_cst);
      if (word == 0 || registry.Lives(OwnerOf(word))) continue;
      // Somebody else may have buried it, and a third one begun to use it.
      buried |= hand.compare_exchange_strong(word, 0, std::memory_order_seq_cst);
    }
    return buried;
  }

 private:
  using Word = AtomicOf<P, uint64_t>;

  static Token OwnerOf(uint64_t word) { return static_cast<Token>(word >> 32); }
  static uint32_t ItemsOf(uint64_t word) { return static_cast<uint32_t>(word); }

  Status At(uint32_t place) {
    own_ = place;
    return Status::kOK;
  }

  // If it is `owner`'s, it has one more and is `next`'s.
  static bool AddTo(Word& hand, Token owner, Token next) {
    uint64_t word = hand.load(std::memory_order_seq_cst);
    while (OwnerOf(word) == owner) {
      const uint64_t more = uint64_t{next} << 32 | (ItemsOf(word) + 1);
      if (hand.compare_exchange_weak(word, more, std::memory_order_seq_cst)) return true;
    }
    return false;
  }

  // An empty hand is nobody's.
  static bool TakeFrom(Word& hand, Token owner) {
    uint64_t word = hand.load(std::memory_order_seq_cst);
    while (ItemsOf(word) != 0 && OwnerOf(word) == owner) {
      const uint64_t less = ItemsOf(word) == 1 ? 0 : word - 1;
      if (hand.compare_exchange_weak(word, less, std::memory_order_seq_cst)) return true;
    }
    return false;
  }

  TaskWords<P>& words_;
  uint32_t own_ = 0;  // where ours was last
};

}  // namespace procloom
