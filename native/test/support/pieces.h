// Messages that are put in pieces.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "test/support/channels.h"

namespace procloom::test {

// The message of that number and size, cut where `lengths` say (again and again). Each piece lies in memory of its own
// and just as long, so that a sanitizer sees who reads beyond it; an empty one lies nowhere.
class CutMessage {
 public:
  CutMessage(uint64_t number, uint64_t size, const std::vector<uint64_t>& lengths) {
    const std::string whole = MakeMessage(number, size);
    size_t turn = 0;
    for (uint64_t at = 0; at < size;) {
      const uint64_t length = std::min(size - at, lengths[turn++ % lengths.size()]);
      memory_.push_back(length == 0 ? nullptr : std::make_unique<char[]>(length));
      if (length != 0) std::memcpy(memory_.back().get(), whole.data() + at, length);
      pieces_.push_back({memory_.back().get(), length});
      at += length;
    }
  }
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  std::vector<std::unique_ptr<char[]>> memory_;
  std::vector<Piece> pieces_;
};

template <class P>
Status PutNumberInPieces(Channel<P>& channel, const Waiter& me, uint64_t number, uint64_t size,
                         const std::vector<uint64_t>& lengths, int64_t deadline_ns) {
  const CutMessage cut(number, size, lengths);
  return channel.PutPieces(me, cut.pieces(), static_cast<uint8_t>(number % 13), deadline_ns);
}

}  // namespace procloom::test
