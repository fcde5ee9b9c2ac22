"""Clients against good and bad TLS.  One server has a listener for each fault,
and every client, in each of its settings, sends a message to each of them.
What became of the message is read from the journal, not from the client."""
import concurrent.futures
import dataclasses
import functools
import os
import re
import subprocess
import sys
import tempfile

from clients import CLIENTS, RECIPIENT, Letter, environment, lacks
from postfix import Postfix
from smtpfault import Server, wait_until

HOST = "localhost"  # in every certificate of smtpfault but `wrong-host`
TIMEOUT = 20        # seconds that a client is given where nothing hangs
SHORT = 3           # and where something does
NO_ROOT = "Postfix has to be started by root"
WORKERS = 6

DELIVERS, REFUSES = "delivers", "refuses"  # the first: inside TLS
CLEAR = "**in the clear**"
HANGS, CRASHES = "hangs", "crashes"
LIES = "**says sent**"  # it ends as if the message had been accepted

STARTTLS, IMPLICIT = "starttls", "implicit"


@dataclasses.dataclass(frozen=True)
class Fault:
    """What a client meets.  `rule` is a rule's event and action."""
    name: str
    rule: tuple = ()
    only: str = ""  # STARTTLS: makes no sense with implicit TLS

    def listener(self, kind):
        return re.sub(r"[^a-z-]", "-", f"{self.name}-{kind}")

    def timeout(self):
        return SHORT if "hang-at" in self.name else TIMEOUT


def handshake(value):
    return Fault(value, ("TLS", f"handshake = {value}"))


RIGHT = Fault("right")
CERTIFICATES = tuple(map(handshake, (
    "expired", "not-yet-valid", "wrong-host", "self-signed", "untrusted",
    "missing-intermediate", "weak-key")))
HANDSHAKES = (
    *map(handshake, (
        "alert handshake_failure", "close-at server-hello",
        "reset-at finished", "hang-at server-hello", "garbage", "plaintext")),
    Fault("not offered", ("EHLO", "extensions = -STARTTLS"), STARTTLS),
    Fault("refused with 454",
          ("STARTTLS", "reply = 454 4.7.0 TLS not available"), STARTTLS))
FAULTS = (RIGHT, *CERTIFICATES, *HANDSHAKES)


def faults(kind):
    return [fault for fault in FAULTS if fault.only in ("", kind)]


@dataclasses.dataclass(frozen=True)
class Way:
    """A client, or for Postfix none, and how it is told to use TLS."""
    name: str
    setting: str
    kind: str       # STARTTLS or IMPLICIT
    tls: str        # as in Letter; for Postfix its level
    verifies: bool  # whether it is asked, or set up by itself, to do so

    def client(self):
        return next((one for one in CLIENTS if one.name == self.name), None)

    def missing(self):
        if self.client() is not None:
            return self.client().missing() or lacks_library(self.name)
        if os.geteuid() != 0:
            return NO_ROOT
        return lacks("postfix")

    def needs_tls(self):
        """Whether it is told to send nothing in the clear."""
        return self.tls not in ("optional", "may")

    def service(self):
        return f"{self.tls}-{self.kind}"


def rows(kind, name, *ways):
    return [Way(name, setting, kind, tls, verifies)
            for setting, tls, verifies in ways]


