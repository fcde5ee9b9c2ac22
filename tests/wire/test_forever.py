"""Waits and outputs without end: the run ends them at once, the journal says who
was waiting, and a client that leaves is noticed within a second."""
import signal
import time
import unittest

from smtpfault import Server, wait_until
from wire import try_again

END_S = 2     # after a signal, what is reset after 1 s included
NOTICE_S = 1  # after a client has left

WAIT = "[NOOP]\ndelay = forever\n"
FLOOD = '[NOOP]\nsend = "A" * forever\n'
DEAF = "[NOOP]\nread = stop\ndelay = forever\n"
WAITS = {"a delay": WAIT, "output without end": FLOOD,
         "a client that is not read": DEAF}
MORE_WAITS = {
    "a delay until input": "[NOOP]\ndelay = until-input\n",
    "a long delay": "[NOOP]\ndelay = 1h\n",
    "output octet by octet": "[NOOP]\npace = 1/1m\nreply = 250 Ok\n",
    "output that is held": "[NOOP]\nreply = 250 Ok\nhold = 1h\n",
    "a client that is read slowly": "[NOOP]\nread = 1/1m\nreply = none\n"}
CLIENTS = 3


class Forever(unittest.TestCase):
    def wait_for_ever(self, server):
        """Clients for which NOOP never ends."""
        clients = [self.enterContext(server.connect())
                   for _ in range(CLIENTS)]
        for client in clients:
            self.assertEqual(client.code(), 220)
            client.send("NOOP")
        for number in range(1, CLIENTS + 1):
            server.wait_for_records("fault", session=number)
        return clients

    def assert_all_were_waiting(self, server):
        """Each has begun a fault, no reply to it, and an end by us."""
        for number in range(1, CLIENTS + 1):
            fault = server.records("fault", session=number)[-1]
            end, = server.records("disconnect", session=number)
            self.assertEqual((fault["event"], end["by"]), ("NOOP", "server"))
            self.assertFalse(server.records("reply", session=number,
                                            event="NOOP"))

    def each(self, check, waits=None, **options):
        for what, scenario in (waits or WAITS).items():
            with self.subTest(what, **options):
                check(scenario, **options)

    @try_again
    def check_sigterm(self, scenario):
        with Server(journal=True, scenario=scenario) as server:
            self.wait_for_ever(server)
            begin = time.monotonic()
            server.signal(signal.SIGTERM)
            self.assertEqual(server.wait(), 0)
            self.assertLess(time.monotonic() - begin, END_S, "seconds")
            self.assert_all_were_waiting(server)

    def test_sigterm_ends_it_at_once_and_the_journal_says_who_was_waiting(self):
        self.each(self.check_sigterm)

    @try_again
    def check_timeout(self, scenario):
        begin = time.monotonic()
        with Server("--timeout", "1s", journal=True,
                    scenario=scenario) as server:
            self.wait_for_ever(server)
            self.assertEqual(server.wait(), 0)
            self.assertLess(time.monotonic() - begin, 1 + END_S, "seconds")
            self.assert_all_were_waiting(server)

    def test_timeout_ends_it_at_once_and_the_journal_says_who_was_waiting(self):
        self.each(self.check_timeout)

    @try_again
    def check_sighup(self, scenario):
        with Server(journal=True, scenario=scenario) as server:
            self.wait_for_ever(server)
            begin = time.monotonic()
            server.signal(signal.SIGHUP)
            wait_until(lambda: len(server.records("run")) == 2, "a new run")
            self.assertLess(time.monotonic() - begin, END_S, "seconds")
            self.assert_all_were_waiting(server)
            with server.connect() as client:
                self.assertEqual(client.code(), 220)

    def test_sighup_ends_it_at_once_and_serves_on(self):
        self.each(self.check_sighup)

    @try_again
    def check_leaving(self, scenario, how):
        with Server(journal=True, scenario=scenario) as server:
            client = self.wait_for_ever(server)[0]
            begin = time.monotonic()
            getattr(client, how)()
            end, = server.wait_for_records("disconnect")
            self.assertLess(time.monotonic() - begin, NOTICE_S, "seconds")
            self.assertEqual(end["by"], "client")

    def test_a_client_that_leaves_is_noticed_within_a_second(self):
        for how in ("close", "vanish"):
            self.each(self.check_leaving, {**WAITS, **MORE_WAITS}, how=how)

    @try_again
    def test_a_client_that_leaves_behind_a_closed_window_is_noticed(self):
        with Server(journal=True, scenario=DEAF) as server:
            client = self.wait_for_ever(server)[0]
            client.socket.setblocking(False)
            try:
                while True:
                    client.socket.send(b"x" * 65536)
            except BlockingIOError:
                pass
            begin = time.monotonic()
            client.close()
            end, = server.wait_for_records("disconnect")
            self.assertLess(time.monotonic() - begin, NOTICE_S)
            self.assertEqual((end["by"], end["how"]), ("client", "fin"))

    @try_again
    def test_a_timer_ends_output_that_nobody_reads(self):
        scenario = FLOOD + "[TIMER]\nafter = 1s\nclose = reset\n"
        with Server(journal=True, scenario=scenario) as server:
            begin = time.monotonic()
            self.wait_for_ever(server)
            end, = server.wait_for_records("disconnect", session=1)
            self.assertEqual((end["by"], end["how"]), ("server", "reset"))
            self.assertLess(time.monotonic() - begin, 1 + END_S, "seconds")

    def test_places_taken_for_ever_count_as_connections(self):
        with Server(journal=True, scenario=f"[server]\nmax-connections = "
                    f"{CLIENTS}\n{WAIT}") as server:
            clients = self.wait_for_ever(server)
            with server.connect() as further:
                self.assertEqual(further.code(), 421)
            clients[0].close()
            server.wait_for_records("disconnect", session=1)
            with server.connect() as further:
                self.assertEqual(further.code(), 220)


if __name__ == "__main__":
    unittest.main()
