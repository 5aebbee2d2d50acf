#include "os/copy.h"

#include <doctest/doctest.h>

#include <vector>

namespace procloom::test {

TEST_CASE("copy: all bytes and no others, whatever the size and where it begins") {
  constexpr size_t kMargin = 64;
  for (const size_t size : {size_t{0}, size_t{1}, size_t{127}, os::kStreamedBytes - 1, os::kStreamedBytes,
                            os::kStreamedBytes + 1, os::kStreamedBytes + 127, os::kStreamedBytes * 2 + 77}) {
    for (const size_t from_offset : {0, 1, 8, 33}) {
      for (const size_t to_offset : {0, 1, 15, 16, 40}) {
        std::vector<char> from(size + 2 * kMargin), to(size + 2 * kMargin, 'x');
        for (size_t i = 0; i < from.size(); i++) from[i] = static_cast<char>(i * 31 + i / 4099);
        os::CopyOut(to.data() + to_offset, from.data() + from_offset, size);
        REQUIRE(std::memcmp(to.data() + to_offset, from.data() + from_offset, size) == 0);
        for (size_t i = 0; i < to_offset; i++) REQUIRE(to[i] == 'x');
        for (size_t i = to_offset + size; i < to.size(); i++) REQUIRE(to[i] == 'x');
      }
    }
  }
}

}  // namespace procloom::test
