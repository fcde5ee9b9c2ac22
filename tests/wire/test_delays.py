"""How punctual delays are, measured by clients on real sockets."""
import contextlib
import select
import socket
import time
import unittest

from smtpfault import Server, raise_file_limit
from wire import try_again

COUNT = 1000     # connections
SPREAD_S = 1     # over which their delays begin
DELAY_S = 2
LATE_MS = 5      # at the 99th percentile


class Waiting(contextlib.ExitStack):
    """Clients that each began to wait at a time, and were answered at one."""

    def __init__(self):
        super().__init__()
        self._poll = self.enter_context(select.epoll())
        self.clients = {}
        self._began = {}
        self.waits_ms = []

    def connect(self, server):
        client = self.enter_context(
            socket.create_connection(("127.0.0.1", server.port)))
        self.clients[client.fileno()] = client
        self._poll.register(client, select.EPOLLIN)
        return client

    def begin(self, client, at):
        self._began[client.fileno()] = at

    def take_answers(self, until):
        """Notes when clients are answered, until that time at most."""
        while len(self.waits_ms) < COUNT:
            left = until - time.monotonic()
            if left <= 0:
                return
            for fd, _ in self._poll.poll(left):
                now = time.monotonic()
                self.clients[fd].recv(4096)
                if fd in self._began:
                    self.waits_ms.append(1000 * (now - self._began.pop(fd)))


def evenly():
    """The times at which delays begin, each as it comes."""
    start = time.monotonic() + 0.05
    return (start + SPREAD_S * number / COUNT for number in range(COUNT))


class Delays(unittest.TestCase):
    def setUp(self):
        if not raise_file_limit(COUNT + 500):
            self.skipTest("the limit of open files is too low")

    def assert_punctual(self, waiting, what):
        late = sorted(wait - 1000 * DELAY_S for wait in waiting.waits_ms)
        self.assertEqual(len(late), COUNT, "answered")
        figures = {percent: late[COUNT * percent // 100 - 1]
                   for percent in (50, 99, 100)}
        print(f"{what}: {COUNT} delays of {DELAY_S} s, late by",
              ", ".join(f"{value:.2f} ms (p{percent})"
                        for percent, value in figures.items()),
              f"earliest {late[0]:.2f} ms", flush=True)
        self.assertGreaterEqual(late[0], 0, "ms, earlier than asked for")
        self.assertLessEqual(figures[99], LATE_MS, "ms, at the 99th percentile")

    @try_again
    def test_1000_greetings_delayed_evenly_over_a_second_come_in_time(self):
        with Server(scenario=f"[CONNECT]\ndelay = {DELAY_S}s\n") as server, \
                Waiting() as waiting:
            for at in evenly():
                waiting.take_answers(at)
                now = time.monotonic()
                waiting.begin(waiting.connect(server), now)
            waiting.take_answers(time.monotonic() + 2 * DELAY_S)
        self.assert_punctual(waiting, "greetings")

    @try_again
    def test_1000_replies_delayed_evenly_over_a_second_come_in_time(self):
        with Server(scenario=f"[NOOP]\ndelay = {DELAY_S}s\n") as server, \
                Waiting() as waiting:
            for _ in range(COUNT):
                waiting.connect(server)
            waiting.take_answers(time.monotonic() + 0.5)  # the greetings
            for client, at in zip(list(waiting.clients.values()), evenly()):
                waiting.take_answers(at)
                waiting.begin(client, time.monotonic())
                client.send(b"NOOP\r\n")
            waiting.take_answers(time.monotonic() + 2 * DELAY_S)
        self.assert_punctual(waiting, "replies")


if __name__ == "__main__":
    unittest.main()
