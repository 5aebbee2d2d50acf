// Keeps signals from the threads that are ours: they are for the program's own.
#pragma once

#include <pthread.h>

#include <csignal>

namespace procloom::os {

// While it lives, a thread that the calling one starts inherits a mask in which every signal is blocked.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace procloom::os
