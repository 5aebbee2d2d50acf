"""How many messages a lap has, and how many laps a cell: ../cell/pacing.ts, with the same numbers."""

import time

FIRST_COUNT = 4
GROWTH = 4
LAP_NS = 20_000_000
WARM_SHARE = 0.4


def pace_laps(lap_limit, seconds, lap):
    first = 0
    count = min(FIRST_COUNT, lap_limit)
    warm_until = time.monotonic_ns() + seconds * WARM_SHARE * 1e9
    while True:
        ns = lap(first, count, False)
        first += count
        if first < FIRST_COUNT:
            continue
        long = ns >= LAP_NS or count == lap_limit
        if long and time.monotonic_ns() >= warm_until:
            break
        if long and ns >= seconds * 1e9:
            break
        if not long:
            count = min(count * GROWTH, lap_limit)

    paced = {"messages": 0, "ns": 0, "laps": 0}
    end = time.monotonic_ns() + seconds * 1e9
    while True:
        paced["ns"] += lap(first, count, True)
        paced["messages"] += count
        paced["laps"] += 1
        first += count
        if time.monotonic_ns() >= end:
            return paced
