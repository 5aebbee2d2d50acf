#include "binding/loop-bell.h"

#include "binding/call-back.h"
#include "os/bell.h"
#include "os/child.h"
#include "os/clock.h"
#include "os/failure.h"

namespace procloom {

namespace {

// A wake lost with a corpse, or an owner's death, is noticed no later.
constexpr uint64_t kLookMs = 100;

}  // namespace

Status LoopBell::Listen(napi_value callback, napi_value levels) {
  void* bytes = nullptr;
  size_t length = 0;
  if (napi_get_typedarray_info(env_, levels, nullptr, &length, &bytes, nullptr, nullptr) != napi_ok || length != 2)
    return Status::kBAD_ARGUMENT;
  for (napi_ref* const reference : {&callback_, &levels_kept_}) {
    if (*reference != nullptr) napi_delete_reference(env_, *reference);
    *reference = nullptr;
  }
  levels_ = nullptr;
  if (napi_create_reference(env_, callback, 1, &callback_) != napi_ok ||
      napi_create_reference(env_, levels, 1, &levels_kept_) != napi_ok)
    return Status::kBAD_ARGUMENT;
  levels_ = static_cast<uint8_t*>(bytes);
  if (context_ == nullptr) {
    napi_value name;
    napi_create_string_utf8(env_, "procloom", NAPI_AUTO_LENGTH, &name);
    napi_async_init(env_, nullptr, name, &context_);
  }
  return Status::kOK;
}

Status LoopBell::Start(Participant* participant) {
  if (handles_ != nullptr) return Status::kOK;
  if (const Status status = participant->MakeBell(); Failed(status)) return status;
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env_, &loop) != napi_ok) return os::Fail(Status::kSYSTEM, "", "there is no event loop");
  auto* const handles = new Handles;
  uv_prepare_init(loop, &handles->prepare);
  uv_check_init(loop, &handles->check);
  uv_idle_init(loop, &handles->idle);
  uv_timer_init(loop, &handles->timer);
  handles->open = 4;
  handles->prepare.data = handles->check.data = handles->idle.data = handles->timer.data = this;
  handles_ = handles;
  participant_ = participant;
  if (const int error = uv_poll_init(loop, &handles->poll, participant->bell()); error != 0) {
    Close([] {});
    return os::Fail(Status::kSYSTEM, "", std::string("uv_poll_init: ") + uv_strerror(error), -error);
  }
  handles->poll.data = this;
  handles->open = 5;
  for (uv_handle_t* handle :
       {reinterpret_cast<uv_handle_t*>(&handles->prepare), reinterpret_cast<uv_handle_t*>(&handles->check),
        reinterpret_cast<uv_handle_t*>(&handles->idle), reinterpret_cast<uv_handle_t*>(&handles->timer)}) {
    uv_unref(handle);
  }
  return Status::kOK;
}

Status LoopBell::Hold(Participant* participant) {
  if (levels_ == nullptr || levels_[0] > 2) return Status::kBAD_ARGUMENT;
  if (const Status status = Start(participant); Failed(status)) return status;
  if (!started_) {
    uv_poll_start(&handles_->poll, UV_READABLE, OnRing);
    uv_prepare_start(&handles_->prepare, OnPrepare);
    uv_check_start(&handles_->check, OnCheck);
    uv_timer_start(&handles_->timer, OnTimer, kLookMs, kLookMs);
    started_ = true;
  }
  SetLevel(levels_[0]);
  return Status::kOK;
}

void LoopBell::SetLevel(uint8_t level) {
  auto* const poll = reinterpret_cast<uv_handle_t*>(&handles_->poll);
  if (level == 2) {
    uv_ref(poll);
  } else {
    uv_unref(poll);
  }
  level_ = level;
  if (levels_ != nullptr) levels_[1] = level;
}

void LoopBell::LetGo() {
  if (levels_ != nullptr && levels_[0] < level_) SetLevel(levels_[0]);
}

void LoopBell::Stop() {
  level_ = 0;
  if (levels_ != nullptr) levels_[1] = 0;
  if (!started_) return;
  started_ = false;
  uv_poll_stop(&handles_->poll);
  uv_prepare_stop(&handles_->prepare);
  uv_check_stop(&handles_->check);
  uv_idle_stop(&handles_->idle);
  uv_timer_stop(&handles_->timer);
  Wake(*participant_);
}

void LoopBell::Close(std::function<void()> done) {
  Stop();
  Handles* const handles = handles_;
  handles_ = nullptr;
  participant_ = nullptr;
  drain_ = false;
  if (handles == nullptr) {
    done();
    return;
  }
  handles->closed = std::move(done);
  const auto on_closed = [](uv_handle_t* handle) {
    auto* const all = static_cast<Handles*>(handle->data);
    if (--all->open > 0) return;
    const std::function<void()> closed = std::move(all->closed);
    delete all;
    closed();
  };
  const bool polled = handles->open == 5;
  for (uv_handle_t* handle :
       {reinterpret_cast<uv_handle_t*>(&handles->prepare), reinterpret_cast<uv_handle_t*>(&handles->check),
        reinterpret_cast<uv_handle_t*>(&handles->idle), reinterpret_cast<uv_handle_t*>(&handles->timer),
        polled ? reinterpret_cast<uv_handle_t*>(&handles->poll) : nullptr}) {
    if (handle == nullptr) continue;
    handle->data = handles;
    uv_close(handle, on_closed);
  }
}

