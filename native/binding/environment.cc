#include "binding/environment.h"

#include <mutex>

#include "memory/arena.h"
#include "memory/cloakroom.h"
#include "os/failure.h"
#include "os/wait.h"

namespace procloom {

namespace {

// Environments of this process that take part; the last one to leave gives up what the process shares.
std::mutex members_mutex;
int members = 0;

}  // namespace

// A thread that is terminated (worker.terminate(), process.exit() elsewhere) cannot be interrupted while it blocks in a
// verb of ours, so between two slices it asks: such an environment runs no JavaScript any more, and refuses this call.
bool Environment::Ends(void* context) {
  const napi_env env = static_cast<napi_env>(context);
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return true;
  napi_value global;
  bool has;
  const bool ends =
      napi_get_global(env, &global) != napi_ok || napi_has_named_property(env, global, "Object", &has) != napi_ok;
  napi_close_handle_scope(env, scope);
  return ends;
}

Status Environment::Join() {
  if (participant_) return Status::kOK;
  std::lock_guard guard(members_mutex);
  if (const Status status = Registry::Open(&registry_); Failed(status)) return status;
  if (const Status status = registry_->Join(true, &participant_); Failed(status)) {
    registry_.reset();
    return status;
  }
  members++;
  me_ = {registry_.get(), participant_->token(), Ends, env_};
  return Status::kOK;
}

void Environment::Leave() {
  if (!participant_) return;
  bell_.Close([] {});
  for (Entry& entry : entries_) {
    if (entry.object == nullptr) continue;
    entry.object.reset();
    entry.generation = (entry.generation + 1) & kGenerationMask;
  }
  entries_.clear();
  free_.clear();
  free_begin_ = 0;
  places_.clear();
  os::UseParker(-1);
  participant_.reset();
  me_ = {nullptr, 0};
  std::lock_guard guard(members_mutex);
  if (--members == 0) {
    Arenas::DropOwn();
    Segments::RetireAll();
    Cloakroom::Close(*registry_);
  }
  registry_.reset();
}

void Environment::AnnounceEnd(const EventObject& event) {
  announcement_ = std::make_unique<EndAnnouncement>(event, registry_);
}

int32_t Environment::Keep(std::unique_ptr<Object> object) {
  const Key key{object->place.segment().get(), object->place.part()};
  uint32_t index;
  if (free_.size() - free_begin_ > 1024 || (entries_.size() >= (1u << kIndexBits) && free_begin_ < free_.size())) {
    index = free_[free_begin_++];
    if (free_begin_ > 4096) {
      free_.erase(free_.begin(), free_.begin() + static_cast<std::ptrdiff_t>(free_begin_));
      free_begin_ = 0;
    }
  } else if (entries_.size() < (1u << kIndexBits)) {
    index = static_cast<uint32_t>(entries_.size());
    entries_.emplace_back();
  } else {
    return static_cast<int32_t>(os::Fail(Status::kLIMIT, "", "this environment has a million objects open"));
  }
  entries_[index].object = std::move(object);
  const uint32_t handle = entries_[index].generation << kIndexBits | index;
  places_[key] = handle;
  return static_cast<int32_t>(handle);
}

int32_t Environment::FindPlace(const Segment* segment, uint64_t part, Kind kind, Status* status) {
  const auto found = places_.find({segment, part});
  *status = Status::kCLOSED;
  if (found == places_.end()) return 0;
  Object* const object = FindAny(found->second);
  if (object->kind != kind) {
    *status = os::Fail(Status::kMISMATCH, segment->path(), "it is open here as an object of another kind");
    return 0;
  }
  object->opens++;
  *status = Status::kOK;
  return static_cast<int32_t>(found->second);
}

Status Environment::Close(uint32_t handle) {
  Object* const object = FindAny(handle);
  if (object == nullptr) return Status::kCLOSED;
  if (--object->opens > 0) return Status::kOK;
  const uint32_t index = handle & ((1u << kIndexBits) - 1);
  Entry& entry = entries_[index];
  places_.erase({object->place.segment().get(), object->place.part()});
  std::unique_ptr<Object> closing = std::move(entry.object);
  entry.generation = (entry.generation + 1) & kGenerationMask;
  free_.push_back(index);
  return Status::kOK;
}

}  // namespace procloom
