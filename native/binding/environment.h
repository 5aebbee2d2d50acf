// One JavaScript environment (the main thread or a worker): its place in the registry and the objects it has open.
//
//   members, in the order of their death:  objects → bell → participant → registry → announcement of the end
//
// Thread safety: none; it lives and dies on its environment's thread.
#pragma once

#include <node_api.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "binding/children.h"
#include "binding/loop-bell.h"
#include "binding/object.h"
#include "memory/registry.h"
#include "sync/waiter.h"

namespace procloom {

// A handle is `generation << kIndexBits | index`: 31 bits, a small integer in JavaScript.
inline constexpr uint32_t kIndexBits = 20;
inline constexpr uint32_t kNoHandle = 0x7fffffff;  // as in lib/memory/shared-object.ts
inline constexpr size_t kScratchBytes = 64 * 1024;
inline constexpr uint32_t kGenerationMask = (1u << (31 - kIndexBits)) - 1;

// Sets an event when it dies. It is no participant, so it can do that after its environment has left.
class EndAnnouncement {
 public:
  EndAnnouncement(const EventObject& event, std::shared_ptr<Registry> registry)
      : registry_(std::move(registry)), event_(Kind::kEVENT, event.place.Again()) {}
  ~EndAnnouncement() { Event<StdAtomics>::Set(event_.words, *registry_); }
  EndAnnouncement(const EndAnnouncement&) = delete;
  EndAnnouncement& operator=(const EndAnnouncement&) = delete;

 private:
  std::shared_ptr<Registry> registry_;
  EventObject event_;
};

class Environment {
 public:
  explicit Environment(napi_env env) : env_(env), bell_(env), children_(env) {}
  ~Environment() {
    Leave();
    announcement_.reset();
  }

  // Takes part; at once when it does already.
  Status Join();
  // Closes all and gives the place in the registry back.
  void Leave();
  // Has that event set when this environment has ended: when it has left for the last time, and runs no more.
  void AnnounceEnd(const EventObject& event);

  napi_env env() const { return env_; }
  const std::shared_ptr<Registry>& registry() const { return registry_; }
  const Waiter& me() const { return me_; }
  LoopBell& bell() { return bell_; }
  Children& children() { return children_; }
  Participant* participant() { return participant_.get(); }

  // The object of that type behind a handle, or null.
  template <class T>
  T* Find(uint32_t handle) const {
    Object* const object = FindAny(handle);
    return object != nullptr && (object->type & T::kTypes) != 0 ? static_cast<T*>(object) : nullptr;
  }
  Object* FindAny(uint32_t handle) const {
    const uint32_t index = handle & ((1u << kIndexBits) - 1);
    if (index >= entries_.size()) return nullptr;
    const Entry& entry = entries_[index];
    return entry.generation == handle >> kIndexBits ? entry.object.get() : nullptr;
  }

  // Takes an object in; if this environment has the same place open already, counts that instead.
  int32_t Keep(std::unique_ptr<Object> object);
  // The handle of a place that is open already, counted once more; CLOSED if it is not.
  int32_t FindPlace(const Segment* segment, uint64_t part, Kind kind, Status* status);
  Status Close(uint32_t handle);

  // Where JavaScript leaves what quick verbs are to know, and finds what they tell: lib/addon/quick.ts.
  struct QuickWords {
    uint32_t handle = kNoHandle;
    uint32_t waits = 0;
    uint32_t size = 0;
    uint32_t codec = 0;
    uint32_t begun = 0;
  };
  // Memory that JavaScript and the verbs of this environment share: one piece each, whoever asks for it.
  template <class T>
  struct Shared {
    T* memory = nullptr;
    napi_ref kept = nullptr;
  };
  // Until somebody asks for it, words of a closed handle.
  Shared<QuickWords> quick{&no_quick_, nullptr};
  // What `put` and `get` copy from and to.
  Shared<char> scratch;

 private:
  static bool Ends(void* context);

  struct Entry {
    uint32_t generation = 0;
    std::unique_ptr<Object> object;
  };
  using Key = std::pair<const Segment*, uint64_t>;

  QuickWords no_quick_;
  napi_env env_;
  std::shared_ptr<Registry> registry_;
  std::unique_ptr<Participant> participant_;
  Waiter me_{nullptr, 0};
  LoopBell bell_;
  Children children_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> free_;  // taken from the front, so that a number rests before it is used again
  size_t free_begin_ = 0;
  std::map<Key, uint32_t> places_;
  std::unique_ptr<EndAnnouncement> announcement_;
};

}  // namespace procloom
