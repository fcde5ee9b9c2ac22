"""What the shells complete is what the program takes."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from smtpfault import BIN, ENVIRONMENT, PATIENCE, run

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BASH = os.path.join(TOP, "docs/completion/smtpfault.bash")
ZSH = os.path.join(TOP, "docs/completion/_smtpfault")
FISH = os.path.join(TOP, "docs/completion/smtpfault.fish")


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def option_rows():
    """Name, letter or "", whether it takes a value, commands (SERVE is
    none) of each option."""
    rows = re.findall(
        r"^X\(\w+, \"([^\"]+)\", ('(.)'|0), (\"[^\"]+\"|NULL), ([A-Z_| ]+),",
        read("src/app/options.def"), re.MULTILINE)
    return [("--" + name, letter and "-" + letter, argument != "NULL",
             ["SERVE"] + [word.upper() for word in command_words()]
             if "IN_ANY" in where else re.findall(r"IN_(\w+)", where))
            for name, _, letter, argument, where in rows]


def command_words():
    return re.findall(r'^X\(\w+, "(\w+)"', read("src/app/commands.def"),
                      re.MULTILINE)


def report_formats():
    names = re.search(r"define SF_REPORT_MAP\(X\)((?:.*\\\n)*.*)",
                      read("src/verdict/report.h")).group(1)
    return re.findall(r"X\((\w+)\)", names)


def options_of(command):
    """The long options that go with a command."""
    return sorted(name for name, _, _, where in option_rows()
                  if command.upper() in where)


def bundled_names():
    return [line.split()[0] for line in run("list").stdout.splitlines()]


def run_shell(*command, directory=TOP):
    path = os.path.dirname(BIN) + os.pathsep + os.environ["PATH"]
    done = subprocess.run(command, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=PATIENCE,
                          cwd=directory, env={**ENVIRONMENT, "PATH": path})
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"{done.returncode}: {done.stderr}")
    return done.stdout.splitlines()


class Cases:
    """What every shell has to offer; complete() takes the words so far."""

    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory())
        for name in ("mine.ini", "my file.ini"):
            with open(os.path.join(self.directory, name), "w",
                      encoding="ascii"):
                pass

    def test_the_commands(self):
        self.assertEqual(self.complete(""), sorted(command_words()))

    def test_the_options_of_each_command(self):
        self.assertEqual(self.complete("--"), options_of("serve"))
        for word in command_words():
            with self.subTest(command=word):
                self.assertEqual(self.complete(word, "--"), options_of(word))

    def test_the_bundled_scenarios(self):
        self.assertEqual(self.complete("show", ""), sorted(bundled_names()))
        self.assertEqual(self.complete("show", "null"), ["null-mx"])
        for option in ("--scenario", "-s"):
            with self.subTest(option=option):
                self.assertEqual(self.complete(option, "null"), ["null-mx"])

    def test_the_tags(self):
        error = run("list", "--tag", "").stderr
        tags = error.strip().partition("there are ")[2].split(", ")
        self.assertGreater(len(tags), 3)
        self.assertEqual(self.complete("list", "--tag", ""), sorted(tags))

    def test_events_to_explain_are_known(self):
        events = self.complete("explain", "")
        self.assertGreater(len(events), 10)
        for event in events:
            self.assertEqual(run("explain", event).returncode, 0, event)
        self.assertEqual(self.complete("explain", "RC"), ["RCPT"])

    def test_words_that_are_fixed(self):
        self.assertEqual(self.complete("--transcript", ""),
                         ["always", "auto", "never"])
        self.assertEqual(self.complete("--color", "n"), ["never"])

    def test_formats_of_reports(self):
        self.assertEqual(self.complete("--report", ""),
                         sorted(name + ":" for name in report_formats()))
        self.assertEqual(self.complete("--report", "js"), ["json:"])

    def test_files(self):
        for words in (["check", "mi"], ["--scenario", "mi"], ["-j", "mi"],
                      ["--port-file", "mi"]):
            with self.subTest(words=words):
                self.assertEqual(self.complete(*words), ["mine.ini"])
        self.assertEqual(self.complete("check", "my"), ["my file.ini"])

    def test_the_command_under_test_and_its_files(self):
        self.assertIn("cat", self.complete("-q", "--", "ca"))
        for words in (["cat"], ["check"], ["list", "--tag"]):
            with self.subTest(words=words):
                self.assertEqual(self.complete("--", *words, "mi"),
                                 ["mine.ini"])

    def test_nothing_where_nothing_is_known(self):
        for words in (["--set", ""], ["--speed", ""], ["list", ""],
                      ["show", "xyzzy"]):
            with self.subTest(words=words):
                self.assertEqual(self.complete(*words), [])


class Bash(Cases, unittest.TestCase):
    def complete(self, *words):
        """Calls the function as bash does; its own words for `=` too."""
        return sorted(run_shell(
            "bash", "-c",
            '. "$1"; shift; COMP_WORDS=(smtpfault "$@"); COMP_CWORD=$#; '
            'set -- "${@: -1}"; _smtpfault smtpfault; '
            '[[ ${#COMPREPLY[@]} = 0 ]] || printf "%s\\n" "${COMPREPLY[@]}"',
            "bash", BASH, *words, directory=self.directory))

    def test_it_is_registered(self):
        self.assertEqual(
            run_shell("bash", "-c", '. "$0"; complete -p smtpfault', BASH),
            ["complete -F _smtpfault smtpfault"])

    def test_a_value_behind_an_equals_sign(self):
        self.assertEqual(self.complete("--color", "=", "n"), ["never"])
        self.assertEqual(self.complete("--color", "="),
                         ["always", "auto", "never"])
        self.assertEqual(self.complete("--scenario", "=", "x", "check", "--"),
                         options_of("check"))

    def test_the_value_of_an_option_is_no_command(self):
        self.assertEqual(self.complete("-s", "check", "--"),
                         options_of("serve"))

    def test_the_file_of_a_report(self):
        for words in (["--report", "json", ":", "mi"],
                      ["--report", "=", "tap", ":", "mi"]):
            with self.subTest(words=words):
                self.assertEqual(self.complete(*words), ["mine.ini"])
                self.assertEqual(self.complete(*words[:-1]),
                                 ["my file.ini", "mine.ini"][::-1])

    def test_letters_and_values_are_those_of_the_program(self):
        rows = {name: (letter, kind) for name, letter, kind in re.findall(
            r"'(--[\w-]+)\|(-\w|)\|(\w*)\|", read(BASH))}
        for name, letter, has_value, _ in option_rows():
            with self.subTest(option=name):
                self.assertEqual(rows[name][0], letter)
                self.assertEqual(rows[name][1] != "", has_value)


@unittest.skipUnless(shutil.which("fish"), "fish is not installed")
class Fish(Cases, unittest.TestCase):
    def complete(self, *words):
        line = " ".join(["smtpfault", *words])
        found = run_shell("fish", "--no-config", "-c",
                          "source $argv[1]; complete -C $argv[2]", FISH, line,
                          directory=self.directory)
        return sorted(word.partition("\t")[0].replace("\\ ", " ")
                      for word in found)

    def test_the_file_of_a_report(self):
        self.assertEqual(self.complete("--report", "json:mi"),
                         ["json:mine.ini"])


class Text(unittest.TestCase):
    """What holds without those shells."""

    def test_fish_has_the_options_of_the_program(self):
        found = re.findall(
            r"(?m)^complete .*? (?:-s (\w) )?-l ([\w-]+)( -[rx])?", read(FISH))
        self.assertEqual(
            sorted(("--" + name, letter and "-" + letter, bool(value))
                   for letter, name, value in found),
            sorted(row[:3] for row in option_rows()))

    def test_fish_has_the_commands_of_the_program(self):
        text = read(FISH)
        self.assertEqual(
            re.findall(r"-n '__smtpfault_goes_with serve' -a (\w+) ", text),
            command_words())
        self.assertIn("contains -- $word " + " ".join(command_words()) + "\n",
                      text)

    def test_zsh_has_the_options_of_the_program(self):
        found = re.findall(
            r"\{-(\w),(--[\w-]+)(=?)\}|'\*?(--[\w-]+)(=?)\[", read(ZSH))
        self.assertEqual(
            sorted((name or alone, letter and "-" + letter,
                    bool(value or other))
                   for letter, name, value, alone, other in found),
            sorted(row[:3] for row in option_rows()))

    def test_zsh_has_the_formats_of_reports(self):
        formats = report_formats()
        self.assertIn("compadd -S : " + " ".join(formats) + "\n", read(ZSH))
        self.assertIn("(" + "|".join(formats) + "):", read(ZSH))

    def test_zsh_has_the_commands_of_the_program(self):
        table = re.search(r"commands=\((.*?)\n    \)", read(ZSH), re.DOTALL)
        self.assertEqual(re.findall(r"'(\w+):", table.group(1)),
                         command_words())


@unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
class Zsh(unittest.TestCase):
    def test_it_can_be_read(self):
        run_shell("zsh", "-n", ZSH)


class Install(unittest.TestCase):
    def test_each_shell_finds_its_file(self):
        makefile = read("Makefile")
        for directory, name in (("BASHDIR", "smtpfault.bash"),
                                ("ZSHDIR", "_smtpfault"),
                                ("FISHDIR", "smtpfault.fish")):
            with self.subTest(name=name):
                self.assertRegex(
                    makefile, rf"docs/completion/{name} (\\\n\t +)?"
                              rf"\$\(DESTDIR\)\$\({directory}\)")


if __name__ == "__main__":
    unittest.main()
