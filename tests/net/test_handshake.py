"""What a client sees of each handshake, by the TLS version that it speaks.

The client's TLS works in memory, so that the records that came are known.  A
client that is left hanging closes its side and reads to the end: what came is
all that was ever sent.  TLS 1.3 is there if the server's library has it.
"""
import contextlib
import os
import ssl
import struct
import tempfile
import unittest

from smtpfault import Server, run

TLS_1_2 = ssl.TLSVersion.TLSv1_2
TLS_1_3 = ssl.TLSVersion.TLSv1_3
NAMES = {TLS_1_2: "TLSv1.2", TLS_1_3: "TLSv1.3"}

MESSAGES = {2: "ServerHello", 4: "NewSessionTicket", 11: "Certificate",
            12: "ServerKeyExchange", 14: "ServerHelloDone"}
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23

# The server's records, first to last.  What is encrypted shows its kind only.
FIRST_1_2 = ["ServerHello", "Certificate", "ServerKeyExchange",
             "ServerHelloDone"]
FIRST_1_3 = ["ServerHello", "ChangeCipherSpec"]
CERTIFICATE_1_3 = ["encrypted"] * 3  # and extensions, and the signature
LAST_1_2 = ["NewSessionTicket", "ChangeCipherSpec"]

# Point, records in TLS 1.2, records in TLS 1.3.
POINTS = [
    ("client-hello", [], []),
    ("server-hello", ["ServerHello"], ["ServerHello"]),
    ("finished", FIRST_1_2 + LAST_1_2, FIRST_1_3 + CERTIFICATE_1_3),
]

# What the server does, and how the connection of a client ends that waits.
ENDS = [("hang-at", "FIN"), ("close-at", "FIN"), ("reset-at", "RST")]

# Certificate, what the client calls its fault, the alert that it sends.
CERTIFICATES = [
    ("expired", "certificate has expired", "certificate_expired"),
    ("not-yet-valid", "certificate is not yet valid", "bad_certificate"),
    ("wrong-host", "IP address mismatch", "bad_certificate"),
    ("self-signed", "self-signed certificate", "unknown_ca"),
    ("untrusted", "unable to get local issuer", "unknown_ca"),
    ("missing-intermediate", "unable to get local issuer", "unknown_ca"),
    ("weak-key", "EE certificate key too weak", "bad_certificate"),
]


def name_record(kind, body, is_encrypted):
    if kind == CHANGE_CIPHER_SPEC:
        return "ChangeCipherSpec"
    if kind == ALERT:
        return "encrypted alert" if is_encrypted else f"alert {body[1]}"
    if kind == HANDSHAKE and not is_encrypted:
        return MESSAGES[body[0]]
    return "encrypted"


