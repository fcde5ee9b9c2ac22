"""Output without end costs no growing memory, whatever the client reads."""
import time
import unittest

from smtpfault import Server, wait_until

SECONDS = 10
GROWTH_KIB = 1024
FLOOD = '[NOOP]\nsend = "A" * forever\n'


class Memory(unittest.TestCase):
    def begin_flood(self, scenario=FLOOD):
        self.server = self.enterContext(
            Server(journal=True, scenario=scenario))
        client = self.enterContext(self.server.connect())
        self.assertEqual(client.code(), 220)
        self.assertEqual(client.say("RSET"), 250)
        self.before_kib = self.server.memory_kib()
        client.send("NOOP")
        return client

    def assert_same_memory(self, what):
        grown = self.server.memory_kib() - self.before_kib
        print(f"{what}: {grown} KiB more after {SECONDS} s", flush=True)
        self.assertLess(grown, GROWTH_KIB, "KiB of memory")

    def test_a_client_that_does_not_read_costs_no_growing_memory(self):
        self.begin_flood()
        time.sleep(SECONDS)
        self.assert_same_memory("not reading")

    def test_a_client_that_reads_slowly_costs_no_growing_memory(self):
        client = self.begin_flood()
        for _ in range(10 * SECONDS):
            self.assertEqual(len(client.socket.recv(1000)), 1000)
            time.sleep(0.1)
        self.assert_same_memory("reading 10 kB/s")

    def test_a_client_that_reads_all_it_gets_costs_no_growing_memory(self):
        client = self.begin_flood()
        end = time.monotonic() + SECONDS
        octets = 0
        while time.monotonic() < end:
            octets += len(client.socket.recv(1 << 20))
        self.assert_same_memory(f"reading {octets / SECONDS / 1e6:.0f} MB/s")

    def test_a_client_that_does_not_read_is_given_up_after_idle_timeout(self):
        self.begin_flood("[server]\nidle-timeout = 2s\n" + FLOOD)
        begin = time.monotonic()
        end, = wait_until(lambda: self.server.records("disconnect"), "an end")
        self.assertEqual((end["by"], end["how"]), ("server", "timeout"))
        self.assertGreater(time.monotonic() - begin, 1.5, "seconds")


if __name__ == "__main__":
    unittest.main()
