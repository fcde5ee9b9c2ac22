"""Each mechanism of AUTH with real clients that speak it: the right password
gets in, a wrong one gets 535, and a scenario's code is the one that is met."""
import smtplib
import subprocess
import unittest

from clients import RECIPIENT, SENDER, TEXT, environment, lacks, require
from smtpfault import Server

USER, PASSWORD = "bob", "s3cret"
LIMIT = 30  # seconds, for a client

# These look at no password.
OPEN = ("EXTERNAL", "ANONYMOUS")


def scenario(mechanism, rules=""):
    return (f"[server]\nextensions = -AUTH, +AUTH {mechanism}\n"
            f"[users]\n{USER} = {PASSWORD}\n{rules}")


def swaks(port, mechanism, password):
    return ["swaks", "--server", "127.0.0.1", "--port", port, "--helo",
            "client.test", "--from", SENDER, "--to", RECIPIENT,
            "--auth", mechanism, "--auth-user", USER,
            "--auth-password", password]


def curl(port, mechanism, password):
    secret = ["--user", f"{USER}:{password}"]
    if mechanism in ("XOAUTH2", "OAUTHBEARER"):
        secret = ["--user", USER, "--oauth2-bearer", password]
    return ["curl", "-sS", "-T", "-", f"smtp://127.0.0.1:{port}/client.test",
            "--mail-from", SENDER, "--mail-rcpt", RECIPIENT, *secret]


def msmtp(port, mechanism, password):
    return ["msmtp", "--file=/dev/null", "--host=127.0.0.1", f"--port={port}",
            "--domain=client.test", "--tls=off", f"--from={SENDER}",
            f"--auth={mechanism.lower()}", f"--user={USER}",
            f"--passwordeval=echo {password}", RECIPIENT]


def gsasl(port, mechanism, password):
    return ["gsasl", "--smtp", "--no-starttls", f"--connect=127.0.0.1:{port}",
            f"--mechanism={mechanism}", f"--authentication-id={USER}",
            f"--authorization-id={USER}", f"--anonymous-token={USER}",
            f"--password={password}"]


PROVES = ("PLAIN", "LOGIN", "CRAM-MD5")
SCRAM = ("SCRAM-SHA-1", "SCRAM-SHA-256")
TOKEN = ("XOAUTH2", "OAUTHBEARER")
ROWS = (
    (swaks, PROVES),
    (curl, PROVES + TOKEN),
    (msmtp, PROVES + SCRAM + TOKEN + ("EXTERNAL",)),
    # What its standard input holds it says once it is logged in.
    (gsasl, PROVES + SCRAM + OPEN),
)


# They take the error in a 334 for the end, and are gone before the 535.
LEAVES = ((curl, "XOAUTH2"),)


class Programs(unittest.TestCase):
    def log_in(self, client, mechanism, password=PASSWORD, rules=""):
        """Status of the client, and the record of how its AUTH ended; None: it
        did not."""
        with Server(scenario=scenario(mechanism, rules),
                    journal=True) as server:
            argv = client(str(server.port), mechanism, password)
            done = subprocess.run(
                argv, input="QUIT\n" if client is gsasl else TEXT, text=True,
                capture_output=True, check=False, timeout=LIMIT,
                env=environment(server.directory))
            server.wait_for_records("disconnect")
            records = server.records("auth")
            return done.returncode, records[0] if records else None

    def for_each(self, check):
        for client, mechanisms in ROWS:
            for mechanism in mechanisms:
                with self.subTest(client=client.__name__,
                                  mechanism=mechanism):
                    require(lacks(client.__name__))
                    check(client, mechanism)

    def test_the_right_password_gets_in(self):
        def check(client, mechanism):
            status, record = self.log_in(client, mechanism)
            user = "anonymous" if mechanism == "ANONYMOUS" else USER
            self.assertEqual(status, 0)
            self.assertEqual((record["mechanism"], record["user"],
                              record["ok"], record["code"]),
                             (mechanism, user, True, 235))
        self.for_each(check)

    def test_a_wrong_password_gets_535(self):
        def check(client, mechanism):
            if mechanism not in OPEN:
                status, record = self.log_in(client, mechanism, "wrong")
                self.assertNotEqual(status, 0)
                if (client, mechanism) in LEAVES:
                    self.assertIsNone(record)
                else:
                    self.assertEqual((record["ok"], record["code"]),
                                     (False, 535))
        self.for_each(check)

    def test_a_code_of_the_scenario_is_met(self):
        def check(client, mechanism):
            status, record = self.log_in(
                client, mechanism,
                rules="[AUTH]\nreply = 454 4.7.0 Not now\n")
            self.assertNotEqual(status, 0)
            self.assertEqual((record["ok"], record["code"]), (False, 454))
        self.for_each(check)


class Smtplib(unittest.TestCase):
    def log_in(self, mechanism, password, rules=""):
        with Server(scenario=scenario(mechanism, rules)) as server, \
                smtplib.SMTP("127.0.0.1", server.port, "client.test") as one:
            one.login(USER, password)

    def test_it_logs_in_and_shows_the_code_that_it_met(self):
        for mechanism in PROVES:
            with self.subTest(mechanism=mechanism):
                self.log_in(mechanism, PASSWORD)
                for code, arguments in (
                        (535, ("wrong",)),
                        (534, (PASSWORD, "[AUTH]\nreply = 534 5.7.9 Weak\n")),
                        (432, (PASSWORD, "[AUTH]\nreply = 432 4.7.12 Once\n"))):
                    with self.assertRaises(
                            smtplib.SMTPAuthenticationError) as caught:
                        self.log_in(mechanism, *arguments)
                    self.assertEqual(caught.exception.smtp_code, code)


if __name__ == "__main__":
    unittest.main()
