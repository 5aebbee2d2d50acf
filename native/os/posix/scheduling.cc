#include "os/scheduling.h"

namespace procloom::os {

void RunSoonAndBriefly() {}

}  // namespace procloom::os
