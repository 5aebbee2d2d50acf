// Another process: forked from the test, so that what it does stands in the test.
#pragma once

#include <sys/types.h>

#include <functional>

namespace procloom::test {

// Where the test framework must stay out (in a child, in a thread): says what was expected and ends the process.
#define EXPECT(condition) ((condition) ? (void)0 : ::procloom::test::Unexpected(__FILE__, __LINE__, #condition))
[[noreturn]] void Unexpected(const char* file, int line, const char* what);

class Child {
 public:
  // Runs `work` in a new process, which ends with code 0 when it returns. It takes part in nothing at first.
  explicit Child(const std::function<void()>& work);
  // Kills it if it still lives.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  // Its exit code, or minus the signal that ended it.
  int Wait();
  // SIGKILL; returns when it is dead and reaped.
  void Kill();
  // SIGKILL; returns when it is dead and still a zombie.
  void KillLeavingZombie();
  // Whether it is dead (a zombie then, until Wait).
  bool Ended() const;

 private:
  pid_t pid_;
  int status_ = 0;
  bool reaped_ = false;
};

}  // namespace procloom::test
