"""A small SMTP client of the test suite's own: right by default, and able to do
wrong on purpose.

`Client` is one connection, in which each step is said by the caller.
`deliver()` is a whole client that queues: it retries what is deferred, gives up
what is refused, and ends each session with QUIT.  Its habits are arguments, so
that a bad client is a good one with one bad habit.
"""
import base64
import os
import socket
import ssl
import time

MESSAGE = (b"From: <sender@client.test>\r\nTo: <a@example.test>\r\n"
           b"Message-ID: <%s@client.test>\r\nSubject: self-test\r\n\r\nText.\r\n")


def encode(text):
    return base64.b64encode(text.encode()).decode()


class Server:
    """Where the server is, as a command under test learns it."""

    def __init__(self):
        self.host = os.environ["SMTPFAULT_HOST"]
        self.port = int(os.environ["SMTPFAULT_PORT"])
        self.ca = os.environ.get("SMTPFAULT_CA")

    def port_of(self, listener):
        return int(os.environ["SMTPFAULT_PORT_" + listener])


class Reply:
    """The lines of one reply; code 0 is the end of the connection."""

    def __init__(self, lines):
        self.lines = lines
        last = lines[-1] if lines else ""
        self.code = int(last[:3]) if last[:3].isdigit() else 0

    @property
    def is_good(self):
        return 200 <= self.code < 400

    @property
    def is_refused(self):
        return self.code >= 500

    def __repr__(self):
        return f"Reply({self.lines})"


