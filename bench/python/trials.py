"""The trials' two halves, as ../trials/ has them: what the host measures, and what the peer does for a lap."""

import hashlib
import json
import math
import time

import data
from laps import pace_laps

OPERATIONS_LAP_LIMIT = 1 << 20
PARKED_LAP_LIMIT = 16
WAKES_LAP_LIMIT = 256


class Mismatch(Exception):
    """What was received is not what was to be sent."""


def run(spec, host, partner):
    return HOSTS[spec["job"]["kind"]](spec, host, partner, spec["seconds"])


def peer_lap(spec, peer):
    make = PEERS.get(spec["job"]["kind"])
    return make(spec, peer) if make else None


# -------------------------------------------------------------------------------------------------- bytes


def host_bytes(spec, host, partner, seconds):
    binary = data.Binary(spec["job"]["messageBytes"], spec["binary"])
    total = 0

    def lap(first, count, timed):
        nonlocal total
        messages = binary.lap(first, count)
        started, _, _, peer_ended = partner.lap(first, count, lambda: host.send_bytes(messages))
        if timed:
            total += sum(map(len, messages))
        return peer_ended - started

    paced = pace_laps(binary.lap_limit, seconds, lap)
    return {**paced, "bytes": total}


def peer_bytes(spec, peer):
    binary = data.Binary(spec["job"]["messageBytes"], spec["binary"])

    def lap(first, count, ready):
        ready()
        started = time.monotonic_ns()
        received = peer.receive_bytes(count)
        ended = time.monotonic_ns()
        verify_bytes(binary, first, count, received)
        return started, ended

    return lap


def verify_bytes(binary, first, count, received):
    if len(received) != count:
        raise Mismatch("%d messages were sent, %d were received" % (count, len(received)))
    expected = hashlib.sha256()
    actual = hashlib.sha256()
    for i, message in enumerate(received):
        start, end = binary.range(first + i)
        if len(message) != end - start:
            raise Mismatch("message %d of %d was sent with %d bytes and received with %d" % (i, count, end - start, len(message)))
        actual.update(message)
    place = first % binary.messages
    left = count
    while left > 0:
        some = min(left, binary.messages - place)
        expected.update(memoryview(binary.bytes)[binary.range(place)[0] : binary.range(place + some - 1)[1]])
        left -= some
        place = 0
    if actual.digest() != expected.digest():
        raise Mismatch("%d messages were received with SHA-256 %s, the file says %s" % (count, actual.hexdigest(), expected.hexdigest()))


# ------------------------------------------------------------------------------------------------ objects


def host_objects(spec, host, partner, seconds):
    records = data.read_records(spec["job"]["records"], spec["lockfile"])

    def lap(first, count, timed):
        objects = data.lap_of_records(records, first, count)
        started, _, _, peer_ended = partner.lap(first, count, lambda: host.send_objects(objects))
        return peer_ended - started

    paced = pace_laps(data.OBJECTS_LAP_LIMIT, seconds, lap)
    return {**paced, "bytes": 0}


def peer_objects(spec, peer):
    records = data.read_records(spec["job"]["records"], spec["lockfile"])

    def lap(first, count, ready):
        ready()
        started = time.monotonic_ns()
        received = peer.receive_objects(count)
        ended = time.monotonic_ns()
        verify_objects(records, first, count, received)
        return started, ended

    return lap


def verify_objects(records, first, count, received):
    if len(received) != count:
        raise Mismatch("%d objects were sent, %d were received" % (count, len(received)))
    expected = hashlib.sha256()
    actual = hashlib.sha256()
    texts = [json.dumps(record) for record in records]
    for i, value in enumerate(received):
        expected.update(texts[(first + i) % len(records)].encode())
        actual.update(json.dumps(value).encode())
    if actual.digest() != expected.digest():
        raise Mismatch("%d objects were received with SHA-256 %s, the file says %s" % (count, actual.hexdigest(), expected.hexdigest()))


# --------------------------------------------------------------------------------------------- round trip


def host_round_trip(spec, host, partner, seconds):
    binary = data.Binary(spec["job"]["messageBytes"], spec["binary"])
    samples = []

    def lap(first, count, timed):
        messages = binary.lap(first, count)
        lap_samples = []
        echoes = []
        started, worked, _, _ = partner.lap(first, count, lambda: host.ping(messages, lap_samples, echoes))
        verify_bytes(binary, first, count, echoes)
        if timed:
            samples.extend(lap_samples)
        return worked - started

    paced = pace_laps(binary.lap_limit, seconds, lap)
    samples.sort()
    return {**paced, "bytes": 0, "p50Ns": percentile(samples, 50), "p99Ns": percentile(samples, 99)}


