#include "memory/cloakroom.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <new>
#include <vector>

#include "layout/fingerprint.h"
#include "layout/segment-layout.h"
#include "memory/registry.h"
#include "memory/sweep.h"
#include "os/clock.h"
#include "os/failure.h"
#include "os/file.h"
#include "os/heir.h"
#include "os/passing.h"
#include "os/signals.h"

namespace procloom {

namespace {

constexpr size_t kStackBytes = 256 << 10;
// How often it is looked whether messages can still be taken; and how long an empty room stays open.
constexpr int64_t kLookNs = 1'000'000'000;
// An heir is there for that only, so it looks more often.
constexpr int64_t kHeirLookNs = 100'000'000;
// While the table of descriptors is full, nobody can be let in.
constexpr int64_t kFullMs = 20;
constexpr size_t kMostAskers = 64;

struct Coat {
  uint64_t ticket;
  int fd;  // -1: gone
  uint32_t flights;
  bool open;
  std::string carrier;  // the file of the segment; '' where it tells nothing
};

struct Room {
  std::mutex mutex;
  std::vector<Coat> coats;
  uint64_t last_ticket = 0;

  // Of the open room; else -1.
  int directory = -1;
  int counter = -1;
  int stop[2] = {-1, -1};
  std::string path, name;

  pthread_t thread{};
  bool started = false;  // and not yet joined
  bool serving = false;
};

Room& TheRoom() {
  static auto* const room = new Room;  // never destroyed: its thread may outlive what is
  return *room;
}

Coat* Find(Room& room, uint64_t ticket) {
  for (Coat& coat : room.coats) {
    if (coat.ticket == ticket && coat.fd >= 0) return &coat;
  }
  return nullptr;
}

// Takes it out of the room; -1 if it is not there (any more).
int TakeOut(Room& room, uint64_t ticket) {
  std::lock_guard guard(room.mutex);
  Coat* const coat = Find(room, ticket);
  if (coat == nullptr) return -1;
  const int fd = coat->fd;
  coat->fd = -1;
  return fd;
}

void GiveBack(Coat& coat) {
  os::CloseFile(coat.fd);
  coat.fd = -1;
}

bool IsEmpty(const Room& room) {
  return std::all_of(room.coats.begin(), room.coats.end(), [](const Coat& coat) { return coat.fd < 0; });
}

// Messages in a segment whose file is gone can be taken out by nobody.
void GiveBackUncarried(Room& room) {
  for (Coat& coat : room.coats) {
    if (coat.fd < 0 || coat.open || coat.carrier.empty()) continue;
    if (faccessat(room.directory, coat.carrier.c_str(), F_OK, 0) != 0 && errno == ENOENT) GiveBack(coat);
  }
}

// Also the heir's: only system calls, and no memory from the heap.
class Counter {
 public:
  explicit Counter(Room& room) : room_(room) {}
  ~Counter() {
    for (size_t i = 0; i < count_; i++) os::CloseFile(askers_[i]);
  }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  // Lets in and answers whoever is there, waiting for that until the deadline; false when told to stop.
  bool Serve(int64_t deadline_ns) {
    int64_t rest_ms = std::max<int64_t>(0, (deadline_ns - os::NowNs() + 999'999) / 1'000'000);
    if (full_) rest_ms = std::min(rest_ms, kFullMs);
    const size_t before = count_;
    pollfd polled[2 + kMostAskers];
    polled[0] = {room_.stop[0], POLLIN, 0};
    polled[1] = {full_ || before == kMostAskers ? -1 : room_.counter, POLLIN, 0};
    for (size_t i = 0; i < before; i++) polled[2 + i] = {askers_[i], POLLIN, 0};
    full_ = false;
    if (poll(polled, static_cast<nfds_t>(2 + before), static_cast<int>(rest_ms)) <= 0) return true;
    if (polled[0].revents != 0) return false;
    for (size_t i = before; i-- > 0;) {
      if (polled[2 + i].revents != 0) Answer(i);
    }
    if (polled[1].revents != 0) LetIn();
    return true;
  }

 private:
  void LetIn() {
    const int asker = os::NextAsker(room_.counter);
    if (asker >= 0) {
      askers_[count_++] = asker;
    } else {
      full_ = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
    }
  }

  void Answer(size_t index) {
    const int asker = askers_[index];
    askers_[index] = askers_[--count_];
    uint64_t ticket = 0;
    if (os::ReadTicket(asker, &ticket)) {
      const int fd = TakeOut(room_, ticket);
      os::HandOut(asker, fd);
      os::CloseFile(fd);
    }
    os::CloseFile(asker);
  }

  Room& room_;
  int askers_[kMostAskers];
  size_t count_ = 0;
  bool full_ = false;
};

// Under its mutex. `removed`: its socket goes with it; an heir keeps it.
void CloseRoom(Room& room, bool removed) {
  if (removed) os::RemoveFile(room.directory, room.name);
  for (int* const fd : {&room.counter, &room.stop[0], &room.stop[1], &room.directory}) {
    os::CloseFile(*fd);
    *fd = -1;
  }
  room.serving = false;
}

void Run(Room& room) {
  Counter counter(room);
  int64_t look = os::NowNs() + kLookNs;
  while (counter.Serve(look)) {
    if (os::NowNs() < look) continue;
    look += kLookNs;
    std::lock_guard guard(room.mutex);
    GiveBackUncarried(room);
    if (!IsEmpty(room)) continue;
    CloseRoom(room, true);
    return;
  }
}

// Under its mutex.
Status OpenRoom(Room& room, Registry& registry) {
  if (room.serving) return Status::kOK;
  if (room.started) pthread_join(room.thread, nullptr);  // it closed the room, and has nothing more to do
  room.started = false;
  room.path = registry.directory_path();
  room.name = Cloakroom::Prefix() + os::RandomName();
  room.directory = openat(registry.directory(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  Status status = Status::kSYSTEM;
  if (room.directory < 0 || !os::MakePipe(room.stop)) {
    status = os::Fail(status, room.path, "open", errno);
  } else if (status = os::MakeCounter(room.directory, room.path, room.name, &room.counter); !Failed(status)) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackBytes);
    const os::SignalsBlocked blocked;
    const auto run = [](void* self) -> void* {
      Run(*static_cast<Room*>(self));
      return nullptr;
    };
    const int error = pthread_create(&room.thread, &attributes, run, &room);
    pthread_attr_destroy(&attributes);
    room.started = room.serving = error == 0;
    if (error == 0) return Status::kOK;
    status = os::Fail(Status::kSYSTEM, "", "pthread_create", error);
  }
  CloseRoom(room, room.counter >= 0);
  return status;
}

// -------------------------------------------------------------------------------------------------- heirs

struct Will {
  Room* room;
  int registry;
};

void Inherit(void* context) {
  const Will& will = *static_cast<Will*>(context);
  Room& room = *will.room;
  room.stop[0] = -1;             // nobody tells it to stop
  new (&room.mutex) std::mutex;  // it was held by the one who forked, and there is nobody else
  Counter counter(room);
  int64_t look = os::NowNs() + kHeirLookNs;
  for (;;) {
    counter.Serve(look);
    if (os::NowNs() < look && !IsEmpty(room)) continue;
    look = os::NowNs() + kHeirLookNs;
    GiveBackUncarried(room);
    // Who could ask holds the gate.
    if (IsEmpty(room) || !os::ByteLocked(will.registry, kGateLockByte)) break;
  }
  os::RemoveFile(room.directory, room.name);
}

bool Bequeath(Room& room, Registry& registry) {
  Will will{&room, openat(registry.directory(), RegistryName().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
  if (will.registry < 0) return false;
  std::vector<int> kept{room.directory, room.counter, will.registry};
  for (const Coat& coat : room.coats) {
    if (coat.fd >= 0) kept.push_back(coat.fd);
  }
  std::sort(kept.begin(), kept.end());
  const bool inherited = os::Bequeath(kept.data(), kept.size(), Inherit, &will);
  os::CloseFile(will.registry);
  return inherited;
}

}  // namespace

// ------------------------------------------------------------------------------------------------- coats

Status Cloakroom::Leave(Registry& registry, int fd, uint64_t* ticket) {
  int duplicate = -1;
  if (const Status status = os::Duplicate(fd, &duplicate); Failed(status)) return status;
  Room& room = TheRoom();
  std::lock_guard guard(room.mutex);
  if (const Status status = OpenRoom(room, registry); Failed(status)) {
    os::CloseFile(duplicate);
    return status;
  }
  auto& coats = room.coats;
  coats.erase(std::remove_if(coats.begin(), coats.end(), [](const Coat& coat) { return coat.fd < 0; }), coats.end());
  *ticket = ++room.last_ticket;
  coats.push_back({*ticket, duplicate, 0, true, ""});
  return Status::kOK;
}

std::string Cloakroom::Reference(uint64_t ticket) {
  Room& room = TheRoom();
  std::lock_guard guard(room.mutex);
  return room.name + "#" + std::to_string(ticket);
}

void Cloakroom::CarriedBy(uint64_t ticket, const std::string& file) {
  Room& room = TheRoom();
  std::lock_guard guard(room.mutex);
  // The file of a named segment may go while it is in use.
  if (Coat* const coat = Find(room, ticket)) coat->carrier = IsAnonymous(file) ? file : "";
}

void Cloakroom::BeginFlight(uint64_t ticket) {
  Room& room = TheRoom();
  std::lock_guard guard(room.mutex);
  if (Coat* const coat = Find(room, ticket)) coat->flights++;
}

void Cloakroom::EndFlight(uint64_t ticket) {
  Room& room = TheRoom();
  std::lock_guard guard(room.mutex);
  Coat* const coat = Find(room, ticket);
  if (coat == nullptr) return;
  coat->flights--;
  if (!coat->open && coat->flights == 0) GiveBack(*coat);
}

void Cloakroom::Forget(uint64_t ticket) {
  Room& room = TheRoom();
  std::lock_guard guard(room.mutex);
  Coat* const coat = Find(room, ticket);
  if (coat == nullptr) return;
  coat->open = false;
  if (coat->flights == 0) GiveBack(*coat);
}

Status Cloakroom::Take(Registry& registry, const std::string& reference, int* fd) {
  const size_t mark = reference.find('#');
  const std::string name = reference.substr(0, mark);
  const std::string prefix = Prefix();
  unsigned long long ticket = 0;
  char rest = 0;
  if (mark == std::string::npos || name.size() != prefix.size() + 16 || name.rfind(prefix, 0) != 0 ||
      name.find_first_not_of("0123456789abcdef", prefix.size()) != std::string::npos ||
      std::sscanf(reference.c_str() + mark, "#%19llu%c", &ticket, &rest) != 1) {
    return os::Fail(Status::kBAD_ARGUMENT, reference, "it is no reference");
  }
  Room& room = TheRoom();
  std::unique_lock guard(room.mutex);
  if (name == room.name) {
    guard.unlock();
    *fd = TakeOut(room, ticket);
    if (*fd >= 0) return Status::kOK;
    return os::Fail(Status::kMISSING, registry.directory_path() + "/" + name, "it was given back already");
  }
  guard.unlock();
  return os::AskFor(registry.directory(), registry.directory_path(), name, ticket, fd);
}

// --------------------------------------------------------------------------------------------------- ends

void Cloakroom::Close(Registry& registry) {
  Room& room = TheRoom();
  bool started;
  {
    std::lock_guard guard(room.mutex);
    started = room.started;
    room.started = false;
    const char stop = 1;
    // An empty pipe takes a byte.
    if (room.serving && write(room.stop[1], &stop, 1) != 1) return;
  }
  if (started) pthread_join(room.thread, nullptr);
  std::lock_guard guard(room.mutex);
  if (!room.serving) return;
  // The messages of those who hold nothing but what they carry themselves are gone with their segments.
  GiveBackUncarried(room);
  const bool inherited = !IsEmpty(room) && !registry.Alone() && Bequeath(room, registry);
  CloseRoom(room, !inherited);
  for (Coat& coat : room.coats) GiveBack(coat);
  room.coats.clear();
  room.name.clear();
}

std::string Cloakroom::Prefix() {
  char text[24];
  std::snprintf(text, sizeof text, "fd-%016llx-", static_cast<unsigned long long>(kFingerprint));
  return text;
}

bool Cloakroom::IsKept(Registry& registry, const std::string& name) {
  return os::IsCounterOpen(registry.directory(), registry.directory_path(), name);
}

}  // namespace procloom