WAYS = (
    *rows(STARTTLS, "swaks",
          ("`--tls`", "starttls", False),
          ("`--tls --tls-verify`", "starttls", True)),
    *rows(STARTTLS, "curl",
          ("`--ssl-reqd`", "starttls", True),
          ("`--ssl`", "optional", True)),
    *rows(STARTTLS, "msmtp",
          ("`tls on`", "starttls", True)),
    *rows(STARTTLS, "s-nail",
          ("`smtp-use-starttls`, `tls-verify=strict`", "starttls", True)),
    *rows(STARTTLS, "Net::SMTP",
          ("`starttls()`", "starttls", True)),
    *rows(STARTTLS, "nodemailer",
          ("no setting", "optional", True),
          ("`requireTLS`", "starttls", True)),
    *rows(STARTTLS, "smtplib",
          ("`starttls()`", "starttls", False),
          ("`starttls(context=create_default_context())`", "starttls", True)),
    *rows(STARTTLS, "Postfix",
          ("`may`", "may", False), ("`encrypt`", "encrypt", False),
          ("`verify`", "verify", True), ("`secure`", "secure", True)),
    *rows(IMPLICIT, "swaks",
          ("`--tlsc`", "implicit", False),
          ("`--tlsc --tls-verify`", "implicit", True)),
    *rows(IMPLICIT, "curl", ("`smtps://`", "implicit", True)),
    *rows(IMPLICIT, "msmtp", ("`tls_starttls off`", "implicit", True)),
    *rows(IMPLICIT, "s-nail",
          ("`smtps://`, `tls-verify=strict`", "implicit", True)),
    *rows(IMPLICIT, "Net::SMTP", ("`SSL => 1`", "implicit", True)),
    *rows(IMPLICIT, "nodemailer", ("`secure`", "implicit", True)),
    *rows(IMPLICIT, "smtplib",
          ("`SMTP_SSL()`", "implicit", False),
          ("`SMTP_SSL(context=create_default_context())`", "implicit", True)),
    *rows(IMPLICIT, "Postfix",
          ("`encrypt`", "encrypt", False), ("`secure`", "secure", True)),
)

VERSIONS = {
    "swaks": ["swaks", "--version"],
    "curl": ["curl", "--version"],
    "msmtp": ["msmtp", "--version"],
    "s-nail": ["s-nail", "-:/", "-X", "version", "-X", "x"],
    "Net::SMTP": ["perl", "-MNet::SMTP", "-e", "print Net::SMTP->VERSION"],
    "nodemailer": ["node", "-p", "require('nodemailer/package.json').version"],
    "smtplib": [sys.executable, "--version"],
    "Postfix": ["postconf", "-d", "mail_version"],
}
LIBRARIES = {"swaks": "Net::SSLeay", "Net::SMTP": "IO::Socket::SSL"}


def output_of(command):
    return subprocess.run(command, env=environment("/"), check=False,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)


@functools.cache
def lacks_library(name):
    """What swaks and Net::SMTP need for TLS is no part of them."""
    module = LIBRARIES.get(name)
    if module and output_of(["perl", f"-M{module}", "-e", "1"]).returncode:
        return f"Perl's {module} is not installed"
    return None


@functools.cache
def version(name):
    found = re.search(r"\d[\d.]*\d", output_of(VERSIONS[name]).stdout)
    return found.group() if found else "unknown"


def scenario():
    parts = ["[scenario]\ntitle = TLS, right and wrong\n"]
    for kind, fault in listeners():
        scheme = "smtps" if kind == IMPLICIT else "smtp"
        name = fault.listener(kind)
        parts.append(f"[listen {name}]\nurl = {scheme}://127.0.0.1:0\n")
        if fault.rule:
            event, action = fault.rule
            parts.append(f"[{event} {name}]\nlistener = {name}\n{action}\n")
    return "\n".join(parts)


def listeners():
    return [(kind, fault) for kind in (STARTTLS, IMPLICIT)
            for fault in faults(kind)]


