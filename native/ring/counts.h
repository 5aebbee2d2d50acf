// How much has gone through a channel, and what is in it now: read without a lock.
#pragma once

#include "layout/channel-layout.h"

namespace procloom {

template <class P>
bool Dropped(const ChannelWords<P>& words) {
  return (words.flags.load(std::memory_order_seq_cst) & kDropped) != 0;
}

// Items ever put, and ever got, modulo 2^26. What was dropped counts as never put.
template <class P>
uint64_t PutSoFar(const ChannelWords<P>& words) {
  return Dropped(words) ? words.dropped_at : Commit::Of(words.tail.load(std::memory_order_seq_cst)).items;
}
// The head first: what a drop frees is behind its flag, and nobody has got it.
template <class P>
uint64_t GotSoFar(const ChannelWords<P>& words) {
  const uint64_t items = Commit::Of(words.head.load(std::memory_order_seq_cst)).items;
  return Dropped(words) ? words.dropped_at : items;
}

struct HeadAndTail {
  Commit head, tail;
};
// Both of one instant.
template <class P>
HeadAndTail Snapshot(const ChannelWords<P>& words) {
  for (;;) {
    const uint64_t head = words.head.load(std::memory_order_seq_cst) & ~kWaitingBit;
    const uint64_t tail = words.tail.load(std::memory_order_seq_cst);
    if ((words.head.load(std::memory_order_seq_cst) & ~kWaitingBit) == head)
      return {Commit::Of(head), Commit::Of(tail)};
  }
}

}  // namespace procloom
