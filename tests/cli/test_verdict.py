"""The verdict of a run: exit status and records, live and from the journal."""
import json
import os
import random
import signal
import tempfile
import unittest

from smtpfault import Server, run, wait_until

MAIL = "Message-ID: <one@client.test>\r\nSubject: x\r\n\r\nhello\r\n"
ONCE = """[RCPT once]
per     = sender, recipient
attempt = 1
reply   = 451 4.3.0 Not now

[expect retry]
attempts  = 2..
delivered = *
quit      = always
"""


def send(server, text=MAIL):
    """One message to one recipient; whether it was taken."""
    with server.connect() as client:
        client.code()
        client.say("EHLO client.test")
        client.say("MAIL FROM:<a@client.test>")
        is_taken = client.say("RCPT TO:<b@example.test>") == 250
        if is_taken:
            client.say("DATA")
            client.send(text.encode() + b".\r\n")
            client.code()
        client.say("QUIT")
    return is_taken


def results(records):
    return {record["key"]: record for record in records
            if record["type"] == "expectation"}


class Verdict(unittest.TestCase):
    def judge(self, server, *arguments):
        """What `judge` makes of the journal of a server."""
        return run("judge", server.journal_path, "--scenario",
                   server.scenario_path, *arguments)

    def test_a_good_client_is_met_and_ends_with_0(self):
        with Server(scenario=ONCE, journal=True) as server:
            self.assertEqual([send(server), send(server)], [False, True])
            self.assertEqual(server.stop(), 0)
            found = results(server.journal())
            self.assertTrue(all(item["ok"] for item in found.values()), found)
            self.assertEqual(found["attempts"]["actual"], "2")
            self.assertIn("fired.once", found)

    def test_a_client_that_gives_up_fails_with_1_and_evidence(self):
        with Server(scenario=ONCE, journal=True) as server:
            send(server)
            self.assertEqual(server.stop(), 1)
            records = server.journal()
            item = results(records)["attempts"]
            self.assertEqual(
                (item["label"], item["expected"], item["actual"], item["ok"]),
                ("retry", "2..", "1", False))
            shown = [records[line - 1] for line in item["evidence"]]
            self.assertIn("RCPT", [record.get("event") for record in shown])
            self.assertIn(451, [record.get("code") for record in shown])
            self.assertEqual({record["session"] for record in shown}, {1})
            end = records[-1]
            self.assertEqual((end["ok"], end["failed"], end["unreached"],
                              end["exit_status"]), (False, 2, 0, 1))
            self.assertIn("RFC 5321 4.5.4.1", server.stderr())

    def test_a_run_that_nobody_came_to_proves_nothing(self):
        with Server(scenario=ONCE, journal=True) as server:
            self.assertEqual(server.stop(), 4)
            found = results(server.journal())
            self.assertTrue(found["sessions"]["unreached"])

    def test_without_expectations_nothing_is_judged(self):
        with Server(scenario="[RCPT]\nreply = 550 5.1.1 No\n",
                    journal=True) as server:
            send(server)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(results(server.journal()), {})
            self.assertEqual(server.stderr(), "")

    def test_the_command_line_adds_expectations(self):
        with Server("--expect", "messages=0", "--expect", "quit=never",
                    journal=True) as server:
            send(server)
            self.assertEqual(server.stop(), 1)
            found = results(server.journal())
            self.assertEqual([found["messages"]["ok"], found["quit"]["ok"]],
                             [False, False])

    def test_after_hup_each_run_has_its_verdict_and_the_worst_counts(self):
        with Server(scenario=ONCE, journal=True) as server:
            send(server)
            server.signal(signal.SIGHUP)
            wait_until(lambda: len(server.records("run")) == 2, "a new run")
            send(server)
            send(server)
            self.assertEqual(server.stop(), 1)
            verdicts = [record["exit_status"] for record in server.journal()
                        if record["type"] == "verdict"]
            self.assertEqual(verdicts, [1, 0])
            done = self.judge(server)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr.count("2 sessions"), 1)
            records = server.journal()
            item = [record for record in records
                    if record.get("key") == "attempts"][1]
            self.assertEqual(item["actual"], "2")

    def test_the_journal_gives_the_same_verdict(self):
        for count in (0, 1, 2):
            with self.subTest(messages=count), \
                    Server(scenario=ONCE, journal=True) as server:
                for _ in range(count):
                    send(server)
                status = server.stop()
                directory = self.enterContext(tempfile.TemporaryDirectory())
                path = os.path.join(directory, "r.json")
                done = self.judge(server, "--report", f"json:{path}",
                                  "--report", "text:-")
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertEqual(done.stdout, server.stderr())
                with open(path, encoding="utf-8") as file:
                    report = json.load(file)
                live = results(server.journal())
                for item in report["expectations"]:
                    self.assertEqual(item["actual"],
                                     live[item["key"]]["actual"])

    def test_judge_takes_other_expectations(self):
        with Server(scenario=ONCE, journal=True) as server:
            send(server)
            server.stop()
            done = self.judge(server, "--expect", "sessions=2", "--quiet")
            self.assertEqual((done.returncode, done.stderr), (1, ""))

    def test_a_journal_that_is_cut_anywhere_is_judged(self):
        with Server(scenario=ONCE, journal=True) as server:
            send(server)
            send(server)
            server.stop()
            with open(server.journal_path, "rb") as file:
                text = file.read()
            directory = self.enterContext(tempfile.TemporaryDirectory())
            path = os.path.join(directory, "cut")
            first = text.index(b"\n") + 1
            draw = random.Random(1)
            for _ in range(25):
                end = draw.randrange(first, len(text))
                with open(path, "wb") as file:
                    file.write(text[:end])
                done = run("judge", path, "-s", server.scenario_path)
                self.assertIn(done.returncode, (0, 1, 4), done.stderr)
                self.assertEqual("cut off" in done.stderr,
                                 text[end - 1:end] != b"\n" and
                                 text[end:end + 1] != b"\n", end)

    def test_what_is_no_journal_is_told_with_its_place(self):
        head = b'{"t":0.1,"type":"run","schema":1,"seed":1,"speed":1}\n'
        cases = (
            (b"", "it is empty"),
            (b"not json\n", ":1: it is no JSON"),
            (b"[]\n", ":1: it is no JSON object"),
            (b'{"t":1,"type":"connect","session":1}\n', ":1: it is no journal"),
            (b'{"t":1,"type":"run","schema":2}\n', ":1: its schema is not 1"),
            (head + b'{"type":"connect"}\n', ":2: it lacks `t`"),
            (head + b'{"t":1,"type":"connect","session":"x"}\n',
             ":2: `session` is no number"),
            (head + b'{"t":1,"type":"reply","session":1,"code":250,'
             b'"lines":"x"}\n', ":2: `lines` is no list"),
            (head + b'{"t":1,"type":"disconnect","session":1,"by":"us"}\n',
             ":2: `by` cannot be `us`"),
            (head + b'{"t":1,"type":"fired","rule":"x","at":"y"}\n',
             ":2: `at` is not `file:line`"),
            (head + b'{"t":1,"type":"tls","session":1,"ok":1}\n',
             ":2: `ok` is neither"),
            (head + b"\xff\n", ":2: it is no JSON"))
        directory = self.enterContext(tempfile.TemporaryDirectory())
        path = os.path.join(directory, "journal")
        for text, wanted in cases:
            with self.subTest(text=text):
                with open(path, "wb") as file:
                    file.write(text)
                done = run("judge", path, "--expect", "sessions=1")
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(wanted, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_what_is_wrong_is_told_in_a_form_that_does_no_harm(self):
        head = '{"t":0.1,"type":"run","schema":1,"seed":1,"speed":1}\n'
        cases = (('{"t":1 \x1b[2J', "near '\\x1b'"),
                 ('{"t":1,"type":"disconnect","by":"a\\nb\x9b"}\n',
                  r"`a\x0ab\xc2\x9b`"))
        for text, wanted in cases:
            with self.subTest(text=text):
                done = run("judge", "-", "--expect", "sessions=1",
                           stdin=head + text + "\n")
                self.assertEqual(done.returncode, 2)
                self.assertIn(wanted, done.stderr)
                self.assertTrue(done.stderr[:-1].isprintable(), done.stderr)

    def test_what_is_not_known_is_passed_over(self):
        text = (b'{"t":0.1,"type":"run","schema":1,"seed":18446744073709551615,'
                b'"speed":1,"later":[1,null]}\n'
                b'{"t":0.2,"type":"weather","sky":"blue"}\n'
                b'{"t":0.3,"type":"connect","session":1,"peer":"x","more":{}}\n')
        done = run("judge", "-", "--expect", "sessions=1", "--report",
                   "json:-", stdin=text.decode())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["sessions"], 1)

    def test_in_a_journal_out_of_order_time_does_not_go_back(self):
        text = ('{"t":5,"type":"run","schema":1,"seed":1,"speed":1}\n'
                '{"t":7.5,"type":"connect","session":1,"peer":"x"}\n'
                '{"t":6,"type":"fired","session":1,"rule":"once",'
                '"at":"x.ini:1","event":"RCPT","count":1}\n'
                '{"t":4,"type":"disconnect","session":1,"by":"server",'
                '"how":"quit","rule":"once","at":"x.ini:1"}\n')
        directory = self.enterContext(tempfile.TemporaryDirectory())
        path = os.path.join(directory, "once.ini")
        with open(path, "w", encoding="utf-8") as file:
            file.write("[RCPT once]\nreply = 550\n")
        done = run("judge", "-", "--scenario", path, "--expect",
                   "waited.once=<1s", "--report", "json:-", stdin=text)
        found = json.loads(done.stdout)
        self.assertEqual(found["duration"], 2.5)
        self.assertEqual(found["expectations"][0]["actual"], "0s")

    def test_a_journal_that_is_not_there_is_status_3(self):
        done = run("judge", "/no/such/journal", "--expect", "sessions=1")
        self.assertEqual(done.returncode, 3)
        self.assertIn("cannot read the journal /no/such/journal", done.stderr)

    def test_a_journal_without_anything_to_expect_says_so(self):
        text = '{"t":0.1,"type":"run","schema":1,"seed":1,"speed":1}\n'
        done = run("judge", "-", stdin=text)
        self.assertEqual(done.returncode, 0)
        self.assertIn("nothing is expected", done.stderr)

    def test_the_content_may_be_a_file_with_lines_of_its_own(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        path = os.path.join(directory, "mail.eml")
        for text, status in ((MAIL.replace("\r", ""), 0), (MAIL, 0),
                             (MAIL + "more\r\n", 1)):
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            with self.subTest(text=text), \
                    Server("--expect", f"content={path}") as server:
                send(server)
                self.assertEqual(server.stop(), status, server.stderr())


if __name__ == "__main__":
    unittest.main()
