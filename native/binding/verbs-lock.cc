// Verbs of locks.
#include "binding/call.h"
#include "binding/create.h"
#include "os/clock.h"

namespace procloom {

namespace {

using Locks = Mutex<StdAtomics>;

int64_t Closed() { return static_cast<int64_t>(Status::kCLOSED); }

int64_t LockCreate(Environment& environment, uint32_t kind, const std::string& name, uint32_t opening) {
  if (kind != static_cast<uint32_t>(Kind::kLOCK) && kind != static_cast<uint32_t>(Kind::kRLOCK))
    return static_cast<int64_t>(Status::kBAD_ARGUMENT);
  const Recipe recipe{static_cast<Kind>(kind), sizeof(LockWords), [](void*) {},
                      [](const void*, uint64_t) { return Status::kOK; }};
  return MakeObject<LockObject>(environment, recipe, name, opening);
}

int64_t Result(Taken taken) {
  if (taken == Taken::kNo) return static_cast<int64_t>(Status::kTIMEOUT);
  return taken == Taken::kFromTheDead ? 1 : 0;
}

int64_t LockAcquire(Environment& environment, uint32_t handle, double timeout_ms) {
  LockObject* const lock = environment.Find<LockObject>(handle);
  if (lock == nullptr) return Closed();
  if (Locks::TryQuick(lock->words, environment.me())) return 0;
  return Result(Locks::Acquire(lock->words, environment.me(), os::DeadlineNs(timeout_ms), lock->spinner));
}

// The same for ever.
DoneOr LockTake(Environment& environment, uint32_t handle) { return {LockAcquire(environment, handle, -1)}; }

int64_t LockTry(Environment& environment, uint32_t handle) {
  LockObject* const lock = environment.Find<LockObject>(handle);
  if (lock == nullptr) return Closed();
  const bool waited = lock->watched[kPointAcquire];
  const bool entitled = waited && lock->watched_turn[kPointAcquire] != environment.bell().turn();
  const Taken taken = Locks::Try(lock->words, environment.me(), waited, entitled);
  return Result(taken);
}

DoneOr LockRelease(Environment& environment, uint32_t handle) {
  LockObject* const lock = environment.Find<LockObject>(handle);
  if (lock == nullptr) return {Closed()};
  return {static_cast<int64_t>(Locks::Release(lock->words, *environment.registry()))};
}

int64_t LockReleaseMarked(Environment& environment, uint32_t handle) {
  LockObject* const lock = environment.Find<LockObject>(handle);
  if (lock == nullptr) return Closed();
  return static_cast<int64_t>(Locks::Release(lock->words, *environment.registry(), true));
}

int64_t LockOwner(Environment& environment, uint32_t handle) {
  LockObject* const lock = environment.Find<LockObject>(handle);
  return lock == nullptr ? Closed() : static_cast<int64_t>(Locks::Owner(lock->words));
}

int64_t LockAbandoned(Environment& environment, uint32_t handle) {
  LockObject* const lock = environment.Find<LockObject>(handle);
  return lock == nullptr ? Closed() : static_cast<int64_t>(Locks::Abandoned(lock->words));
}

}  // namespace

void DefineLocks(napi_env env, napi_value exports, Environment* environment) {
  Define<LockCreate>(env, exports, environment, "lockCreate");
  Define<LockAcquire>(env, exports, environment, "lockAcquire");
  DefineQuick<LockTake>(env, exports, "lockTake");
  Define<LockTry>(env, exports, environment, "lockTry");
  DefineQuick<LockRelease>(env, exports, "lockRelease");
  Define<LockReleaseMarked>(env, exports, environment, "lockReleaseMarked");
  Define<LockOwner>(env, exports, environment, "lockOwner");
  Define<LockAbandoned>(env, exports, environment, "lockAbandoned");
}

}  // namespace procloom
