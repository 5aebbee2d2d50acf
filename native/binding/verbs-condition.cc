// Verbs of conditions. The lock that goes with one is another handle: lib lets go of it and takes it again.
#include "binding/call.h"
#include "binding/create.h"
#include "layout/fingerprint.h"
#include "os/clock.h"
#include "os/failure.h"

namespace procloom {

namespace {

using Words = ConditionWords<StdAtomics>;
using Conditions = Condition<StdAtomics>;

int64_t Closed() { return static_cast<int64_t>(Status::kCLOSED); }

// 0 of '': the lock that comes with the condition.
uint64_t LockId(const std::string& reference) {
  uint64_t hash = reference.empty() ? 0 : 0xcbf29ce484222325;
  for (const char c : reference) hash = Mix(hash, static_cast<unsigned char>(c));
  return hash;
}

const char* KindText(uint32_t kind) { return kind == static_cast<uint32_t>(Kind::kLOCK) ? "a Lock" : "an RLock"; }

Status CheckLock(const Words& found, const std::string& name, uint32_t lock_kind, const std::string& lock) {
  if (found.lock_kind != lock_kind) {
    return os::Fail(Status::kMISMATCH, name,
                    std::string("its lock is ") + KindText(found.lock_kind) + ", asked for was " + KindText(lock_kind));
  }
  if (found.lock_id == LockId(lock)) return Status::kOK;
  const std::string asked = lock.empty() ? "the one that comes with it" : lock;
  const std::string is = found.lock_id == 0 ? "the one that came with it" : "another one";
  return os::Fail(Status::kMISMATCH, name, "its lock is " + is + ", asked for was " + asked);
}

int64_t ConditionCreate(Environment& environment, const std::string& name, uint32_t opening, uint32_t lock_kind,
                        const std::string& lock) {
  if (lock_kind != static_cast<uint32_t>(Kind::kLOCK) && lock_kind != static_cast<uint32_t>(Kind::kRLOCK))
    return static_cast<int64_t>(Status::kBAD_ARGUMENT);
  const Recipe recipe{
      Kind::kCONDITION, sizeof(Words),
      [&](void* body) {
        auto* const words = static_cast<Words*>(body);
        words->lock_kind = lock_kind;
        words->lock_id = LockId(lock);
      },
      [&](const void* body, uint64_t) { return CheckLock(*static_cast<const Words*>(body), name, lock_kind, lock); }};
  return MakeObject<ConditionObject>(environment, recipe, name, opening);
}

int64_t ConditionEnter(Environment& environment, uint32_t handle) {
  ConditionObject* const condition = environment.Find<ConditionObject>(handle);
  if (condition == nullptr) return Closed();
  uint32_t owed = 0;
  const Status status = Conditions::Enter(condition->words, environment.me(), condition->own_cell, &owed);
  if (status == Status::kLIMIT) {
    return static_cast<int64_t>(
        os::Fail(status, "", std::to_string(kConditionCells) + " of them wait on this condition, which is the most"));
  }
  return owed;
}

int64_t ConditionNotified(Environment& environment, uint32_t handle, uint32_t owed) {
  ConditionObject* const condition = environment.Find<ConditionObject>(handle);
  if (condition == nullptr) return Closed();
  return Conditions::Notified(condition->words, environment.me(), condition->own_cell, owed);
}

int64_t ConditionSleep(Environment& environment, uint32_t handle, uint32_t owed, double timeout_ms) {
  ConditionObject* const condition = environment.Find<ConditionObject>(handle);
  if (condition == nullptr) return Closed();
  const bool told = Conditions::Sleep(condition->words, environment.me(), condition->own_cell, owed,
                                      os::DeadlineNs(timeout_ms), condition->spinner);
  return told ? 0 : static_cast<int64_t>(Status::kTIMEOUT);
}

int64_t ConditionTake(Environment& environment, uint32_t handle) {
  ConditionObject* const condition = environment.Find<ConditionObject>(handle);
  if (condition == nullptr) return Closed();
  return Conditions::Take(condition->words, environment.me(), condition->own_cell);
}

int64_t ConditionLeave(Environment& environment, uint32_t handle, uint32_t owed) {
  ConditionObject* const condition = environment.Find<ConditionObject>(handle);
  if (condition == nullptr) return Closed();
  return Conditions::Leave(condition->words, environment.me(), condition->own_cell, owed);
}

int64_t ConditionHandOn(Environment& environment, uint32_t handle) {
  ConditionObject* const condition = environment.Find<ConditionObject>(handle);
  if (condition == nullptr) return Closed();
  Conditions::HandOn(condition->words, environment.me(), condition->own_cell);
  return 0;
}

int64_t ConditionNotify(Environment& environment, uint32_t handle, uint32_t n) {
  ConditionObject* const condition = environment.Find<ConditionObject>(handle);
  if (condition == nullptr) return Closed();
  return Conditions::Notify(condition->words, environment.me(), n);
}

}  // namespace

void DefineConditions(napi_env env, napi_value exports, Environment* environment) {
  Define<ConditionCreate>(env, exports, environment, "conditionCreate");
  Define<ConditionEnter>(env, exports, environment, "conditionEnter");
  Define<ConditionNotified>(env, exports, environment, "conditionNotified");
  Define<ConditionSleep>(env, exports, environment, "conditionSleep");
  Define<ConditionTake>(env, exports, environment, "conditionTake");
  Define<ConditionLeave>(env, exports, environment, "conditionLeave");
  Define<ConditionHandOn>(env, exports, environment, "conditionHandOn");
  Define<ConditionNotify>(env, exports, environment, "conditionNotify");
}

}  // namespace procloom
