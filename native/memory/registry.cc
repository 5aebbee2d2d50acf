#include "memory/registry.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "layout/fingerprint.h"
#include "memory/cloakroom.h"
#include "memory/sweep.h"
#include "os/bell.h"
#include "os/clock.h"
#include "os/failure.h"
#include "os/file.h"
#include "os/life.h"
#include "os/wait.h"

namespace procloom {

namespace {

std::mutex current_mutex;
std::weak_ptr<Registry>& Current() {
  static auto* const current = new std::weak_ptr<Registry>;  // never destroyed: used until the very end
  return *current;
}

std::string FingerprintText() {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(kFingerprint));
  return text;
}

}  // namespace

std::string RegistryName() { return kRegistryPrefix + FingerprintText(); }

// ------------------------------------------------------------------------------------------------ opening

Status Registry::Open(std::shared_ptr<Registry>* registry) {
  std::lock_guard guard(current_mutex);
  *registry = Current().lock();
  if (*registry) return Status::kOK;
  std::shared_ptr<Registry> fresh(new Registry);
  // Somebody who leaves as the last may remove the file or the folder between any two of our steps: then again.
  Status status = Status::kMISSING;
  for (int attempt = 0; attempt < 1000 && status == Status::kMISSING; attempt++) status = fresh->OpenOnce();
  if (Failed(status)) return status;
  if (status = fresh->Join(false, &fresh->process_); Failed(status)) return status;
  fresh->process_->registry_.reset();  // it is ours: no circle
  *registry = fresh;
  Current() = fresh;
  Sweep(*fresh);
  return Status::kOK;
}

void Registry::ForgetAfterFork() {
  new (&current_mutex) std::mutex;
  Current().reset();
  os::UseParker(-1);
}

Status Registry::OpenOnce() {
  CloseAll();
  if (const Status status = os::OpenPrivateDirectory(&directory_, &path_); Failed(status)) return status;
  uint64_t size = 0;
  Status status = os::OpenFile(directory_, path_, RegistryName(), &fd_, &size);
  if (status == Status::kMISSING) {
    status = Create();
    if (status == Status::kEXISTS) return Status::kMISSING;  // somebody was quicker: open theirs
    if (Failed(status)) return status;
    size = sizeof(RegistryLayout);
  } else if (Failed(status)) {
    return status;
  }
  if (status = os::LockByte(fd_, kGateLockByte, os::LockMode::kShared); Failed(status)) return status;
  if (!os::HasName(fd_)) return Status::kMISSING;
  const std::string file = path_ + "/" + RegistryName();
  if (size < sizeof(RegistryLayout))
    return os::Fail(
        Status::kFOREIGN, file,
        "it is " + std::to_string(size) + " bytes long, expected " + std::to_string(sizeof(RegistryLayout)));
  void* memory = nullptr;
  if (status = os::Map(fd_, file, 0, sizeof(RegistryLayout), &memory); Failed(status)) return status;
  auto* const layout = static_cast<RegistryLayout*>(memory);
  if (status = CheckHeader(layout->header, size, Kind::kREGISTRY, file); Failed(status)) {
    os::Unmap(memory, sizeof(RegistryLayout));  // not ours: leave it as it is
    return status;
  }
  layout_ = layout;
  struct stat facts {};
  fstat(fd_, &facts);
  id_ = static_cast<uint64_t>(facts.st_dev) << 40 ^ static_cast<uint64_t>(facts.st_ino);
  os::UseParkers(layout_->parkers, &layout_->high_water, id_);
  return Status::kOK;
}

Status Registry::Create() {
  if (const Status status = os::MakeUnnamed(directory_, path_, sizeof(RegistryLayout), &fd_); Failed(status))
    return status;
  void* memory = nullptr;
  if (const Status status = os::Map(fd_, path_, 0, sizeof(RegistryLayout), &memory); Failed(status)) return status;
  StampHeader(&static_cast<RegistryLayout*>(memory)->header, Kind::kREGISTRY, sizeof(RegistryLayout));
  os::Unmap(memory, sizeof(RegistryLayout));
  return os::GiveName(fd_, directory_, path_, RegistryName());
}

void Registry::CloseAll() {
  os::Unmap(layout_, sizeof(RegistryLayout));
  layout_ = nullptr;
  os::CloseFile(fd_);
  os::CloseFile(directory_);
  fd_ = directory_ = -1;
}

// ------------------------------------------------------------------------------------------------ leaving

