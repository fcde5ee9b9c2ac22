"""Who the server is to TLS clients: --tls-cert, --tls-key, --ca-file, and what
of it survives HUP."""
import os
import shutil
import signal
import smtplib
import ssl
import subprocess
import tempfile
import unittest

from smtpfault import PATIENCE, Server, run, wait_until


def handshake(port, ca_file):
    """Says STARTTLS as a client that trusts this CA only; returns the
    certificate that it was shown."""
    context = ssl.create_default_context(cafile=ca_file)
    with smtplib.SMTP("localhost", port, timeout=PATIENCE) as client:
        client.starttls(context=context)
        return client.sock.getpeercert(binary_form=True)


class Base(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory())

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)
        return self.path(name)


class ThrowAway(Base):
    def test_the_ca_is_there_before_the_ready_line_and_can_be_trusted(self):
        ca_file = self.path("ca.pem")
        with Server("--ca-file", ca_file) as server:
            self.assertTrue(handshake(server.port, ca_file))
            self.assertEqual(os.listdir(self.directory), ["ca.pem"])

    def test_no_two_processes_have_the_same(self):
        texts = []
        for name in ("a.pem", "b.pem"):
            with Server("--ca-file", self.path(name)):
                with open(self.path(name), encoding="ascii") as file:
                    texts.append(file.read())
        self.assertNotIn("PRIVATE", texts[0])
        self.assertNotEqual(*texts)

    def test_a_stranger_does_not_trust_it(self):
        with Server("--ca-file", self.path("a.pem")), \
                Server("--ca-file", self.path("b.pem")) as other:
            with self.assertRaises(ssl.SSLCertVerificationError):
                handshake(other.port, self.path("a.pem"))

    def test_it_survives_hup_and_the_certificate_does_not(self):
        ca_file = self.path("ca.pem")
        with Server("--ca-file", ca_file, journal=True) as server:
            before = handshake(server.port, ca_file)
            server.signal(signal.SIGHUP)
            wait_until(lambda: len(server.records("run")) == 2, "a new run")
            self.assertNotEqual(handshake(server.port, ca_file), before)

    def test_without_a_reason_starttls_is_not_offered(self):
        with Server() as server, server.connect() as client:
            client.reply()
            self.assertNotIn("STARTTLS", " ".join(client.ask("EHLO c.test")))
            self.assertEqual(client.say("STARTTLS"), 502)


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
class Own(Base):
    def setUp(self):
        super().setUp()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=own",
             "-addext", "subjectAltName=DNS:localhost", "-keyout",
             self.path("key.pem"), "-out", self.path("cert.pem")],
            check=True, capture_output=True, timeout=PATIENCE)
        with open(self.path("cert.pem"), encoding="ascii") as file:
            self.certificate = file.read()

    def assert_own(self, server):
        self.assertEqual(handshake(server.port, self.path("cert.pem")),
                         ssl.PEM_cert_to_DER_cert(self.certificate))

    def test_options_name_it(self):
        with Server("--tls-cert", self.path("cert.pem"),
                    "--tls-key", self.path("key.pem")) as server:
            self.assert_own(server)

    def test_one_file_may_hold_both(self):
        with open(self.path("key.pem"), encoding="ascii") as file:
            both = self.write("both.pem", self.certificate + file.read())
        with Server("--tls-cert", both) as server:
            self.assert_own(server)

    def test_a_scenario_names_it(self):
        with Server(scenario=f"[server]\ncertificate = "
                             f"{self.path('cert.pem')}\n"
                             f"key = {self.path('key.pem')}\n") as server:
            self.assert_own(server)

    def test_the_options_win(self):
        with Server("--tls-cert", self.path("cert.pem"), "--tls-key",
                    self.path("key.pem"),
                    scenario="[TLS]\nhandshake = min 1.2\n") as server:
            self.assert_own(server)

    def test_a_bad_certificate_is_one_of_the_throw_away_ca_all_the_same(self):
        ca_file = self.path("ca.pem")
        with Server("--tls-cert", self.path("cert.pem"), "--tls-key",
                    self.path("key.pem"), "--ca-file", ca_file,
                    scenario="[TLS]\nhandshake = expired\n") as server:
            with self.assertRaisesRegex(ssl.SSLCertVerificationError,
                                        "expired"):
                handshake(server.port, ca_file)

    def test_a_key_that_does_not_belong_to_it_is_an_error(self):
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey",
                        "-noout", "-out", self.path("other.pem")], check=True,
                       capture_output=True, timeout=PATIENCE)
        done = run("--tls-cert", self.path("cert.pem"),
                   "--tls-key", self.path("other.pem"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("do not belong together", done.stderr)

    def test_a_chain_fits_into_a_handshake_or_is_refused(self):
        with open(self.path("key.pem"), encoding="ascii") as file:
            key = file.read()
        size = len(ssl.PEM_cert_to_DER_cert(self.certificate)) + 5
        most = 16320 // size
        chain = self.write("most.pem", self.certificate * most + key)
        with Server("--tls-cert", chain) as server:
            self.assert_own(server)
        for count in (most + 1, 20000):
            chain = self.write("more.pem", self.certificate * count + key)
            done = run("--tls-cert", chain)
            self.assertEqual((done.returncode, done.stdout), (3, ""))
            self.assertIn("longer than what a handshake can show", done.stderr)


class Errors(Base):
    def test_each_says_what_to_do_about_it(self):
        junk = self.write("junk.pem", "no certificate\n")
        listen = ("--listen", "smtp://127.0.0.1:0")
        for arguments, status, text in (
                (("--tls-cert", self.path("none.pem")), 3,
                 "there is no such file: name a PEM file"),
                (("--tls-cert", self.directory + "/"), 3,
                 "the file cannot be read: name a PEM file"),
                (("--tls-cert", junk), 3, "TLS library can read: both"),
                (("--tls-cert", junk, "--tls-key", self.path("none.pem")), 3,
                 "--tls-key " + self.path("none.pem")),
                (("--tls-key", junk), 2, "add --tls-cert"),
                ((*listen, "--ca-file", self.path("none/ca.pem")), 3,
                 "make the directory or choose another --ca-file")):
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual((done.returncode, done.stdout), (status, ""))
                self.assertRegex(done.stderr, r"\Asmtpfault: .*: .*\n\Z")
                self.assertIn(text, done.stderr)


class Versions(Base):
    """What is not said follows from what is."""

    def test_an_old_limit_alone_lets_older_ones_in(self):
        scenario = "[server]\nmax-version = %s\n"
        done = run("check", "-", stdin=scenario % "1.1")
        if "has no TLS 1.1" in done.stderr:
            self.skipTest("the TLS library has no TLS 1.1")
        with Server("--ca-file", self.path("ca.pem"),
                    scenario=scenario % "1.1") as server:
            with self.assertRaises(ssl.SSLError):
                handshake(server.port, self.path("ca.pem"))
        with Server("--ca-file", self.path("ca.pem"),
                    scenario=scenario % "1.2") as server:
            self.assertTrue(handshake(server.port, self.path("ca.pem")))


if __name__ == "__main__":
    unittest.main()
