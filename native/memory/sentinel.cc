#include "memory/sentinel.h"

#include <unistd.h>

#include <iterator>

#include "memory/registry.h"
#include "os/clock.h"
#include "os/life.h"
#include "os/scheduling.h"
#include "os/signals.h"
#include "os/wait.h"

namespace procloom {

namespace {

constexpr size_t kStackBytes = 256 << 10;
// Clearing a process away takes milliseconds, and longer for a large one; a thread may also die by itself.
constexpr int64_t kLookForLeavingNs = 200'000;
constexpr int64_t kLeavingPatienceNs = 500'000'000;
// Its own word, arrivals and deaths stand before the lives.
constexpr uint32_t kFirstLife = 3;

}  // namespace

bool Sentinel::Start() {
  if (!os::CanWaitOnAny()) return false;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  const os::SignalsBlocked blocked;
  const auto run = [](void* self) -> void* {
    static_cast<Sentinel*>(self)->Run();
    return nullptr;
  };
  running_ = pthread_create(&thread_, &attributes, run, this) == 0;
  pthread_attr_destroy(&attributes);
  return running_;
}

Sentinel::~Sentinel() {
  if (!running_) return;
  stop_.store(1, std::memory_order_seq_cst);
  os::Wake(stop_, 1);
  pthread_join(thread_, nullptr);
}

void Sentinel::Run() {
  // The processor that a process dies on is busy with clearing it away.
  os::RunSoonAndBriefly();
  RegistryLayout& layout = registry_.layout();
  uint32_t seen = layout.deaths.load(std::memory_order_seq_cst);
  while (stop_.load(std::memory_order_seq_cst) == 0) {
    const uint32_t arrivals = layout.arrivals.load(std::memory_order_seq_cst);
    const uint32_t deaths = layout.deaths.load(std::memory_order_seq_cst);
    if (deaths != seen) {
      seen = deaths;
      registry_.RingAll(static_cast<uint32_t>(getpid()));
    }
    const int64_t deadline = Look();
    Sleep(arrivals, deaths, deadline);
  }
}

int64_t Sentinel::Look() {
  RegistryLayout& layout = registry_.layout();
  const uint32_t used = UsedSlots(layout.high_water);
  for (uint32_t slot = 0; slot < used; slot++) {
    Life& life = layout.slots[slot].life;
    uint32_t word = life.word.load(std::memory_order_seq_cst);
    if ((word & os::kLifeLost) == 0) continue;
    const Token process = life.process.load(std::memory_order_seq_cst);
    registry_.AnnounceDeath();
    // Said first, marked as said then: if we die in between it is said twice. Others may say so, too, but one is enough
    // to see that process off.
    if (life.word.compare_exchange_strong(word, os::kLifeSaid, std::memory_order_seq_cst))
      leaving_[process] = os::NowNs();
  }
  if (leaving_.empty()) return os::kForever;
  const int64_t now = os::NowNs();
  for (auto process = leaving_.begin(); process != leaving_.end();) {
    const bool gone = !registry_.Lives(process->first);
    if (gone) registry_.AnnounceDeath();
    process = gone || now - process->second > kLeavingPatienceNs ? leaving_.erase(process) : std::next(process);
  }
  return leaving_.empty() ? os::kForever : now + kLookForLeavingNs;
}

void Sentinel::Sleep(uint32_t arrivals, uint32_t deaths, int64_t deadline_ns) {
  RegistryLayout& layout = registry_.layout();
  os::Watched words[os::kMostWatched] = {{&stop_, 0}, {&layout.arrivals, arrivals}, {&layout.deaths, deaths}};
  uint32_t count = kFirstLife;
  const uint32_t used = UsedSlots(layout.high_water);
  // More lives than the kernel watches at once: those beyond are noticed within a slice.
  for (uint32_t slot = 0; slot < used && count < os::kMostWatched; slot++) {
    std::atomic<uint32_t>& word = layout.slots[slot].life.word;
    const uint32_t life = word.load(std::memory_order_seq_cst);
    if ((life & os::kLifeLost) != 0) return;  // since the look
    if (os::IsThere(life)) words[count++] = {&word, life};
  }
  os::WaitOnAny(words, count, deadline_ns);
}

}  // namespace procloom
