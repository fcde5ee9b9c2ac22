"""docs/TESTING-IN-CI.md: every file that it shows is written, every command is
run and shows what it says; what cannot run here is at least well-formed."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from smtpfault import BIN, ENVIRONMENT
from test_tutorial import TOP, Shell, find_free_port, normalise, read_steps

GUIDE = "TESTING-IN-CI.md"
FILE = re.compile(r"`([\w.-]+)`[^`\n]*:\n\n```\w+\n(.*?)^```$",
                  re.MULTILINE | re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NODE_MODULES = os.path.join(TOP, "build/npm/node_modules")
GO_CACHE = os.path.join(TOP, "build/go")  # building net/smtp takes a while

# What a step needs: how it can be told, the command that has to work, and the
# package.
NEEDS = (
    ("pytest", (sys.executable, "-m", "pytest", "--version"),
     "python3-pytest"),
    ("go test", ("go", "version"), "golang-go"),
    ("npm test", ("node", "-e", "require('nodemailer')"), "nodemailer"),
    ("npm test", ("npm", "--version"), "npm"),
    ("make -s", ("make", "--version"), "make"),
)


def read_guide():
    with open(os.path.join(TOP, "docs", GUIDE), encoding="utf-8") as file:
        return file.read()


def works(command):
    return shutil.which(command[0]) is not None and subprocess.run(
        command, env={**ENVIRONMENT, "NODE_PATH": NODE_MODULES}, check=False,
        stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def missing(commands):
    """The package without which these commands cannot run, or None."""
    return next((package for word, command, package in NEEDS
                 if word in commands and not works(command)), None)


def same(text):
    """Times and ports are the same in each run."""
    text = re.sub(r"saw [\d.]+m?s\b", "saw TIME", text)
    return re.sub(r"\b(\d passed) in [\d.]+s", r"\1", normalise(text))


class Guide(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(
            tempfile.TemporaryDirectory(prefix="smtpfault-"))

    def write_files(self, home):
        files = FILE.findall(read_guide())
        self.assertGreater(len(files), 8)
        for name, text in files:
            with open(os.path.join(home, name), "w",
                      encoding="utf-8") as file:
                file.write(text)

    def start_shell(self):
        shell = Shell(self.directory, find_free_port())
        self.addCleanup(shell.close)
        os.symlink(sys.executable,
                   os.path.join(self.directory, "bin", "python3"))
        self.write_files(os.path.join(self.directory, "work"))
        shell.run(f"export NODE_PATH={NODE_MODULES} GOCACHE={GO_CACHE} "
                  "GOPROXY=off PYTHONDONTWRITEBYTECODE=1 "
                  "npm_config_update_notifier=false\n"
                  "unset MAKEFLAGS MAKELEVEL MFLAGS", "")
        return shell

    def build_go(self):
        """Before the clock of the step runs."""
        if works(("go", "version")):
            subprocess.run(
                ["go", "build", "net/smtp", "testing"], check=False,
                env={**ENVIRONMENT, "GOCACHE": GO_CACHE,
                     "HOME": self.directory}, capture_output=True)

    def test_every_command_shows_what_it_says(self):
        self.build_go()
        shell = self.start_shell()
        steps = read_steps(GUIDE)
        self.assertGreater(len(steps), 12)
        for commands, wanted in steps:
            with self.subTest(commands=commands):
                package = missing(commands)
                if package and os.environ.get("SMTPFAULT_CLIENTS") == "all":
                    self.fail(f"{package} is missing: .ci/deps clients "
                              "installs it")
                if package:
                    self.skipTest(f"{package} is not installed")
                self.assertEqual(same(shell.run(commands, wanted)),
                                 same(wanted))

    def test_the_jobs_are_yaml_and_serve_scenarios_of_the_guide(self):
        jobs = YAML.findall(read_guide())
        self.assertEqual(len(jobs), 2)
        try:
            import yaml
        except ImportError:
            if os.environ.get("SMTPFAULT_CLIENTS") == "all":
                self.fail("python3-yaml is missing: .ci/deps clients "
                          "installs it")
            self.skipTest("python3-yaml is not installed")
        names = [name for name, _ in FILE.findall(read_guide())]
        for job in jobs:
            with self.subTest(job=job):
                self.assertIsInstance(yaml.safe_load(job), dict)
                listed = re.search(r"(?i)scenario: \[(.*)\]", job).group(1)
                for scenario in listed.split(", "):
                    self.assertIn(f"{scenario}.ini", names)

    def test_the_reports_of_the_jobs_are_written_where_they_are_taken(self):
        """The command of each job, run here on the first scenario."""
        home = os.path.join(self.directory, "job")
        os.mkdir(home)
        self.write_files(home)
        for job in YAML.findall(read_guide()):
            with self.subTest(job=job):
                command = re.search(r"smtpfault -s .*?@example\.test", job,
                                    re.DOTALL).group()
                command = re.sub(r"\$\{\{.*?\}\}|\$SCENARIO", "busy", command)
                done = subprocess.run(
                    [BIN, *command.split()[1:]], cwd=home, env=ENVIRONMENT,
                    check=False, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                for name in ("junit.xml", "journal.jsonl"):
                    self.assertIn(name, job)
                    os.remove(os.path.join(home, name))


if __name__ == "__main__":
    unittest.main()