void LoopBell::Forget() {
  if (callback_ != nullptr) napi_delete_reference(env_, callback_);
  if (context_ != nullptr) napi_async_destroy(env_, context_);
  if (levels_kept_ != nullptr) napi_delete_reference(env_, levels_kept_);
  callback_ = nullptr;
  levels_kept_ = nullptr;
  levels_ = nullptr;
  context_ = nullptr;
}

// Before the loop sleeps. If somebody rang since it last looked, it must not.
void LoopBell::Arm() {
  if (level_ == 0) return;  // nothing waits: nobody need ring
  std::atomic<uint32_t>& bell = participant_->slot().bell;
  const auto notified = [&] { return rung_ || (bell.load(std::memory_order_seq_cst) & kBellMask) == kBellNotified; };
  // A loop with more to do is not kept from it. (A zero here can also mean that libuv has yet to tell the kernel of a
  // new descriptor: then the loop may sleep all the same, so it is armed in any case.)
  const bool busy = uv_backend_timeout(handles_->poll.loop) == 0;
  if ((busy ? !notified() : !spinner_.Spin(notified)) && TryArm(*participant_)) return;
  uv_idle_start(&handles_->idle, OnIdle);
}

// False if somebody has rung.
bool LoopBell::TryArm(Participant& participant) {
  std::atomic<uint32_t>& bell = participant.slot().bell;
  uint32_t word = bell.load(std::memory_order_seq_cst);
  const uint32_t armed = ((word >> 2) + 1) << 2 | kBellArmed;  // a new epoch: late words of ringers miss it
  if ((word & kBellMask) != kBellAwake || !bell.compare_exchange_strong(word, armed, std::memory_order_seq_cst))
    return false;
  armed_at_ns_ = os::NowNs();
  return true;
}

void LoopBell::Wake(Participant& participant) {
  std::atomic<uint32_t>& bell = participant.slot().bell;
  uint32_t word = bell.load(std::memory_order_seq_cst);
  while (!bell.compare_exchange_weak(word, (word & ~kBellMask) | kBellAwake, std::memory_order_seq_cst)) {
  }
  if ((word & kBellMask) == kBellNotified) rung_ = true;
}

Status LoopBell::Sleep(Participant* participant, const int32_t* pids, uint32_t count, int64_t deadline_ns) {
  if (const Status status = participant->MakeBell(); Failed(status)) return status;
  const std::atomic<uint32_t>& bell = participant->slot().bell;
  const auto notified = [&] { return (bell.load(std::memory_order_seq_cst) & kBellMask) == kBellNotified; };
  if (!spinner_.Spin(notified) && TryArm(*participant)) {
    os::AwaitBell(participant->bell(), pids, count, deadline_ns);
    armed_at_ns_ = 0;
  }
  Wake(*participant);
  os::DrainBell(participant->bell());
  rung_ = true;  // what woke us may have been meant for a promise
  return Status::kOK;
}

void LoopBell::Dispatch() {
  rung_ = false;
  turn_++;
  if (callback_ == nullptr) return;
  napi_handle_scope scope;
  napi_open_handle_scope(env_, &scope);
  napi_value callback;
  napi_get_reference_value(env_, callback_, &callback);
  CallBack(env_, context_, callback, 0, nullptr);
  napi_close_handle_scope(env_, scope);
}

void LoopBell::OnPrepare(uv_prepare_t* handle) {
  auto* const self = static_cast<LoopBell*>(handle->data);
  self->LetGo();
  self->Arm();
}

void LoopBell::OnCheck(uv_check_t* handle) {
  auto* const self = static_cast<LoopBell*>(handle->data);
  uv_idle_stop(&self->handles_->idle);
  self->Wake(*self->participant_);
  if (self->armed_at_ns_ != 0 && self->rung_) self->spinner_.Slept(os::NowNs() - self->armed_at_ns_);
  self->armed_at_ns_ = 0;
  if (self->rung_) self->Dispatch();
  // Close() may have been called there.
  if (self->participant_ == nullptr) return;
  // Not before: who waits is to be quick. Whoever writes after the Wake() saw the bell armed before it, and had said
  // already what for: the callback has seen it.
  if (self->drain_) os::DrainBell(self->participant_->bell());
  self->drain_ = false;
  self->LetGo();
}

void LoopBell::OnRing(uv_poll_t* handle, int, int) {
  auto* const self = static_cast<LoopBell*>(handle->data);
  self->drain_ = true;
  if (self->armed_at_ns_ != 0) self->spinner_.Slept(os::NowNs() - self->armed_at_ns_);
  self->armed_at_ns_ = 0;
  self->Wake(*self->participant_);
  self->Dispatch();
}

void LoopBell::OnTimer(uv_timer_t* handle) {
  auto* const self = static_cast<LoopBell*>(handle->data);
  self->LetGo();
  if (self->level_ == 0) {
    self->Stop();
    return;
  }
  self->Wake(*self->participant_);
  self->Dispatch();
}

}  // namespace procloom
