// The bytes of an input, read from the front as choices: a byte changed changes one choice, whatever follows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace procloom::fuzz {

// What must hold whatever the input: a finding if not. (No assertion: these count in every build.)
#define FUZZ_MUST(condition) ((condition) ? (void)0 : ::procloom::fuzz::Found(__FILE__, __LINE__, #condition))
[[noreturn]] inline void Found(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: finding: this does not hold: %s\n", file, line, what);
  std::abort();
}

class Input {
 public:
  Input(const uint8_t* bytes, size_t size) : bytes_(bytes), left_(size) {}

  bool AtEnd() const { return left_ == 0; }
  uint8_t Byte() { return static_cast<uint8_t>(Number(1)); }
  uint32_t Word() { return static_cast<uint32_t>(Number(4)); }
  uint64_t Long() { return Number(8); }
  // Below `count`.
  uint32_t Choice(uint32_t count) { return count <= 256 ? Byte() % count : static_cast<uint32_t>(Number(2)) % count; }
  template <class T, size_t n>
  const T& OneOf(const T (&list)[n]) {
    return list[Choice(n)];
  }
  // Little-endian; what is missing at the end is zero.
  uint64_t Number(uint32_t bytes) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < bytes && left_ > 0; i++, left_--) value |= uint64_t{*bytes_++} << 8 * i;
    return value;
  }

 private:
  const uint8_t* bytes_;
  size_t left_;
};

// A number that is likely to be at some edge, made from the one that stands there.
inline uint64_t Damage(Input& input, uint64_t number) {
  switch (input.Choice(8)) {
    case 0:
      return number + static_cast<uint64_t>(static_cast<int8_t>(input.Byte()));
    case 1:
      return number ^ uint64_t { 1 } << input.Choice(64);
    case 2:
      return uint64_t{1} << input.Choice(64);
    case 3:
      return (uint64_t{1} << input.Choice(64)) - 1;
    case 4:
      return ~uint64_t{0};
    case 5:
      return 0;
    case 6:
      return input.Word();
    default:
      return input.Long();
  }
}

}  // namespace procloom::fuzz
