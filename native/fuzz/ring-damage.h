// What damages the image of a channel, as an input says.
#pragma once

#include <unistd.h>

#include <cstring>

#include "fuzz/input.h"
#include "layout/channel-layout.h"
#include "memory/segment.h"

namespace procloom::fuzz {

using DamagedWords = ChannelWords<StdAtomics>;
inline constexpr uint32_t kChannelLongs = sizeof(DamagedWords) / sizeof(uint64_t);
inline uint64_t* LongsOf(DamagedWords& words) { return static_cast<uint64_t*>(static_cast<void*>(&words)); }

// Any word of the channel.
inline void DamageWord(Input& input, DamagedWords& words) {
  uint64_t& number = LongsOf(words)[input.Choice(kChannelLongs)];
  const bool upper = (input.Byte() & 1) != 0;
  number = upper ? (number & 0xffffffff) | Damage(input, number >> 32) << 32 : Damage(input, number);
}

// One word takes the place of another: descriptions and commit words that look sound.
inline void MoveWord(Input& input, DamagedWords& words) {
  const uint64_t number = LongsOf(words)[input.Choice(kChannelLongs)];
  LongsOf(words)[input.Choice(kChannelLongs)] = number;
}

// Anything that is mapped, behind the header.
inline void DamageMapped(Input& input, const Segment& segment) {
  const uint64_t place = input.Number(3) % (segment.size() / sizeof(uint64_t)) * sizeof(uint64_t);
  uint64_t& number = *segment.At<uint64_t>(place);
  if (place >= sizeof(SegmentHeader)) number = Damage(input, number);
}

// Writes over the beginning of a record: the next one, or what lies near it. Past the mappings, as another process
// would: it lies wherever the words say, below `end`, or nowhere.
inline void DamageRecord(Input& input, const Segment& segment, const DamagedWords& words, uint64_t grow_from,
                         uint64_t end) {
  const Commit head = Commit::Of(words.head);
  const RingDescription& ring = words.get_ring[head.parity];
  const uint64_t position = head.position + input.Choice(4);
  const uint64_t within = PositionDistance(ring.base, position) * kUnit % std::max(ring.size, uint64_t{1});
  const uint64_t place = ring.file_offset + within;
  if (place < kRingOffset || place > end - 64) return;
  uint64_t numbers[1 + sizeof(RingDescription) / sizeof(uint64_t)] = {};
  const uint8_t kind = input.Byte();
  const bool jump = (kind & 1) != 0;
  const uint64_t length = jump ? kJumpBytes : (kind & 2) != 0 ? input.Number(2) : Damage(input, 8);
  const RecordType other = (kind & 4) != 0 ? kMessage : static_cast<RecordType>(kind);
  numbers[0] = RecordHeader(length, input.Byte(), jump ? kJump : other);
  size_t count = 1;
  if (jump) {
    const uint64_t places[] = {0, kRingOffset, kRingOffset + kFirstRingBytes, grow_from, grow_from + kFirstRingBytes};
    constexpr uint64_t kSizes[] = {kFirstRingBytes, 4096, 4 * kFirstRingBytes, 24 << 20};
    RingDescription next{input.OneOf(places), input.OneOf(kSizes), (position + kJumpUnits) & kPositionMask, 0, 0};
    if ((kind & 8) != 0) next.file_offset = Damage(input, next.file_offset);
    if ((kind & 16) != 0) next.size = Damage(input, next.size);
    if ((kind & 32) != 0) next.base = Damage(input, next.base);
    std::memcpy(numbers + 1, &next, sizeof next);
    count = sizeof numbers / sizeof numbers[0];
  }
  const size_t size = count * sizeof(uint64_t);
  FUZZ_MUST(pwrite(segment.fd(), numbers, size, static_cast<off_t>(place)) == static_cast<ssize_t>(size));
}

}  // namespace procloom::fuzz
