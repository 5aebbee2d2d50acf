// Each thread has a list of the words that the kernel is to mark when the thread ends: meant for robust mutexes of the
// C library, whose list it is. A life is linked into it as such a mutex would be, so that the two get along; where the
// C library does that otherwise than we know, there are no lives.
#include "os/life.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace procloom::os {

namespace {

// From a link to its word.
constexpr long kFromLink = static_cast<long>(offsetof(Life, word)) - static_cast<long>(offsetof(Life, next));
static_assert(kLifeLost == FUTEX_OWNER_DIED && kLifeWatched == FUTEX_WAITERS && kLifeThread == FUTEX_TID_MASK);

robust_list_head* OwnList() {
#if defined(__GLIBC__) && defined(__LP64__)
  robust_list_head* head = nullptr;
  size_t size = 0;
  if (syscall(SYS_get_robust_list, 0, &head, &size) != 0 || head == nullptr || size != sizeof *head) return nullptr;
  return head->futex_offset == kFromLink ? head : nullptr;
#else
  return nullptr;
#endif
}

// A link's neighbour before it stands in the pointer below the link. The lowest bit of a link is a flag.
void*& PreviousOf(void* link) {
  return reinterpret_cast<void**>(reinterpret_cast<uintptr_t>(link) & ~uintptr_t{1})[-1];
}
void*& NextOf(void* link) { return *reinterpret_cast<void**>(reinterpret_cast<uintptr_t>(link) & ~uintptr_t{1}); }

}  // namespace

// That a slot is another thread's now is known by its byte lock, which the thread sanitizer cannot see.
#define PROCLOOM_ORDERED_BY_BYTE_LOCK __attribute__((no_sanitize("thread")))

PROCLOOM_ORDERED_BY_BYTE_LOCK bool Enrol(Life& life) {
  robust_list_head* const list = OwnList();
  if (list == nullptr) return false;
  life.word.store(static_cast<uint32_t>(gettid()) | kLifeWatched, std::memory_order_seq_cst);
  life.previous = list;
  life.next = list->list.next;
  PreviousOf(life.next) = &life.next;
  // The kernel may look at any instant.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  list->list.next = reinterpret_cast<robust_list*>(&life.next);
  return true;
}

PROCLOOM_ORDERED_BY_BYTE_LOCK void Withdraw(Life& life) {
  if ((life.word.load(std::memory_order_seq_cst) & kLifeThread) != static_cast<uint32_t>(gettid())) return;
  PreviousOf(life.next) = life.previous;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  NextOf(life.previous) = life.next;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  life.word.store(0, std::memory_order_seq_cst);
  life.previous = life.next = nullptr;
}

}  // namespace procloom::os