def peer_round_trip(spec, peer):
    def lap(first, count, ready):
        ready()
        started = time.monotonic_ns()
        peer.echo(count)
        return started, time.monotonic_ns()

    return lap


def host_parked_round_trip(spec, host, partner, seconds):
    binary = data.Binary(spec["job"]["messageBytes"], spec["binary"])
    pause = spec["job"]["everyMs"] / 1000
    samples = []

    def lap(first, count, timed):
        lap_samples = []

        def trips():
            for i in range(count):
                time.sleep(pause)
                echoes = []
                host.ping(binary.lap(first + i, 1), lap_samples, echoes)
                verify_bytes(binary, first + i, 1, echoes)

        partner.lap(first, count, trips)
        if timed:
            samples.extend(lap_samples)
        return sum(lap_samples)

    paced = pace_laps(PARKED_LAP_LIMIT, seconds, lap)
    samples.sort()
    return {**paced, "bytes": 0, "p50Ns": percentile(samples, 50), "p99Ns": percentile(samples, 99)}


def percentile(ordered, percent):
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1]


# ------------------------------------------------------------------------------------------------- locks


def host_lock(spec, host, partner, seconds):
    def lap(first, count, timed):
        started = time.monotonic_ns()
        host.acquire_release(count)
        return time.monotonic_ns() - started

    return {**pace_laps(OPERATIONS_LAP_LIMIT, seconds, lap), "bytes": 0}


def host_increment(spec, host, partner, seconds):
    expected = 0

    def lap(first, count, timed):
        nonlocal expected
        started = time.monotonic_ns()
        host.increment(count)
        ns = time.monotonic_ns() - started
        expected += count
        verify_total(expected, host.total())
        return ns

    return {**pace_laps(OPERATIONS_LAP_LIMIT, seconds, lap), "bytes": 0}


def host_contended(spec, host, partner, seconds):
    expected = 0

    def lap(first, count, timed):
        nonlocal expected
        started, worked, peer_started, peer_ended = partner.lap(first, count // 2, lambda: host.increment(count // 2))
        expected += count
        verify_total(expected, host.total())
        return max(worked, peer_ended) - min(started, peer_started)

    return {**pace_laps(OPERATIONS_LAP_LIMIT, seconds, lap), "bytes": 0}


def peer_contended(spec, peer):
    def lap(first, count, ready):
        ready()
        started = time.monotonic_ns()
        peer.increment(count)
        return started, time.monotonic_ns()

    return lap


# ------------------------------------------------------------------------------------------------- wakes


def host_wake(spec, host, partner, seconds):
    samples = []

    def lap(first, count, timed):
        waking = []
        woken = partner.lap(first, count, lambda: host.wake(count, waking))[4]
        lap_samples = latencies(waking, woken)
        if timed:
            samples.extend(lap_samples)
        return sum(lap_samples)

    paced = pace_laps(WAKES_LAP_LIMIT, seconds, lap)
    samples.sort()
    return {**paced, "bytes": 0, "p50Ns": percentile(samples, 50), "p99Ns": percentile(samples, 99)}


def peer_wake(spec, peer):
    def lap(first, count, ready):
        ready()
        started = time.monotonic_ns()
        woken = []
        peer.be_woken(count, woken)
        return started, time.monotonic_ns(), woken

    return lap


def latencies(waking, woken):
    if len(woken) != len(waking):
        raise Mismatch("%d times the waiter was to wake, %d times it did" % (len(waking), len(woken)))
    for i, (made, ran) in enumerate(zip(waking, woken)):
        if ran < made or (i > 0 and made < woken[i - 1]):
            raise Mismatch("wake %d was made at %d, and was at %d" % (i, made, ran))
    return [ran - made for made, ran in zip(waking, woken)]


def verify_total(expected, actual):
    if actual != expected:
        raise Mismatch("%d increments made a total of %d" % (expected, actual))


HOSTS = {
    "bytes": host_bytes,
    "large-bytes": host_bytes,
    "objects": host_objects,
    "round-trip": host_round_trip,
    "parked-round-trip": host_parked_round_trip,
    "lock": host_lock,
    "increment": host_increment,
    "contended": host_contended,
    "wake-thread": host_wake,
}
PEERS = {
    "bytes": peer_bytes,
    "large-bytes": peer_bytes,
    "objects": peer_objects,
    "round-trip": peer_round_trip,
    "parked-round-trip": peer_round_trip,
    "contended": peer_contended,
    "wake-thread": peer_wake,
}
