// The doorbell of one event loop: how the promises of an environment wait without a thread and without a busy loop.
//
//   a turn of the loop:   timers … → prepare → poll (sleeps) ──────────────────────→ check
//                                    arm       FIFO readable? awake, call back      awake: call back if rung; drain
//
// The state is in the participant's slot (layout/registry-layout.h): AWAKE while JavaScript runs, so that whoever
// publishes then calls no kernel; ARMED from `prepare` to `check`. A ring that comes while awake is seen by `prepare`,
// which then lets the loop not sleep.
//
// A slow timer makes up for wakes that were lost with a corpse, and lets the waits look whether an owner died.
//
// Thread safety: none; it belongs to its loop.
#pragma once

#include <node_api.h>
#include <uv.h>

#include <functional>

#include "layout/status.h"
#include "memory/registry.h"
#include "sync/waiter.h"

namespace procloom {

class LoopBell {
 public:
  explicit LoopBell(napi_env env) : env_(env) {}

  // What is called when this environment was rung; two bytes: [how it is to be held, how it is held]. 0: no waits are
  // pending; 1: some, which do not keep the process alive; 2: some that do.
  Status Listen(napi_value callback, napi_value levels);
  // It is to be held more firmly. That it is to be less so is found out in each turn.
  Status Hold(Participant* participant);
  // Sleeps, blocking, until it is rung, one of the processes has ended or the deadline has passed; maybe less long.
  // What promises wait for is looked at in the next turn.
  Status Sleep(Participant* participant, const int32_t* pids, uint32_t count, int64_t deadline_ns);
  // Stops for good (until the next Hold) and lets the loop end.
  void Stop();
  // Closes what the loop knows of; `done` when the loop has let go of all. Another Hold begins anew.
  void Close(std::function<void()> done);
  // Forgets the callback: the environment ends.
  void Forget();
  // Counts the calls of the callback.
  uint32_t turn() const { return turn_; }

 private:
  Status Start(Participant* participant);
  void SetLevel(uint8_t level);
  void LetGo();
  void Arm();
  bool TryArm(Participant& participant);
  void Wake(Participant& participant);
  void Dispatch();
  static void OnPrepare(uv_prepare_t* handle);
  static void OnCheck(uv_check_t* handle);
  static void OnRing(uv_poll_t* handle, int status, int events);
  static void OnTimer(uv_timer_t* handle);
  static void OnIdle(uv_idle_t*) {}

  // On the heap: libuv may need them longer than we live.
  struct Handles {
    uv_poll_t poll;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t idle;
    uv_timer_t timer;
    int open = 0;
    std::function<void()> closed;
  };

  napi_env env_;
  napi_ref callback_ = nullptr;
  napi_ref levels_kept_ = nullptr;
  uint8_t* levels_ = nullptr;
  napi_async_context context_ = nullptr;
  Handles* handles_ = nullptr;
  Participant* participant_ = nullptr;
  uint8_t level_ = 0;
  bool started_ = false;  // stays so for a while after level 0: waits come in quick succession
  bool rung_ = false;
  bool drain_ = false;  // there are rings in the FIFO that were answered
  uint32_t turn_ = 0;
  int64_t armed_at_ns_ = 0;  // 0: the loop did not sleep
  Spinner spinner_;
};

}  // namespace procloom
