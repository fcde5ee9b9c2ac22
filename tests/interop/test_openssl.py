"""What openssl s_client sees of the server's TLS: with every `handshake` what
the scenario says, and by default nothing that is out of date."""
import dataclasses
import os
import re
import struct
import tempfile
import unittest

from clients import lacks, require
from openssl import HOST, OLD, look
from smtpfault import Server, run

HOSTNAME = "mx.test"
NAMES = {HOSTNAME, "localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"}
LEAF = "smtpfault"
AUTHORITY = "smtpfault throw-away CA"
EC, RSA = ("id-ecPublicKey", 256), ("rsaEncryption", 1024)
KINDS = ("smtp", "smtps")

# RFC 5246 7.2.2.
HANDSHAKE_FAILURE, PROTOCOL_VERSION = 40, 70


@dataclasses.dataclass(frozen=True)
class Shown:
    """What a certificate is like.  `days` is from when to when it holds,
    counted from now; `code` is openssl's verdict."""
    code: int = 0
    days: tuple = (-1, 365)
    issuer: str = AUTHORITY
    names: frozenset = frozenset(NAMES)
    key: tuple = EC


CERTIFICATES = {
    "": Shown(),
    "expired": Shown(10, days=(-30, -1)),
    "not-yet-valid": Shown(9, days=(1, 365)),
    "wrong-host": Shown(62, names=frozenset(("wrong-host.invalid",))),
    "self-signed": Shown(18, issuer=LEAF),
    "untrusted": Shown(21, issuer="smtpfault CA that nobody knows"),
    "missing-intermediate": Shown(21, issuer="smtpfault intermediate CA"),
    "weak-key": Shown(66, key=RSA),
    "keep-input": Shown(),
}

# Version that openssl is held to, and whether there is a handshake.
VERSIONS = {
    "min 1.0": {"-tls1": True, "-tls1_2": True},
    "min 1.1": {"-tls1": False, "-tls1_1": True, "-tls1_2": True},
    "min 1.2": {"-tls1_1": False, "-tls1_2": True},
    "min 1.3": {"-tls1_2": False, "-tls1_3": True},
    "max 1.0": {"-tls1": True, "-tls1_1": False, "-tls1_2": False},
    "max 1.1": {"-tls1": True, "-tls1_1": True, "-tls1_2": False},
    "max 1.2": {"-tls1_1": False, "-tls1_2": True},
    "max 1.3": {"-tls1_1": False, "-tls1_2": True, "-tls1_3": True},
}
SPOKEN = {"-tls1": "TLSv1", "-tls1_1": "TLSv1.1", "-tls1_2": "TLSv1.2",
          "-tls1_3": "TLSv1.3"}

ALERTS = {
    "unexpected_message": 10, "handshake_failure": HANDSHAKE_FAILURE,
    "bad_certificate": 42, "illegal_parameter": 47, "access_denied": 49,
    "protocol_version": PROTOCOL_VERSION, "insufficient_security": 71,
    "internal_error": 80, "unrecognized_name": 112,
    "no_application_protocol": 120,
}

# The messages that came before the handshake stops.
POINTS = {
    "client-hello": set(),
    "server-hello": {"ServerHello"},
    "finished": {"ServerHello", "Certificate"},
}
NEVER = {"client-hello": {"ServerHello"}, "server-hello": {"Certificate"},
         "finished": {"Finished"}}

# How the connection ends: what openssl says, what the journal says.
ENDS = {
    "close-at": (r"unexpected eof while reading", "fin"),
    "reset-at": (r"errno=104", "reset"),
    "hang-at": (None, None),
}

TESTED_ELSEWHERE = {"garbage", "plaintext"}

TIMED_OUT = 124
PATIENCE_OF = {"close-at": "20", "reset-at": "20", "hang-at": "1"}

