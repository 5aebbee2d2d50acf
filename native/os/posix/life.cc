#include "os/life.h"

namespace procloom::os {

bool Enrol(Life&) { return false; }
void Withdraw(Life&) {}

}  // namespace procloom::os
