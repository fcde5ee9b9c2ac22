"""The commands that print: list, show, explain, match, and their mistakes."""
import glob
import json
import os
import re
import tempfile
import unittest

from smtpfault import run

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
ERROR = r"^smtpfault: [^:\n]+.*: .+\n$"


def scenario_files():
    """The text of each bundled scenario, by its name."""
    files = {}
    for path in glob.glob(os.path.join(TOP, "scenarios", "*.ini")):
        with open(path, encoding="ascii", newline="") as file:
            files[os.path.basename(path)[:-len(".ini")]] = file.read()
    return files


def setting(text, key):
    """A setting of one line."""
    return re.search(rf"^{key} *= *(.*)$", text, re.MULTILINE).group(1)


class Commands(unittest.TestCase):
    def assert_printed(self, *arguments, **options):
        done = run(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def assert_refused(self, *arguments, status=2):
        done = run(*arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, ERROR)
        self.assertEqual(done.stderr.count("\n"), 1, "one line")
        return done.stderr


class List(Commands):
    def test_every_bundled_scenario_is_there_sorted_with_its_title(self):
        lines = self.assert_printed("list").splitlines()
        self.assertEqual([re.split("  +", line, 1) for line in lines],
                         sorted([name, setting(text, "title")]
                                for name, text in scenario_files().items()))

    def test_titles_stand_below_each_other(self):
        lines = self.assert_printed("list").splitlines()
        self.assertEqual(
            len({re.match(r"\S+ +", line).end() for line in lines}), 1)

    def test_a_tag_chooses_in_any_case(self):
        wanted = sorted(name for name, text in scenario_files().items()
                        if "greylist" in setting(text, "tags"))
        for tag in ("greylist", "GreyList"):
            with self.subTest(tag=tag):
                lines = self.assert_printed("list", "--tag", tag).splitlines()
                self.assertEqual([line.split()[0] for line in lines], wanted)
        self.assertGreater(len(wanted), 1)

    def test_every_tag_that_is_given_has_to_be_there(self):
        tags = {name: re.split(" *, *", setting(text, "tags"))
                for name, text in scenario_files().items()}
        wanted = sorted(name for name, words in tags.items()
                        if {"greylist", "close"} <= set(words))
        text = self.assert_printed("list", "--tag", "greylist",
                                   "--tag=close")
        self.assertIn("greylist-421", wanted)
        self.assertEqual([line.split()[0] for line in text.splitlines()],
                         wanted)

    def test_nothing_has_all_tags_is_said(self):
        done = run("list", "--tag", "greylist", "--tag", "null-mx")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertRegex(done.stderr, ERROR)

    def test_an_unknown_tag_names_those_that_there_are(self):
        error = self.assert_refused("list", "--tag", "greylst")
        tags = re.search("there are (.*)$", error).group(1).split(", ")
        self.assertEqual(tags, sorted(
            {tag for text in scenario_files().values()
             for tag in setting(text, "tags").split(", ")}))

    def test_files_and_the_environment_change_nothing(self):
        text = self.assert_printed("list")
        self.assertEqual(text, self.assert_printed("list", environment={
            "SMTPFAULT_OPTIONS": "--set x=y -s no-such -j /no/such/file"}))


class Show(Commands):
    def test_it_prints_the_file_octet_for_octet(self):
        for name, text in scenario_files().items():
            with self.subTest(name=name):
                self.assertEqual(self.assert_printed("show", name), text)
                self.assertEqual(self.assert_printed("show", name + ".ini"),
                                 text)

    def test_what_it_prints_is_a_scenario(self):
        text = self.assert_printed("show", "greylist")
        self.assertEqual(run("check", "--strict", "-", stdin=text).returncode,
                         0)

    def test_an_unknown_name_gets_a_hint(self):
        self.assertIn("did you mean greylist?",
                      self.assert_refused("show", "greylst"))
        self.assertIn("smtpfault list",
                      self.assert_refused("show", "./greylist.ini"))


class Explain(Commands):
    def test_it_explains_every_kind_of_topic(self):
        for topic, wanted in (("452", "storage"), ("x.2.2", "mailbox"),
                              ("rcpt", "MESSAGE|recipient"),
                              ("pip-01", "PIP-01"), ("PIP", "PIP-02")):
            with self.subTest(topic=topic):
                self.assertRegex(self.assert_printed("explain", topic),
                                 wanted)

    def test_several_topics_have_an_empty_line_between(self):
        pages = [self.assert_printed("explain", topic)
                 for topic in ("452", "RCPT", "DAT-01")]
        self.assertEqual(self.assert_printed("explain", "452", "RCPT",
                                             "DAT-01"), "\n".join(pages))

    def test_what_is_unknown_is_refused_whatever_stands_beside_it(self):
        self.assertIn("RCPT", self.assert_refused("explain", "452", "RCTP"))
        self.assertIn("299", self.assert_refused("explain", "299"))
        self.assert_refused("explain", "")
        self.assert_refused("explain", "a\nb")


class Match(Commands):
    ENVELOPE = ("MAIL FROM:<a@client.test>", "RCPT TO:<b@example.test>")

    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory())
        self.path = os.path.join(self.directory, "test.ini")

    def match(self, text, *operands):
        """The lines of --json, with a scenario of this text."""
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        printed = self.assert_printed("match", "-s", self.path, "--json",
                                      *operands)
        return [json.loads(line) for line in printed.splitlines()]

    def test_it_says_which_rule_takes_a_command(self):
        text = self.assert_printed("match", "--scenario", "greylist",
                                   *self.ENVELOPE)
        self.assertRegex(text, r"(?m)\A\[CONNECT\]\nS: 220 .*\n   default\n"
                               r"C: EHLO client\.test  \(implied\)\nS: 250-")
        self.assertRegex(
            text, r"C: RCPT TO:<b@example\.test>\nS: 451 4\.7\.1 .*\n"
                  r"   taken by greylist \(greylist\.ini:\d+\)\n\Z")

    def test_the_example_of_the_manual_is_let_through_in_the_end(self):
        text = self.assert_printed("match", "-s", "greylist", "--set",
                                   "window=1m", *self.ENVELOPE, "+1m",
                                   self.ENVELOPE[1])
        self.assertRegex(text, r"S: 250 .*\n   default\n   not greylist "
                               r"\(.*\): age = .* does not hold, age is 1m\n\Z")

    def test_json_tells_why_the_others_would_not(self):
        turns = self.match(
            "[RCPT first]\nattempt = 1\nreply = 450 4.2.1 Late\n"
            "[RCPT second]\nattempt = 2\nreply = 451 4.3.0 Later\n"
            "[ANY slow]\ndelay = 2s\n", *self.ENVELOPE, self.ENVELOPE[1])
        self.assertEqual([turn["event"] for turn in turns],
                         ["CONNECT", "EHLO", "MAIL", "RCPT", "RCPT"])
        last = turns[-1]
        self.assertEqual(last["command"], self.ENVELOPE[1])
        self.assertEqual(last["reply"], ["451 4.3.0 Later"])
        self.assertEqual((last["rule"], last["at"]),
                         ("second", self.path + ":4"))
        self.assertEqual(last["others"][0], {
            "rule": "first", "at": self.path + ":1",
            "why": "attempt = 1 does not hold, attempt is 2"})
        self.assertEqual(turns[2]["applied"],
                         [{"rule": "slow", "at": self.path + ":7"}])
        self.assertEqual((turns[2]["rule"], turns[2]["at"],
                          turns[2]["after"]), (None, None, 2))

    def test_the_message_is_what_body_says(self):
        for body, octets in (([], 0), (["body:a\\nb"], 6),
                             (["body:.a\n..b\n"], 9),
                             (["body:x\\\\ny"], 6)):
            with self.subTest(body=body):
                turns = self.match(
                    "[MESSAGE]\nreply = 450 4.2.0 ${size}\n",
                    *self.ENVELOPE, "DATA", *body)
                self.assertEqual(turns[-1]["event"], "MESSAGE")
                self.assertEqual(turns[-1]["reply"], [f"450 4.2.0 {octets}"])

    def test_octets_above_127_are_noted_where_8bitmime_is_not_offered(self):
        for body, is_noted in (("café", True), ("caf=C3=A9", False)):
            with self.subTest(body=body):
                text = self.assert_printed(
                    "match", "-s", "no-8bitmime", *self.ENVELOPE, "DATA",
                    f"body:Subject: x\n\n{body}\n")
                self.assertIn("S: 250 2.0.0 Ok: queued", text)
                self.assertEqual("does note = " in text, is_noted)

    def test_a_connection_may_follow_another_and_be_lmtp(self):
        turns = self.match("[CONNECT]\nsession = 2\nreply = 421 4.3.2 No\n",
                           "QUIT", "CONNECT", "NOOP", "CONNECT", "LHLO x")
        self.assertEqual(
            [(turn["command"], turn["event"]) for turn in turns],
            [(None, "CONNECT"), ("EHLO client.test", "EHLO"),
             ("QUIT", "QUIT"), (None, "CONNECT"), ("EHLO client.test", None),
             ("NOOP", None), (None, "CONNECT"), ("LHLO x", "LHLO")])
        self.assertIn("closes", turns[3]["note"])
        self.assertIn("not sent", turns[5]["note"])
        self.assertIn("LMTP", turns[6]["reply"][0])

    def test_a_listener_is_named_behind_connect(self):
        scenario = ("[listen mx1]\n[listen mx2]\n"
                    "[CONNECT]\nlistener = mx2\nreply = 554 5.3.2 No\n")
        turns = self.match(scenario, "CONNECT mx2", "CONNECT mx1")
        self.assertEqual([turn["reply"][0][:3] for turn in turns],
                         ["554", "220"])
        self.assertIn("no listener 'mx3'", self.assert_refused(
            "match", "-s", self.path, "NOOP", "CONNECT mx3"))

    def test_a_named_listener_speaks_what_it_says(self):
        turns = self.match("[listen box]\nurl = lmtp://127.0.0.1:0\n",
                           "CONNECT box", "NOOP")
        self.assertEqual([turn["command"] for turn in turns],
                         [None, "LHLO client.test", "NOOP"])
        self.assertIn("LMTP", turns[0]["reply"][0])

    def test_a_listener_that_refuses_gets_no_command(self):
        turns = self.match("[listen off]\nrefuse = yes\n",
                           "CONNECT off", "NOOP")
        self.assertEqual([(turn["command"], turn["event"]) for turn in turns],
                         [("CONNECT", None), ("EHLO client.test", None),
                          ("NOOP", None)])
        self.assertIn("refuses", turns[0]["note"])

    def test_every_bundled_scenario_can_be_played(self):
        for name in scenario_files():
            with self.subTest(name=name):
                self.assert_printed("match", "-s", name, *self.ENVELOPE,
                                    "DATA", "QUIT")

    def test_errors_in_the_scenario_are_those_of_check(self):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("[RCPT]\nreplay = 450 x\n")
        done = run("match", "-s", self.path, "NOOP")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, run("check", self.path).stderr)

    def test_a_wrong_operand_is_one_clear_line(self):
        for operands, wanted in (
                ([], "match needs commands"),
                (["body:x"], "behind DATA or BDAT"),
                (["DATA", "NOOP", "body:x"], "behind DATA or BDAT"),
                (["+5"], "no time that passes"),
                (["+forever"], "no time that passes"),
                (["NOOP\nQUIT"], "end of line"),
                (["--seed", "random", "NOOP"], "give a number"),
                (["--journal", "x", "NOOP"], "--journal does not go with")):
            with self.subTest(operands=operands):
                self.assertIn(wanted, self.assert_refused("match", *operands))


