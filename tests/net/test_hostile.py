"""What hostile or broken clients send: a defined answer or a close, bounded
memory, and everybody else keeps being served."""
import os
import resource
import select
import socket
import tempfile
import unittest

from smtpfault import MODE, Server, raise_file_limit, wait_until

MIB = 1024 * 1024
OPENING = b"EHLO client.test\r\n"
ENVELOPE = b"MAIL FROM:<a@client.test>\r\nRCPT TO:<b@example.test>\r\n"
MESSAGE = b"Subject: x\r\n\r\n..\r\nend\r\n.\r\n"
WHOLE_SESSION = OPENING + ENVELOPE + b"DATA\r\n" + MESSAGE + b"QUIT\r\n"
IDLE_CONNECTIONS = 2000


def greet(client):
    assert client.code() == 220
    assert client.say("EHLO client.test") == 250


class Hostile(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(Server())

    def restart(self, **options):
        self.server = self.enterContext(Server(**options))

    def connect(self):
        client = self.enterContext(self.server.connect())
        greet(client)
        return client

    def assert_serves(self):
        """Somebody else still gets mail through."""
        with self.server.connect() as client:
            greet(client)
            client.send(ENVELOPE + b"DATA\r\n")
            self.assertEqual([client.code() for _ in range(3)],
                             [250, 250, 354])
            client.send(MESSAGE)
            self.assertEqual(client.code(), 250)
            self.assertEqual(client.say("QUIT"), 221)

    def assert_memory_grew_less_than(self, mib, before_kib):
        if MODE == "release":
            grown = (self.server.memory_kib() - before_kib) / 1024
            self.assertLess(grown, mib, "MiB of memory")

    def test_a_line_of_10_mib_is_refused_once(self):
        client = self.connect()
        before = self.server.memory_kib()
        for _ in range(160):
            client.send(b"A" * 65536)
        client.send(b"\r\nNOOP\r\n")
        self.assertEqual([client.code(), client.code()], [500, 250])
        self.assert_memory_grew_less_than(2, before)
        self.assert_serves()

    def test_10_mib_without_a_line_end_harm_nobody(self):
        client = self.connect()
        before = self.server.memory_kib()
        for _ in range(160):
            client.send(b"A" * 65536)
        self.assert_serves()
        self.assert_memory_grew_less_than(2, before)

    def assert_answers(self, client, answers):
        """For NUL and a CR that ends no line in place of each `%`."""
        for octet in (b"\0", b"\r"):
            for line, code in answers:
                line = line.replace(b"%", octet)
                with self.subTest(line=line):
                    client.send(line + b"\r\n")
                    self.assertEqual(client.code(), code)

    def test_nul_and_bare_cr_are_refused_and_the_session_goes_on(self):
        client = self.connect()
        self.assert_answers(client, (
            (b"%", 500), (b"NO%OP", 500), (b"%NOOP", 500),
            (b"EHLO a%b.test", 501), (b"HELO a%b.test", 501),
            (b"EHLO %", 501), (b"MAIL FROM:<a%@b.test>", 501),
            (b"MAIL FROM:<a@b.test> BODY=7BIT%", 501), (b"DATA %", 501)))
        self.assertEqual(client.say("MAIL FROM:<a@b.test>"), 250)
        self.assert_answers(client, (
            (b"RCPT TO:<a%@b.test>", 501),
            (b"RCPT TO:<a@b.test> NOTIFY=NEVER%", 501)))
        self.assertEqual(client.say("RCPT TO:<a@b.test>"), 250)

    def test_nul_and_bare_cr_are_refused_in_lhlo_too(self):
        self.restart(listen="lmtp://127.0.0.1:0")
        client = self.enterContext(self.server.connect())
        self.assertEqual(client.code(), 220)
        self.assert_answers(client, ((b"LHLO a%b.test", 501),))
        self.assertEqual(client.say("LHLO a.test"), 250)

    def test_nul_and_bare_cr_in_what_nobody_looks_at_do_not_matter(self):
        self.assert_answers(self.connect(),
                            ((b"NOOP a%b", 250), (b"HELP a%b", 214)))

    def test_a_bare_cr_ends_no_line(self):
        client = self.connect()
        client.send(b"NOOP a\rNOOP b\r\nQUIT\r\n")
        client.reply()
        self.assertEqual(client.code(), 221)

    def test_a_bare_lf_ends_a_line(self):
        client = self.connect()
        client.send(b"NOOP\nNOOP\nQUIT\n")
        self.assertEqual([client.code() for _ in range(3)], [250, 250, 221])

    def test_only_crlf_dot_crlf_ends_a_message(self):
        client = self.connect()
        client.send(ENVELOPE + b"DATA\r\n")
        self.assertEqual([client.code() for _ in range(3)], [250, 250, 354])
        for wrong in (b"a\n.\nb", b"a\r\n.\nb", b"a\n.\r\nb", b"a\r.\rb",
                      b"a\r\n.\rb"):
            client.send(wrong)
        client.send(b"\r\n.\r\nNOOP\r\n")
        self.assertEqual([client.code(), client.code()], [250, 250])

    def test_all_octets_there_are_get_an_answer(self):
        client = self.connect()
        noise = bytes(range(256)).replace(b"\n", b"")
        client.send(noise + b"\r\nNOOP\r\n")
        self.assertIn(client.code(), (500, 501, 502))
        self.assertEqual(client.code(), 250)

    def test_100000_recipients_are_refused_beyond_the_limit(self):
        client = self.connect()
        before = self.server.memory_kib()
        self.assertEqual(client.say("MAIL FROM:<a@client.test>"), 250)
        codes = []
        for start in range(0, 100000, 500):
            client.send(b"".join(b"RCPT TO:<r%d@example.test>\r\n" % number
                                 for number in range(start, start + 500)))
            codes += [client.code() for _ in range(500)]
        self.assertEqual(codes[:1000], [250] * 1000)
        self.assertEqual(set(codes[1000:]), {452})
        self.assert_memory_grew_less_than(4, before)
        self.assert_serves()

    def test_100000_recipients_are_taken_where_the_scenario_allows_it(self):
        self.restart(scenario="[server]\nmax-recipients = 100000\n")
        client = self.connect()
        self.assertEqual(client.say("MAIL FROM:<a@client.test>"), 250)
        for start in range(0, 100000, 500):
            client.send(b"".join(b"RCPT TO:<r%d@example.test>\r\n" % number
                                 for number in range(start, start + 500)))
            self.assertEqual({client.code() for _ in range(500)}, {250})
        self.assertEqual(client.say("RCPT TO:<more@example.test>"), 452)
        self.assertEqual(client.say("DATA"), 354)
        client.send(MESSAGE)
        self.assertEqual(client.code(), 250)

    def test_a_message_over_the_limit_is_refused_and_not_kept(self):
        client = self.connect()
        before = self.server.memory_kib()
        client.send(ENVELOPE + b"DATA\r\n")
        self.assertEqual([client.code() for _ in range(3)], [250, 250, 354])
        block = b"x" * 1022 + b"\r\n"
        for _ in range(55):
            client.send(block * 1024)
        client.send(b".\r\n")
        self.assertEqual(client.code(), 552)
        self.assert_memory_grew_less_than(2, before)

    def test_a_client_that_never_reads_is_not_read_without_end(self):
        client = self.connect()
        before = self.server.memory_kib()
        client.socket.setblocking(False)
        block = b"EHLO client.test\r\n" * 3000
        sent = 0
        while sent < 256 * MIB and select.select([], [client.socket], [], 2)[1]:
            try:
                sent += client.socket.send(block)
            except BlockingIOError:
                pass
        self.assertLess(sent, 256 * MIB)
        self.assert_memory_grew_less_than(8, before)
        self.assert_serves()

    def test_idle_connections_are_cheap_and_nobody_waits_for_them(self):
        if not raise_file_limit(IDLE_CONNECTIONS + 500):
            self.skipTest("the limit of open files is too low")
        self.restart()
        self.assert_serves()
        before = self.server.memory_kib()
        for _ in range(IDLE_CONNECTIONS):
            client = self.enterContext(self.server.connect())
            self.assertEqual(client.code(), 220)
        grown = self.server.memory_kib() - before
        self.assert_serves()
        if MODE == "release":
            self.assertLessEqual(grown, IDLE_CONNECTIONS, "KiB of memory")


class Vanishing(unittest.TestCase):
    """Clients that go away are noticed, whatever the server was doing."""

    def vanish(self, server, octets, is_reset):
        client = server.connect()
        client.line()
        client.send(octets)
        if is_reset:
            client.vanish()
        else:
            client.close()

    def wait_for_disconnects(self, server, count):
        wait_until(lambda: len(server.records("disconnect")) == count,
                   f"{count} disconnects in the journal")
        return server.records("disconnect")

    def test_at_every_octet_of_a_session(self):
        server = self.enterContext(Server(journal=True))
        for count in range(len(WHOLE_SESSION) + 1):
            self.vanish(server, WHOLE_SESSION[:count], is_reset=count % 2)
        ends = self.wait_for_disconnects(server, len(WHOLE_SESSION) + 1)
        before_quit = len(WHOLE_SESSION)
        for number, end in enumerate(
                sorted(ends, key=lambda end: end["session"])[:before_quit]):
            self.assertEqual(end["by"], "client", f"after {number} octets")
            self.assertIn(end["how"], ("fin", "reset"))
        with server.connect() as client:
            greet(client)
            self.assertEqual(client.say("QUIT"), 221)
        self.assertEqual(server.stop(), 0)

    def test_while_a_rule_stalls(self):
        stages = {
            "CONNECT": b"",
            "EHLO": OPENING,
            "MAIL": OPENING + ENVELOPE,
            "RCPT": OPENING + ENVELOPE,
            "DATA": OPENING + ENVELOPE + b"DATA\r\n",
            "MESSAGE": WHOLE_SESSION,
            "NOOP": b"NOOP\r\n",
            "QUIT": b"QUIT\r\n",
        }
        for event, octets in stages.items():
            for how in ("fin", "reset"):
                with self.subTest(event=event, how=how):
                    self.check_stall(event, octets, how)

    def check_stall(self, event, octets, how):
        scenario = f"[{event}]\ndelay = forever\nreply = default\n"
        with Server(journal=True, scenario=scenario) as server:
            client = server.connect()
            client.send(octets)
            server.wait_for_records("fault", event=event)
            if how == "reset":
                client.vanish()
            else:
                client.close()
            end, = self.wait_for_disconnects(server, 1)
            self.assertEqual(end["by"], "client")
            self.assertIn(end["how"], ("fin", "reset"))
            self.assertEqual(server.stop(), 0)

    def test_what_came_before_a_half_close_is_answered_if_nothing_waits(self):
        server = self.enterContext(Server())
        with server.connect() as client:
            client.send(WHOLE_SESSION)
            client.socket.shutdown(socket.SHUT_WR)
            codes = [client.code() for _ in range(7)]
        self.assertEqual(codes, [220, 250, 250, 250, 354, 250, 221])


class Descriptors(unittest.TestCase):
    """Connections over the limit may not use up what a mail needs."""

    FILES = 64

    def limit_files(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.FILES, self.FILES))

    def test_a_flood_of_refused_connections_leaves_room_for_a_mail(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        server = self.enterContext(Server(
            "--save", directory, scenario="[server]\nmax-connections = 2\n",
            prepare=self.limit_files))
        client = self.enterContext(server.connect())
        greet(client)
        self.enterContext(server.connect()).code()
        for _ in range(3 * self.FILES):
            self.enterContext(server.connect())
        client.send(ENVELOPE + b"DATA\r\n")
        self.assertEqual([client.code() for _ in range(3)], [250, 250, 354])
        client.send(MESSAGE)
        self.assertEqual(client.code(), 250)
        self.assertEqual(len(os.listdir(os.path.join(directory, "new"))), 1)


if __name__ == "__main__":
    unittest.main()