#include "os/posix/mapped-words.h"

#include <map>
#include <mutex>

namespace procloom::os {

namespace {

struct Mapping {
  uint64_t size, file_id, offset;
};

std::mutex mutex;
std::map<uintptr_t, Mapping>& Mappings() {
  static auto* const mappings = new std::map<uintptr_t, Mapping>;  // never destroyed: used until the very end
  return *mappings;
}

uint64_t Scramble(uint64_t x) {
  x ^= x >> 31;
  x *= 0x7fb5d329728ea185;
  x ^= x >> 27;
  x *= 0x81dadef4bc2dd44d;
  x ^= x >> 33;
  return x;
}

}  // namespace

void RememberWords(void* memory, uint64_t size, uint64_t file_id, uint64_t offset) {
  std::lock_guard guard(mutex);
  Mappings()[reinterpret_cast<uintptr_t>(memory)] = {size, file_id, offset};
}

void ForgetWords(void* memory) {
  std::lock_guard guard(mutex);
  Mappings().erase(reinterpret_cast<uintptr_t>(memory));
}

uint64_t NameOfWord(const void* word) {
  const auto address = reinterpret_cast<uintptr_t>(word);
  std::lock_guard guard(mutex);
  auto next = Mappings().upper_bound(address);
  uint64_t name = Scramble(address);
  if (next != Mappings().begin()) {
    const auto& [start, mapping] = *--next;
    if (address < start + mapping.size) name = Scramble(Scramble(mapping.file_id) + mapping.offset + (address - start));
  }
  return name == 0 ? 1 : name;
}

}  // namespace procloom::os