class Lab:
    """Runs every way that is installed against every fault; `results` has
    what became of it, by way and fault."""

    def __init__(self, ways):
        self._ways = [way for way in ways if not way.missing()]
        self.results = {}

    def run(self):
        with tempfile.TemporaryDirectory(prefix="tls-") as top:
            os.chmod(top, 0o755)
            self._ca = os.path.join(top, "ca.pem")
            with Server("--ca-file", self._ca, scenario=scenario(), listen="",
                        listeners=len(listeners()), journal=True) as server:
                self._ports = {
                    fault.listener(kind): url.rsplit(":", 1)[1]
                    for (kind, fault), url in zip(listeners(), server.urls)}
                ends = self._send_all(top)
                wait_until(lambda: len(server.records("connect")) ==
                           len(server.records("disconnect")),
                           "all sessions end")
                arrived = arrivals(server.journal())
        for (way, fault), end in ends.items():
            key = fault.listener(way.kind), self._sender(way)
            self.results[way, fault] = verdict(end, arrived.get(key))
        return self

    def _send_all(self, home):
        """How each client ended: a status, or None if it did not."""
        tasks = [(way, fault) for way in self._ways
                 for fault in faults(way.kind) if way.client()]
        relays = [way for way in self._ways if not way.client()]
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            relayed = pool.submit(self._relay, relays)
            ends = dict(zip(tasks, pool.map(
                lambda task: self._send(*task, home), tasks)))
            ends.update(relayed.result())
        return ends

    def _sender(self, way):
        return f"way{self._ways.index(way)}@client.test" if way.client() \
            else f"{way.service()}@client.test"

    def _port(self, way, fault):
        return self._ports[fault.listener(way.kind)]

    def _send(self, way, fault, home):
        letter = Letter(self._port(way, fault), (RECIPIENT,), False,
                        self._sender(way), HOST, fault.timeout(), way.tls,
                        self._ca if way.verifies else "")
        try:
            return way.client().send(letter, home,
                                     fault.timeout() + SHORT).returncode
        except subprocess.TimeoutExpired:
            return None

    def _relay(self, ways):
        """Through one Postfix: a service a way, a domain a listener."""
        if not ways:
            return {}
        services = "".join(service(way, self._ca) for way in ways)
        domains = {(way, fault):
                   f"{fault.listener(way.kind)}.{way.service()}.test"
                   for way in ways for fault in faults(way.kind)}
        transports = "".join(
            f"{domain} {way.service()}:[{HOST}]:{self._port(way, fault)}\n"
            for (way, fault), domain in domains.items())
        with Postfix("0", services, transports) as postfix:
            for (way, _), domain in domains.items():
                postfix.submit(f"b@{domain}", sender=self._sender(way))
            return {task: postfix_status(postfix, task[0], f"b@{domain}")
                    for task, domain in domains.items()}


def service(way, ca):
    options = {"smtp_tls_security_level": way.tls,
               "smtp_tls_CAfile": ca,
               "smtp_tls_wrappermode":
                   "yes" if way.kind == IMPLICIT else "no",
               "smtp_starttls_timeout": f"{SHORT}s",
               "smtp_tls_verify_cert_match": "hostname",
               "smtp_tls_secure_cert_match": "nexthop"}
    lines = "".join(f"  -o {name}={value}\n"
                    for name, value in options.items())
    return f"{way.service()} unix - - n - 10 smtp\n{lines}"


def postfix_status(postfix, way, recipient):
    """0 once it was sent, 1 once it was deferred: at `may` it falls back to
    the clear not at the first attempt, but when the message has waited."""
    attempts = 1 if way.needs_tls() else 3

    def end():
        outcomes = postfix.outcomes(recipient)
        return outcomes if "sent" in outcomes or \
            len(outcomes) >= attempts else None
    return 0 if "sent" in wait_until(end, f"an end for {recipient}",
                                     timeout=60) else 1


def arrivals(journal):
    """Whether what was accepted came inside TLS, by listener and sender."""
    secured = {record["session"] for record in journal
               if record["type"] == "tls" and record["ok"]}
    return {(record["listener"], record["sender"]):
            record["session"] in secured
            for record in journal if record["type"] == "message"}


def verdict(end, arrived):
    if arrived is not None:
        return DELIVERS if arrived else CLEAR
    if end is None:
        return HANGS
    if end < 0:
        return CRASHES
    return REFUSES if end else LIES

