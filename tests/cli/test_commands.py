"""The commands that print: list, show and their mistakes."""
import glob
import os
import re
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
        text = self.assert_printed("list", "--tag", "greylist",
                                   "--tag=close")
        self.assertEqual(text.split()[0], "greylist-421")
        self.assertEqual(text.count("\n"), 1)

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
                (["--tag", "greylist"], "smtpfault list")):
            with self.subTest(arguments=arguments):
                self.assertIn(wanted, self.assert_refused(*arguments))

    def test_output_that_finds_no_room_is_status_3(self):
        for arguments in (["list"], ["show", "greylist"]):
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
