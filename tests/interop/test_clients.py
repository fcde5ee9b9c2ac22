"""Real clients: what is sent arrives, what is refused is seen to be refused.
Every client meets every case; the names of the tests tell where one breaks a
rule of RFC 5321, or keeps something from its user."""
import dataclasses
import glob
import hashlib
import os
import re
import smtplib
import tempfile
import unittest

from clients import (CLIENTS, OTHER, RECIPIENT, SENDER, TEXT, Letter, crlf,
                     require)
from smtpfault import Server, wait_until


@dataclasses.dataclass(frozen=True)
class Case:
    """What a client meets.  `scenario` is a bundled name or a text."""
    title: str
    stage: str  # as in Client
    code: int   # 0: no reply
    scenario: str
    login: bool = False
    recipients: tuple = (RECIPIENT,)
    accepted: tuple = ()  # by the server, if the client goes on

    def hangs_up(self):
        """Whether the server ends the connection."""
        return self.code in (0, 421)


def refusal(event, reply):
    return Case(f"{reply[:3]} to {event}", event, int(reply[:3]),
                f"[{event}]\nreply = {reply}\n")


CASES = (
    Case("mail that is accepted", "SENT", 250, "default",
         accepted=(RECIPIENT,)),
    Case("greylisting with 451", "RCPT", 451, "greylist"),
    Case("greylisting with a greeting of 421", "CONNECT", 421,
         "greylist-421"),
    Case("a full mailbox", "RCPT", 452, "mailbox-full"),
    Case("a null MX", "RCPT", 556, "null-mx"),
    Case("bad credentials", "AUTH", 535, "bad-auth", login=True),
    Case("a full mailbox beside another", "SOME", 452,
         f"[RCPT]\nrecipient = {OTHER}\nreply = 452 4.2.2 Mailbox full\n",
         recipients=(RECIPIENT, OTHER), accepted=(RECIPIENT,)),
    refusal("CONNECT", "554 No service"),
    refusal("MAIL", "553 5.1.7 Bad sender"),
    refusal("RCPT", "552 5.2.2 Mailbox full"),
    refusal("DATA", "554 5.5.1 No valid recipients"),
    refusal("MESSAGE", "452 4.3.1 Insufficient system storage"),
    refusal("MESSAGE", "552 5.3.4 Too big"),
    Case("a message answered by FIN", "LOST fin", 0,
         "[MESSAGE]\nclose = fin\n"),
    Case("a message answered by RST", "LOST reset", 0,
         "[MESSAGE]\nclose = reset\n"),
)


def name_of(case, outcome):
    """The test's name: a sentence, with what the client does wrong."""
    faults = [outcome.wrong] if outcome.wrong else []
    if not case.hangs_up() and "QUIT" not in outcome.then:
        faults.append("leaves without QUIT")
    if not outcome.shows:
        faults.append("does not show the code")
    sentence = f"test it meets {case.title}"
    if faults:
        sentence += " but " + " and ".join(faults)
    return sentence.replace(" ", "_")


def outcome_of(client, case):
    return client.outcome(case.stage, case.code)


def server_for(case, *arguments):
    if "\n" in case.scenario:
        return Server(*arguments, scenario=case.scenario, journal=True)
    return Server("--scenario", case.scenario, *arguments, journal=True)


def saved_messages(directory):
    for path in glob.glob(os.path.join(directory, "new", "*")):
        with open(path, "rb") as file:
            yield file.read()


