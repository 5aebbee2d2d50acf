// A thread that takes part: what an environment is to the binding.
#pragma once

#include <memory>

#include "memory/registry.h"
#include "os/wait.h"
#include "sync/waiter.h"
#include "test/support/child.h"

namespace procloom::test {

class Member {
 public:
  Member() {
    EXPECT(!Failed(Registry::Open(&registry)));
    EXPECT(!Failed(registry->Join(true, &participant)));
    me = {registry.get(), participant->token()};
  }
  ~Member() { os::UseParker(-1); }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  Token token() const { return me.token; }

  std::shared_ptr<Registry> registry;
  std::unique_ptr<Participant> participant;
  Waiter me{nullptr, 0};
};

// A deadline that only a fault reaches.
inline int64_t Soon() { return os::NowNs() + 20'000'000'000; }
inline int64_t InMs(int64_t ms) { return os::NowNs() + ms * 1'000'000; }

}  // namespace procloom::test
