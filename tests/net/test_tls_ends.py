"""How TLS ends, in the handshake and behind it, and what passes in between."""
import fcntl
import signal
import ssl
import struct
import termios
import threading
import unittest

from smtpfault import MODE, Server, wait_until

PATIENT = "[server]\nextensions = +STARTTLS\n"
HURRIED = PATIENT + "idle-timeout = 200ms\n"
SMTPS = "smtps://127.0.0.1:0"


class Handshake:
    """A client of TLS in memory: its records go where the test wants them."""

    def __init__(self, connection, version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if version:
            context.minimum_version = context.maximum_version = version
        self.socket = connection.socket
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._in, self._out,
                                    server_hostname="mx.example.net")

    def flight(self):
        """The records that the client has to send now."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self._out.read()

    def out(self):
        """The records that wait to be sent."""
        return self._out.read()

    def receive(self):
        octets = self.socket.recv(65536)
        self._in.write(octets)
        return octets

    def complete(self):
        while True:
            octets = self.flight()
            if octets:
                self.socket.sendall(octets)
            if self.tls.version() and not self._wants_more():
                return self
            self.receive()

    def _wants_more(self):
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return True
        octets = self._out.read()
        if octets:
            self.socket.sendall(octets)
        return False

    def seal(self, octets):
        """The records that say so."""
        self.tls.write(octets)
        return self._out.read()

    def read(self, count=65536):
        """What the server says; b"" behind close_notify."""
        while True:
            try:
                return self.tls.read(count)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLWantReadError:
                if not self.receive():
                    raise EOFError("no close_notify") from None

    def read_until(self, end):
        octets = b""
        while not octets.endswith(end):
            octets += self.read()
        return octets


def unacknowledged(connection):
    """The octets that the other end's kernel has not taken yet."""
    return struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ,
                                          bytes(4)))[0]


def nothing(handshake):
    """The client has only connected."""


