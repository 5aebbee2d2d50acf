"""The two ends of the wire beside the measured one, as ../cell/control.ts and ../cell/partner.ts have it."""

import importlib
import time
import traceback

import trials


class Partner:
    """The peer as the host sees it: lap by lap, and never for longer than a lap may take."""

    def __init__(self, control, stall_seconds):
        self._control = control
        self._stall_seconds = stall_seconds

    def lap(self, first, count, work):
        """Runs one lap; returns when it began, when `work` was done, and the peer's two times, and when each of its wakes was."""
        self._control.send(("lap", first, count))
        self._expect("ready")
        started = time.monotonic_ns()
        work()
        worked = time.monotonic_ns()
        return started, worked, *self._expect("done")

    def finish(self):
        self._control.send(("finish",))
        self._expect("finished")

    def _expect(self, kind):
        if not self._control.poll(self._stall_seconds):
            raise TimeoutError("a lap did not end: messages were lost or never came (waited %s s)" % self._stall_seconds)
        reply = self._control.recv()
        if reply[0] == "failed":
            raise RuntimeError(reply[1])
        if reply[0] != kind:
            raise RuntimeError("the second process said %r where %r was due" % (reply[0], kind))
        return reply[1:]


def serve(spec, control, transport):
    """The second process: serves lap after lap."""
    try:
        peer = importlib.import_module("ends." + spec["driver"]).Peer(transport)
        lap = trials.peer_lap(spec, peer)
        while True:
            request = control.recv()
            if request[0] == "finish":
                break
            control.send(("done", *lap(request[1], request[2], lambda: control.send(("ready",)))))
        extra = peer.extra()
        if extra:
            raise trials.Mismatch("%d more messages arrived than were sent" % extra)
        control.send(("finished",))
    except Exception:
        control.send(("failed", traceback.format_exc()))
