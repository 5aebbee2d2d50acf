// Holds a lock of an object's own while what it guards is looked at or changed: for a moment, whatever is to end.
#pragma once

#include "sync/mutex.h"

namespace procloom {

template <class P>
class Hold {
 public:
  Hold(MutexWords<P>& lock, const Waiter& me) : lock_(lock), registry_(*me.registry) {
    Spinner spinner;
    Mutex<P>::Acquire(lock_, me.Patient(), os::kForever, spinner);
  }
  ~Hold() { Mutex<P>::Release(lock_, registry_); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  MutexWords<P>& lock_;
  Registry& registry_;
};

}  // namespace procloom
