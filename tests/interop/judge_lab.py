"""Real clients judged: each sends one message to each bundled scenario that
has an [expect] and suits it, behind `smtpfault ... --`, and the verdict is what
the run ends with."""
import concurrent.futures
import dataclasses
import functools
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

from clients import CLIENTS, HERE, OTHER, RECIPIENT, SENDER, TEXT, Letter, \
    environment, lacks
from smtpfault import BIN
from tls_lab import VERSIONS, lacks_library, output_of

TOP = os.path.join(HERE, "../..")
PHPMAILER = "/usr/share/php/libphp-phpmailer"
SEND_GO = os.path.join(TOP, "build/go/send_go")
TIMEOUT = 3     # seconds, as the client's own
LIMIT = 5       # and of a run
QUEUE_TIME = 5  # that a client with a queue is given to come back
WORKERS = 6
ONCE_SPEED, QUEUE_SPEED = "20", "300"  # where gaps are 1 s
NO_ROOT = "Postfix has to be started by root"

# What becomes of a run, beside the keys of what failed.
OK, UNREACHED, HANGS = "ok", "-", "**hangs**"
ONCE = "once"
LIES = "**says sent**"
# A client that sends once fails the first of these by what it is, and with
# them the others: coming back is left to its caller.
RETURNS = {"attempts", "sessions", "transactions"}
FOLLOWS = RETURNS | {"auth-attempts", "backoff", "delivered", "gap",
                     "messages"}


@dataclasses.dataclass(frozen=True, eq=False)
class Subject:
    """A client to be judged.  `argv` is as in Client; `protects` says whether
    it is set up for TLS and AUTH here, `queues` whether it comes back."""
    name: str
    argv: object
    version: tuple = ()
    stdin: str = TEXT
    protects: bool = False
    queues: bool = False
    check: object = None  # () -> why it cannot run, or None

    @functools.cache
    def missing(self):
        if self.check:
            return self.check()
        return lacks(self.argv(Letter("0", (RECIPIENT,), False))[0])

    @functools.cache
    def number(self):
        """Its version."""
        command = self.version or VERSIONS[self.name]
        done = output_of(command)
        found = re.search(r"\d[\d.]*\d", done.stdout + done.stderr)
        return found.group() if found else "unknown"


def known(client):
    """A row of the interop tests."""
    return Subject(
        client.name, client.argv, stdin=client.stdin, protects=True,
        check=lambda: client.missing() or lacks_library(client.name))


def script(interpreter, name):
    return lambda letter: [
        interpreter, os.path.join(HERE, name), letter.host, letter.port,
        str(letter.timeout), letter.sender, *letter.recipients]


def mutt(letter):
    settings = (f"smtp_url=smtp://{letter.host}:{letter.port}/",
                f"from={letter.sender}", "use_envelope_from=yes", "copy=no",
                "ssl_starttls=no", "ssl_force_tls=no", "hostname=client.test",
                f"connect_timeout={letter.timeout}")
    return ["mutt", "-n", "-F", "/dev/null",
            *(word for setting in settings for word in ("-e", f"set {setting}")),
            "-s", "x", "--", *letter.recipients]


def mailutils(letter):
    url = f"smtp://{letter.host}:{letter.port};notls;noauth"
    return ["mail.mailutils", "--no-config", "-E", f"set sendmail={url}",
            "-r", letter.sender, "-s", "x", *letter.recipients]


def send_email(letter):
    return ["sendemail", "-f", letter.sender, "-t", *letter.recipients,
            "-u", "x", "-m", "hello", "-s", f"{letter.host}:{letter.port}",
            "-o", "tls=no", "-o", "fqdn=client.test",
            "-o", f"timeout={letter.timeout}"]


def esmtp(letter):
    settings = f"hostname={letter.host}:{letter.port}\\nstarttls=disabled\\n"
    return ["sh", "-c", f"umask 77; printf '{settings}' >esmtprc; "
            'exec esmtp -C esmtprc -f "$@"', "esmtp", letter.sender,
            *letter.recipients]


def smtp_source(letter):
    return ["smtp-source", "-M", "client.test", "-f", letter.sender,
            "-t", letter.recipients[0], f"inet:{letter.host}:{letter.port}"]


def go(letter):
    return [SEND_GO, letter.host, letter.port, letter.sender,
            *letter.recipients]


@functools.cache
def build_go():
    if lacks("go"):
        return lacks("go")
    cache = os.path.dirname(SEND_GO)
    os.makedirs(cache, exist_ok=True)
    done = subprocess.run(
        ["go", "build", "-o", SEND_GO, os.path.join(HERE, "send_go.go")],
        env={**environment(cache), "GOCACHE": cache, "GO111MODULE": "off"},
        check=False, capture_output=True, text=True)
    return done.stderr if done.returncode else None


def postfix(letter):
    return [sys.executable, os.path.join(HERE, "relay_postfix.py"),
            letter.port, str(QUEUE_TIME), *letter.recipients]


def lacks_postfix():
    return lacks("postfix") or (NO_ROOT if os.geteuid() else None)


def lacks_phpmailer():
    return lacks("php") or (
        None if os.path.exists(PHPMAILER)
        else "PHPMailer is not installed")


