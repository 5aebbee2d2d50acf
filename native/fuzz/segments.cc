// The fuzzing program for segments (segment-images.h).
#include "fuzz/program.h"
#include "fuzz/segment-images.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  procloom::fuzz::RunSegmentImage(procloom::fuzz::TheMember(), bytes, size);
  return 0;
}
