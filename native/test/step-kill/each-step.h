// Runs a verb again and again in a process that dies before its step 0, 1, 2, … until it comes through.
#pragma once

#include <doctest/doctest.h>
#include <signal.h>

#include <functional>

#include "test/step-kill/counting-atomics.h"
#include "test/support/member.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

// A process that performs a verb and dies before step `k` of it.
class Victim {
 public:
  // `prepare` is not counted, `verb` is.
  Victim(long k, const std::function<void(const Member&)>& prepare, const std::function<void(const Member&)>& verb)
      : child_([&, k] {
          Member member;
          prepare(member);
          Steps::DieBefore(k);
          verb(member);
          Steps::DieBefore(-1);
          _exit(0);  // as one that ends without releasing anything
        }) {}
  Victim(long k, const std::function<void(const Member&)>& verb)
      : Victim(
            k, [](const Member&) {}, verb) {}

  bool Ended() const { return child_.Ended(); }
  // Waits for its end; whether it died on the way.
  bool Died() {
    const int code = child_.Wait();
    CHECK((code == 0 || code == -SIGKILL));
    return code != 0;
  }

 private:
  Child child_;
};

inline constexpr long kMostSteps = 2000;

// `trial(k)` arranges, runs a Victim, checks, and returns whether it died. Returns how many steps the verb has.
template <class Trial>
long EachStep(Trial&& trial) {
  for (long k = 0; k < kMostSteps; k++) {
    INFO("killed before step " << k);
    if (!trial(k)) return k;
  }
  FAIL("it does not come to its end within " << kMostSteps << " steps");
  return 0;
}

}  // namespace procloom::test
