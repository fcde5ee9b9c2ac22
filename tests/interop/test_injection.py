"""Plaintext behind the 220 of STARTTLS (RFC 3207 6, CVE-2011-0411): what a
client makes of it inside TLS, where AUTH and SIZE are not offered."""
import os
import ssl
import tempfile
import unittest

from clients import CLIENTS, RECIPIENT, Letter, lacks, require
from postfix import Postfix
from smtpfault import Server
from tls_lab import HOST, NO_ROOT, STARTTLS, Way, lacks_library, service

WHOLE = "250-mx.evil.test\r\n250-SIZE 9999999\r\n250 AUTH PLAIN LOGIN\r\n"
FRAGMENT = "250-AUTH PLAIN LOGIN "  # glued to the first line inside TLS
INJECTIONS = {"whole replies": WHOLE, "a fragment": FRAGMENT}

SCENARIO = """\
[EHLO inside]
tls = yes
extensions = -AUTH, -SIZE
"""

IGNORES = "ignores it"   # goes on with the list from inside TLS
BREAKS_OFF = "breaks off"
OBEYS = "obeys it"       # and shows its password to whoever asked

EXPECTED = {
    "swaks": OBEYS,
    "curl": BREAKS_OFF,
    "msmtp": BREAKS_OFF,
    "Net::SMTP": IGNORES,
    "nodemailer": IGNORES,
    "smtplib": IGNORES,
}
TESTED = [client for client in CLIENTS if client.name in EXPECTED]


def scenario(injected):
    if not injected:
        return SCENARIO
    value = injected.replace("\r\n", "\\r\\n")
    return SCENARIO + ("\n[STARTTLS injected]\nreply = 220 2.0.0 Go ahead\n"
                       f'send = "{value}"\n')


class Injection(unittest.TestCase):
    def setUp(self):
        top = tempfile.TemporaryDirectory(prefix="injection-")
        self.addCleanup(top.cleanup)
        os.chmod(top.name, 0o755)
        self.top = top.name
        self.ca = os.path.join(top.name, "ca.pem")

    def server(self, injected):
        return Server("--ca-file", self.ca, scenario=scenario(injected),
                      journal=True)

    def send(self, client, injected):
        """What the client made of it, from the journal."""
        with self.server(injected) as server:
            client.send(Letter(str(server.port), (RECIPIENT,), True,
                               host=HOST, tls="starttls", ca=self.ca),
                        self.top)
            server.wait_for_records("disconnect")
            self.assert_sent(server, injected)
            return conduct(server)

    def assert_sent(self, server, injected):
        """The octets stand in the journal."""
        faults = [(fault["rule"], fault["action"], fault["value"])
                  for fault in server.records("fault", event="STARTTLS")]
        self.assertEqual(
            faults, [("injected", "send", injected)] if injected else [])

    def test_without_it_nobody_logs_in(self):
        for client in TESTED:
            with self.subTest(client.name):
                require(client.missing() or lacks_library(client.name))
                self.assertEqual(self.send(client, ""), IGNORES)

    def test_what_each_client_makes_of_it(self):
        for client in TESTED:
            for title, injected in INJECTIONS.items():
                with self.subTest(client.name, injected=title):
                    require(client.missing() or lacks_library(client.name))
                    self.assertEqual(self.send(client, injected),
                                     EXPECTED[client.name])

    def test_postfix_ignores_it(self):
        if os.geteuid() != 0:
            self.skipTest(NO_ROOT)
        require(lacks("postfix"))
        way = Way("Postfix", "", STARTTLS, "secure", True)
        for title, injected in INJECTIONS.items():
            with self.subTest(title), self.server(injected) as server, \
                    Postfix("0", service(way, self.ca),
                            f"* {way.service()}:[{HOST}]:{server.port}\n") \
                    as postfix:
                postfix.submit()
                postfix.wait_for("sent")
                server.wait_for_records("message")
                self.assert_sent(server, injected)
                self.assertEqual(conduct(server), IGNORES)

    def test_a_careless_client_would_fall_for_it(self):
        """It keeps what it has read when TLS begins, and so takes the injected
        list for the answer to its EHLO."""
        for title, injected, lines in (
                ("whole replies", WHOLE, WHOLE.split("\r\n")[:-1]),
                ("a fragment", FRAGMENT, [FRAGMENT + "250-smtpfault.test"])):
            with self.subTest(title), self.server(injected) as server:
                reply = careless_ehlo(server, self.ca)
                self.assertEqual(reply[:len(lines)], lines)


def conduct(server):
    """Of a client that has gone."""
    if not server.records("tls")[0]["ok"]:
        return BREAKS_OFF
    inside = server.records("command")[2:]
    if inside[0]["event"] != "EHLO":
        return OBEYS
    for command in inside:
        if command["event"] == "AUTH" or "SIZE" in str(
                command.get("params", "")).upper():
            return OBEYS
    return IGNORES


def careless_ehlo(server, ca):
    """The lines that such a client takes for the reply to EHLO inside TLS."""
    with server.connect() as client:
        client.code()
        client.say("EHLO client.test")
        client.send("STARTTLS")
        octets = client.socket.recv(65536)
        kept = octets[octets.index(b"\r\n") + 2:]
        context = ssl.create_default_context(cafile=ca)
        with context.wrap_socket(client.socket,
                                 server_hostname=HOST) as secured:
            secured.sendall(b"EHLO client.test\r\n")
            while not kept.endswith(b"250 CHUNKING\r\n"):
                kept += secured.recv(65536)
    return kept.decode().split("\r\n")


if __name__ == "__main__":
    unittest.main()
