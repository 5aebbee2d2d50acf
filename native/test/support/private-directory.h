// A private directory of its own for one test: every segment, registry and bell of the test lies there.
//
//   /dev/shm/procloom-native-XXXXXX/        made and removed here
//   └── room/                               PROCLOOM_DIR: made by the first participant, removed by the last
#pragma once

#include <string>

namespace procloom::test {

class PrivateDirectory {
 public:
  PrivateDirectory();
  // Gives up what this process still shares, and checks that nothing is left.
  ~PrivateDirectory();
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;

  // What PROCLOOM_DIR says.
  const std::string& path() const { return path_; }
  // A folder above it, for what a test wants to plant.
  const std::string& above() const { return above_; }

 private:
  std::string above_, path_, before_;
};

}  // namespace procloom::test
