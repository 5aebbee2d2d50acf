#include "test/support/private-directory.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "memory/arena.h"
#include "memory/segment.h"
#include "os/body.h"
#include "os/wait.h"

namespace procloom::test {

PrivateDirectory::PrivateDirectory() {
  std::string pattern = os::DefaultSharedFolder() + "/procloom-native-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) FAIL("mkdtemp: " << pattern);
  above_ = pattern;
  path_ = above_ + "/room";
  const char* before = getenv("PROCLOOM_DIR");
  before_ = before == nullptr ? "" : before;
  setenv("PROCLOOM_DIR", path_.c_str(), 1);
}

PrivateDirectory::~PrivateDirectory() {
  os::UseParker(-1);
  Arenas::DropOwn();
  Segments::RetireAll();
  std::string left;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(above_)) left += entry.path().string() + " ";
  CHECK_MESSAGE(left.empty(), "left behind: " << left);
  std::filesystem::remove_all(above_);
  if (before_.empty()) {
    unsetenv("PROCLOOM_DIR");
  } else {
    setenv("PROCLOOM_DIR", before_.c_str(), 1);
  }
}

}  // namespace procloom::test
