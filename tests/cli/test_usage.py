"""What the command line answers when nothing is served."""
import os
import tempfile
import unittest

from smtpfault import run

ERROR = r"^smtpfault: [^:\n]+.*: .+\n$"


class Usage(unittest.TestCase):
    def assert_refused(self, *arguments, environment=None, status=2):
        done = run(*arguments, environment=environment)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, ERROR)
        self.assertEqual(done.stderr.count("\n"), 1, "one line")
        return done.stderr

    def test_bad_usage_is_one_clear_line_and_status_2(self):
        for arguments in (
                ["--no-such-option"], ["-x"], ["--scenario"], ["--listen"],
                ["--speed", "fast"], ["--speed", "0"], ["--speed", "-1"],
                ["--seed", "x"], ["--max-sessions", "many"],
                ["--until-idle", "soon"], ["--timeout", "1"],
                ["--transcript", "perhaps"], ["--color", "blue"],
                ["--set", "novalue"], ["--listen", "http://127.0.0.1:0"],
                ["--listen", "smtp://127.0.0.1:99999"],
                ["--listen", "smtp://no.such.host:0"],
                ["no-such-command"], ["check"]):
            with self.subTest(arguments=arguments):
                self.assert_refused(*arguments)

    def test_a_port_file_on_standard_output_is_refused_with_what_is_there(self):
        self.assertIn("ready line", self.assert_refused("--port-file", "-"))

    def test_an_expectation_is_checked_as_one_in_a_file_is(self):
        for value in ("session=1", "sessions=x", "fired.nobody=1", "sessions"):
            with self.subTest(value=value):
                self.assert_refused("--expect", value)

    def test_a_report_has_a_format_and_a_place_of_its_own(self):
        for arguments, word in (
                (["--report", "xml:x"], "junit"),
                (["--report", "json"], "json:FILE"),
                (["--report", "json:"], "json:FILE"),
                (["--report", ":x"], "use text"),
                (["--report", "json:-", "--journal", "-"], "standard output"),
                (["--report", "json:-", "--report", "tap:-"],
                 "standard output"),
                (["--report", "json:x", "--report", "tap:x"], "to x"),
                (["--journal", "x", "--report", "tap:x"], "to x")):
            with self.subTest(arguments=arguments):
                self.assertIn(word, self.assert_refused(*arguments))

    def test_a_report_without_a_place_is_told_before_the_run(self):
        for path in ("/nosuch/report", "/"):
            with self.subTest(path=path):
                self.assertIn(path, self.assert_refused(
                    "--listen", "smtp://127.0.0.1:0", "--report",
                    "json:" + path, status=3))

    def test_an_unknown_scenario_is_status_2(self):
        self.assertIn("no-such", self.assert_refused("-s", "no-such"))

    def test_an_unknown_option_names_its_neighbour(self):
        self.assertIn("--scenario", self.assert_refused("--scenari", "x"))

    def test_options_come_from_the_environment_too(self):
        self.assert_refused(
            environment={"SMTPFAULT_OPTIONS": "--no-such-option"})

    def test_help_and_version_go_to_standard_output(self):
        for options, wanted in ((("--help", "-h"), "--scenario"),
                                (("--version", "-V"), "smtpfault 0.1.0")):
            for option in options:
                with self.subTest(option=option):
                    done = run(option)
                    self.assertEqual(done.returncode, 0)
                    self.assertIn(wanted, done.stdout)
                    self.assertEqual(done.stderr, "")

    def test_help_and_version_that_find_no_room_are_status_3(self):
        for option in ("--help", "--version"):
            with self.subTest(option=option), open("/dev/full", "w",
                                                   encoding="ascii") as full:
                done = run(option, stdout=full)
                self.assertEqual(done.returncode, 3)
                self.assertRegex(done.stderr, ERROR)
                self.assertIn("space", done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, "one line")


class Check(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory())

    def check(self, text, *options):
        path = os.path.join(self.directory, "test.ini")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path, run("check", *options, path)

    def test_a_good_scenario_is_status_0(self):
        _, done = self.check("[RCPT]\nreply = 452 4.2.2 Mailbox full\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_an_error_names_file_line_and_hint(self):
        path, done = self.check("[RCPT]\nreplay = 452 4.2.2 Mailbox full\n")
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{path}:2: error: ", done.stderr)
        self.assertIn("replay = 452 4.2.2 Mailbox full\n", done.stderr)
        self.assertIn("did you mean `reply`?", done.stderr)

    def test_all_errors_come_in_one_run(self):
        path, done = self.check("[RCPT]\nreply = 9999 x\n[NOSUCH]\nx = y\n"
                                "[MAIL]\nper = recipient\nattempt = 1\n"
                                "reply = 450 x\n")
        self.assertEqual(done.returncode, 2)
        for line in (2, 3, 6):
            self.assertIn(f"{path}:{line}: error: ", done.stderr)

    def test_a_warning_is_status_0_and_2_with_strict(self):
        text = "[RCPT]\nreply = 354 Go on\n"
        path, done = self.check(text)
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"{path}:2: warning: ", done.stderr)
        _, done = self.check(text, "--strict")
        self.assertEqual(done.returncode, 2)

    def test_every_bundled_scenario_is_strictly_good(self):
        names = sorted(os.listdir("scenarios"))
        self.assertGreaterEqual(len(names), 7)
        for name in names:
            for form in (name, name.removesuffix(".ini"), "scenarios/" + name):
                with self.subTest(name=form):
                    done = run("check", "--strict", form)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_several_files_are_all_looked_at(self):
        path, _ = self.check("[RCPT]\nreplay = 452 x\n")
        done = run("check", "greylist", path, "no-such")
        self.assertEqual(done.returncode, 2)
        self.assertIn(path, done.stderr)
        self.assertIn("no-such", done.stderr)

    def test_an_unreadable_file_is_status_2(self):
        self.assertEqual(run("check", self.directory).returncode, 2)

    def test_settings_of_the_command_line_hold_for_check_too(self):
        text = "[let]\ncode = 450\n[RCPT]\nreply = ${code} x\n"
        self.assertEqual(self.check(text)[1].returncode, 0)
        _, done = self.check(text, "--set", "code=9999")
        self.assertEqual(done.returncode, 2)
        _, done = self.check(text, "--set", "nosuch=1")
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
