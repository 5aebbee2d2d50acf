// Verbs of semaphores whose permits are owned.
#include "binding/call.h"
#include "binding/create.h"
#include "os/clock.h"
#include "os/failure.h"

namespace procloom {

namespace {

using Permits = OwnedPermits<StdAtomics>;
using Words = OwnedPermitsWords<StdAtomics>;

constexpr int64_t kClosed = static_cast<int64_t>(Status::kCLOSED);

int64_t OwnedCreate(Environment& environment, uint32_t kind, const std::string& name, uint32_t opening,
                    uint32_t maximum) {
  const bool known_kind = kind == static_cast<uint32_t>(Kind::kOWNED_SEMAPHORE) ||
                          kind == static_cast<uint32_t>(Kind::kOWNED_BOUNDED_SEMAPHORE);
  if (!known_kind || maximum > kMaximumPermits) return static_cast<int64_t>(Status::kBAD_ARGUMENT);
  const Recipe recipe{static_cast<Kind>(kind), sizeof(Words),
                      [=](void* body) { static_cast<Words*>(body)->maximum = maximum; },
                      [=](const void* body, uint64_t room) {
                        const uint32_t found = room < sizeof(Words) ? 0 : static_cast<const Words*>(body)->maximum;
                        if (found == maximum) return Status::kOK;
                        return OtherNumber(name, "maximum", found, maximum);
                      }};
  return MakeObject<OwnedPermitsObject>(environment, recipe, name, opening);
}

int64_t OwnedAcquire(Environment& environment, uint32_t handle, double timeout_ms) {
  OwnedPermitsObject* const permits = environment.Find<OwnedPermitsObject>(handle);
  if (permits == nullptr) return kClosed;
  return static_cast<int64_t>(
      Permits::Acquire(permits->words, environment.me(), os::DeadlineNs(timeout_ms), permits->spinner));
}

int64_t OwnedTry(Environment& environment, uint32_t handle) {
  OwnedPermitsObject* const permits = environment.Find<OwnedPermitsObject>(handle);
  return permits == nullptr ? kClosed : static_cast<int64_t>(Permits::Try(permits->words, environment.me()));
}

int64_t OwnedRelease(Environment& environment, uint32_t handle, uint32_t n) {
  OwnedPermitsObject* const permits = environment.Find<OwnedPermitsObject>(handle);
  return permits == nullptr ? kClosed : static_cast<int64_t>(Permits::Release(permits->words, environment.me(), n));
}

int64_t OwnedValue(Environment& environment, uint32_t handle) {
  OwnedPermitsObject* const permits = environment.Find<OwnedPermitsObject>(handle);
  return permits == nullptr ? kClosed : static_cast<int64_t>(Permits::Value(permits->words, environment.me()));
}

}  // namespace

void DefineOwnedPermits(napi_env env, napi_value exports, Environment* environment) {
  Define<OwnedCreate>(env, exports, environment, "ownedCreate");
  Define<OwnedAcquire>(env, exports, environment, "ownedAcquire");
  Define<OwnedTry>(env, exports, environment, "ownedTry");
  Define<OwnedRelease>(env, exports, environment, "ownedRelease");
  Define<OwnedValue>(env, exports, environment, "ownedValue");
}

}  // namespace procloom