Registry::~Registry() {
  sentinel_.reset();
  if (layout_ != nullptr) {
    os::ForgetParkers(layout_->parkers);
    process_.reset();
    AnnounceDeath();
    Sweep(*this);
    RemoveIfLast();
  }
  for (const auto& [token, fd] : bells_) os::CloseFile(fd);
  CloseAll();
}

bool Registry::Alone() {
  // Shared locks of others conflict with an exclusive one; our own opening's does not.
  return !os::ByteLocked(fd_, kGateLockByte);
}

void Registry::RemoveIfLast() {
  // First let go, then try: of several that leave at once the last to let go gets it.
  os::TryLockByte(fd_, kGateLockByte, os::LockMode::kNone);
  if (Failed(os::TryLockByte(fd_, kGateLockByte, os::LockMode::kExclusive)) || !os::HasName(fd_)) return;
  for (const std::string& name : os::ListDirectory(directory_)) {
    if (IsNamed(name) || IsAnonymous(name)) return;  // what lives on needs its tokens
  }
  const uint32_t used = UsedSlots(layout_->high_water);
  for (uint32_t slot = 0; slot < used; slot++) os::ForgetParker(id_, slot);
  for (const std::string& name : os::ListDirectory(directory_)) {
    // Nobody is left who could ask for what an heir still keeps.
    const bool ours =
        name == RegistryName() || name.rfind(BellPrefix(), 0) == 0 || name.rfind(Cloakroom::Prefix(), 0) == 0;
    if (ours) os::RemoveFile(directory_, name);
  }
  os::RemoveDirectory(path_);  // stays if another build's registry is in it
}

// ------------------------------------------------------------------------------------------- participants

Status Registry::Join(bool blocks, std::unique_ptr<Participant>* participant) {
  std::unique_ptr<Participant> joined(new Participant);
  uint64_t size = 0;
  if (const Status status = os::OpenFile(directory_, path_, RegistryName(), &joined->fd_, &size); Failed(status))
    return status;
  for (uint32_t index = 0; index < kSlots; index++) {
    if (Failed(os::TryLockByte(joined->fd_, kSlotLockBase + index, os::LockMode::kExclusive))) continue;
    RegistrySlot& slot = layout_->slots[index];
    const uint32_t before = slot.generation.load(std::memory_order_acquire);
    if (before >= kLastGeneration) {  // used up: such a slot is never given again
      os::TryLockByte(joined->fd_, kSlotLockBase + index, os::LockMode::kNone);
      continue;
    }
    if (before != 0) os::RemoveFile(directory_, BellName(MakeToken(before, index)));
    slot.has_loop.store(0, std::memory_order_relaxed);
    slot.bell.store(kBellAwake, std::memory_order_relaxed);
    layout_->parkers[index].key.store(0, std::memory_order_relaxed);
    slot.pid.store(static_cast<uint32_t>(getpid()), std::memory_order_relaxed);
    slot.generation.store(before + 1, std::memory_order_seq_cst);
    // Not before: the token of before must not look alive again.
    slot.life.word.store(0, std::memory_order_seq_cst);
    slot.life.process.store(process_ ? process_token() : MakeToken(before + 1, index), std::memory_order_seq_cst);
    uint32_t high = layout_->high_water.load(std::memory_order_relaxed);
    while (high <= index && !layout_->high_water.compare_exchange_weak(high, index + 1, std::memory_order_seq_cst)) {
    }
    joined->registry_ = shared_from_this();
    joined->token_ = MakeToken(before + 1, index);
    joined->slot_ = &slot;
    if (blocks) {
      os::UseParker(static_cast<int>(index));
      if (os::Enrol(slot.life)) {
        layout_->arrivals.fetch_add(1, std::memory_order_seq_cst);
        os::Wake(layout_->arrivals, os::kEverybody);
      }
    }
    *participant = std::move(joined);
    return Status::kOK;
  }
  os::CloseFile(joined->fd_);
  joined->fd_ = -1;
  return os::Fail(Status::kLIMIT, path_ + "/" + RegistryName(),
                  "all " + std::to_string(kSlots) + " places of participants are taken");
}

Participant::~Participant() {
  if (bell_ >= 0) {
    slot_->has_loop.store(0, std::memory_order_seq_cst);
    os::RemoveFile(registry_->directory(), Registry::BellName(token_));
    os::CloseFile(bell_);
  }
  if (slot_ != nullptr) os::Withdraw(slot_->life);
  os::CloseFile(fd_);
  if (registry_) registry_->AnnounceDeath();  // of the process itself: by the registry that owns it
}

