// The processes that an environment has started itself: its event loop is told of their ends, and reaps them.
//
//     Start ──► running ── the descriptor of its end is readable ──► reaped, told
//
// When the environment ends before them, nobody is told; whoever starts or reaps the next one in this process reaps
// them.
//
// Thread safety: none; they belong to their loop.
#pragma once

#include <node_api.h>
#include <uv.h>

#include <functional>
#include <unordered_map>

#include "layout/status.h"
#include "os/start.h"

namespace procloom {

// What a descriptor of a child is to be; as `ends` in lib/process/start/launched.ts.
enum class Stdio : int32_t { kIGNORE, kINHERIT, kPIPE };

class Children {
 public:
  explicit Children(napi_env env) : env_(env) {}

  // Starts one; `on_end` is called once, with its exit code, or minus the signal that killed it.
  //
  // @param ends what its descriptors are to be; then this process's ends of them, where they are pipes, else -1
  Status Start(os::ProcessOrder order, int32_t* ends, size_t count, napi_value on_end, int* pid);
  // Whether one that runs keeps the loop going; at first it does.
  void Hold(int pid, bool firmly);
  // Tells nobody any more; `done` when the loop has let go of all.
  void Close(std::function<void()> done);

 private:
  // On the heap: libuv needs the handle until it has closed it.
  struct Child {
    uv_poll_t poll;
    Children* all;
    int pid;
    int ended;
    napi_ref on_end;
  };

  Status Watch(int pid, int ended, napi_value on_end);
  void Tell(napi_value on_end, int exit_code);
  void LetGo(Child* child);
  static void OnEnd(uv_poll_t* handle, int status, int events);

  napi_env env_;
  napi_async_context context_ = nullptr;
  std::unordered_map<int, Child*> running_;
  size_t closing_ = 0;
  std::function<void()> closed_;
};

}  // namespace procloom
