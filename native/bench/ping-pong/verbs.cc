// A message of 64 bytes to another process and back, C++ on both sides, both spinning: the least that a round trip
// takes.
//
//   there: number of the trip, 64 bytes      written by the one, read by the other
//   back:  the same the other way
#include <ctime>

#include <atomic>

#include "../arguments.h"
#include "../spin.h"
#include "../verbs.h"

namespace procloom::bench {

namespace {

constexpr size_t kMessageBytes = 64;

struct Slot {
  alignas(128) std::atomic<uint64_t> trip;
  uint8_t message[kMessageBytes];

  void Say(uint64_t number, const uint8_t* bytes) {
    std::memcpy(message, bytes, kMessageBytes);
    trip.store(number, std::memory_order_release);
  }
  void Hear(uint64_t number, uint8_t* into) const {
    SpinUntil([&] { return trip.load(std::memory_order_acquire) == number; });
    std::memcpy(into, message, kMessageBytes);
  }
};

struct Table {
  Slot there;
  Slot back;
};

int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// pingPong(memory, messages, echoes, samples): the messages lie one after the other, and so will the echoes.
napi_value PingPong(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  auto& table = arguments.Memory<Table>(0);
  const Bytes messages = arguments.View(1);
  uint8_t* const echoes = arguments.View(2).data;
  double* const samples = arguments.Times(3);
  uint64_t trip = table.there.trip.load(std::memory_order_relaxed);
  int64_t before = NowNs();
  for (size_t at = 0; at < messages.length; at += kMessageBytes) {
    table.there.Say(++trip, messages.data + at);
    table.back.Hear(trip, echoes + at);
    const int64_t now = NowNs();
    samples[at / kMessageBytes] = static_cast<double>(now - before);
    before = now;
  }
  return nullptr;
}

// echo(memory, count)
napi_value Echo(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  auto& table = arguments.Memory<Table>(0);
  uint64_t trip = table.back.trip.load(std::memory_order_relaxed);
  uint8_t message[kMessageBytes];
  for (int64_t left = arguments.Number(1); left > 0; left--) {
    table.there.Hear(++trip, message);
    table.back.Say(trip, message);
  }
  return nullptr;
}

}  // namespace

void DefinePingPong(napi_env env, napi_value exports) {
  Define(env, exports, "pingPong", PingPong);
  Define(env, exports, "echo", Echo);
}

}  // namespace procloom::bench