class Conduct:
    """What every client is put to; `client` is one of CLIENTS."""
    client = None

    def setUp(self):
        require(self.client.missing())

    def send(self, server, case):
        letter = Letter(str(server.port), case.recipients, case.login)
        return self.client.send(letter, server.directory)

    def meet(self, case, outcome):
        with server_for(case) as server:
            done = self.send(server, case)
            output = done.stdout.decode(errors="replace")
            self.assertEqual(done.returncode, outcome.status, output)
            server.wait_for_records("disconnect")
            self.assertEqual(len(server.records("connect")), 1)
            self.assert_conversation(case, outcome, server)
            self.assert_accepted(case, outcome, server)
            self.assert_conduct(case, server)
        if case.code >= 400:
            shown = re.search(rf"\b{case.code}\b", output) is not None
            self.assertEqual(shown, outcome.shows, output)

    def assert_conduct(self, case, server):
        """No false alarms: each breach is one that its row explains."""
        broken = {record["id"] for record in server.records("violation")}
        if case.stage == "SENT":
            self.assertEqual(broken, set(self.client.breaks))
        self.assertLessEqual(
            broken, {*self.client.breaks, *self.client.may_break})

    def assert_conversation(self, case, outcome, server):
        if case.code:
            self.assertTrue(server.records("reply", code=case.code))
        then = [] if case.hangs_up() else outcome.then.split()
        self.assertEqual(events_after_fault(server.journal()), then)

    def assert_accepted(self, case, outcome, server):
        if not case.accepted:
            self.assertNotEqual(outcome.status, 0)
        expected = case.accepted if outcome.status == 0 else ()
        accepted = [recipient for message in server.records("message")
                    for recipient in message["accepted"]]
        self.assertEqual(accepted, list(expected))

    def test_the_message_arrives_as_it_was_sent(self):
        case = CASES[0]
        with tempfile.TemporaryDirectory(prefix="maildir-") as maildir, \
                server_for(case, "--save", maildir) as server:
            self.assertEqual(self.send(server, case).returncode, 0)
            message, = server.wait_for_records("message")
            saved, = saved_messages(maildir)
            server.wait_for_records("disconnect")
            said = events(server.journal())
        outcome = outcome_of(self.client, case)
        self.assertEqual(
            said, self.client.before.split() + outcome.then.split())
        self.assertEqual(message["sender"], SENDER)
        content = saved[-message["octets"]:]
        self.assertEqual(hashlib.sha256(content).hexdigest(),
                         message["sha256"])
        expected = crlf(self.client.arrives).encode()
        self.assertEqual(content[-len(expected):], expected)

    def test_greylisted_mail_arrives_once_the_window_is_over(self):
        case = dataclasses.replace(CASES[0], scenario="greylist")
        with server_for(case, "--speed", "1000") as server:
            wait_until(lambda: self.send(server, case).returncode == 0,
                       "the mail is taken")
            message, = server.wait_for_records("message")
            self.assertEqual(message["accepted"], [RECIPIENT])
            codes = [reply["code"] for reply in server.records("reply")
                     if reply.get("event") == "RCPT"]
        self.assertGreater(len(codes), 1)
        self.assertEqual(codes[-1], 250)
        self.assertEqual(set(codes[:-1]), {451})


def events(journal):
    return [record["event"] for record in journal
            if record["type"] == "command"]


def events_after_fault(journal):
    """What the client said after a rule fired, or else after its message."""
    marks = [number for number, record in enumerate(journal)
             if record["type"] == "fired"] or \
            [number for number, record in enumerate(journal)
             if record["type"] == "message"]
    return events(journal[marks[0]:])


def add_test(suite, case, outcome):
    setattr(suite, name_of(case, outcome),
            lambda self: self.meet(case, outcome))


def suite_of(client):
    """The tests of one client, as a class named like it."""
    suite = type(client.name, (Conduct, unittest.TestCase),
                 {"client": client, "__module__": __name__})
    for case in CASES:
        add_test(suite, case, outcome_of(client, case))
    return suite


for one in CLIENTS:
    globals()[f"suite of {one.name}"] = suite_of(one)


class Lmtp(unittest.TestCase):
    def test_smtplib_takes_a_reply_for_each_recipient(self):
        scenario = ("[MESSAGE]\nrecipient = full@*\n"
                    "reply = 452 4.2.2 Mailbox full\n")
        with Server(listen="lmtp://127.0.0.1:0", scenario=scenario,
                    journal=True) as server:
            with smtplib.LMTP("127.0.0.1", server.port, "client.test") as \
                    client:
                client.ehlo()
                client.mail(SENDER)
                client.rcpt(RECIPIENT)
                client.rcpt(OTHER)
                code, _ = client.data(TEXT)
                self.assertEqual(code, 250)
                self.assertEqual(client.getreply()[0], 452)
            message, = server.wait_for_records("message")
            self.assertEqual(message["accepted"], [RECIPIENT])


if __name__ == "__main__":
    unittest.main()
