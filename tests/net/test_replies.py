"""Every known pair of command and reply code arrives as a scenario wrote it."""
import unittest

from smtpfault import Client, Server

TABLE = "tests/data/command-replies.tsv"

# What a row's command is called in a scenario, if not the same.
EVENTS = {
    "END-OF-DATA": "MESSAGE",
    "LMTP-DATA": "DATA",
    "LMTP-END-OF-DATA": "MESSAGE",
    "LMTP-BDAT-LAST": "MESSAGE",
    "UNKNOWN-COMMAND": "UNKNOWN",
    "IDLE-TIMEOUT": "IDLE",
}

MAIL = ["MAIL FROM:<a@client.test>"]
RCPT = MAIL + ["RCPT TO:<b@example.test>"]
DATA = RCPT + ["DATA"]

# The commands before the one in question, and that one.  EHLO (LHLO) comes
# first where it is not itself in question.
STAGES = {
    "STARTTLS": ([], "STARTTLS"),
    "AUTH": ([], "AUTH PLAIN AGEAYg=="),
    "AUTH-RESPONSE": (["AUTH LOGIN"], "YQ=="),
    "XCLIENT": ([], "XCLIENT NAME=client.test"),
    "XFORWARD": ([], "XFORWARD NAME=client.test"),
    "MAIL": ([], MAIL[0]),
    "SEND": ([], "SEND FROM:<a@client.test>"),
    "SOML": ([], "SOML FROM:<a@client.test>"),
    "SAML": ([], "SAML FROM:<a@client.test>"),
    "RCPT": (MAIL, RCPT[-1]),
    "DATA": (RCPT, "DATA"),
    "END-OF-DATA": (DATA, "."),
    "BDAT": (RCPT, b"BDAT 5\r\nhello"),
    "BURL": (RCPT, "BURL imap://imap.test/a;uid=1 LAST"),
    "LMTP-DATA": (RCPT, "DATA"),
    "LMTP-END-OF-DATA": (DATA, "."),
    "LMTP-BDAT-LAST": (RCPT, b"BDAT 5 LAST\r\nhello"),
    "RSET": (MAIL, "RSET"),
    "VRFY": ([], "VRFY b"),
    "EXPN": ([], "EXPN list"),
    "HELP": ([], "HELP"),
    "NOOP": ([], "NOOP"),
    "QUIT": ([], "QUIT"),
    "ETRN": ([], "ETRN example.test"),
    "ATRN": ([], "ATRN example.test"),
    "TURN": ([], "TURN"),
    "UNKNOWN-COMMAND": ([], "XYZZY"),
}
OPENERS = ("EHLO", "HELO", "LHLO")
OWN_BEHAVIOUR = ("IDLE-TIMEOUT", "SHUTDOWN")


def read_table():
    with open(TABLE, encoding="ascii") as file:
        lines = [line for line in file if not line.startswith("#")]
    return [line.rstrip("\n").split("\t") for line in lines[1:]]


ROWS = [(command, int(code), core == "yes")
        for command, code, core in read_table()]


def name_of(command, code):
    return f"{command.lower()}-{code}.test"


def reply_of(command, code):
    """Two lines, so that the form of a reply is looked at as well."""
    return [f"{code}-{command} as the scenario",
            f"{code} wrote it,  octet for octet"]


def rule_of(command, code, condition):
    first, last = reply_of(command, code)
    event = EVENTS.get(command, command)
    return (f"[{event}]\n{condition}\nreply = {first}\nreply = {last}\n"
            f"deliberate = yes\n")


def is_closing(command, code):
    return code in (421, 521) or command == "QUIT"


class Replies(unittest.TestCase):
    def assert_reply(self, client, command, code):
        self.assertEqual(client.reply(), reply_of(command, code))
        if is_closing(command, code):
            self.assertTrue(client.is_closed(), "the connection stays open")

    def test_the_table_has_all_core_pairs(self):
        self.assertEqual(sum(core for _, _, core in ROWS), 111)
        known = {"CONNECT", *OPENERS, *STAGES, *OWN_BEHAVIOUR}
        self.assertEqual({command for command, _, _ in ROWS}, known)

    def test_every_code_of_a_greeting_arrives_as_written(self):
        codes = [code for command, code, _ in ROWS if command == "CONNECT"]
        rules = [rule_of("CONNECT", code, f"session = {number}")
                 for number, code in enumerate(codes, 1)]
        with Server(scenario="".join(rules)) as server:
            for code in codes:
                with self.subTest(code=code), server.connect() as client:
                    self.assert_reply(client, "CONNECT", code)

    def test_every_code_of_a_command_arrives_as_written(self):
        rows = [(command, code) for command, code, _ in ROWS
                if command in STAGES or command in OPENERS]
        rules = ["[AUTH]\nhelo = auth-response-*\nreply = 334 VXNlcm5hbWU6\n"]
        for command, code in rows:
            key = "argument" if command in OPENERS else "helo"
            rules.append(
                rule_of(command, code, f"{key} = {name_of(command, code)}"))
        with Server("--listen", "lmtp://127.0.0.1:0", listeners=2,
                    scenario="".join(rules)) as server:
            for command, code in rows:
                with self.subTest(command=command, code=code):
                    self.check_row(server, command, code)

    def check_row(self, server, command, code):
        is_lmtp = command.startswith("L")
        port = int(server.urls[is_lmtp].rsplit(":", 1)[1])
        name = name_of(command, code)
        with Client(port) as client:
            self.assertEqual(client.code(), 220)
            if command in OPENERS:
                client.send(f"{command} {name}")
                self.assert_reply(client, command, code)
                return
            opener = "LHLO" if is_lmtp else "EHLO"
            self.assertEqual(client.say(f"{opener} {name}"), 250)
            before, line = STAGES[command]
            for earlier in before:
                self.assertIn(client.say(earlier), (250, 334, 354))
            client.send(line)
            self.assert_reply(client, command, code)

    def test_silence_gets_421_and_a_close(self):
        scenario = "[server]\nidle-timeout = 200ms\n"
        with Server(scenario=scenario) as server, server.connect() as client:
            self.assertEqual(client.code(), 220)
            self.assertTrue(client.line().startswith("421 4.4.2 "))
            self.assertTrue(client.is_closed())

    def test_every_code_that_answers_silence_arrives_as_written(self):
        codes = [code for command, code, _ in ROWS if command == "IDLE-TIMEOUT"]
        for code in codes:
            rule = rule_of("IDLE-TIMEOUT", code, "after = 100ms")
            with self.subTest(code=code), Server(scenario=rule) as server, \
                    server.connect() as client:
                self.assertEqual(client.code(), 220)
                self.assert_reply(client, "IDLE-TIMEOUT", code)

    def test_shutdown_gets_421_and_a_close(self):
        with Server() as server, server.connect() as client:
            self.assertEqual(client.code(), 220)
            self.assertEqual(server.stop(), 0)
            self.assertTrue(client.line().startswith("421 4.3.2 "))
            self.assertTrue(client.is_closed())


if __name__ == "__main__":
    unittest.main()