SUBJECTS = (
    *map(known, CLIENTS),
    Subject("net/smtp (Go)", go, ("go", "version"), check=build_go),
    Subject("net/smtp (Ruby)", script("ruby", "send_net_smtp.rb"),
            ("ruby", "--version")),
    Subject("PHPMailer", script("php", "send_phpmailer.php"),
            ("grep", "const VERSION", f"{PHPMAILER}/src/PHPMailer.php"),
            check=lacks_phpmailer),
    Subject("mutt", mutt, ("mutt", "-v")),
    Subject("mailutils", mailutils, ("mail.mailutils", "--version")),
    Subject("sendEmail", send_email, ("sendemail", "--help")),
    Subject("esmtp", esmtp, ("dpkg-query", "-W", "esmtp"),
            check=lambda: lacks("esmtp")),
    Subject("smtp-source", smtp_source, ("postconf", "-d", "mail_version")),
    Subject("Postfix", postfix, ("postconf", "-d", "mail_version"),
            queues=True, check=lacks_postfix),
)


# What one small message would not reach.
SETTINGS = {"message-too-large": ("--set", "limit=20"),
            "too-many-recipients": ("--set", "limit=1")}
RECIPIENTS = {"too-many-recipients": (RECIPIENT, OTHER)}


@dataclasses.dataclass(frozen=True)
class Trial:
    """A bundled scenario, and what it asks of a client: `retry` says that it
    has to come back."""
    name: str
    login: bool
    tls: bool
    retry: bool

    def protected(self):
        return self.login or self.tls

    def suits(self, subject):
        return subject.protects or not self.protected()


def read_trial(path):
    """The trial of a scenario, by its tags and what it expects; or None."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    expected = re.split(r"(?m)^\[expect\b", text)[1:]
    if not expected:
        return None
    tags = set(re.split(r",\s*", re.search(
        r"^tags\s*=\s*(.*)", text, re.MULTILINE).group(1)))
    secret = any(re.search(r"(?m)^(starttls|plaintext-mail) *=", part)
                 for part in expected)
    return Trial(os.path.basename(path)[:-len(".ini")], "auth" in tags,
                 secret or bool(tags & {"auth", "tls"}), "retry" in tags)


def trials():
    found = map(read_trial, sorted(glob.glob(
        os.path.join(TOP, "scenarios/*.ini"))))
    return [trial for trial in found if trial]


@dataclasses.dataclass(frozen=True)
class Result:
    """`cell` is what the table says, `report` the text."""
    cell: str
    report: str


def judge(subject, trial, home):
    recipients = RECIPIENTS.get(trial.name, (RECIPIENT,))
    letter = Letter("{port}", recipients, trial.login, SENDER,
                    "localhost" if trial.protected() else "127.0.0.1",
                    TIMEOUT, "starttls" if trial.tls else "",
                    "{ca}" if trial.tls else "")
    report, text = (os.path.join(home, name) for name in ("json", "text"))
    done = subprocess.run(
        [BIN, "--scenario", trial.name, "--quiet", "--expect", "exit=0..",
         *SETTINGS.get(trial.name, ()), "--speed", QUEUE_SPEED if subject.queues else ONCE_SPEED,
         "--timeout", f"{LIMIT + (QUEUE_TIME if subject.queues else 0)}s",
         "--report", f"json:{report}", "--report", f"text:{text}", "--",
         *subject.argv(letter)], input=subject.stdin.encode(), cwd=home,
        env=environment(home), capture_output=True, check=False)
    if done.returncode not in (0, 1, 4):
        raise RuntimeError(f"{subject.name}, {trial.name}: "
                           f"{done.stderr.decode()}")
    with open(report, encoding="utf-8") as file:
        outcome = json.load(file)
    with open(text, encoding="utf-8") as file:
        return Result(cell(subject, trial, outcome), file.read())


def cell(subject, trial, outcome):
    """What the table says; where the fault was not reached, nothing else."""
    results = outcome["expectations"]
    failed = {result["key"] for result in results
              if result["standing"] == "failed"}
    broken = ", ".join(each["id"] for each in outcome["violations"]
                       if each["level"] == "MUST")
    missed = any(result["standing"] == "unreached" and
                 result["key"].startswith("fired.") for result in results)
    once = not subject.queues and outcome["sessions"] <= 1
    if missed:
        words = [UNREACHED]
    elif "exit" in failed:  # any status is expected, but in time
        words = [HANGS]
    elif not failed:
        words = [OK if outcome["exit_status"] == 0 else UNREACHED]
    else:
        if once and (trial.retry or failed & RETURNS):
            failed = (failed - FOLLOWS) or {ONCE}
        words = [broken if key == "violations" else key
                 for key in sorted(failed)]
    if says_sent(subject, outcome):
        words.append(LIES)
    return ", ".join(words)


def says_sent(subject, outcome):
    """Whether it ended with 0 and nothing was accepted; who queues does."""
    statuses = [result.get("actual") for result in outcome["expectations"]
                if result["key"] == "exit"]
    return not subject.queues and outcome["messages"] == 0 and \
        statuses == ["0"]


def run(subjects, chosen):
    """Results by subject and trial."""
    tasks = [(subject, trial) for subject in subjects for trial in chosen
             if trial.suits(subject)]

    def run_one(task):
        with tempfile.TemporaryDirectory(prefix="judge-") as home:
            return judge(*task, home)

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return dict(zip(tasks, pool.map(run_one, tasks)))
