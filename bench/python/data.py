"""The data: the bytes of the node binary and the records of package-lock.json, as ../data/ has them."""

import json
import math
import os

MESSAGES_LIMIT = 65_536
LAP_BYTES_LIMIT = 32 * 1024 * 1024
OBJECTS_LAP_LIMIT = 16_384
SHORTER_LAST_FROM = 3


def used_of(file_bytes, message_bytes):
    whole = file_bytes // message_bytes
    if 0 < whole < SHORTER_LAST_FROM:
        return whole * message_bytes
    return min(file_bytes, message_bytes * MESSAGES_LIMIT)


class Binary:
    """The node binary as a circle of messages of one size; the last may be shorter, if there are many."""

    def __init__(self, message_bytes, path):
        self.message_bytes = message_bytes
        self.used = used_of(os.path.getsize(path), message_bytes)
        with open(path, "rb") as file:
            self.bytes = file.read(self.used)
        self.messages = -(-self.used // message_bytes)
        self.lap_limit = max(1, min(MESSAGES_LIMIT, LAP_BYTES_LIMIT // message_bytes))

    def range(self, place):
        start = place % self.messages * self.message_bytes
        return start, min(start + self.message_bytes, self.used)

    def lap(self, first, count):
        return [self.bytes[start:end] for start, end in map(self.range, range(first, first + count))]


def read_records(kind, path):
    with open(path, encoding="utf-8") as file:
        packages = json.load(file)["packages"]
    if kind == "packages":
        return list(packages.values())
    return [
        {"id": i, "name": name, "tags": [record.get("version", ""), record.get("license", "")], "x": math.sqrt(i + 0.5)}
        for i, (name, record) in enumerate(packages.items())
    ]


def lap_of_records(records, first, count):
    return [records[(first + i) % len(records)] for i in range(count)]
