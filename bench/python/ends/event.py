"""multiprocessing.Event: set → wait. The waiter sleeps before it is woken, as ../../drivers/sleeper.ts has it."""

import multiprocessing
import os
import time

PAUSE_NS = 200_000
ROUND, WAITER = 0, 1


def open_transport():
    return multiprocessing.Event(), multiprocessing.Array("i", 2, lock=False)


class Host:
    def __init__(self, transport):
        self._event, self._words = transport
        self._rounds = 0
        self._file = None

    def wake(self, count, waking):
        event = self._event
        for _ in range(count):
            self._await_sleep()
            waking.append(time.monotonic_ns())
            event.set()

    def _await_sleep(self):
        self._rounds += 1
        while self._words[ROUND] != self._rounds:
            if self._file is not None:
                self._state()
        if self._file is None:
            self._file = os.open("/proc/%d/stat" % self._words[WAITER], os.O_RDONLY)
        while self._state() != b"S":
            pass
        until = time.monotonic_ns() + PAUSE_NS
        while time.monotonic_ns() < until:
            pass

    def _state(self):
        text = os.pread(self._file, 1024, 0)
        at = text.rindex(b")") + 2
        state = text[at : at + 1]
        if state == b"Z":
            raise RuntimeError("the process that was to be woken has ended")
        return state


class Peer:
    def __init__(self, transport):
        self._event, self._words = transport
        self._words[WAITER] = os.getpid()

    def be_woken(self, count, woken):
        event = self._event
        for _ in range(count):
            self._words[ROUND] += 1
            event.wait()
            woken.append(time.monotonic_ns())
            event.clear()

    def extra(self):
        return 1 if self._event.is_set() else 0
