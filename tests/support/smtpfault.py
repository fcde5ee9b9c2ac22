"""Starts and stops the server under test, and talks to it over real sockets.

SMTPFAULT_BIN names the program (build/smtpfault), SMTPFAULT_MODE how it was
built: what costs memory or time by design is judged in `release` only.  Every
wait is bounded.
"""
import json
import os
import re
import resource
import select
import signal
import socket
import subprocess
import tempfile
import time

BIN = os.path.abspath(os.environ.get("SMTPFAULT_BIN", "build/smtpfault"))
MODE = os.environ.get("SMTPFAULT_MODE", "release")
PATIENCE = 20 if MODE == "release" else 60  # seconds, for whatever must come
READY = re.compile(r"smtpfault: listening on (\S+)$")

# A user's own options would change what is tested.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name != "SMTPFAULT_OPTIONS"}


def run(*arguments, stdin="", environment=None, timeout=PATIENCE,
        stdout=subprocess.PIPE, prepare=None):
    """Runs the program to its end; returns status, stdout and stderr.
    `prepare` is called in the child before the program takes its place."""
    return subprocess.run([BIN, *arguments], input=stdin, text=True,
                          errors="backslashreplace", stdout=stdout,
                          stderr=subprocess.PIPE, preexec_fn=prepare,
                          timeout=timeout,
                          env={**ENVIRONMENT, **(environment or {})})


def raise_file_limit(wanted):
    """Whether so many files may be open now."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return True


def wait_until(condition, what, timeout=PATIENCE):
    """Polls until condition() is true; returns what it returned."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.005)


class Server:
    """A running server; use it in a `with`.

    `scenario` is text for a file of its own.  With `journal` there is one in a
    file of its own.  `prepare` is as in run().  Standard output is read up to
    the ready lines, and the rest once the server has ended; standard error
    goes to a file.
    """

    def __init__(self, *arguments, scenario=None, listeners=1,
                 listen="smtp://127.0.0.1:0", journal=False, stdin=None,
                 environment=None, prepare=None):
        self._directory = tempfile.TemporaryDirectory(prefix="smtpfault-")
        self.directory = self._directory.name
        self.journal_path = os.path.join(self.directory, "journal")
        self.urls = []
        self._arguments = [BIN]
        if listen:
            self._arguments += ["--listen", listen]
        if scenario is not None:
            self.scenario_path = os.path.join(self.directory, "test.ini")
            self.write_scenario(scenario)
            self._arguments += ["--scenario", self.scenario_path]
        if journal:
            self._arguments += ["--journal", self.journal_path]
        self._arguments += arguments
        self._listeners = listeners
        self._stdin = stdin
        self._environment = environment or {}
        self._prepare = prepare
        self._stdout = ""

    def write_scenario(self, text):
        with open(self.scenario_path, "w", encoding="utf-8") as file:
            file.write(text)

    def __enter__(self):
        self._stderr = open(os.path.join(self.directory, "stderr"), "w+b")
        self.process = subprocess.Popen(
            self._arguments, stdout=subprocess.PIPE, stderr=self._stderr,
            stdin=subprocess.PIPE if self._stdin else subprocess.DEVNULL,
            preexec_fn=self._prepare, env={**ENVIRONMENT, **self._environment})
        try:
            if self._stdin:
                self.process.stdin.write(self._stdin.encode())
                self.process.stdin.close()
                self.process.stdin = None
            self._read_ready_lines()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, traceback):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self._stderr.close()
        self._directory.cleanup()

    def _read_ready_lines(self):
        end = time.monotonic() + PATIENCE
        fd = self.process.stdout.fileno()
        while len(self.urls) < self._listeners:
            ready, _, _ = select.select([fd], [], [],
                                        max(0, end - time.monotonic()))
            octets = os.read(fd, 65536) if ready else b""
            if not octets:
                raise AssertionError("no ready line: " + self.stderr())
            self._stdout += octets.decode()
            self.urls = [READY.match(line).group(1)
                         for line in self._stdout.splitlines()
                         if READY.match(line)]

    @property
    def port(self):
        return int(self.urls[0].rsplit(":", 1)[1])

    def stderr(self):
        self._stderr.flush()
        with open(self._stderr.name, encoding="utf-8",
                  errors="backslashreplace") as file:
            return file.read()

    def connect(self, **options):
        return Client(self.port, **options)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=PATIENCE):
        """Waits for the server to end by itself; returns its status."""
        status = self.process.wait(timeout)
        self._stdout += self.process.stdout.read().decode()
        return status

    def stop(self):
        """Ends the run in an orderly way; returns the status."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def stdout(self):
        return self._stdout

    def journal(self):
        """The journal's complete lines so far, as objects."""
        try:
            with open(self.journal_path, encoding="utf-8") as file:
                lines = file.read().split("\n")[:-1]
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines]

    def records(self, kind, **keys):
        return [record for record in self.journal()
                if record["type"] == kind and
                all(record.get(key) == value for key, value in keys.items())]

    def wait_for_records(self, kind, **keys):
        """The records of that kind, once there are some: a client may have
        its reply before the journal has its line."""
        return wait_until(lambda: self.records(kind, **keys),
                          f"{kind} {keys} in the journal")

    def memory_kib(self):
        """Resident memory of the server."""
        with open(f"/proc/{self.process.pid}/status",
                  encoding="ascii") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        raise AssertionError("no VmRSS")


class Client:
    """A connection that sends octets and reads replies."""

    def __init__(self, port, timeout=PATIENCE, family=socket.AF_INET):
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self._file = None
        if family == socket.AF_UNIX:
            self.socket.connect(port)
        else:
            self.socket.connect(
                ("127.0.0.1" if family == socket.AF_INET else "::1", port))
        self._file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        self.close()

    def close(self):
        if self._file is not None:
            self._file.close()
        self.socket.close()

    def wrap(self, context):
        """Goes on inside TLS."""
        self._file.close()
        self.socket = context.wrap_socket(self.socket)
        self._file = self.socket.makefile("rb")

    def vanish(self):
        """Closes with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               b"\1\0\0\0\0\0\0\0")
        self.close()

    def send(self, octets):
        if isinstance(octets, str):
            octets = octets.encode() + b"\r\n"
        self.socket.sendall(octets)

    def line(self):
        """The next line without CRLF; None at the connection's end."""
        line = self._file.readline()
        if not line:
            return None
        if not line.endswith(b"\r\n"):
            raise AssertionError(f"a line without CRLF: {line!r}")
        return line[:-2].decode("utf-8", "backslashreplace")

    def reply(self):
        """The lines of the next reply."""
        lines = [self.line()]
        while lines[-1] is not None and lines[-1][3:4] == "-":
            lines.append(self.line())
        return lines

    def code(self):
        """The code of the next reply; None at the connection's end."""
        last = self.reply()[-1]
        return None if last is None else int(last[:3])

    def say(self, line):
        """Sends a line; returns the code of its reply."""
        self.send(line)
        return self.code()

    def ask(self, line):
        """Sends a line; returns its reply's lines."""
        self.send(line)
        return self.reply()

    def is_closed(self):
        """Reads to the end; whether the server closed with FIN."""
        return self._file.readline() == b""
