"""A password that a client sent is not in the server's memory any more once it
was looked at: neither as it came nor as it was decoded."""
import base64
import ssl
import unittest

from smtpfault import MODE, Client, Server, wait_until

SCENARIO = """
[server]
auth-in-clear = yes
extensions    = -AUTH, +AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2

[AUTH AUTH-RESPONSE look]
argument = /^(.*)$/
note     = ${1}
"""
USER = "bob-the-user"
PASSWORD = "Kq7-unlikely-password-Zx9"


def encode(text):
    return base64.b64encode(text.encode()).decode()


def memory_of(pid):
    """What the process can write to, piece by piece."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, \
            open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            if not rights.startswith("rw"):
                continue
            first, end = (int(part, 16) for part in place.split("-"))
            memory.seek(first)
            try:
                yield memory.read(end - first)
            except OSError:
                pass  # a page that is none, such as vvar


@unittest.skipIf(MODE == "asan", "its shadow memory has terabytes")
class Secrets(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(
            Server(journal=True, scenario=SCENARIO))
        try:
            next(memory_of(self.server.process.pid))
        except PermissionError as error:
            self.skipTest(f"/proc/PID/mem: {error}")

    def connect(self):
        return self.greet(self.server.connect())

    def greet(self, client):
        client = self.enterContext(client)
        self.assertEqual(client.code(), 220)
        self.assertEqual(client.say("EHLO client.test"), 250)
        return client

    def octets_read(self):
        with open(f"/proc/{self.server.process.pid}/io",
                  encoding="ascii") as counters:
            return int(counters.readline().split()[1])

    def assert_is_gone(self, client, *secrets):
        # It goes behind the answer, and before the next one.
        self.assertEqual(client.say("NOOP"), 250)
        self.assert_is_in_no_memory(*secrets)

    def assert_is_in_no_memory(self, *secrets):
        for piece in memory_of(self.server.process.pid):
            for secret in secrets:
                at = piece.find(secret.encode())
                self.assertEqual(at, -1, piece[at - 40:at + 40])

    def test_what_is_looked_for_would_be_found(self):
        client = self.connect()
        self.assertEqual(client.say("VRFY " + 20 * "x" + PASSWORD), 252)
        with self.assertRaises(AssertionError):
            self.assert_is_gone(client, PASSWORD)

    def test_the_initial_response_of_plain_is_gone(self):
        line = encode(f"\0{USER}\0{PASSWORD}")
        client = self.connect()
        self.assertEqual(client.say("AUTH PLAIN " + line), 235)
        self.assert_is_gone(client, PASSWORD, line, line[20:])

    def test_a_password_that_was_refused_is_gone(self):
        client = self.connect()
        self.assertEqual(client.say("AUTH PLAIN"), 334)
        self.assertEqual(client.say(encode(PASSWORD)), 535)
        self.assert_is_gone(client, PASSWORD, encode(PASSWORD))

    def test_the_second_line_of_login_is_gone(self):
        client = self.connect()
        self.assertEqual(client.say("AUTH LOGIN"), 334)
        self.assertEqual(client.say(encode(USER)), 334)
        self.assertEqual(client.say(encode(PASSWORD)), 235)
        self.assert_is_gone(client, PASSWORD, encode(PASSWORD))

    def test_a_token_is_gone(self):
        line = encode(f"user={USER}\1auth=Bearer {PASSWORD}\1\1")
        client = self.connect()
        self.assertEqual(client.say("AUTH XOAUTH2 " + line), 235)
        self.assert_is_gone(client, PASSWORD, line, line[40:])

    def test_a_password_that_came_in_pieces_and_too_early_is_gone(self):
        line = encode(f"\0{USER}\0{PASSWORD}")
        client = self.connect()
        client.send(b"AUTH PLAIN " + line[:30].encode())
        wait_until(lambda: self.server.records("reply"), "an answer")
        client.send(line[30:].encode() + b"\r\nNOOP\r\n")
        self.assertEqual(client.code(), 235)
        self.assertEqual(client.code(), 250)
        self.assert_is_gone(client, PASSWORD, line, line[32:])

    def test_what_came_in_many_pieces_is_gone(self):
        octets = encode(f"\0{USER}\0{PASSWORD}")
        client = self.connect()
        line = f"AUTH PLAIN {octets}".encode()
        for at in range(0, len(line), 7):
            before = self.octets_read()
            client.send(line[at:at + 7])
            wait_until(lambda: self.octets_read() > before, "a read")
        client.send(b"\r\n")
        self.assertEqual(client.code(), 235)
        self.assert_is_gone(client, octets[32:48])

    def test_a_line_that_is_too_long_is_gone(self):
        client = self.connect()
        self.assertEqual(
            client.say("AUTH PLAIN " + encode(PASSWORD) * 1000), 500)
        self.assert_is_gone(client, encode(PASSWORD))

    def test_what_is_no_base64_is_gone_when_the_most_of_it_was(self):
        line = encode(3 * PASSWORD)
        client = self.connect()
        self.assertEqual(client.say("AUTH PLAIN"), 334)
        self.assertEqual(client.say(line + "!!!!"), 501)
        self.assert_is_gone(client, PASSWORD[4:], line[20:])

    def test_a_line_that_never_ended_is_gone_with_its_client(self):
        line = encode(f"\0{USER}\0{PASSWORD}")
        client = self.connect()
        client.send(b"AUTH PLAIN " + line.encode())
        self.connect()  # by then the server has seen what came before
        client.close()
        self.server.wait_for_records("disconnect", session=1)
        self.assert_is_in_no_memory(line[20:])

    def test_a_password_without_auth_is_gone(self):
        client = self.connect()
        self.assertEqual(client.say("AUTH X-NONE"), 504)
        self.assertEqual(client.say(encode(PASSWORD)), 500)
        self.assert_is_gone(client, encode(PASSWORD))

    def test_a_password_inside_tls_is_gone(self):
        self.server = self.enterContext(
            Server(scenario=SCENARIO, listen="smtps://127.0.0.1:0"))
        client = Client(self.server.port)
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        client.wrap(context)
        client = self.greet(client)
        line = encode(f"\0{USER}\0{PASSWORD}")
        self.assertEqual(client.say("AUTH PLAIN " + line), 235)
        self.assert_is_gone(client, PASSWORD, line, line[20:])

    def test_one_that_has_to_wait_is_gone(self):
        self.server = self.enterContext(Server(
            journal=True, scenario=SCENARIO + "[UNKNOWN]\ndelay = 20ms\n"))
        self.test_a_password_without_auth_is_gone()


if __name__ == "__main__":
    unittest.main()