# What is offered for TLS 1.2, and what is no suite but a signal.
OUR_SUITES = (0xC02B, 0xCCA9, 0xC02C, 0xC02F, 0xCCA8, 0xC030)
SIGNALS = (0x00FF, 0x5600)
ALERT, HANDSHAKE = 21, 22


def vector(octets, length_size):
    """RFC 5246 4.3: a length, and what it counts."""
    return len(octets).to_bytes(length_size, "big") + octets


def extension(number, octets):
    return struct.pack(">H", number) + vector(octets, 2)


def client_hello(suites):
    """A record with the ClientHello of a client of TLS 1.2 (RFC 5246
    7.4.1.2): X25519 and P-256, ECDSA and RSA with SHA-256."""
    extensions = b"".join((
        extension(10, vector(b"\x00\x1d\x00\x17", 2)),
        extension(11, vector(b"\x00", 1)),
        extension(13, vector(b"\x04\x03\x04\x01\x02\x03\x02\x01", 2))))
    body = b"".join((
        b"\x03\x03", bytes(32), vector(b"", 1),
        vector(b"".join(struct.pack(">H", suite) for suite in suites), 2),
        vector(b"\x00", 1), vector(extensions, 2)))
    return b"\x16\x03\x01" + vector(b"\x01" + vector(body, 3), 2)


def read_record(connection):
    """The type and content of the next record."""
    with connection.makefile("rb") as file:
        kind, _, length = struct.unpack(">BHH", file.read(5))
        return kind, file.read(length)


def chosen_suite(record):
    """Of a ServerHello without a session, or with one."""
    kind, content = record
    assert kind == HANDSHAKE and content[0] == 2, record
    at = 4 + 2 + 32
    at += 1 + content[at]
    return int.from_bytes(content[at:at + 2], "big")


class Scene(unittest.TestCase):
    def setUp(self):
        require(lacks("openssl"))
        top = tempfile.TemporaryDirectory(prefix="openssl-")
        self.addCleanup(top.cleanup)
        self.top = top.name
        self.ca = os.path.join(top.name, "ca.pem")

    def server(self, handshake="", kind="smtp", more=""):
        text = f"[server]\nhostname = {HOSTNAME}\n{more}"
        if handshake:
            # keep-input has to be known before TLS begins.
            text += f"[STARTTLS TLS]\nhandshake = {handshake}\n"
        return Server("--ca-file", self.ca, journal=True, scenario=text,
                      listen=f"{kind}://127.0.0.1:0")

    def look(self, server, *options, **more):
        return look(server, self.ca, *options, **more)


def is_played(handshake):
    """Versions depend on the library that smtpfault was built with."""
    done = run("check", "-", stdin=f"[TLS]\nhandshake = {handshake}\n")
    return "the TLS library of this smtpfault has no" not in done.stderr


