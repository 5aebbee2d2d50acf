/* native/ring/wait-point.h, for queue.pml. */

/* Tokens `from` and `to` are all that may wait there. */
inline WakeThread(from, to) {
  atomic {
    MayDie;
    if
    :: asleep[from] -> asleep[from] = false; woken = true
    :: from != to && asleep[to] -> asleep[to] = false; woken = true
    :: else -> woken = false
    fi
  }
}

/* LoopList::RingOne: takes a token out, then rings; the dead cannot be rung. */
inline RingLoop(from, to) {
  do
  :: atomic {
      MayDie;
      if
      :: listed[from] -> listed[from] = false; token = from
      :: from != to && listed[to] -> listed[to] = false; token = to
      :: else -> token = 0; woken = false; break
      fi
    }
    atomic { MayDie; woken = Lives(token); rung[token] = woken; token = 0 };
    if
    :: woken -> break
    :: else
    fi
  od
}

/* `loops`: how many of them are loops. */
inline WakeOne(waiting, from, to, loops) {
  atomic { MayDie; waiting = false };
  atomic { MayDie; sameEpoch[from] = false; sameEpoch[to] = false };
#if PLOOPS + CLOOPS > 0
  if
  :: true ->
    WakeThread(from, to);
    if
    :: !woken && loops > 0 -> RingLoop(from, to)
    :: else
    fi
  :: loops > 0 ->
    RingLoop(from, to);
    if
    :: !woken -> WakeThread(from, to)
    :: else
    fi
  fi;
#else
  WakeThread(from, to);
#endif
  woken = false
}

/* `more`: whether there is more to have. */
inline PassOn(waiting, from, to, loops, more) {
#ifndef BREAK_PASSES_NOTHING_ON
  atomic { MayDie; ok = more };
  if
  :: !ok ->
#ifndef BREAK_FORGETS_THE_OTHERS
    atomic { MayDie; waiting = true };
#endif
#ifdef BREAK_PASSES_ON_BLINDLY
    skip
#else
    atomic { MayDie; ok = more }
#endif
  :: else
  fi;
  if
  :: ok -> WakeOne(waiting, from, to, loops)
  :: else
  fi;
#endif
  ok = false
}

/* Slices::Sleep on the epoch and on `deaths`. */
inline SleepOnEpoch() {
  atomic {
    MayDie;
    if
#ifndef BREAK_NO_EPOCH
    :: !sameEpoch[me] || Died -> ok = false
    :: sameEpoch[me] && !Died -> ok = true; FallAsleep()
#else
    :: true -> ok = true; FallAsleep()
#endif
    fi
  };
  if
  :: ok ->
    if
    :: atomic { !asleep[me] || Died -> asleep[me] = false; sameEpoch[me] = false; ok = false }
    :: atomic { Dies }
    fi
  :: else -> sameEpoch[me] = false
  fi
}

/* A loop that watches tries once more before it sleeps. */
inline LoopSleeps() {
  if
  :: atomic { rung[me] || Died -> rung[me] = false }
  :: atomic { Dies }
  fi;
  watching = false
}

/* For a line that has come to its end. */
inline Unwatch(waiting, from, to, loops, more) {
  atomic { MayDie; ok = listed[me]; listed[me] = false };
  if
  :: !ok -> PassOn(waiting, from, to, loops, more)
  :: else -> ok = false
  fi
}
