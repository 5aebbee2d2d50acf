// The fuzzing program for rings (ring-images.h).
#include "fuzz/program.h"
#include "fuzz/ring-images.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  procloom::fuzz::RunRingImage(procloom::fuzz::TheMember(), bytes, size);
  return 0;
}
