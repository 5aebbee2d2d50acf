// Copies of large messages to where they were asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace procloom::os {

// From here on a copy would push most of a processor's own cache out, what it copies included.
inline constexpr size_t kStreamedBytes = size_t{512} << 10;

// As memcpy; large copies are written past the cache. An ordinary store first fetches the line that it is about to
// overwrite, so two processes that copy at once soon have no more memory bandwidth: without that, a third of it is
// saved.
inline void CopyOut(void* to, const void* from, size_t size) {
#if defined(__SSE2__)
  constexpr size_t kStep = 128, kAhead = 1024;
  if (size >= kStreamedBytes) {
    auto* target = static_cast<char*>(to);
    const auto* source = static_cast<const char*>(from);
    const size_t head = (16 - (reinterpret_cast<uintptr_t>(target) & 15)) & 15;
    std::memcpy(target, source, head);
    size_t done = head;
    for (; done + kStep <= size; done += kStep) {
      _mm_prefetch(source + done + kAhead, _MM_HINT_T0);
      _mm_prefetch(source + done + kAhead + kStep / 2, _MM_HINT_T0);
      __m128i part[kStep / 16];
      for (size_t i = 0; i < kStep / 16; i++)
        part[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source + done) + i);
      for (size_t i = 0; i < kStep / 16; i++) _mm_stream_si128(reinterpret_cast<__m128i*>(target + done) + i, part[i]);
    }
    std::memcpy(target + done, source + done, size - done);
    _mm_sfence();  // streamed stores are not ordered with what follows by themselves
    return;
  }
#endif
  std::memcpy(to, from, size);
}

}  // namespace procloom::os