Status Participant::MakeBell() {
  if (bell_ >= 0) return Status::kOK;
  if (const Status status =
          os::MakeBell(registry_->directory(), registry_->directory_path(), Registry::BellName(token_), &bell_);
      Failed(status)) {
    return status;
  }
  slot_->has_loop.store(1, std::memory_order_seq_cst);
  registry_->Deaths();  // who has a bell will wait
  return Status::kOK;
}

std::string Registry::BellPrefix() { return "bell-" + FingerprintText() + "-"; }

std::string Registry::BellName(Token token) {
  char number[12];
  std::snprintf(number, sizeof number, "%x", token);
  return BellPrefix() + number;
}

bool Registry::Lives(Token token) {
  const uint32_t index = SlotOf(token);
  if (layout_->slots[index].generation.load(std::memory_order_seq_cst) != GenerationOf(token)) return false;
  if (os::IsLost(layout_->slots[index].life.word.load(std::memory_order_seq_cst))) return false;
  if (os::ByteLocked(fd_, kSlotLockBase + index)) {
    // The lock may already be its successor's.
    return layout_->slots[index].generation.load(std::memory_order_seq_cst) == GenerationOf(token);
  }
  return false;
}

// -------------------------------------------------------------------------------------------------- deaths

std::atomic<uint32_t>& Registry::Deaths() {
  std::call_once(sentinel_once_, [this] {
    auto sentinel = std::make_unique<Sentinel>(*this);
    if (sentinel->Start()) sentinel_ = std::move(sentinel);
  });
  return layout_->deaths;
}

void Registry::AnnounceDeath() {
  layout_->deaths.fetch_add(1, std::memory_order_seq_cst);
  os::Wake(layout_->deaths, os::kEverybody);
}

// --------------------------------------------------------------------------------------------------- bells

bool Registry::Ring(Token token) {
  RegistrySlot& slot = layout_->slots[SlotOf(token)];
  if (slot.generation.load(std::memory_order_seq_cst) != GenerationOf(token)) return false;
  if (slot.has_loop.load(std::memory_order_seq_cst) == 0) return false;
  // A corpse that was awake would swallow the ring.
  if (os::IsLost(slot.life.word.load(std::memory_order_seq_cst))) return false;
  uint32_t bell = slot.bell.load(std::memory_order_seq_cst);
  for (;;) {
    const uint32_t notified = (bell & ~kBellMask) | kBellNotified;
    switch (bell & kBellMask) {
      case kBellNotified:
        return true;
      case kBellAwake:  // it will look before it sleeps: no call to the kernel
        if (slot.bell.compare_exchange_weak(bell, notified, std::memory_order_seq_cst)) return true;
        continue;
      default: {  // armed: ring first, then say so; who dies in between has rung, and the next one rings again
        std::lock_guard guard(bells_mutex_);
        const auto known = bells_.find(token);
        int fd = known == bells_.end() ? -1 : known->second;
        if (fd < 0) {
          ForgetDeadBells();  // one in, the dead out: the cache grows with the living only
          fd = os::OpenBell(directory_, BellName(token));
          if (fd < 0) return false;
          bells_[token] = fd;
        }
        rings_.fetch_add(1, std::memory_order_relaxed);
        if (!os::RingBell(fd)) {
          ForgetBell(token);
          return false;
        }
        slot.bell.compare_exchange_strong(bell, notified, std::memory_order_seq_cst);
        return true;
      }
    }
  }
}

void Registry::ForgetBell(Token token) {
  const auto known = bells_.find(token);
  if (known == bells_.end()) return;
  os::CloseFile(known->second);
  bells_.erase(known);
}

void Registry::ForgetDeadBells() {
  for (auto bell = bells_.begin(); bell != bells_.end();) {
    if (Lives(bell->first)) {
      ++bell;
    } else {
      os::CloseFile(bell->second);
      bell = bells_.erase(bell);
    }
  }
}

void Registry::Tidy() {
  std::lock_guard guard(bells_mutex_);
  ForgetDeadBells();
}

void Registry::RingAll(uint32_t pid) {
  const uint32_t used = UsedSlots(layout_->high_water);
  for (uint32_t index = 0; index < used; index++) {
    const RegistrySlot& slot = layout_->slots[index];
    if (pid != 0 && slot.pid.load(std::memory_order_seq_cst) != pid) continue;
    const uint32_t generation = slot.generation.load(std::memory_order_seq_cst);
    if (generation != 0) Ring(MakeToken(generation, index));
  }
}

}  // namespace procloom
