"""multiprocessing.Lock, and a Value with its lock."""

import multiprocessing


def open_transport():
    return multiprocessing.Value("i", 0)


def increment(counter, count):
    lock = counter.get_lock()
    for _ in range(count):
        with lock:
            counter.value += 1


class Host:
    def __init__(self, transport):
        self._counter = transport
        self._lock = multiprocessing.Lock()

    def acquire_release(self, count):
        # As it is written in programs, and as the other side calls it, too: through the object.
        lock = self._lock
        for _ in range(count):
            lock.acquire()
            lock.release()

    def increment(self, count):
        increment(self._counter, count)

    def total(self):
        return self._counter.value


class Peer:
    def __init__(self, transport):
        self._counter = transport

    def increment(self, count):
        increment(self._counter, count)

    def extra(self):
        return 0
