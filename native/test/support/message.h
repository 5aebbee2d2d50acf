// Messages that tell whether they came whole: a number, then bytes that follow from it and from the length.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace procloom::test {

inline uint64_t Scramble(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

inline constexpr uint64_t kLeastMessage = sizeof(uint64_t);

// Of `size` bytes, at least kLeastMessage.
inline std::string MakeMessage(uint64_t number, uint64_t size) {
  std::string bytes(size, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  uint64_t state = Scramble(number ^ size << 40);
  for (uint64_t at = sizeof number; at < size;
       at += sizeof state, state = state * 6364136223846793005 + 1442695040888963407) {
    std::memcpy(bytes.data() + at, &state, size - at < sizeof state ? size - at : sizeof state);
  }
  return bytes;
}

// Its number; or kTorn if it is not what was made.
inline constexpr uint64_t kTorn = ~uint64_t{0};
inline uint64_t NumberOf(const char* bytes, uint64_t size) {
  uint64_t number = 0;
  if (size < sizeof number) return kTorn;
  std::memcpy(&number, bytes, sizeof number);
  uint64_t state = Scramble(number ^ size << 40);
  for (uint64_t at = sizeof number; at < size;
       at += sizeof state, state = state * 6364136223846793005 + 1442695040888963407) {
    if (std::memcmp(bytes + at, &state, size - at < sizeof state ? size - at : sizeof state) != 0) return kTorn;
  }
  return number;
}

}  // namespace procloom::test
