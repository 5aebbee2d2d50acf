#include "fuzz/program.h"

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "fuzz/input.h"
#include "memory/arena.h"
#include "memory/segment.h"
#include "os/body.h"

namespace procloom {

namespace test {

// What test/support/ says of expectations; its own needs the test framework.
void Unexpected(const char* file, int line, const char* what) { fuzz::Found(file, line, what); }

}  // namespace test

namespace fuzz {

namespace {

// Unless somebody has chosen the private directory: one of its own, which a crash leaves behind.
struct Room {
  std::string own;
  std::unique_ptr<test::Member> member;

  Room() {
    if (getenv("PROCLOOM_DIR") == nullptr) {
      own = os::DefaultSharedFolder() + "/procloom-fuzz-XXXXXX";
      FUZZ_MUST(mkdtemp(own.data()) != nullptr);
      setenv("PROCLOOM_DIR", (own + "/room").c_str(), 1);
    }
    member = std::make_unique<test::Member>();
  }
  ~Room() {
    Arenas::DropOwn();
    Segments::RetireAll();
    member.reset();
    if (!own.empty()) std::filesystem::remove_all(own);
  }
};

}  // namespace

const test::Member& TheMember() {
  static Room room;
  return *room.member;
}

}  // namespace fuzz

}  // namespace procloom
