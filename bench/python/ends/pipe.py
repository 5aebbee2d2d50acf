"""multiprocessing.Pipe: send_bytes → recv_bytes, and send → recv for objects. No bound of its own: the socket below it has one."""

import multiprocessing
import time


def open_transport():
    return multiprocessing.Pipe()


class Host:
    def __init__(self, transport):
        self._connection, far = transport
        far.close()

    def send_bytes(self, messages):
        send_bytes = self._connection.send_bytes
        for message in messages:
            send_bytes(message)

    def send_objects(self, objects):
        send = self._connection.send
        for value in objects:
            send(value)

    def ping(self, messages, samples, echoes):
        connection = self._connection
        before = time.monotonic_ns()
        for message in messages:
            connection.send_bytes(message)
            echoes.append(connection.recv_bytes())
            now = time.monotonic_ns()
            samples.append(now - before)
            before = now


class Peer:
    def __init__(self, transport):
        near, self._connection = transport
        near.close()

    def receive_bytes(self, count):
        recv_bytes = self._connection.recv_bytes
        return [recv_bytes() for _ in range(count)]

    def receive_objects(self, count):
        recv = self._connection.recv
        return [recv() for _ in range(count)]

    def echo(self, count):
        connection = self._connection
        for _ in range(count):
            connection.send_bytes(connection.recv_bytes())

    def extra(self):
        return 1 if self._connection.poll() else 0
