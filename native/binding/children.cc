#include "binding/children.h"

#include <algorithm>
#include <csignal>
#include <mutex>
#include <string>
#include <vector>

#include "binding/call-back.h"
#include "os/child.h"
#include "os/failure.h"
#include "os/file.h"

namespace procloom {

namespace {

// What is told of one that somebody else has reaped (a wait for any child, in another addon).
constexpr int kUnknown = 255;

// Those whose environment ended before them.
std::mutex left_mutex;
std::vector<int> left;

void ReapLeft() {
  std::lock_guard guard(left_mutex);
  const auto is_gone = [](int pid) {
    Status status;
    os::ReapChild(pid, &status);
    return status != Status::kTIMEOUT;
  };
  left.erase(std::remove_if(left.begin(), left.end(), is_gone), left.end());
}

// Descriptors that are closed unless they are handed on.
class Descriptors {
 public:
  ~Descriptors() {
    for (const int fd : open_) os::CloseFile(fd);
  }
  int Add(int fd) {
    open_.push_back(fd);
    return fd;
  }
  void HandOn() { open_.clear(); }

 private:
  std::vector<int> open_;
};

}  // namespace

Status Children::Start(os::ProcessOrder order, int32_t* ends, size_t count, napi_value on_end, int* pid) {
  ReapLeft();
  Descriptors ours, theirs;
  const int least = static_cast<int>(count);
  std::vector<int32_t> own_ends(count, -1);
  for (size_t i = 0; i < count; i++) {
    const int number = static_cast<int>(i);
    if (ends[i] == static_cast<int32_t>(Stdio::kINHERIT)) {
      // Node sets its own to not waiting.
      os::LetBlock(number);
      order.descriptors.push_back(number);
    } else if (ends[i] == static_cast<int32_t>(Stdio::kPIPE)) {
      int stream[2];
      if (const Status status = os::MakeStream(least, stream); Failed(status)) return status;
      own_ends[i] = ours.Add(stream[0]);
      order.descriptors.push_back(theirs.Add(stream[1]));
    } else {
      int nothing;
      if (const Status status = os::OpenNothing(least, &nothing); Failed(status)) return status;
      order.descriptors.push_back(theirs.Add(nothing));
    }
  }
  int ended;
  if (const Status status = os::StartProcess(order, pid, &ended); Failed(status)) return status;
  if (const Status status = Watch(*pid, ended, on_end); Failed(status)) return status;
  std::copy(own_ends.begin(), own_ends.end(), ends);
  ours.HandOn();
  return Status::kOK;
}

Status Children::Watch(int pid, int ended, napi_value on_end) {
  auto* const child = new Child{{}, this, pid, ended, nullptr};
  uv_loop_t* loop = nullptr;
  int error = napi_get_uv_event_loop(env_, &loop) == napi_ok ? 0 : UV_EINVAL;
  if (error == 0) error = uv_poll_init(loop, &child->poll, ended);
  if (error != 0) {
    const std::string detail = std::string("uv_poll_init: ") + uv_strerror(error);
    kill(pid, SIGKILL);
    os::CloseFile(ended);
    delete child;
    {
      std::lock_guard guard(left_mutex);
      left.push_back(pid);
    }
    return os::Fail(Status::kSYSTEM, "", detail, -error);
  }
  child->poll.data = child;
  napi_create_reference(env_, on_end, 1, &child->on_end);
  uv_poll_start(&child->poll, UV_READABLE, OnEnd);
  running_[pid] = child;
  return Status::kOK;
}

void Children::Hold(int pid, bool firmly) {
  const auto found = running_.find(pid);
  if (found == running_.end()) return;
  auto* const handle = reinterpret_cast<uv_handle_t*>(&found->second->poll);
  if (firmly) {
    uv_ref(handle);
  } else {
    uv_unref(handle);
  }
}

void Children::LetGo(Child* child) {
  napi_delete_reference(env_, child->on_end);
  uv_poll_stop(&child->poll);
  closing_++;
  uv_close(reinterpret_cast<uv_handle_t*>(&child->poll), [](uv_handle_t* handle) {
    auto* const gone = static_cast<Child*>(handle->data);
    Children* const all = gone->all;
    os::CloseFile(gone->ended);
    delete gone;
    if (--all->closing_ > 0 || !all->closed_) return;
    // It may end what it is kept in.
    const std::function<void()> closed = std::move(all->closed_);
    closed();
  });
}

void Children::Close(std::function<void()> done) {
  {
    std::lock_guard guard(left_mutex);
    for (const auto& [pid, child] : running_) left.push_back(pid);
  }
  for (const auto& [pid, child] : running_) LetGo(child);
  running_.clear();
  if (context_ != nullptr) napi_async_destroy(env_, context_);
  context_ = nullptr;
  if (closing_ == 0) return done();
  closed_ = std::move(done);
}

void Children::OnEnd(uv_poll_t* handle, int, int) {
  auto* const child = static_cast<Child*>(handle->data);
  Status status;
  int exit_code = os::ReapChild(child->pid, &status);
  if (status == Status::kTIMEOUT) return;
  if (status == Status::kMISSING) exit_code = kUnknown;
  Children* const all = child->all;
  const napi_ref on_end = child->on_end;
  all->running_.erase(child->pid);
  napi_handle_scope scope;
  napi_open_handle_scope(all->env_, &scope);
  napi_value callback;
  napi_get_reference_value(all->env_, on_end, &callback);
  all->LetGo(child);
  ReapLeft();
  all->Tell(callback, exit_code);
  napi_close_handle_scope(all->env_, scope);
}

void Children::Tell(napi_value callback, int exit_code) {
  napi_value number;
  if (context_ == nullptr) {
    napi_value name;
    napi_create_string_utf8(env_, "procloom.child", NAPI_AUTO_LENGTH, &name);
    napi_async_init(env_, nullptr, name, &context_);
  }
  napi_create_int32(env_, exit_code, &number);
  CallBack(env_, context_, callback, 1, &number);
}

}  // namespace procloom
