// Verbs of barriers.
#include <cstring>

#include "binding/call.h"
#include "binding/create.h"
#include "os/clock.h"
#include "os/failure.h"

namespace procloom {

namespace {

using Barriers = Barrier<StdAtomics>;

constexpr size_t kLongestPolicy = 1 << 20;

int64_t Of(Status status) { return static_cast<int64_t>(status); }

int64_t BarrierCreate(Environment& environment, const std::string& name, uint32_t opening, uint32_t parties,
                      const std::string& policy) {
  if (parties < 1 || parties > kMaximumParties || policy.size() > kLongestPolicy) return Of(Status::kBAD_ARGUMENT);
  const Recipe recipe{Kind::kBARRIER, BarrierBytes(parties, policy.size()),
                      [&](void* body) {
                        auto* const words = static_cast<MeetingWords*>(body);
                        words->parties = parties;
                        words->policy_bytes = static_cast<uint32_t>(policy.size());
                        std::memcpy(static_cast<void*>(BarrierCells(*words) + parties), policy.data(), policy.size());
                      },
                      [&](const void* body, uint64_t room) {
                        const auto& words = *static_cast<const MeetingWords*>(body);
                        if (!Sound(words, room)) return os::Fail(Status::kDAMAGED, name, "it is no sound barrier");
                        if (words.parties == parties) return Status::kOK;
                        return os::Fail(Status::kMISMATCH, name,
                                        "its parties are " + std::to_string(words.parties) + ", asked for were " +
                                            std::to_string(parties));
                      }};
  return MakeObject<BarrierObject>(environment, recipe, name, opening);
}

int64_t BarrierParties(Environment& environment, uint32_t handle) {
  BarrierObject* const barrier = environment.Find<BarrierObject>(handle);
  return barrier == nullptr ? Of(Status::kCLOSED) : static_cast<int64_t>(barrier->words.parties);
}

napi_value BarrierPolicy(Environment& environment, uint32_t handle) {
  BarrierObject* const barrier = environment.Find<BarrierObject>(handle);
  if (barrier == nullptr) return Give(environment.env(), Status::kCLOSED);
  return Give(environment.env(), barrier->Policy());
}

// `index * 4 + what`; the numbers of `what` are MET_* in lib/addon/native.ts.
int64_t Result(const Meeting& meeting) {
  switch (meeting.met) {
    case Met::kPassed:
      return int64_t{meeting.index} * 4;
    case Met::kInside:
      return int64_t{meeting.index} * 4 + 1;
    case Met::kToAct:
      return int64_t{meeting.index} * 4 + 2;
    case Met::kBroken:
      return Of(Status::kBROKEN_BARRIER);
    case Met::kOutside:
      break;
  }
  return Of(Status::kTIMEOUT);
}

int64_t BarrierArrive(Environment& environment, uint32_t handle, bool acts) {
  BarrierObject* const barrier = environment.Find<BarrierObject>(handle);
  if (barrier == nullptr) return Of(Status::kCLOSED);
  const Meeting meeting = Barriers::Arrive(barrier->words, environment.me(), acts, barrier->watched[kPointArrive]);
  return Result(meeting);
}

int64_t BarrierLook(Environment& environment, uint32_t handle, uint32_t index) {
  BarrierObject* const barrier = environment.Find<BarrierObject>(handle);
  if (barrier == nullptr) return Of(Status::kCLOSED);
  if (index >= barrier->words.parties) return Of(Status::kBAD_ARGUMENT);
  const Meeting meeting = Barriers::Look(barrier->words, environment.me(), index, barrier->watched[kPointPass]);
  return Result(meeting);
}

int64_t BarrierWait(Environment& environment, uint32_t handle, bool acts, double timeout_ms) {
  BarrierObject* const barrier = environment.Find<BarrierObject>(handle);
  if (barrier == nullptr) return Of(Status::kCLOSED);
  return Result(Barriers::Wait(barrier->words, environment.me(), acts, os::DeadlineNs(timeout_ms), barrier->spinner));
}

int64_t BarrierActed(Environment& environment, uint32_t handle) {
  BarrierObject* const barrier = environment.Find<BarrierObject>(handle);
  if (barrier == nullptr) return Of(Status::kCLOSED);
  return Result(Barriers::Acted(barrier->words, environment.me()));
}

int64_t BarrierGiveUp(Environment& environment, uint32_t handle, uint32_t index) {
  BarrierObject* const barrier = environment.Find<BarrierObject>(handle);
  if (barrier == nullptr) return Of(Status::kCLOSED);
  if (index >= barrier->words.parties) return Of(Status::kBAD_ARGUMENT);
  return Result(Barriers::GiveUp(barrier->words, environment.me(), index));
}

int64_t BarrierAbort(Environment& environment, uint32_t handle) {
  BarrierObject* const barrier = environment.Find<BarrierObject>(handle);
  if (barrier == nullptr) return Of(Status::kCLOSED);
  Barriers::Abort(barrier->words, *environment.registry());
  return 0;
}

int64_t BarrierReset(Environment& environment, uint32_t handle) {
  BarrierObject* const barrier = environment.Find<BarrierObject>(handle);
  if (barrier == nullptr) return Of(Status::kCLOSED);
  Barriers::Reset(barrier->words, environment.me());
  return 0;
}

int64_t BarrierWaiting(Environment& environment, uint32_t handle) {
  BarrierObject* const barrier = environment.Find<BarrierObject>(handle);
  if (barrier == nullptr) return Of(Status::kCLOSED);
  return static_cast<int64_t>(Barriers::Waiting(barrier->words, environment.me()));
}

int64_t BarrierBroken(Environment& environment, uint32_t handle) {
  BarrierObject* const barrier = environment.Find<BarrierObject>(handle);
  if (barrier == nullptr) return Of(Status::kCLOSED);
  return static_cast<int64_t>(Barriers::Broken(barrier->words, environment.me()));
}

}  // namespace

void DefineBarriers(napi_env env, napi_value exports, Environment* environment) {
  Define<BarrierCreate>(env, exports, environment, "barrierCreate");
  Define<BarrierParties>(env, exports, environment, "barrierParties");
  Define<BarrierPolicy>(env, exports, environment, "barrierPolicy");
  Define<BarrierArrive>(env, exports, environment, "barrierArrive");
  Define<BarrierLook>(env, exports, environment, "barrierLook");
  Define<BarrierWait>(env, exports, environment, "barrierWait");
  Define<BarrierActed>(env, exports, environment, "barrierActed");
  Define<BarrierGiveUp>(env, exports, environment, "barrierGiveUp");
  Define<BarrierAbort>(env, exports, environment, "barrierAbort");
  Define<BarrierReset>(env, exports, environment, "barrierReset");
  Define<BarrierWaiting>(env, exports, environment, "barrierWaiting");
  Define<BarrierBroken>(env, exports, environment, "barrierBroken");
}

}  // namespace procloom
