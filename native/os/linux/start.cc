#include "os/start.h"

#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "os/failure.h"

namespace procloom::os {

namespace {

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// What is done in the child before its program begins.
class Preparation {
 public:
  Preparation() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~Preparation() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;

  // 0, or the error.
  int Fill(const ProcessOrder& order) {
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    for (size_t i = 0; i < order.descriptors.size(); i++) {
      // One that has its number already loses its close-on-exec.
      const int error = posix_spawn_file_actions_adddup2(&actions_, order.descriptors[i], static_cast<int>(i));
      if (error != 0) return error;
    }
    return order.folder.empty() ? 0 : posix_spawn_file_actions_addchdir_np(&actions_, order.folder.c_str());
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Status StartProcess(const ProcessOrder& order, int* pid, int* ended) {
  Preparation preparation;
  int error = preparation.Fill(order);
  if (error == 0) {
    error = posix_spawn(pid, order.file.c_str(), preparation.actions(), preparation.attributes(),
                        Pointers(order.arguments).data(), Pointers(order.variables).data());
  }
  if (error != 0) return Fail(Status::kSYSTEM, order.file, "", error);
  *ended = static_cast<int>(syscall(SYS_pidfd_open, *pid, 0));
  if (*ended >= 0) return Status::kOK;
  // Nobody would be told of its end: then it is not to be.
  error = errno;
  kill(*pid, SIGKILL);
  while (waitpid(*pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return Fail(Status::kSYSTEM, order.file, "", error);
}

}  // namespace procloom::os