def half_a_hello(handshake):
    """Half of the ClientHello was sent."""
    octets = handshake.flight()
    handshake.socket.sendall(octets[:len(octets) // 2])


def a_hello(handshake):
    """The server has said its first flight."""
    handshake.socket.sendall(handshake.flight())
    handshake.receive()


def half_a_finish(handshake):
    """A part of the client's last flight was sent."""
    a_hello(handshake)
    octets = handshake.flight()
    handshake.socket.sendall(octets[:len(octets) // 2])


STAGES = (nothing, half_a_hello, a_hello, half_a_finish)


class Ends(unittest.TestCase):
    def serve(self, scenario, listen=SMTPS):
        return self.enterContext(
            Server(journal=True, scenario=scenario, listen=listen))

    def connect(self, server):
        client = self.enterContext(server.connect())
        return client, Handshake(client)

    def shake(self, server):
        client, handshake = self.connect(server)
        handshake.complete()
        self.assertEqual(handshake.read_until(b"\r\n")[:4], b"220 ")
        return client, handshake

    def end_of(self, server, session):
        end, = server.wait_for_records("disconnect", session=session)
        return end["by"], end["how"]

    def failed(self, server, session):
        tls, = server.wait_for_records("tls", session=session)
        return not tls["ok"]

    def stall(self, server, stage):
        client, handshake = self.connect(server)
        stage(handshake)
        return client

    def test_a_client_that_stalls_in_the_handshake_is_timed_out(self):
        server = self.serve(HURRIED)
        for session, stage in enumerate(STAGES, 1):
            with self.subTest(stage=stage.__doc__):
                client, handshake = self.connect(server)
                stage(handshake)
                self.assertEqual(client.socket.recv(65536), b"")
                client.close()
                self.assertEqual(self.end_of(server, session),
                                 ("server", "timeout"))
                self.assertTrue(self.failed(server, session))

    def test_a_client_that_leaves_in_the_handshake_is_let_go(self):
        server = self.serve(PATIENT)
        session = 0
        for stage in STAGES:
            for how in ("fin", "reset"):
                with self.subTest(stage=stage.__doc__, how=how):
                    session += 1
                    client, handshake = self.connect(server)
                    stage(handshake)
                    # Who left before it was accepted is no session.
                    server.wait_for_records("connect", session=session)
                    if how == "fin":
                        client.close()
                    else:
                        client.vanish()
                    self.assertEqual(self.end_of(server, session),
                                     ("client", how))
                    self.assertTrue(self.failed(server, session))

    def test_the_name_that_was_asked_for_is_known_however_it_ends(self):
        server = self.serve(HURRIED)
        for session, how in enumerate(("fin", "reset", "timeout"), 1):
            with self.subTest(how=how):
                client, handshake = self.connect(server)
                a_hello(handshake)
                if how == "fin":
                    client.close()
                elif how == "reset":
                    client.vanish()
                tls, = server.wait_for_records("tls", session=session)
                self.assertEqual((tls["ok"], tls.get("sni")),
                                 (False, "mx.example.net"))

    def test_handshakes_that_never_end_leave_no_memory_behind(self):
        server = self.serve(HURRIED)
        grown = []
        for _ in range(4):
            before = server.memory_kib()
            clients = [self.stall(server, stage) for stage in STAGES * 25]
            for client in clients:
                self.assertEqual(client.socket.recv(65536), b"")
                client.close()
            grown.append(server.memory_kib() - before)
        if MODE == "release":
            # The first rounds fill what the allocator keeps.
            self.assertLess(grown[-1], 1024, f"KiB: {grown}")

    def test_a_client_that_does_not_end_tls_before_it_leaves_is_abrupt(self):
        server = self.serve(PATIENT)
        client, _ = self.shake(server)
        client.close()
        self.assertEqual(self.end_of(server, 1), ("client", "abrupt"))

    def test_a_client_that_ends_tls_has_left(self):
        server = self.serve(PATIENT)
        client, handshake = self.shake(server)
        with self.assertRaises(ssl.SSLWantReadError):
            handshake.tls.unwrap()
        client.send(handshake.out())
        self.assertEqual(handshake.read(), b"")
        self.assertEqual(self.end_of(server, 1), ("client", "fin"))

    def test_the_server_ends_tls_before_the_connection(self):
        server = self.serve(PATIENT)
        client, handshake = self.shake(server)
        client.send(handshake.seal(b"QUIT\r\n"))
        self.assertEqual(handshake.read_until(b"\r\n")[:4], b"221 ")
        self.assertEqual(handshake.read(), b"")
        client.close()
        self.assertEqual(self.end_of(server, 1), ("server", "quit"))

    def test_an_abrupt_close_is_fin_without_the_end_of_tls(self):
        server = self.serve(PATIENT + "[QUIT]\nreply = 221 Bye\n"
                            "close = abrupt\n")
        client, handshake = self.shake(server)
        client.send(handshake.seal(b"QUIT\r\n"))
        self.assertEqual(handshake.read_until(b"\r\n"), b"221 Bye\r\n")
        self.assertRaises(EOFError, handshake.read)
        client.close()
        self.assertEqual(self.end_of(server, 1), ("server", "abrupt"))

    def test_a_reset_inside_tls_is_a_reset(self):
        server = self.serve(PATIENT + "[NOOP]\nreply = 250 Ok\n"
                            "close = reset\n")
        client, handshake = self.shake(server)
        client.send(handshake.seal(b"NOOP\r\n"))
        self.assertEqual(handshake.read_until(b"\r\n"), b"250 Ok\r\n")
        self.assertRaises(ConnectionResetError, handshake.read)

    def test_a_record_that_is_spoilt_ends_the_connection_with_an_alert(self):
        server = self.serve(PATIENT)
        client, handshake = self.shake(server)
        octets = bytearray(handshake.seal(b"NOOP\r\n"))
        octets[-1] ^= 1
        client.send(bytes(octets))
        with self.assertRaisesRegex(ssl.SSLError, "BAD_RECORD_MAC"):
            handshake.read()
        self.assertEqual(self.end_of(server, 1), ("client", "abrupt"))

    def test_plaintext_behind_the_handshake_ends_the_connection(self):
        server = self.serve(PATIENT)
        client, _ = self.shake(server)
        client.send("NOOP")
        self.assertEqual(self.end_of(server, 1), ("client", "abrupt"))

    def test_what_is_pipelined_is_answered_whatever_the_records(self):
        server = self.serve(PATIENT)
        client, handshake = self.shake(server)
        records = handshake.seal(b"NOOP\r\n" * 20000)
        sender = threading.Thread(target=client.send, args=(records,))
        sender.start()
        replies = b""
        while replies.count(b"\n") < 20000:
            replies += handshake.read()
        sender.join()
        self.assertEqual(replies, b"250 2.0.0 Ok\r\n" * 20000)

    def test_a_message_of_a_megabyte_passes(self):
        server = self.serve(PATIENT)
        client, handshake = self.shake(server)
        for line, code in ((b"EHLO a", b"250"), (b"MAIL FROM:<a@b.test>",
                           b"250"), (b"RCPT TO:<c@d.test>", b"250"),
                           (b"DATA", b"354")):
            client.send(handshake.seal(line + b"\r\n"))
            self.assertEqual(handshake.read_until(b"\r\n")[:3], code)
        body = b"x" * 98 + b"\r\n"
        client.send(handshake.seal(body * 10486 + b".\r\n"))
        self.assertEqual(handshake.read_until(b"\r\n")[:3], b"250")
        message, = server.wait_for_records("message")
        self.assertEqual(message["octets"], len(body) * 10486)

    def test_what_is_dropped_inside_tls_leaves_it_intact(self):
        server = self.serve(PATIENT + "[RSET]\nread = discard\n")
        client, handshake = self.shake(server)
        client.send(handshake.seal(b"RSET\r\nNOOP\r\nNOOP\r\n"))
        self.assertEqual(handshake.read_until(b"\r\n"), b"250 2.0.0 Ok\r\n")
        client.send(handshake.seal(b"VRFY a\r\n"))
        self.assertEqual(handshake.read_until(b"\r\n")[:3], b"252")

    def discarded(self, *parts):
        """What is answered behind a command that drops all that came with it,
        in records of their own."""
        server = self.serve(PATIENT + "receive-buffer = 1M\n"
                            "[RSET]\nread = discard\n")
        client, handshake = self.shake(server)
        server.signal(signal.SIGSTOP)
        client.send(handshake.seal(b"RSET\r\n") +
                    b"".join(map(handshake.seal, parts)))
        wait_until(lambda: unacknowledged(client.socket) == 0, "the octets")
        server.signal(signal.SIGCONT)
        self.assertEqual(handshake.read_until(b"\r\n"), b"250 2.0.0 Ok\r\n")
        client.send(handshake.seal(b"VRFY a\r\n"))
        return handshake.read_until(b"\r\n")[:3]

    def test_records_behind_the_one_that_was_read_are_dropped_too(self):
        self.assertEqual(self.discarded(b"NOOP\r\n", b"HELP\r\n"), b"252")

    def test_records_that_are_cut_by_what_was_read_are_dropped_as_a_whole(self):
        self.assertEqual(self.discarded(*(b"x" * 9000,) * 8, b"\r\n"), b"252")

    def test_a_refused_client_of_implicit_tls_is_not_spoken_to(self):
        server = self.serve(PATIENT + "max-connections = 1\n")
        self.shake(server)
        client = self.enterContext(server.connect())
        self.assertEqual(client.socket.recv(100), b"")

    def test_a_client_that_is_quicker_than_the_rule_keeps_its_hello(self):
        server = self.serve("[STARTTLS]\nsend = \"220 Go on\\r\\n\"\n"
                            "delay = 200ms\nhandshake = self-signed\n",
                            listen="smtp://127.0.0.1:0")
        client, handshake = self.connect(server)
        self.assertEqual(client.code(), 220)
        client.say("EHLO a")
        self.assertEqual(client.say("STARTTLS"), 220)
        handshake.complete()
        client.send(handshake.seal(b"NOOP\r\n"))
        self.assertEqual(handshake.read_until(b"\r\n")[:3], b"250")

    def test_an_alert_in_the_place_of_the_server_hello_is_told(self):
        # No cipher suite goes with the certificate, which is of ECDSA.
        server = self.serve(
            "[server]\nciphers = TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"
            "[TLS]\nhandshake = close-at server-hello\n")
        client = self.enterContext(server.connect())
        handshake = Handshake(client, ssl.TLSVersion.TLSv1_2)
        self.assertRaises(ssl.SSLError, handshake.complete)
        tls, = server.wait_for_records("tls", session=1)
        self.assertEqual(tls.get("alert"), "handshake_failure")

    def test_what_stands_behind_starttls_is_dropped(self):
        server = self.serve(PATIENT, listen="smtp://127.0.0.1:0")
        client, handshake = self.connect(server)
        self.assertEqual(client.code(), 220)
        client.say("EHLO a")
        client.send(b"STARTTLS\r\nEHLO injected\r\n")
        self.assertEqual(client.code(), 220)
        handshake.complete()
        client.send(handshake.seal(b"NOOP\r\n"))
        self.assertEqual(handshake.read_until(b"\r\n")[:3], b"250")
        server.wait_for_records("command", event="NOOP")
        names = [record["line"] for record in server.records("command")]
        self.assertEqual(names, ["EHLO a", "STARTTLS", "NOOP"])


if __name__ == "__main__":
    unittest.main()
