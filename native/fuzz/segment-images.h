// One input of the fuzzing of segments: the file of a segment is damaged, opened, and used if that goes well; or the
// registry is damaged and asked.
//
//   byte 0: what it is, byte 1: what it is taken for; then damages and operations (segment-images.cc lists them)
//
// Whatever stands in the file, opening it gives a status, and nothing outside of what is mapped is touched.
//
// What is left out of the registry: the slots of this process. The C library and the kernel keep a list in them
// (os/life.h) whose links nobody can check.
#pragma once

#include <cstddef>
#include <cstdint>

#include "test/support/member.h"

namespace procloom::fuzz {

void RunSegmentImage(const test::Member& member, const uint8_t* bytes, size_t size);

}  // namespace procloom::fuzz