class Handshakes(Scene):
    def test_every_value_has_a_test(self):
        done = run("check", "-", stdin="[TLS]\nhandshake = nonsense\n")
        words = set(re.findall(r"`([a-z-]+)`", done.stderr.split("hint:")[1]))
        tested = {value.split()[0]
                  for value in (*CERTIFICATES, *VERSIONS, *ENDS) if value}
        self.assertEqual(tested | TESTED_ELSEWHERE | {"alert"}, words)

    def test_certificates(self):
        for handshake, shown in CERTIFICATES.items():
            for kind in KINDS:
                with self.subTest(handshake=handshake, kind=kind), \
                        self.server(handshake, kind) as server:
                    self.check_certificate(self.look(server), shown)
                    record, = server.wait_for_records("tls")
                    self.assertTrue(record["ok"])
                    self.assertEqual(record["sni"], HOST)

    def check_certificate(self, seen, shown):
        self.assertEqual(seen.verify_code(), shown.code, seen.text)
        self.assertEqual(seen.session(), "New")
        leaf, = seen.chain()
        self.assertEqual(leaf.subject(), LEAF)
        self.assertEqual(leaf.issuer(), shown.issuer)
        self.assertEqual(leaf.names(), shown.names)
        self.assertEqual(leaf.key(), shown.key)
        for seen_day, day in zip(leaf.days(), shown.days):
            self.assertAlmostEqual(seen_day, day, delta=0.1)

    def test_only_a_key_is_weak(self):
        with self.server("weak-key") as server:
            self.assertEqual(self.look(server, *OLD).verify_code(), 0)

    def test_versions(self):
        for handshake, versions in VERSIONS.items():
            if not is_played(handshake):
                continue
            with self.server(handshake) as server:
                for option, is_met in versions.items():
                    if option == "-tls1_3" and not is_played("min 1.3"):
                        continue
                    with self.subTest(handshake=handshake, client=option):
                        self.check_version(self.look(server, option, *OLD),
                                           option, is_met)

    def check_version(self, seen, option, is_met):
        if is_met:
            self.assertEqual(seen.session(), "New", seen.text)
            self.assertEqual(seen.version(), SPOKEN[option])
        else:
            self.assertIsNone(seen.session(), seen.text)
            self.assertTrue(seen.alert() == PROTOCOL_VERSION or
                            "unsupported protocol" in seen.text, seen.text)

    def test_alerts(self):
        for name, number in ALERTS.items():
            for kind in KINDS:
                with self.subTest(name, kind=kind), \
                        self.server(f"alert {name}", kind) as server:
                    self.assertEqual(self.look(server).alert(), number)
                    record, = server.wait_for_records("tls")
                    self.assertEqual((record["ok"], record["alert"]),
                                     (False, name))

    def test_where_it_stops_and_how(self):
        for end in ENDS:
            for point in POINTS:
                for kind in KINDS:
                    handshake = f"{end} {point}"
                    with self.subTest(handshake=handshake, kind=kind), \
                            self.server(handshake, kind) as server:
                        self.check_stop(server, end, point)

    def check_stop(self, server, end, point):
        text, how = ENDS[end]
        seen = self.look(server, "-msg", patience=PATIENCE_OF[end])
        messages = set(seen.messages())
        self.assertLessEqual(POINTS[point], messages, seen.text)
        self.assertFalse(NEVER[point] & messages, seen.text)
        if text is None:
            self.assertEqual(seen.status, TIMED_OUT, seen.text)
        else:
            self.assertRegex(seen.text, text)
        record, = server.wait_for_records("disconnect")
        self.assertEqual((record["by"], record["how"]),
                         ("server", how) if how else ("client", "fin"))
        self.assertFalse(server.records("tls")[0]["ok"])

    def test_what_is_no_tls_is_seen_as_such(self):
        for handshake, pattern in (("garbage", rb"^[@-\x7f]+$"),
                                   ("plaintext", rb"^500 .*\r\n$")):
            with self.subTest(handshake), \
                    self.server(handshake, "smtps") as server:
                self.assertIn("wrong version number", self.look(server).text)
                with server.connect() as client:
                    client.send(client_hello(OUR_SUITES))
                    self.assertRegex(client.socket.recv(65536), pattern)