class TlsClient:
    """A connection with the client's TLS in memory."""

    def __init__(self, server, version, authority=None, session=None,
                 oldest=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.minimum_version = oldest or version
        self.context.maximum_version = version
        if authority:
            self.context.load_verify_locations(authority)
        else:
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE
        if session:
            self.context = session.context
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = self.context.wrap_bio(
            self._in, self._out, server_hostname="127.0.0.1",
            session=session.tls.session if session else None)
        self._client = server.connect()
        self.socket = self._client.socket
        self.octets = b""
        self.end = None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        self._client.close()

    def flush(self):
        octets = self._out.read()
        if octets:
            self.socket.sendall(octets)

    def receive(self):
        """Takes what comes next; false at the end."""
        try:
            octets = self.socket.recv(65536)
        except ConnectionResetError:
            self.end = "RST"
            return False
        if not octets:
            self.end = self.end or "FIN"
            self._in.write_eof()
            return False
        self.octets += octets
        self._in.write(octets)
        return True

    def run(self, call, *arguments):
        """Does it, with as much input as it wants."""
        while True:
            try:
                return call(*arguments)
            except ssl.SSLWantReadError:
                self.flush()
                if not self.receive():
                    raise ConnectionError(self.end) from None
            finally:
                self.flush()

    def line(self):
        line = b""
        while not line.endswith(b"\n"):
            octet = self.run(self.tls.read, 1)
            if not octet:
                return None  # close_notify
            line += octet
        return line.decode()

    def records(self):
        """Names of the records that came; whole ones only."""
        names, rest, is_encrypted = [], self.octets, False
        while rest:
            kind, _, length = struct.unpack(">BHH", rest[:5])
            body, rest = rest[5:5 + length], rest[5 + length:]
            assert len(body) == length, f"half a record after {names}"
            names.append(name_record(kind, body, is_encrypted))
            is_encrypted = is_encrypted or kind == CHANGE_CIPHER_SPEC
        return names

    def shake_until_silence(self, record_count):
        """Shakes until so many records are here, then reads to the end."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            self.flush()
        while self.count() < record_count:
            if not self.receive():
                return
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self.flush()
        if self.end is None:
            self.leave()

    def count(self):
        try:
            return len(self.records())
        except (AssertionError, struct.error):
            return 0

    def leave(self):
        try:
            self.socket.shutdown(1)
        except OSError:  # the server's RST was faster
            pass
        while self.receive():
            pass


def has_1_3():
    """A scenario that wants TLS 1.3 is refused by a library without it."""
    done = run("check", "-", stdin="[TLS]\nhandshake = min 1.3\n")
    return done.returncode == 0


VERSIONS = [TLS_1_2] + ([TLS_1_3] if has_1_3() else [])


class Handshakes(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="smtpfault-")
        self.addCleanup(directory.cleanup)
        self.authority = os.path.join(directory.name, "ca.pem")

    def serve(self, handshake=None, server=""):
        rule = f"[TLS]\nhandshake = {handshake}\n" if handshake else ""
        return Server("--ca-file", self.authority,
                      scenario=f"[server]\n{server}\n{rule}",
                      listen="smtps://127.0.0.1:0", journal=True)

    @contextlib.contextmanager
    def case(self, version, handshake=None):
        with self.subTest(handshake=handshake, version=NAMES[version]), \
                self.serve(handshake) as server:
            yield server

    def assert_serves(self, client):
        """A session inside TLS, up to the server's close_notify and FIN."""
        self.assertTrue(client.line().startswith("220 "))
        client.run(client.tls.write, b"QUIT\r\n")
        self.assertTrue(client.line().startswith("221 "))
        self.assertIsNone(client.line(), "close_notify")

    def test_right_handshake_leads_to_a_session(self):
        for version in VERSIONS:
            with self.case(version) as server:
                with TlsClient(server, version, self.authority) as client:
                    client.run(client.tls.do_handshake)
                    self.assert_serves(client)
                    client.leave()
                    self.assertEqual("FIN", client.end)
                record, = server.wait_for_records("tls")
                self.assertEqual(NAMES[version], record["version"])
                self.assertEqual(client.tls.version(), record["version"])
                self.assertTrue(record["ok"])
                end, = server.wait_for_records("disconnect")
                self.assertEqual("server", end["by"])

    def test_records_come_in_the_order_of_the_version(self):
        for version in VERSIONS:
            with self.case(version) as server:
                with TlsClient(server, version, self.authority) as client:
                    client.run(client.tls.do_handshake)
                    self.assert_serves(client)
                    wanted = (FIRST_1_2 + LAST_1_2 if version == TLS_1_2 else
                              FIRST_1_3 + CERTIFICATE_1_3) + ["encrypted"]
                    self.assertEqual(wanted, client.records()[:len(wanted)])

    def test_session_is_resumed(self):
        for version in VERSIONS:
            with self.case(version) as server:
                with TlsClient(server, version, self.authority) as first:
                    first.run(first.tls.do_handshake)
                    self.assert_serves(first)
                    with TlsClient(server, version, session=first) as second:
                        second.run(second.tls.do_handshake)
                        self.assertTrue(second.tls.session_reused)
                        self.assert_serves(second)

    def test_close_notify_of_the_client_ends_the_session(self):
        for version in VERSIONS:
            with self.case(version) as server:
                with TlsClient(server, version, self.authority) as client:
                    client.run(client.tls.do_handshake)
                    client.line()
                    client.run(client.tls.unwrap)
                    client.leave()
                    self.assertEqual("FIN", client.end)
                end, = server.wait_for_records("disconnect")
                self.assertEqual(("client", "fin"), (end["by"], end["how"]))

    def test_handshake_stops_at_each_point(self):
        for word, end in ENDS:
            for point, in_1_2, in_1_3 in POINTS:
                for version in VERSIONS:
                    with self.case(version, f"{word} {point}") as server:
                        wanted = in_1_2 if version == TLS_1_2 else in_1_3
                        with TlsClient(server, version) as client:
                            client.shake_until_silence(
                                len(wanted) if word == "hang-at" else 99)
                            self.assertEqual(end, client.end)
                            # An RST may overtake what was sent before it.
                            if end == "FIN":
                                self.assertEqual(wanted, client.records())
                        record, = server.wait_for_records("tls")
                        self.assertFalse(record["ok"])

    def test_client_tells_why_it_refuses_a_certificate(self):
        for certificate, fault, alert in CERTIFICATES:
            for version in VERSIONS:
                with self.case(version, certificate) as server:
                    with TlsClient(server, version, self.authority) as client:
                        with self.assertRaisesRegex(
                                ssl.SSLCertVerificationError, fault):
                            client.run(client.tls.do_handshake)
                    record, = server.wait_for_records("tls")
                    self.assertFalse(record["ok"])
                    self.assertEqual(alert, record.get("alert"))

    def test_alert_is_the_one_that_was_asked_for(self):
        for name, number in (("handshake_failure", 40),
                             ("protocol_version", 70),
                             ("internal_error", 80)):
            for version in VERSIONS:
                with self.case(version, f"alert {name}") as server:
                    with TlsClient(server, version) as client:
                        with self.assertRaisesRegex(
                                ssl.SSLError, f"(?i)alert.{name}"):
                            client.run(client.tls.do_handshake)
                        client.leave()
                        self.assertEqual([f"alert {number}"], client.records())
                    record, = server.wait_for_records("tls")
                    self.assertEqual(name, record["alert"])

    def test_what_is_no_tls_is_no_record(self):
        for handshake, first in (("garbage", None), ("plaintext", b"500 ")):
            for version in VERSIONS:
                with self.case(version, handshake) as server:
                    with TlsClient(server, version) as client:
                        with self.assertRaises(ssl.SSLError):
                            client.run(client.tls.do_handshake)
                        if first:
                            self.assertTrue(client.octets.startswith(first))
                        else:
                            self.assertNotIn(client.octets[0], range(20, 24))

    def test_versions_have_limits(self):
        # The library finds no cipher suite of 1.2 before it sees the version.
        table = [("max 1.2", TLS_1_3, "handshake.failure"),
                 ("min 1.3", TLS_1_2, "protocol.version")]
        for handshake, refused, alert in table if has_1_3() else table[:1]:
            for version in VERSIONS:
                with self.case(version, handshake) as server:
                    with TlsClient(server, version, self.authority) as client:
                        if version == refused:
                            with self.assertRaisesRegex(
                                    ssl.SSLError, f"(?i){alert}"):
                                client.run(client.tls.do_handshake)
                        else:
                            client.run(client.tls.do_handshake)
                            self.assert_serves(client)
                    record, = server.wait_for_records("tls")
                    self.assertEqual(version != refused, record["ok"])

    def test_newest_version_of_both_is_spoken(self):
        for handshake, wanted in ((None, VERSIONS[-1]), ("max 1.2", TLS_1_2)):
            with self.subTest(handshake=handshake), \
                    self.serve(handshake) as server, \
                    TlsClient(server, TLS_1_3, self.authority,
                              oldest=TLS_1_2) as client:
                client.run(client.tls.do_handshake)
                self.assertEqual(NAMES[wanted], client.tls.version())
                self.assert_serves(client)

    def test_without_a_suite_for_it_a_version_is_not_spoken(self):
        suites = "ciphers = TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
        with self.serve(server=suites) as server, \
                TlsClient(server, TLS_1_3, self.authority,
                          oldest=TLS_1_2) as client:
            client.run(client.tls.do_handshake)
            self.assertEqual(NAMES[TLS_1_2], client.tls.version())
            self.assert_serves(client)


if __name__ == "__main__":
    unittest.main()
