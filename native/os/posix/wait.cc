// Waiting without futexes: each thread that blocks has a named semaphore, and says in its parker which word it
// waits for; who wakes looks through the parkers.
//
//   waiter                                   waker
//   parker.key = name of the word            changes the word
//   word still as expected?  no → done       each parker with that key: CAS key → 0, post its semaphore
//   waits on its semaphore
//
// Both sides are seq-cst (SYNC park): either the waiter sees the changed word, or the waker sees the key. A post that
// comes too late only makes a later wait end early.
#include "os/wait.h"

#include <fcntl.h>
#include <semaphore.h>

#include <cerrno>
#include <cstdio>
#include <map>
#include <mutex>

#include "os/posix/mapped-words.h"

namespace procloom::os {

namespace {

std::atomic<uint64_t> wake_calls{0};
Parker* parkers = nullptr;
std::atomic<uint32_t>* high_water = nullptr;
uint64_t directory = 0;
thread_local int own_slot = -1;

std::mutex semaphores_mutex;
std::map<uint32_t, sem_t*>& Semaphores() {
  static auto* const semaphores = new std::map<uint32_t, sem_t*>;  // never destroyed: used until the very end
  return *semaphores;
}

void SemaphoreName(char (&name)[48], uint64_t directory_id, uint32_t slot) {
  std::snprintf(name, sizeof name, "/procloom-%llx-%x", static_cast<unsigned long long>(directory_id), slot);
}

sem_t* SemaphoreOf(uint32_t slot) {
  std::lock_guard guard(semaphores_mutex);
  sem_t*& semaphore = Semaphores()[slot];
  if (semaphore == nullptr) {
    char name[48];
    SemaphoreName(name, directory, slot);
    semaphore = sem_open(name, O_CREAT, 0600, 0);
    if (semaphore == SEM_FAILED) semaphore = nullptr;
  }
  return semaphore;
}

void Pause(int64_t ns) {
  const timespec time{ns / 1'000'000'000, ns % 1'000'000'000};
  nanosleep(&time, nullptr);
}

// False when the deadline passed.
bool WaitSemaphore(sem_t* semaphore, int64_t deadline_ns) {
#if defined(__APPLE__)
  // No timed wait there: look, with a growing pause.
  for (int64_t pause = 20'000;; pause = pause < 2'000'000 ? pause * 2 : pause) {
    if (sem_trywait(semaphore) == 0) return true;
    if (NowNs() >= deadline_ns) return false;
    Pause(pause);
  }
#else
  if (deadline_ns == kForever) {
    sem_wait(semaphore);
    return true;
  }
  const timespec deadline{deadline_ns / 1'000'000'000, deadline_ns % 1'000'000'000};
  return sem_clockwait(semaphore, CLOCK_MONOTONIC, &deadline) == 0 || errno != ETIMEDOUT;
#endif
}

}  // namespace

Waited WaitOn(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns) {
  if (own_slot < 0) {  // no participant: look now and then
    if (word.load(std::memory_order_seq_cst) != expected) return Waited::kChanged;
    if (NowNs() >= deadline_ns) return Waited::kDeadline;
    Pause(500'000);
    return Waited::kWoken;
  }
  sem_t* const semaphore = SemaphoreOf(static_cast<uint32_t>(own_slot));
  if (semaphore == nullptr) {
    Pause(500'000);
    return NowNs() < deadline_ns ? Waited::kWoken : Waited::kDeadline;
  }
  std::atomic<uint64_t>& key = parkers[own_slot].key;
  key.store(NameOfWord(&word), std::memory_order_seq_cst);  // SYNC park
  Waited waited = Waited::kChanged;
  if (word.load(std::memory_order_seq_cst) == expected)
    waited = WaitSemaphore(semaphore, deadline_ns) ? Waited::kWoken : Waited::kDeadline;
  // Somebody may have taken the key between the deadline and here: then we were chosen, and must not say otherwise.
  const bool chosen = key.exchange(0, std::memory_order_seq_cst) == 0;
  return chosen ? Waited::kWoken : waited;
}

bool CanWaitOnAny() { return false; }
Waited WaitOnAny(const Watched*, uint32_t, int64_t) { return Waited::kWoken; }

int Wake(std::atomic<uint32_t>& word, int count) {
  wake_calls.fetch_add(1, std::memory_order_relaxed);
  if (parkers == nullptr) return 0;
  const uint64_t name = NameOfWord(&word);
  const uint32_t slots = UsedSlots(*high_water);
  int woken = 0;
  // Begins behind the one that was woken last, so that none is always the first.
  static std::atomic<uint32_t> begin{0};
  const uint32_t first = begin.load(std::memory_order_relaxed);
  for (uint32_t i = 0; i < slots && woken < count; i++) {
    const uint32_t slot = (first + i) % slots;
    uint64_t expected = name;
    if (parkers[slot].key.load(std::memory_order_seq_cst) != name) continue;  // SYNC park
    if (!parkers[slot].key.compare_exchange_strong(expected, 0, std::memory_order_seq_cst)) continue;
    sem_t* const semaphore = SemaphoreOf(slot);
    if (semaphore != nullptr && sem_post(semaphore) == 0) woken++;
    begin.store(slot + 1, std::memory_order_relaxed);
  }
  return woken;
}

uint64_t WakeCalls() { return wake_calls.load(std::memory_order_relaxed); }

namespace {

void CloseSemaphores() {
  for (auto& [slot, semaphore] : Semaphores()) {
    if (semaphore != nullptr) sem_close(semaphore);
  }
  Semaphores().clear();
}

}  // namespace

void UseParkers(Parker* table, std::atomic<uint32_t>* used, uint64_t directory_id) {
  std::lock_guard guard(semaphores_mutex);
  CloseSemaphores();
  parkers = table;
  high_water = used;
  directory = directory_id;
}

void ForgetParkers(Parker* table) {
  std::lock_guard guard(semaphores_mutex);
  if (parkers != table) return;  // a newer registry's are in use
  CloseSemaphores();
  parkers = nullptr;
}

void UseParker(int slot) {
  if (slot >= 0) parkers[slot].key.store(0, std::memory_order_seq_cst);
  own_slot = slot;
}

void ForgetParker(uint64_t directory_id, uint32_t slot) {
  char name[48];
  SemaphoreName(name, directory_id, slot);
  sem_unlink(name);
}

}  // namespace procloom::os