class Defaults(Scene):
    def test_old_versions_are_refused(self):
        with self.server() as server:
            for option in ("-tls1", "-tls1_1"):
                with self.subTest(option):
                    self.check_refused(self.look(server, option, *OLD),
                                       PROTOCOL_VERSION)

    def check_refused(self, seen, alert):
        self.assertIsNone(seen.session(), seen.text)
        self.assertEqual(seen.alert(), alert, seen.text)

    def test_old_ciphers_are_refused(self):
        """No CBC, no key exchange of RSA or finite fields, nothing without
        encryption or a certificate."""
        with self.server() as server:
            for ciphers in ("ALL:!AESGCM:!CHACHA20", "kRSA", "kDHE", "eNULL",
                            "aNULL", "AESCCM"):
                with self.subTest(ciphers):
                    self.check_refused(
                        self.look(server, "-tls1_2", "-cipher",
                                  ciphers + ":@SECLEVEL=0"),
                        HANDSHAKE_FAILURE)

    def test_no_suite_but_ours_is_ever_chosen(self):
        """Also those that this openssl cannot: 3DES, RC4, export, ..."""
        others = [suite for block in (0x0000, 0xC000, 0xCC00)
                  for suite in range(block, block + 0x100)
                  if suite not in OUR_SUITES and suite not in SIGNALS]
        for kind in (None, OUR_SUITES[0]):
            suites = others + ([kind] if kind else [])
            with self.server(kind="smtps") as server, \
                    server.connect() as client:
                client.send(client_hello(suites))
                answer = read_record(client.socket)
                if kind is None:
                    self.assertEqual(answer,
                                     (ALERT, bytes((2, HANDSHAKE_FAILURE))))
                else:
                    self.assertEqual(chosen_suite(answer), kind)

    def test_each_of_ours_is_there(self):
        with self.server() as server:
            for cipher in ("ECDHE-ECDSA-AES128-GCM-SHA256",
                           "ECDHE-ECDSA-CHACHA20-POLY1305",
                           "ECDHE-ECDSA-AES256-GCM-SHA384"):
                with self.subTest(cipher):
                    seen = self.look(server, "-tls1_2", "-cipher", cipher)
                    self.assertEqual(seen.cipher(), cipher)

    def test_old_hashes_and_curves_are_refused(self):
        with self.server() as server:
            for options in (("-sigalgs", "ECDSA+SHA1", *OLD),
                            ("-curves", "secp521r1")):
                with self.subTest(options):
                    self.check_refused(self.look(server, "-tls1_2", *options),
                                       HANDSHAKE_FAILURE)

    def test_the_fast_curve_comes_first(self):
        with self.server() as server:
            self.assertEqual(
                self.look(server).first(r"Server Temp Key: (\w+),"), "X25519")

    def test_nothing_is_compressed(self):
        with self.server() as server:
            seen = self.look(server, "-tls1_2", "-comp")
            self.assertEqual(seen.first(r"^Compression: (\w+)"), "NONE")
            self.assertIn("Secure Renegotiation IS supported", seen.text)

    def test_a_client_may_not_renegotiate(self):
        with self.server() as server:
            seen = self.look(server, "-tls1_2", text="R\n", keep_open=True)
            self.assertIn("no renegotiation", seen.text)


class Tickets(Scene):
    def setUp(self):
        super().setUp()
        self.ticket = os.path.join(self.top, "ticket")

    def take(self, server):
        return self.look(server, "-tls1_2", "-sess_out", self.ticket)

    def show(self, server):
        return self.look(server, "-tls1_2", "-sess_in", self.ticket)

    def test_a_session_is_resumed(self):
        for kind in KINDS:
            with self.subTest(kind), self.server(kind=kind) as server:
                self.assertEqual(self.take(server).session(), "New")
                self.assertEqual(self.show(server).session(), "Reused")

    def test_a_handshake_of_its_own_is_never_resumed(self):
        """Else the client would not see the certificate that it is to see."""
        for handshake, session in (("expired", 2), ("expired", 1),
                                   ("self-signed", 2)):
            with self.subTest(handshake=handshake, session=session), \
                    self.server(more="[TLS other]\n"
                                f"session = {session}\n"
                                f"handshake = {handshake}\n") as server:
                self.assertEqual(self.take(server).session(), "New")
                seen = self.show(server)
                self.assertEqual(seen.session(), "New")
                self.assertEqual(
                    seen.verify_code(),
                    CERTIFICATES[handshake if session == 2 else ""].code)

    def test_a_ticket_of_another_run_is_worth_nothing(self):
        with self.server() as server:
            self.take(server)
        with self.server() as server:
            self.assertEqual(self.show(server).session(), "New")


if __name__ == "__main__":
    unittest.main()
