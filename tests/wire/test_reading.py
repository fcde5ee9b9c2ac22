"""What a client sees of a server that does not read, reads slowly, or drops."""
import fcntl
import select
import socket
import struct
import time
import unittest

from smtpfault import Server, wait_until
from wire import Capture, try_again

SIOCOUTQ = 0x5411  # of linux/sockios.h
MIB = 1 << 20
ENVELOPE = ("EHLO client.test", "MAIL FROM:<a@client.test>",
            "RCPT TO:<b@example.test>", "DATA")


def send_some(client, octets):
    """Sends what is taken within half a second; returns the rest."""
    while octets and select.select([], [client.socket], [], 0.5)[1]:
        sent = client.socket.send(octets[:65536], socket.MSG_DONTWAIT)
        octets = octets[sent:]
    return octets


def unacknowledged(client):
    """Octets that are on their way or cannot leave yet."""
    answer = fcntl.ioctl(client.socket.fileno(), SIOCOUTQ, b"\0" * 4)
    return struct.unpack("i", answer)[0]


class Reading(unittest.TestCase):
    def serve(self, scenario):
        self.server = self.enterContext(
            Server(journal=True, scenario=scenario))
        self.capture = self.enterContext(Capture(self.server.port))
        client = self.enterContext(self.server.connect())
        self.assertEqual(client.code(), 220)
        return client

    def begin_message(self, client):
        self.assertEqual([client.say(line) for line in ENVELOPE],
                         [250, 250, 250, 354])

    @try_again
    def test_read_stop_closes_the_window_until_resume(self):
        client = self.serve("[DATA]\nreply = default\nread = stop\n"
                            "delay = 3s\nread = resume\n")
        begin = time.monotonic()
        self.begin_message(client)
        message = b"Subject: x\r\n\r\n" + b"x\r\n" * (4 * MIB) + b".\r\n"
        rest = send_some(client, message)
        self.assertTrue(rest, "all was taken")
        self.capture.wait_for(lambda segment: segment.window == 0 and
                              "ACK" in segment.flags, "a window of 0")
        waiting = unacknowledged(client)
        self.assertGreater(waiting, 0)
        while time.monotonic() - begin < 2.5:
            self.assertEqual(unacknowledged(client), waiting,
                             "octets were taken")
            time.sleep(0.1)
        client.send(rest)
        self.assertEqual(client.code(), 250)
        stored, = self.server.wait_for_records("message")
        self.assertEqual(stored["octets"], len(message) - 3)

    @try_again
    def test_a_rate_reads_no_more_than_it_says(self):
        client = self.serve("[DATA]\nreply = default\nread = 64K/100ms\n")
        self.begin_message(client)
        message = b"x" * 998 + b"\r\n"
        begin = time.monotonic()
        client.send(message * 1000 + b".\r\n")
        self.assertEqual(client.code(), 250)
        wanted = 1000000 / 65536 / 10
        self.assertGreater(time.monotonic() - begin, wanted - 0.3, "seconds")
        self.assertLess(time.monotonic() - begin, wanted + 1, "seconds")

    def test_read_discard_drops_what_was_pipelined(self):
        client = self.serve("[NOOP]\ndelay = 200ms\nread = discard\n"
                            "reply = 250 Alone\n")
        # More than is kept, no more than a small window lets in as well.
        pipelined = b"HELP\r\n" * 11200
        client.send(b"NOOP\r\n" + pipelined)
        self.assertEqual(client.reply(), ["250 Alone"])
        self.assertEqual(client.say("QUIT"), 221)
        client.close()
        end, = self.server.wait_for_records("disconnect")
        self.assertEqual((end["bytes_in"], end["unread"]),
                         (len(pipelined) + 12, len(pipelined)))

    def test_close_half_sends_fin_and_takes_all_that_comes(self):
        client = self.serve("[NOOP]\nreply = 250 Done\nclose = half\n")
        self.assertEqual(client.ask("NOOP"), ["250 Done"])
        self.assertTrue(client.is_closed())
        client.send(b"x" * MIB)
        wait_until(lambda: unacknowledged(client) == 0, "all was taken")
        self.assertFalse(self.server.records("disconnect"))
        flags = [segment.flags for segment in self.capture.of_server()]
        self.assertEqual(sum("FIN" in each for each in flags), 1)
        self.assertFalse(sum("RST" in each for each in flags))
        client.close()
        end, = self.server.wait_for_records("disconnect")
        self.assertEqual((end["by"], end["how"], end["unread"]),
                         ("server", "fin", MIB))

    @try_again
    def test_close_half_lasts_until_the_client_was_silent_for_too_long(self):
        client = self.serve("[server]\nidle-timeout = 2s\n"
                            "[NOOP]\nclose = half\n")
        client.send("NOOP")
        self.assertTrue(client.is_closed())
        for _ in range(4):
            client.send(b"x")
            time.sleep(0.8)
        self.assertFalse(self.server.records("disconnect"))
        end, = self.server.wait_for_records("disconnect")
        self.assertEqual((end["by"], end["how"]), ("server", "timeout"))

    def test_close_half_ends_with_the_run_at_once(self):
        client = self.serve("[NOOP]\nclose = half\n")
        client.send("NOOP")
        self.assertTrue(client.is_closed())
        self.assertEqual(self.server.stop(), 0)
        self.assertTrue(self.server.records("disconnect"))


if __name__ == "__main__":
    unittest.main()
