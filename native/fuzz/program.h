// What the fuzzing programs share: a participant, in a private directory that ends with the program.
#pragma once

#include "test/support/member.h"

namespace procloom::fuzz {

// The same one for all inputs.
const test::Member& TheMember();

}  // namespace procloom::fuzz
