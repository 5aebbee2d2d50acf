// The rawest wakes between two processes: a futex, an eventfd that an event loop polls, and a thread in a futex that
// calls a threadsafe function. What procloom's waits are measured beside; built for the benchmark only.
//
// They stand in an addon, not in programs of their own, so that the loop is Node's own libuv (no other is there with
// headers on most systems) and that all contestants run in the same kind of process. No JavaScript runs between two
// wakes, except where a wake is to reach JavaScript.
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <uv.h>

#include <thread>

#include "../arguments.h"
#include "../verbs.h"
#include "wait-and-wake.h"

namespace procloom::bench {

namespace {

void Call(napi_env env, napi_ref function, napi_async_context context) {
  napi_value called, receiver;
  napi_get_reference_value(env, function, &called);
  napi_get_global(env, &receiver);
  napi_make_callback(env, context, receiver, called, 0, nullptr, nullptr);
}

// make(): [memory, eventfd], two descriptors for a second process to inherit.
napi_value Make(napi_env env, napi_callback_info) {
  const int memory = memfd_create("procloom-bench", MFD_CLOEXEC);
  const int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (memory < 0 || event < 0 || ftruncate(memory, sizeof(Shared)) != 0) {
    Throw(env, "memfd_create, eventfd");
    return nullptr;
  }
  napi_value both, number;
  napi_create_array(env, &both);
  uint32_t i = 0;
  for (const int descriptor : {memory, event}) {
    napi_create_int32(env, descriptor, &number);
    napi_set_element(env, both, i++, number);
  }
  return both;
}

// wake(memory, eventfd, 'futex' or 'eventfd', pid, first, times, pauseNs): wakes once for each of the times.
napi_value WakeAll(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  Shared& shared = arguments.Memory<Shared>(0);
  const int event = static_cast<int>(arguments.Number(1));
  const bool by_futex = arguments.Text(2) == "futex";
  const auto process = static_cast<uint32_t>(arguments.Number(3));
  const auto first = static_cast<uint32_t>(arguments.Number(4));
  double* const times = arguments.Times(5);
  size_t count = 0;
  napi_get_typedarray_info(env, arguments[5], nullptr, &count, nullptr, nullptr, nullptr);
  const int64_t pause_ns = arguments.Number(6);
  const State main(process, process);
  for (uint32_t i = 0; i < count; i++) {
    // The thread tells its number with the first wait of a lap.
    while (shared.round.load(std::memory_order_seq_cst) != first + i + 1 && main.Now() != 'Z') {
    }
    const uint32_t thread = shared.thread.load(std::memory_order_seq_cst);
    const State other(process, thread);
    if (!AwaitSleep(shared, first + i + 1, main, thread == 0 ? nullptr : &other, pause_ns)) {
      napi_throw_error(env, nullptr, "the process that was to be woken has ended");
      return nullptr;
    }
    times[i] = static_cast<double>(NowNs());
    if (by_futex) {
      WakeOne(shared);
    } else {
      const uint64_t one = 1;
      if (write(event, &one, sizeof one) != sizeof one) {
        Throw(env, "write to an eventfd");
        return nullptr;
      }
    }
  }
  return nullptr;
}

// waitBlocking(memory, times): a thread in a futex.
napi_value WaitBlocking(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  Shared& shared = arguments.Memory<Shared>(0);
  double* const times = arguments.Times(1);
  size_t count = 0;
  napi_get_typedarray_info(env, arguments[1], nullptr, &count, nullptr, nullptr, nullptr);
  for (size_t i = 0; i < count; i++) {
    const uint32_t seen = shared.word.load(std::memory_order_seq_cst);
    shared.round.fetch_add(1, std::memory_order_seq_cst);
    WaitFor(shared, seen);
    times[i] = static_cast<double>(NowNs());
  }
  return nullptr;
}

// The same one at a time, for JavaScript on both sides: wakeOne(memory), ring(eventfd), waitOne(memory).
napi_value WakeOnce(napi_env env, napi_callback_info info) {
  WakeOne(Arguments(env, info).Memory<Shared>(0));
  return nullptr;
}

napi_value Ring(napi_env env, napi_callback_info info) {
  const uint64_t one = 1;
  if (write(static_cast<int>(Arguments(env, info).Number(0)), &one, sizeof one) != sizeof one)
    Throw(env, "write to an eventfd");
  return nullptr;
}

napi_value WaitOnce(napi_env env, napi_callback_info info) {
  Shared& shared = Arguments(env, info).Memory<Shared>(0);
  const uint32_t seen = shared.word.load(std::memory_order_seq_cst);
  shared.round.fetch_add(1, std::memory_order_seq_cst);
  WaitFor(shared, seen);
  return nullptr;
}

// A wait of an event loop for an eventfd.
struct LoopWait {
  uv_poll_t poll;
  napi_env env;
  napi_async_context context;
  Shared* shared;
  int event;
  double* times;  // nullptr: `each` notes them
  napi_ref times_kept;
  napi_ref each;
  napi_ref done;
  bool answers_at_once;
  size_t count;
  size_t woken = 0;
};

void Drain(int event) {
  uint64_t rings;
  if (read(event, &rings, sizeof rings) != sizeof rings || rings != 1) {
    napi_fatal_error("wakes", NAPI_AUTO_LENGTH, "an eventfd rang, but not once", NAPI_AUTO_LENGTH);
  }
}

void OnEvent(uv_poll_t* poll, int, int) {
  auto* const wait = static_cast<LoopWait*>(poll->data);
  const double now = static_cast<double>(NowNs());
  napi_handle_scope scope;
  napi_open_handle_scope(wait->env, &scope);
  if (wait->answers_at_once) Drain(wait->event);
  if (wait->each != nullptr) {
    Call(wait->env, wait->each, wait->context);
  } else {
    wait->times[wait->woken] = now;
  }
  if (!wait->answers_at_once) Drain(wait->event);
  if (++wait->woken < wait->count) {
    wait->shared->round.fetch_add(1, std::memory_order_seq_cst);
  } else {
    uv_poll_stop(poll);
    Call(wait->env, wait->done, wait->context);
    for (const napi_ref kept : {wait->times_kept, wait->each, wait->done}) {
      if (kept != nullptr) napi_delete_reference(wait->env, kept);
    }
    napi_async_destroy(wait->env, wait->context);
    uv_close(reinterpret_cast<uv_handle_t*>(poll),
             [](uv_handle_t* handle) { delete static_cast<LoopWait*>(handle->data); });
  }
  napi_close_handle_scope(wait->env, scope);
}

napi_async_context MakeContext(napi_env env) {
  napi_value name;
  napi_async_context context;
  napi_create_string_utf8(env, "wakes", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, nullptr, name, &context);
  return context;
}

// waitPolling(memory, eventfd, times, done, each?, answersAtOnce?): uv_poll. Without `each` its callback in C++ notes
// the times, with it JavaScript does. Where `each` has the other side ring again, the ring before must be read first.
napi_value WaitPolling(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  auto* const wait = new LoopWait{};
  wait->env = env;
  wait->context = MakeContext(env);
  wait->shared = &arguments.Memory<Shared>(0);
  wait->event = static_cast<int>(arguments.Number(1));
  wait->times = arguments.Times(2);
  napi_get_typedarray_info(env, arguments[2], nullptr, &wait->count, nullptr, nullptr, nullptr);
  wait->times_kept = arguments.Reference(2);
  wait->done = arguments.Reference(3);
  napi_valuetype type;
  napi_typeof(env, arguments[4], &type);
  wait->each = type == napi_function ? arguments.Reference(4) : nullptr;
  napi_get_value_bool(env, arguments[5], &wait->answers_at_once);
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  if (const int error = uv_poll_init(loop, &wait->poll, wait->event); error != 0) {
    napi_throw_error(env, nullptr, uv_strerror(error));
    return nullptr;
  }
  wait->poll.data = wait;
  uv_poll_start(&wait->poll, UV_READABLE, OnEvent);
  wait->shared->round.fetch_add(1, std::memory_order_seq_cst);
  return nullptr;
}

// waitByThread(memory, count, each): a thread in a futex, which calls JavaScript by a threadsafe function. The next
// wait begins when `each` has returned.
napi_value WaitByThread(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  Shared* const shared = &arguments.Memory<Shared>(0);
  const int64_t count = arguments.Number(1);
  struct Left {
    Shared* shared;
    int64_t count;
  };
  auto* const left = new Left{shared, count};
  const auto call = [](napi_env called_env, napi_value each, void*, void* data) {
    auto* const calls = static_cast<Left*>(data);
    napi_value receiver;
    napi_get_global(called_env, &receiver);
    Shared* const memory = calls->shared;
    const bool last = --calls->count == 0;
    if (last) delete calls;
    napi_call_function(called_env, receiver, each, 0, nullptr, nullptr);
    if (!last) memory->round.fetch_add(1, std::memory_order_seq_cst);
  };
  napi_value name;
  napi_create_string_utf8(env, "wakes", NAPI_AUTO_LENGTH, &name);
  napi_threadsafe_function function;
  if (napi_create_threadsafe_function(env, arguments[2], nullptr, name, 0, 1, nullptr, nullptr, nullptr, call,
                                      &function) != napi_ok) {
    napi_throw_error(env, nullptr, "no threadsafe function could be made");
    return nullptr;
  }
  std::thread([shared, count, left, function] {
    uint32_t seen = shared->word.load(std::memory_order_seq_cst);
    shared->thread.store(static_cast<uint32_t>(syscall(SYS_gettid)), std::memory_order_seq_cst);
    shared->round.fetch_add(1, std::memory_order_seq_cst);
    for (int64_t i = 0; i < count; i++, seen++) {
      WaitFor(*shared, seen);
      napi_call_threadsafe_function(function, left, napi_tsfn_nonblocking);
    }
    napi_release_threadsafe_function(function, napi_tsfn_release);
  }).detach();
  return nullptr;
}

}  // namespace

void DefineWakes(napi_env env, napi_value exports) {
  Define(env, exports, "make", Make);
  Define(env, exports, "wake", WakeAll);
  Define(env, exports, "waitBlocking", WaitBlocking);
  Define(env, exports, "wakeOne", WakeOnce);
  Define(env, exports, "ring", Ring);
  Define(env, exports, "waitOne", WaitOnce);
  Define(env, exports, "waitPolling", WaitPolling);
  Define(env, exports, "waitByThread", WaitByThread);
}

}  // namespace procloom::bench