class Mistakes(Commands):
    def test_each_is_one_clear_line_and_status_2(self):
        for arguments, wanted in (
                (["lst"], "did you mean list?"),
                (["show"], "write smtpfault show NAME"),
                (["show", "greylist", "null-mx"], "'null-mx'"),
                (["list", "greylist"], "'greylist'"),
                (["list", "--tag"], "write --tag TAG"),
                (["list", "--journal", "x"], "--journal does not go with"),
                (["show", "--strict", "greylist"], "--strict does not go"),
                (["--tag", "greylist"], "smtpfault list"),
                (["--json"], "smtpfault match"),
                (["explain"], "explain needs a topic"),
                (["explain", "--quiet", "452"], "--quiet does not go with"),
                (["mach", "NOOP"], "did you mean match?")):
            with self.subTest(arguments=arguments):
                self.assertIn(wanted, self.assert_refused(*arguments))

    def test_output_that_finds_no_room_is_status_3(self):
        for arguments in (["list"], ["show", "greylist"], ["explain", "452"],
                          ["match", "NOOP"], ["match", "--json", "NOOP"]):
            with self.subTest(arguments=arguments, stdout="full"):
                with open("/dev/full", "w", encoding="ascii") as full:
                    done = run(*arguments, stdout=full)
                self.assertEqual(done.returncode, 3)
                self.assertRegex(done.stderr, ERROR)
            with self.subTest(arguments=arguments, stdout="closed"):
                done = run(*arguments, prepare=lambda: os.close(1))
                self.assertEqual(done.returncode, 3)
                self.assertRegex(done.stderr, ERROR)


if __name__ == "__main__":
    unittest.main()