class Client:
    """One connection.  Nothing is retried, and no reply is judged here."""

    def __init__(self, server, port=None, timeout=20, tls=False, host=None):
        self.server = server
        self.socket = socket.create_connection(
            (host or server.host, port or server.port), timeout)
        self._rest = b""
        self.extensions = {}
        if tls:
            self._wrap(True)
        self.greeting = None

    def greet(self):
        """Reads the greeting; returns it."""
        self.greeting = self.reply()
        return self.greeting

    def _line(self):
        while b"\n" not in self._rest:
            try:
                octets = self.socket.recv(65536)
            except (ConnectionError, ssl.SSLError):
                octets = b""
            if not octets:
                return None
            self._rest += octets
        line, self._rest = self._rest.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "backslashreplace")

    def reply(self):
        lines = []
        while True:
            line = self._line()
            if line is None:
                return Reply([])
            lines.append(line)
            if line[3:4] != "-":
                return Reply(lines)

    def send(self, octets):
        """Sends octets as they are; a server that has left is no error here."""
        try:
            self.socket.sendall(octets)
        except (ConnectionError, ssl.SSLError):
            pass

    def say(self, line):
        """Sends a line and reads its reply."""
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def ehlo(self, name="client.test", verb="EHLO"):
        """Says it, and keeps what the server offers."""
        reply = self.say(f"{verb} {name}")
        if reply.is_good:
            self.extensions = {}
            for line in reply.lines[1:]:
                word, _, rest = line[4:].partition(" ")
                self.extensions[word.upper()] = rest
        return reply

    def _wrap(self, verifies):
        context = ssl.create_default_context(cafile=self.server.ca)
        if not verifies:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket,
                                          server_hostname=self.server.host)

    def starttls(self, verifies=True):
        """Says STARTTLS and shakes hands; returns the reply.  Raises
        ssl.SSLError, or ConnectionError, where the handshake fails."""
        reply = self.say("STARTTLS")
        if reply.code == 220:
            self._rest = b""  # nothing from before the handshake counts
            self.extensions = {}
            self._wrap(verifies)
        return reply

    def auth_plain(self, user="joe", password="secret"):
        text = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        return self.say("AUTH PLAIN " + text)

    def auth_login(self, user="joe", password="secret"):
        reply = self.say("AUTH LOGIN")
        for text in (user, password):
            if reply.code != 334:
                break
            reply = self.say(base64.b64encode(text.encode()).decode())
        return reply

    def auth(self, mechanism, *responses):
        """AUTH, and a response, yet without base64, behind each 334."""
        reply = self.say("AUTH " + mechanism)
        for text in responses:
            if reply.code != 334:
                break
            reply = self.say(encode(text))
        return reply

    def mail(self, sender="sender@client.test", parameters=""):
        return self.say(f"MAIL FROM:<{sender}>{parameters}")

    def rcpt(self, recipient="a@example.test", parameters=""):
        return self.say(f"RCPT TO:<{recipient}>{parameters}")

    def data(self, message):
        """DATA and, behind a 354, the message; returns the last reply."""
        reply = self.say("DATA")
        return self.body(message) if reply.code == 354 else reply

    def body(self, message):
        """The message, dot-stuffed, and its end."""
        lines = message.replace(b"\r\n.", b"\r\n..")
        if lines.startswith(b"."):
            lines = b"." + lines
        self.send(lines + b".\r\n")
        return self.reply()

    def quit(self):
        reply = self.say("QUIT")
        self.close()
        return reply

    def close(self):
        try:
            self.socket.close()
        except OSError:
            pass

    def reset(self):
        """Ends the connection with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               b"\1\0\0\0\0\0\0\0")
        self.close()


class Habits:
    """How deliver() behaves; the defaults are right."""

    attempts = 3            # of a message, the first included
    pause = 0.05            # seconds before the second attempt; they grow
    retries_refused = False  # tries again what was refused with 5yz
    quits = True            # QUIT at the end of a session
    tls = "if-offered"      # "never", "if-offered", "required"
    verifies = True         # looks at the certificate
    user = None             # AUTH PLAIN with it, inside TLS or where `clear`
    password = "secret"
    clear = False           # credentials also without TLS
    timeout = 20            # seconds for each reply
    helo_fallback = True    # HELO where EHLO is unknown (500, 502)
    message_id = "self-test"
    text = None             # the whole message

    def __init__(self, habits):
        for name, value in habits.items():
            if not hasattr(Habits, name):
                raise TypeError(f"no such habit: {name}")
            setattr(self, name, value)


def _hello(client, habits):
    reply = client.ehlo()
    if reply.code in (500, 502, 504) and habits.helo_fallback:
        reply = client.ehlo(verb="HELO")
    return reply


def _secure(client, habits):
    """STARTTLS as the habits want it.  Returns whether the session goes on."""
    offered = "STARTTLS" in client.extensions
    if habits.tls == "never" or (habits.tls == "if-offered" and not offered):
        return True
    if not offered:
        return False
    reply = client.starttls(habits.verifies)
    if reply.code != 220:
        return habits.tls == "if-offered"
    return _hello(client, habits).is_good


def _log_in(client, habits):
    if habits.user is None:
        return Reply(["235"])
    inside = isinstance(client.socket, ssl.SSLSocket)
    if not inside and not habits.clear:
        return Reply(["538 credentials are not for the clear"])
    return client.auth_plain(habits.user, habits.password)


def _transact(client, sender, recipients, message):
    """One transaction; what became of each recipient: a Reply."""
    reply = client.mail(sender)
    if not reply.is_good:
        return {recipient: reply for recipient in recipients}
    replies = {recipient: client.rcpt(recipient) for recipient in recipients}
    taken = [name for name, reply in replies.items() if reply.is_good]
    if taken:
        reply = client.data(message)
        replies.update({name: reply for name in taken})
    return replies


def _attempt(server, habits, sender, recipients, message):
    """One session; what became of each recipient."""
    lost = {recipient: Reply([]) for recipient in recipients}
    try:
        client = Client(server, timeout=habits.timeout)
    except OSError:
        return lost
    try:
        reply = client.greet()
        if reply.is_good:
            reply = _hello(client, habits)
        if reply.is_good and not _secure(client, habits):
            reply = Reply(["454 no TLS"])
        if reply.is_good:
            reply = _log_in(client, habits)
        replies = _transact(client, sender, recipients, message) \
            if reply.is_good else {name: reply for name in recipients}
        if habits.quits and all(reply.code for reply in replies.values()):
            client.quit()
        return replies
    except OSError:  # also a handshake that failed, and a timeout
        return lost
    finally:
        client.close()


def deliver(server, to=("a@example.test",), sender="sender@client.test",
            **habits):
    """Delivers a message as a client with a queue does.  Returns the last reply
    for each recipient."""
    habits = Habits(habits)
    message = habits.text or MESSAGE % habits.message_id.encode()
    left = [to] if isinstance(to, str) else list(to)
    replies = {}
    for attempt in range(habits.attempts):
        if attempt:
            time.sleep(habits.pause * attempt)
        replies.update(_attempt(server, habits, sender, left, message))
        left = [name for name in left if not replies[name].is_good and
                (habits.retries_refused or not replies[name].is_refused)]
        if not left:
            break
    return replies


def start(server):
    """A session in which EHLO was said."""
    client = Client(server)
    client.greet()
    client.ehlo()
    return client


def finish(client, message_id="self-test"):
    """Sends one message and ends the session.  Returns the last reply."""
    replies = _transact(client, "sender@client.test", ["a@example.test"],
                        MESSAGE % message_id.encode())
    client.quit()
    return replies["a@example.test"]
