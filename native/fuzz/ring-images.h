// One input of the fuzzing of rings: verbs on a pipe or a queue, between which the shared image is damaged.
//
//   byte 0: which object; then operations, each a byte and what it asks for (ring-images.cc lists them)
//
// Until the first damage, what comes out must be what went in. After it nothing is promised of the messages, but each
// verb comes back with a status, and nothing outside of the segment and its rings is touched. (The program's mappings
// stand between guard pages, guarded-maps.cc; in the ordinary tests the same inputs are only replayed.)
//
// What is left out: a lock whose word names somebody who lives. Whoever comes waits for that one, which is what a lock
// is for; it looks the same as a holder that was stopped.
#pragma once

#include <cstddef>
#include <cstdint>

#include "test/support/member.h"

namespace procloom::fuzz {

void RunRingImage(const test::Member& member, const uint8_t* bytes, size_t size);

}  // namespace procloom::fuzz
