"""Every command of docs/TUTORIAL.md, and of the chapters that are written like
it, is run, and shows what the text says:
`sh` blocks in order, in one shell and one empty directory, each compared with
the `text` block that follows it."""
import os
import re
import selectors
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from smtpfault import BIN, ENVIRONMENT, PATIENCE

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORT = "2525"  # of the tutorial; here it is a free one
END = "--- end of block"


def read_blocks(name="TUTORIAL.md"):
    with open(os.path.join(TOP, "docs", name),
              encoding="utf-8") as file:
        return BLOCK.findall(file.read())


def read_steps(name="TUTORIAL.md"):
    """Commands and what they show, in order."""
    steps = []
    for language, text in read_blocks(name):
        if language == "sh":
            steps.append([text, ""])
        elif language == "text":
            steps[-1][1] += text
    return steps


def find_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def normalise(text):
    """What differs from run to run is the same in each."""
    for pattern, replacement in (
            (r"\+\d+\.\d{3}", "+SECONDS"), (r"\b\d+\.\d{3} s\b", "SECONDS s"),
            (r"\b\d+ octets in, \d+ out", "N octets in, N out"),
            (r"\b([\w-]+\.ini):\d+", r"\1:LINE"),
            (r'"(bytes_in|bytes_out|duration)":[\d.]+', r'"\1":N'),
            (r'"version":"[^"]*","cipher":"[^"]*"', '"version":"TLS"'),
            (r"(?m)^ +", " ")):
        text = re.sub(pattern, replacement, text)
    return text


class Shell:
    """One shell for all blocks, as a reader has it."""

    def __init__(self, directory, port):
        os.mkdir(os.path.join(directory, "bin"))
        os.symlink(BIN, os.path.join(directory, "bin", "smtpfault"))
        home = os.path.join(directory, "work")
        os.mkdir(home)
        environment = {**ENVIRONMENT, "LC_ALL": "C", "HOME": home}
        environment["PATH"] = os.path.join(directory, "bin") + ":" + \
            environment["PATH"]
        self._port = port
        self._process = subprocess.Popen(
            ["bash"], cwd=home, env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        self._shown = ""

    def close(self):
        """Ends the shell, and what it left running."""
        self._process.stdin.write(b"\nkill $(jobs -p) 2>/dev/null\nexit\n")
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    def run(self, commands, wanted):
        """What the commands show, until they and all that is wanted of the
        background have been seen."""
        commands = commands.replace(PORT, self._port)
        # Serving on the port of the tutorial is a default.
        if re.search(r"^smtpfault .*&$", commands, re.MULTILINE):
            commands = commands.replace(
                "smtpfault ", "smtpfault --listen "
                f"smtp://127.0.0.1:{self._port} ", 1)
        self._process.stdin.write(f"{commands}\necho '{END}'\n".encode())
        self._process.stdin.flush()
        self._shown = ""
        return self._read(wanted).replace(self._port, PORT)

    def _read(self, wanted):
        deadline = time.monotonic() + PATIENCE
        count = wanted.count("\n") + 1
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while (END not in self._shown or
                   self._shown.count("\n") < count) and \
                    selector.select(max(0, deadline - time.monotonic())):
                octets = os.read(self._process.stdout.fileno(), 65536)
                if not octets:
                    break
                self._shown += octets.decode()
        if END not in self._shown:
            raise AssertionError(f"not done: {self._shown}")
        return self._shown.replace(END + "\n", "")


class Tutorial(unittest.TestCase):
    def test_every_command_shows_what_it_says(self):
        if shutil.which("swaks") is None:
            if os.environ.get("SMTPFAULT_CLIENTS") == "all":
                self.fail("swaks is missing: .ci/deps clients installs it")
            self.skipTest("swaks is not installed")
        steps = read_steps()[1:]
        self.assertGreater(len(steps), 8)
        directory = self.enterContext(
            tempfile.TemporaryDirectory(prefix="smtpfault-"))
        shell = Shell(directory, find_free_port())
        self.addCleanup(shell.close)
        for commands, wanted in steps:
            with self.subTest(commands=commands):
                self.assertEqual(normalise(shell.run(commands, wanted)),
                                 normalise(wanted))

    def test_it_is_built_as_it_says(self):
        """The first block builds; its commands exist, nothing is done."""
        commands = read_steps()[0][0].splitlines()
        self.assertEqual(len(commands), 3)
        for command in commands:
            with self.subTest(command=command):
                self.assert_exists(command)

    def test_the_jobs_build_and_run_as_the_tutorial_does(self):
        jobs = [text for language, text in read_blocks()
                if language == "yaml"]
        self.assertEqual(len(jobs), 2)
        written = "".join(commands for commands, _ in read_steps())
        for job in jobs:
            with self.subTest(job=job):
                build = re.search(r"cd smtpfault && (.*)$", job,
                                  re.MULTILINE).group(1)
                for command in build.split(" && "):
                    if not command.startswith("cd "):
                        self.assert_exists(command)
                scripts = re.findall(r"(?:\[|run: )sh ([\w.-]+)", job,
                                     re.MULTILINE)
                self.assertTrue(scripts)
                for script in scripts:
                    self.assertIn(f"cat >{script} <<", written)

    def assert_exists(self, command):
        if command.startswith("make"):
            done = subprocess.run(
                ["bash", "-c", command + " --dry-run"], cwd=TOP, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env={**ENVIRONMENT, "MAKEFLAGS": ""}, timeout=PATIENCE)
            self.assertEqual(done.returncode, 0, done.stdout)
        else:
            program, group = command.split()
            self.assertTrue(os.access(os.path.join(TOP, program), os.X_OK))
            with open(os.path.join(TOP, program), encoding="utf-8") as file:
                self.assertRegex(file.read(), rf"(?m)^{group}=")


class Failures(unittest.TestCase):
    def test_every_failure_shows_what_the_chapter_says(self):
        for program in ("curl", "openssl"):
            if shutil.which(program) is None:
                if os.environ.get("SMTPFAULT_CLIENTS") == "all":
                    self.fail(f"{program} is missing: .ci/deps clients "
                              "installs it")
                self.skipTest(f"{program} is not installed")
        steps = read_steps("TLS-AND-AUTH.md")
        self.assertGreater(len(steps), 30)
        directory = self.enterContext(
            tempfile.TemporaryDirectory(prefix="smtpfault-"))
        shell = Shell(directory, find_free_port())
        self.addCleanup(shell.close)
        for commands, wanted in steps:
            with self.subTest(commands=commands):
                self.assertEqual(normalise(shell.run(commands, wanted)),
                                 normalise(wanted))


if __name__ == "__main__":
    unittest.main()
