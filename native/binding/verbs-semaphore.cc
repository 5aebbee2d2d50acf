// Verbs of semaphores.
#include "binding/call.h"
#include "binding/create.h"
#include "os/clock.h"
#include "os/failure.h"

namespace procloom {

namespace {

using Semaphores = procloom::Semaphore<StdAtomics>;

int64_t Closed() { return static_cast<int64_t>(Status::kCLOSED); }

int64_t SemaphoreCreate(Environment& environment, uint32_t kind, const std::string& name, uint32_t opening,
                        uint32_t value, uint32_t maximum) {
  const bool bounded = kind == static_cast<uint32_t>(Kind::kBOUNDED_SEMAPHORE);
  if ((!bounded && kind != static_cast<uint32_t>(Kind::kSEMAPHORE)) || value > maximum || maximum > kMaximumPermits) {
    return static_cast<int64_t>(Status::kBAD_ARGUMENT);
  }
  const Recipe recipe{static_cast<Kind>(kind), sizeof(PermitWords),
                      [=](void* body) {
                        auto* const words = static_cast<PermitWords*>(body);
                        words->word.store(value, std::memory_order_relaxed);
                        words->maximum = maximum;
                        words->initial = value;
                      },
                      [=](const void* body, uint64_t) {
                        const uint32_t found = static_cast<const PermitWords*>(body)->maximum;
                        if (found == maximum) return Status::kOK;
                        return OtherNumber(name, "maximum", found, maximum);
                      }};
  return MakeObject<SemaphoreObject>(environment, recipe, name, opening);
}

int64_t SemaphoreAcquire(Environment& environment, uint32_t handle, double timeout_ms) {
  SemaphoreObject* const semaphore = environment.Find<SemaphoreObject>(handle);
  if (semaphore == nullptr) return Closed();
  const bool taken =
      Semaphores::Acquire(semaphore->words, environment.me(), os::DeadlineNs(timeout_ms), semaphore->spinner);
  return taken ? 0 : static_cast<int64_t>(Status::kTIMEOUT);
}

int64_t SemaphoreTry(Environment& environment, uint32_t handle) {
  SemaphoreObject* const semaphore = environment.Find<SemaphoreObject>(handle);
  if (semaphore == nullptr) return Closed();
  const bool taken = Semaphores::Try(semaphore->words, environment.me(), semaphore->watched[kPointAcquire]);
  return taken ? 0 : static_cast<int64_t>(Status::kTIMEOUT);
}

int64_t SemaphoreRelease(Environment& environment, uint32_t handle, uint32_t n) {
  SemaphoreObject* const semaphore = environment.Find<SemaphoreObject>(handle);
  if (semaphore == nullptr) return Closed();
  return static_cast<int64_t>(Semaphores::Release(semaphore->words, *environment.registry(), n));
}

int64_t SemaphoreValue(Environment& environment, uint32_t handle) {
  SemaphoreObject* const semaphore = environment.Find<SemaphoreObject>(handle);
  return semaphore == nullptr ? Closed() : static_cast<int64_t>(Semaphores::Value(semaphore->words));
}

int64_t SemaphoreMaximum(Environment& environment, uint32_t handle) {
  SemaphoreObject* const semaphore = environment.Find<SemaphoreObject>(handle);
  return semaphore == nullptr ? Closed() : static_cast<int64_t>(semaphore->words.maximum);
}

}  // namespace

void DefineSemaphores(napi_env env, napi_value exports, Environment* environment) {
  Define<SemaphoreCreate>(env, exports, environment, "semaphoreCreate");
  Define<SemaphoreAcquire>(env, exports, environment, "semaphoreAcquire");
  Define<SemaphoreTry>(env, exports, environment, "semaphoreTry");
  Define<SemaphoreRelease>(env, exports, environment, "semaphoreRelease");
  Define<SemaphoreValue>(env, exports, environment, "semaphoreValue");
  Define<SemaphoreMaximum>(env, exports, environment, "semaphoreMaximum");
}

}  // namespace procloom
