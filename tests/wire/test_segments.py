"""The boundaries of segments that a scenario asks for, and their times."""
import unittest

from smtpfault import Server
from wire import Capture, try_again

EARLY_MS = 5   # where the first segment was late, and the next was not
LATE_MS = 20


class Segments(unittest.TestCase):
    def outputs(self, actions, octets=b"NOOP\r\n", replies=1):
        """The server's segments that answer `octets`."""
        with Server(scenario=f"[NOOP]\n{actions}") as server, \
                Capture(server.port) as capture, \
                server.connect() as client:
            self.assertEqual(client.code(), 220)
            before = len(capture.outputs())
            client.send(octets)
            self.assertEqual({client.code() for _ in range(replies)}, {250})
            return capture.outputs()[before:]

    def assert_apart(self, segments, wait_ms):
        """As a timetable has it: one that is late does not delay the next."""
        for number, segment in enumerate(segments):
            off_ms = 1000 * (segment.at - segments[0].at) - number * wait_ms
            self.assertGreater(off_ms, -EARLY_MS, f"ms late, segment {number}")
            self.assertLess(off_ms, LATE_MS, f"ms late, segment {number}")

    def assert_octets(self, segments, *expected):
        self.assertEqual([segment.octets for segment in segments],
                         list(expected))

    @try_again
    def test_pace_sends_so_many_octets_an_interval(self):
        segments = self.outputs("pace = 1/100ms\nreply = 250 Ok\n")
        self.assert_octets(segments, *[bytes([octet])
                                       for octet in b"250 Ok\r\n"])
        self.assert_apart(segments, 100)

    @try_again
    def test_pace_sends_several_octets_an_interval(self):
        segments = self.outputs("pace = 5/30ms\nreply = 250 Okay, then\n")
        self.assert_octets(segments, b"250 O", b"kay, ", b"then\r", b"\n")
        self.assert_apart(segments, 30)

    @try_again
    def test_pace_line_sends_line_by_line(self):
        segments = self.outputs("pace = line/50ms\nreply = 250-one\n"
                                "    250-two\n    250 three\n")
        self.assert_octets(segments, b"250-one\r\n", b"250-two\r\n",
                           b"250 three\r\n")
        self.assert_apart(segments, 50)

    @try_again
    def test_pace_split_sends_what_the_offsets_part(self):
        segments = self.outputs("pace = split 3 -2/20ms\nreply = 250 Ok\n")
        self.assert_octets(segments, b"250", b" Ok", b"\r\n")
        self.assert_apart(segments, 20)

    @try_again
    def test_pace_whole_sends_one_segment_for_several_lines(self):
        segments = self.outputs("pace = whole\nreply = 250-one\n"
                                "    250 two\n")
        self.assert_octets(segments, b"250-one\r\n250 two\r\n")

    @try_again
    def test_lines_with_a_delay_between_are_two_segments(self):
        segments = self.outputs("reply = 250-one\ndelay = 50ms\n"
                                "reply = 250 two\n")
        self.assert_octets(segments, b"250-one\r\n", b"250 two\r\n")
        self.assert_apart(segments, 50)

    @try_again
    def test_hold_sends_two_replies_in_one_segment(self):
        segments = self.outputs("reply = 250 Ok\nhold = 2s\n",
                                b"NOOP\r\nNOOP\r\n", replies=2)
        self.assert_octets(segments, b"250 Ok\r\n" * 2)

    @try_again
    def test_hold_lasts_as_long_as_it_says_if_nothing_follows(self):
        with Server(scenario="[NOOP]\nreply = 250 Ok\nhold = 200ms\n") \
                as server, Capture(server.port) as capture, \
                server.connect() as client:
            self.assertEqual(client.code(), 220)
            self.assertEqual(client.say("NOOP"), 250)
            asked, = [segment for segment in capture.segments()
                      if segment.octets == b"NOOP\r\n"]
            self.assert_apart([asked, capture.outputs()[-1]], 200)


if __name__ == "__main__":
    unittest.main()
