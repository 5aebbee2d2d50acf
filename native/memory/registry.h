// Who takes part: this process and its environments as participants of the registry, and who of the others lives.
//
// Thread safety: all of Registry may be called from any thread. A Participant belongs to one thread.
//
// Invariants
//  1. A token is given once: the slot's generation is bumped by the holder of the slot's byte lock only.
//  2. Lives(token) is false only after its participant left, its thread ended, or the kernel dropped its lock.
//  3. The registry file is removed only under the exclusive gate lock, and an opener who got the shared gate lock
//     uses the file only if it still has a name: nobody uses a removed registry.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "layout/registry-layout.h"
#include "layout/status.h"
#include "memory/sentinel.h"

namespace procloom {

class Registry;

class Participant {
 public:
  Token token() const { return token_; }
  RegistrySlot& slot() const { return *slot_; }
  int bell() const { return bell_; }
  // Makes the doorbell, once.
  Status MakeBell();
  ~Participant();

  Participant(const Participant&) = delete;
  Participant& operator=(const Participant&) = delete;

 private:
  friend class Registry;
  Participant() = default;

  std::shared_ptr<Registry> registry_;
  Token token_ = 0;
  RegistrySlot* slot_ = nullptr;
  int fd_ = -1;  // an opening of its own: the lock of the slot is its life
  int bell_ = -1;
};

class Registry : public std::enable_shared_from_this<Registry> {
 public:
  // This process's, opened (or made) on first use.
  static Status Open(std::shared_ptr<Registry>* registry);
  // After fork(), in the child: forgets what belongs to the parent.
  static void ForgetAfterFork();

  // A new participant; at the latest at its destruction it counts as dead. `blocks`: it stands for the calling thread,
  // which will wait in it, and destroys it.
  Status Join(bool blocks, std::unique_ptr<Participant>* participant);

  bool Lives(Token token);
  // Counts up with each death that was noticed, and wakes who sleeps on it. The first call begins to watch for deaths
  // (memory/sentinel.h): only a process that waits needs that.
  std::atomic<uint32_t>& Deaths();
  uint32_t DeathsSoFar() const { return layout_->deaths.load(std::memory_order_seq_cst); }
  // For one who has noticed a death, or causes one by leaving.
  void AnnounceDeath();
  RegistryLayout& layout() { return *layout_; }

  // Rings the loop of a participant; false if it does not live or has none.
  bool Ring(Token token);
  // Rings all loops, or those of one process only.
  void RingAll(uint32_t pid = 0);
  // Closes what was opened for ringing those who are dead now.
  void Tidy();
  uint64_t rings() const { return rings_.load(std::memory_order_relaxed); }

  // The process itself as a participant: holder of cells, ends and segments.
  Token process_token() const { return process_->token(); }

  int directory() const { return directory_; }
  const std::string& directory_path() const { return path_; }

  // Names of doorbells begin with it; then comes the token, as hexadecimal digits.
  static std::string BellPrefix();

  // Whether no process but this one uses the registry.
  bool Alone();

  ~Registry();

 private:
  Registry() = default;
  Status OpenOnce();
  Status Create();
  void CloseAll();
  static std::string BellName(Token token);
  // As the last user: removes the registry, and the folder if nothing else is in it.
  void RemoveIfLast();
  // Both under bells_mutex_.
  void ForgetBell(Token token);
  void ForgetDeadBells();

  int directory_ = -1;
  std::string path_;
  int fd_ = -1;  // holds the gate; probes lives
  RegistryLayout* layout_ = nullptr;
  uint64_t id_ = 0;
  std::unique_ptr<Participant> process_;
  std::once_flag sentinel_once_;
  std::unique_ptr<Sentinel> sentinel_;
  std::atomic<uint64_t> rings_{0};

  std::mutex bells_mutex_;
  std::map<Token, int> bells_;  // of others, opened for ringing

  friend class Participant;
};

// 'registry-' + the fingerprint: builds with different layouts can live side by side, each with its own.
std::string RegistryName();
inline constexpr char kRegistryPrefix[] = "registry-";

}  // namespace procloom
