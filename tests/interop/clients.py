"""The mail clients of the interop tests, a row each: how one is run, and what
it really does with each answer.  The rows are evidence, not wishes."""
import dataclasses
import functools
import os
import shutil
import signal
import subprocess
import sys
import unittest

SENDER = "a@client.test"
RECIPIENT = "b@example.test"
OTHER = "full@example.test"
USER, PASSWORD = "bob", "wrong"

# A body on which dot-stuffing shows.
BODY = "hello\n.\n..two dots\n.hidden\nlast\n"
TEXT = f"From: <{SENDER}>\nTo: <{RECIPIENT}>\nSubject: x\n\n{BODY}"

HERE = os.path.dirname(os.path.abspath(__file__))
NODE_MODULES = os.path.join(HERE, "../../build/npm/node_modules")
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"


def crlf(text):
    return text.replace("\n", "\r\n")


def require(missing):
    """Skips the test if something is missing (a reason, or None), or fails it
    where SMTPFAULT_CLIENTS=all says that nothing may be missing."""
    if missing is None:
        return
    if os.environ.get("SMTPFAULT_CLIENTS") == "all":
        raise AssertionError(f"{missing}: run .ci/deps clients")
    raise unittest.SkipTest(missing)


def find(program):
    return shutil.which(program, path=PATH)


def lacks(program):
    return None if find(program) else f"{program} is not installed"


