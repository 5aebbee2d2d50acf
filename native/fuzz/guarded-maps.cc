// Every mapping of the library stands between two pages that nobody may touch, so that a step outside of it is a crash
// and not a look into whatever happens to lie beside it. (The address sanitizer knows nothing of mappings.)
//
// Linked with --wrap=mmap and --wrap=munmap, so that only the library's own calls come here.
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <map>
#include <mutex>

extern "C" {
void* __real_mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset);
int __real_munmap(void* address, size_t size);
}

namespace {

std::mutex guard;
// Of those that were made here, by their beginning.
std::map<char*, size_t>& Sizes() {
  static auto* const sizes = new std::map<char*, size_t>;
  return *sizes;
}
const size_t kPage = static_cast<size_t>(sysconf(_SC_PAGESIZE));
size_t WholePages(size_t size) { return (size + kPage - 1) / kPage * kPage; }

}  // namespace

extern "C" void* __wrap_mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset) {
  if (address != nullptr || size == 0 || size > SIZE_MAX / 2)
    return __real_mmap(address, size, protection, flags, fd, offset);
  const size_t inner = WholePages(size);
  void* const outer =
      __real_mmap(nullptr, inner + 2 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (outer == MAP_FAILED) return MAP_FAILED;
  char* const place = static_cast<char*>(outer) + kPage;
  if (__real_mmap(place, size, protection, flags | MAP_FIXED, fd, offset) == MAP_FAILED) {
    const int error = errno;
    __real_munmap(outer, inner + 2 * kPage);
    errno = error;
    return MAP_FAILED;
  }
  std::lock_guard lock(guard);
  Sizes()[place] = inner;
  return place;
}

extern "C" int __wrap_munmap(void* address, size_t size) {
  {
    std::lock_guard lock(guard);
    const auto known = Sizes().find(static_cast<char*>(address));
    if (known != Sizes().end() && known->second == WholePages(size)) {
      Sizes().erase(known);
      return __real_munmap(static_cast<char*>(address) - kPage, WholePages(size) + 2 * kPage);
    }
  }
  return __real_munmap(address, size);
}
