// Verbs of events.
#include "binding/call.h"
#include "binding/create.h"
#include "os/clock.h"

namespace procloom {

namespace {

using Events = Event<StdAtomics>;

int64_t Closed() { return static_cast<int64_t>(Status::kCLOSED); }

int64_t EventCreate(Environment& environment, const std::string& name, uint32_t opening) {
  const Recipe recipe{Kind::kEVENT, sizeof(FlagWords), [](void*) {}, [](const void*, uint64_t) { return Status::kOK; }};
  return MakeObject<EventObject>(environment, recipe, name, opening);
}

DoneOr EventSet(Environment& environment, uint32_t handle) {
  EventObject* const event = environment.Find<EventObject>(handle);
  if (event == nullptr) return {Closed()};
  Events::Set(event->words, *environment.registry());
  return {0};
}

DoneOr EventClear(Environment& environment, uint32_t handle) {
  EventObject* const event = environment.Find<EventObject>(handle);
  if (event == nullptr) return {Closed()};
  Events::Clear(event->words);
  return {0};
}

int64_t EventState(Environment& environment, uint32_t handle) {
  EventObject* const event = environment.Find<EventObject>(handle);
  return event == nullptr ? Closed() : static_cast<int64_t>(Events::State(event->words));
}

int64_t EventOver(Environment& environment, uint32_t handle) {
  EventObject* const event = environment.Find<EventObject>(handle);
  return event == nullptr ? Closed()
                          : static_cast<int64_t>(Events::Over(event->words, environment.quick.memory->begun));
}

DoneOr EventWait(Environment& environment, uint32_t handle, double timeout_ms) {
  EventObject* const event = environment.Find<EventObject>(handle);
  if (event == nullptr) return {Closed()};
  const bool over = Events::Wait(event->words, environment.me(), os::DeadlineNs(timeout_ms), event->spinner);
  return {over ? 0 : static_cast<int64_t>(Status::kTIMEOUT)};
}

}  // namespace

void DefineEvents(napi_env env, napi_value exports, Environment* environment) {
  Define<EventCreate>(env, exports, environment, "eventCreate");
  DefineQuick<EventSet>(env, exports, "eventSet");
  DefineQuick<EventClear>(env, exports, "eventClear");
  DefineQuick<EventState>(env, exports, "eventState");
  DefineQuick<EventOver>(env, exports, "eventOver");
  Define<EventWait>(env, exports, environment, "eventWait");
}

}  // namespace procloom