@dataclasses.dataclass(frozen=True)
class Letter:
    """What a client is asked to send, where, and how well protected."""
    port: str
    recipients: tuple
    login: bool
    sender: str = SENDER
    host: str = "127.0.0.1"
    timeout: int = 15  # seconds, as the client's own
    tls: str = ""  # or: optional (if offered), starttls (or fail), implicit
    ca: str = ""   # a file: whom to trust; without it nothing is checked


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a client does with an answer: its exit status, the events that
    follow, whether it shows the code, and what else is wrong with it."""
    status: int
    then: str = ""
    shows: bool = True
    wrong: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class Client:
    """`outcomes` goes by stage: an event, or SENT (the message was accepted),
    SOME (one recipient of two was), LOST (the connection broke).  With 4yz,
    5yz, fin or reset behind it a stage is more exact; ANY is the rest."""
    name: str
    argv: object  # Letter -> command line
    outcomes: dict
    before: str = "EHLO MAIL RCPT DATA"  # what it says to send a message
    stdin: str = TEXT
    arrives: str = TEXT  # how the message it sends ends, or is
    check: tuple = ()    # a command that fails where a part is missing
    breaks: tuple = ()   # rules for clients, whenever it sends a message
    may_break: tuple = ()  # and in other cases; AUT-08 is what a test asks for

    @functools.cache
    def missing(self):
        """What is not installed, as a reason; None if all is there."""
        program = self.argv(Letter("0", (), False))[0]
        if lacks(program):
            return lacks(program)
        if self.check and subprocess.run(
                self.check, env=environment("/"), check=False,
                stdin=subprocess.DEVNULL, capture_output=True).returncode:
            return f"{self.name} is not installed"
        return None

    def outcome(self, stage, code):
        keys = (f"{stage} {code // 100}yz", stage, stage.split()[0], "ANY")
        return next(self.outcomes[key] for key in keys if key in self.outcomes)

    def send(self, letter, home, patience=60):
        """Runs it to its end, with settings of nobody's.  One that is not done
        in time is killed, with whatever it started: s-nail sends from a child
        of its own."""
        with subprocess.Popen(
                self.argv(letter), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True, env=environment(home)) as process:
            try:
                output, _ = process.communicate(self.stdin.encode(), patience)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        return subprocess.CompletedProcess(process.args, process.returncode,
                                           output)


def environment(home):
    return {"PATH": PATH, "HOME": home, "NODE_PATH": NODE_MODULES}


def swaks(letter):
    login = ["--auth", "PLAIN", "--auth-user", USER,
             "--auth-password", PASSWORD]
    tls = {"": [], "optional": ["--tls-optional"], "starttls": ["--tls"],
           "implicit": ["--tlsc"]}[letter.tls]
    if letter.ca:
        tls += ["--tls-verify", "--tls-ca-path", letter.ca]
    return ["swaks", "--server", letter.host, "--port", letter.port,
            "--helo", "client.test", "--timeout", str(letter.timeout),
            "--data", "-", "--from", letter.sender,
            "--to", ",".join(letter.recipients), *tls,
            *(login if letter.login else [])]


def curl(letter):
    tls = {"optional": ["--ssl"], "starttls": ["--ssl-reqd"]}.get(
        letter.tls, [])
    if letter.tls:
        tls += ["--cacert", letter.ca] if letter.ca else ["--insecure"]
    scheme = "smtps" if letter.tls == "implicit" else "smtp"
    return ["curl", "-sS", "--max-time", str(letter.timeout), "-T", "-",
            f"{scheme}://{letter.host}:{letter.port}/client.test",
            "--mail-rcpt-allowfails", "--mail-from", letter.sender, *tls,
            *(argument for recipient in letter.recipients
              for argument in ("--mail-rcpt", recipient)),
            *(["--user", f"{USER}:{PASSWORD}"] if letter.login else [])]


def msmtp(letter):
    login = ["--auth=plain", f"--user={USER}",
             f"--passwordeval=echo {PASSWORD}"]
    tls = ["--tls=off"]
    if letter.tls:
        tls = ["--tls=on",
               f"--tls-starttls={'on' if letter.tls == 'starttls' else 'off'}",
               f"--tls-trust-file={letter.ca}" if letter.ca
               else "--tls-certcheck=off"]
    return ["msmtp", "--file=/dev/null", f"--host={letter.host}",
            f"--port={letter.port}", "--domain=client.test",
            f"--timeout={letter.timeout}", *tls,
            "--set-date-header=off", "--set-msgid-header=off",
            f"--from={letter.sender}",
            *(login if letter.login else ["--auth=off"]),
            "--", *letter.recipients]


def s_nail(letter):
    login = f"{USER}:{PASSWORD}@" if letter.login else ""
    scheme = "smtps" if letter.tls == "implicit" else "smtp"
    settings = ["v15-compat", "sendwait", "nosave", "hostname=client.test",
                f"mta={scheme}://{login}{letter.host}:{letter.port}",
                f"socket-connect-timeout={letter.timeout}",
                f"smtp-auth={'plain' if letter.login else 'none'}"]
    if letter.tls == "starttls":
        settings += ["smtp-use-starttls"]
    if letter.tls:
        settings += [f"tls-ca-file={letter.ca}", "tls-ca-no-defaults",
                     "tls-verify=strict"] if letter.ca \
            else ["tls-verify=ignore"]
    return ["s-nail", "-:/", *(f"-S{setting}" for setting in settings),
            "-r", letter.sender, "-s", "x", *letter.recipients]


def script(interpreter, name):
    return lambda letter: [
        interpreter, os.path.join(HERE, name), letter.host, letter.port,
        str(letter.timeout), letter.tls, letter.ca,
        f"{USER}:{PASSWORD}" if letter.login else "", letter.sender,
        *letter.recipients]


CLIENTS = (
    # Status 0 as soon as one recipient of several is accepted.  Ends what it
    # is given with an empty line more.
    Client("swaks", swaks, arrives=TEXT + "\n", may_break=("AUT-08",), outcomes={
        "SENT": Outcome(0, "QUIT"),
        "SOME": Outcome(0, "DATA QUIT"),
        "CONNECT": Outcome(21, "QUIT"),
        "AUTH": Outcome(28, "QUIT"),
        "MAIL": Outcome(23, "QUIT"),
        "RCPT": Outcome(24, "QUIT"),
        "DATA": Outcome(25, "QUIT"),
        "MESSAGE": Outcome(26, "QUIT"),
        "LOST": Outcome(6)}),

    # Status 0 as soon as one recipient of several is accepted, and not a word
    # about the others; without --mail-rcpt-allowfails it sends to none.
    Client("curl", curl, stdin=crlf(TEXT), may_break=("SEQ-17",), outcomes={
        "SENT": Outcome(0, "QUIT"),
        "SOME": Outcome(0, "DATA QUIT", shows=False),
        "CONNECT": Outcome(8),
        "AUTH": Outcome(67, shows=False),
        "MESSAGE": Outcome(8, "QUIT", shows=False),
        "LOST": Outcome(56),
        "ANY": Outcome(55, "QUIT")}),

    # It sends MAIL, RCPT and DATA before it reads a reply, and sends to all
    # recipients or to none: where DATA gets its 354 all the same, it drops the
    # connection instead of ending the message.  Its statuses are those of
    # sysexits.h; EX_TEMPFAIL, 75, is not among them.
    Client("msmtp", msmtp, may_break=("AUT-08", "SEQ-17"), outcomes={
        "SENT": Outcome(0, "QUIT"),
        "SOME": Outcome(69, "DATA", wrong="breaks off within the message"),
        "CONNECT": Outcome(76),
        "AUTH": Outcome(77),
        "MAIL": Outcome(65, "RCPT DATA"),
        "RCPT 4yz": Outcome(69, "DATA"),
        "RCPT 5yz": Outcome(65, "DATA"),
        "DATA": Outcome(65),
        "MESSAGE": Outcome(69),
        "LOST fin": Outcome(76),
        "LOST reset": Outcome(74)}),

    # One status for whatever goes wrong; it sends to all recipients or to
    # none.  Without a login it says HELO.  It writes a header of its own.
    Client("s-nail", s_nail, before="HELO MAIL RCPT DATA", stdin=BODY,
           arrives="\n\n" + BODY, breaks=("SEQ-05",),
           may_break=("LEN-08", "SEQ-17"), outcomes={
               "SENT": Outcome(0, "QUIT", wrong="does not say EHLO"),
               "ANY": Outcome(4)}),

    # Net::SMTP->new() fails on the greeting and closes; the rest is up to
    # the script.
    Client("Net::SMTP", script("perl", "send_net_smtp.pl"),
           check=("perl", "-MNet::SMTP", "-MAuthen::SASL", "-e", "1"),
           may_break=("AUT-08",), outcomes={
               "SENT": Outcome(0, "QUIT"),
               "SOME": Outcome(0, "DATA QUIT"),
               "CONNECT": Outcome(255),
               "LOST": Outcome(1),
               "ANY": Outcome(1, "QUIT")}),

    # Without a pool of connections it never says QUIT.
    Client("nodemailer", script("node", "send_nodemailer.js"),
           check=("node", "-e", "require('nodemailer')"),
           breaks=("SEQ-17",), may_break=("AUT-08",), outcomes={
               "SENT": Outcome(0),
               "SOME": Outcome(0, "DATA"),
               "ANY": Outcome(1)}),

    # It logs in with each mechanism in turn: the password that was refused is
    # offered a second time.
    Client("smtplib", script(sys.executable, "send_smtplib.py"),
           may_break=("AUT-08",), outcomes={
        "SENT": Outcome(0, "QUIT"),
        "SOME": Outcome(0, "DATA QUIT"),
        "CONNECT": Outcome(1),
        "AUTH": Outcome(1, "AUTH QUIT",
                        wrong="offers the refused password again"),
        "DATA": Outcome(1, "QUIT"),
        "LOST": Outcome(1),
        "ANY": Outcome(1, "RSET QUIT")}),
)
