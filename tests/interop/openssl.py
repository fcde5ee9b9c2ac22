"""openssl s_client as a client of smtpfault, and what it saw."""
import dataclasses
import re
import ssl
import subprocess
import time

from clients import environment

HOST = "localhost"
PATIENCE = "20"  # seconds

# Debian's defaults want keys, hashes and versions of today.
OLD = ("-cipher", "ALL:@SECLEVEL=0")

PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----",
                 re.DOTALL)


def openssl(*arguments, text="", patience=PATIENCE, keep_open=False):
    """Runs it to its end, or to that of its time: then the status is 124.
    With `keep_open` its input does not end behind the text."""
    with subprocess.Popen(
            ["timeout", "--foreground", patience, "openssl", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=environment("/")) as process:
        if keep_open:
            process.stdin.write(text.encode())
            process.stdin.flush()
            output = process.stdout.read()
        else:
            output, _ = process.communicate(text.encode())
    return subprocess.CompletedProcess(process.args, process.returncode,
                                       output)


@dataclasses.dataclass(frozen=True)
class Look:
    """What s_client printed."""
    status: int
    text: str

    def first(self, pattern):
        found = re.search(pattern, self.text, re.MULTILINE)
        return found.group(1) if found else None

    def verify_code(self):
        return int(self.first(r"Verify return code: (\d+)"))

    def session(self):
        """New or Reused; None if there was no handshake."""
        if self.first(r"^(?:New|Reused), (\(NONE\)|\S+), Cipher") == "(NONE)":
            return None
        return self.first(r"^(New|Reused), ")

    def version(self):
        """Of what is before 1.3 the first line names the cipher's."""
        return self.first(r"^ *Protocol *: (\S+)") or \
            self.first(r"^(?:New|Reused), (\S+), Cipher")

    def cipher(self):
        return self.first(r"^(?:New|Reused), \S+, Cipher is (\S+)")

    def alert(self):
        number = self.first(r"SSL alert number (\d+)")
        return None if number is None else int(number)

    def messages(self):
        """The server's handshake messages, in order."""
        return re.findall(r"^<<< TLS 1\.\d, Handshake \[length \w+\], (\w+)",
                          self.text, re.MULTILINE)

    def chain(self):
        return [Certificate(pem) for pem in PEM.findall(self.text)]


class Certificate:
    """A certificate as `openssl x509` reads it."""

    def __init__(self, pem):
        self._pem = pem

    def field(self, *options):
        return openssl("x509", "-noout", *options,
                       text=self._pem).stdout.decode().strip()

    def issuer(self):
        return self.field("-issuer", "-nameopt", "multiline").split("= ")[-1]

    def subject(self):
        return self.field("-subject", "-nameopt", "multiline").split("= ")[-1]

    def names(self):
        return set(re.findall(r"(?:DNS|IP Address):([^,\s]+)", self.field(
            "-ext", "subjectAltName")))

    def key(self):
        text = self.field("-text")
        return (re.search(r"Public Key Algorithm: (\S+)", text).group(1),
                int(re.search(r"Public-Key: \((\d+) bit\)", text).group(1)))

    def days(self):
        """From when to when it holds, in days from now."""
        return tuple((ssl.cert_time_to_seconds(
            self.field(option).split("=")[1]) - time.time()) / 86400
                     for option in ("-startdate", "-enddate"))


def look(server, ca, *options, text="Q\n", **more):
    """Connects, by STARTTLS unless the server's listener is smtps."""
    starttls = () if server.urls[0].startswith("smtps") else \
        ("-starttls", "smtp", "-name", "client.test")
    done = openssl("s_client", *starttls, "-connect",
                   f"127.0.0.1:{server.port}", "-servername", HOST,
                   "-verify_hostname", HOST, "-CAfile", ca, "-showcerts",
                   *options, text=text, **more)
    return Look(done.returncode, done.stdout.decode(errors="replace"))
