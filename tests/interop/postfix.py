"""Postfix as the sending MTA.  Everything of it lives in a temporary
directory; it listens on loopback, and only because mail has to be handed to
it."""
import os
import re
import shutil
import smtplib
import socket
import subprocess
import tempfile

from clients import RECIPIENT, SENDER, find
from smtpfault import wait_until

BACKOFF = 1  # seconds between tries

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {0}/spool
data_directory = {0}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = mta.test
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtp_host_lookup = native
smtp_tls_security_level = none
smtp_destination_concurrency_failed_cohort_limit = 0
transport_maps = texthash:{0}/etc/transports
relayhost = [127.0.0.1]:{1}
maillog_file = {0}/log
maillog_file_prefixes = /var, /tmp
minimal_backoff_time = {2}s
maximal_backoff_time = {2}s
queue_run_delay = 1s
transport_retry_time = 1s
"""

MASTER_CF = """\
127.0.0.1:{} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Postfix:
    """An MTA that relays to `port` what no line of `transports` sends
    elsewhere; `services` are lines of master.cf."""

    def __init__(self, port, services="", transports=""):
        self._directory = tempfile.TemporaryDirectory(prefix="postfix-",
                                                      dir="/tmp")
        self.top = self._directory.name
        self._submission = free_port()
        os.chmod(self.top, 0o755)
        for name in ("etc", "spool", "data"):
            os.mkdir(os.path.join(self.top, name))
        shutil.chown(os.path.join(self.top, "data"), "postfix")
        self._write("etc/main.cf", MAIN_CF.format(self.top, port, BACKOFF))
        self._write("etc/master.cf",
                    MASTER_CF.format(self._submission) + services)
        self._write("etc/transports", transports)

    def _write(self, name, text):
        with open(os.path.join(self.top, name), "w",
                  encoding="ascii") as file:
            file.write(text)

    def _command(self, verb):
        return [find("postfix"), "-c", os.path.join(self.top, "etc"), verb]

    def __enter__(self):
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
                 "stderr": subprocess.DEVNULL}
        subprocess.run(self._command("check"), timeout=30, check=False,
                       **quiet)
        self._master = subprocess.Popen(self._command("start-fg"), **quiet)
        return self

    def __exit__(self, kind, value, traceback):
        subprocess.run(self._command("stop"), timeout=30, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._master.wait(20)
        except subprocess.TimeoutExpired:
            self._master.kill()
            self._master.wait()
        self._directory.cleanup()

    def log(self):
        try:
            with open(os.path.join(self.top, "log"), encoding="utf-8",
                      errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def _connect(self):
        try:
            return smtplib.SMTP("127.0.0.1", self._submission, "submit.test",
                                timeout=10)
        except OSError:
            return None

    def submit(self, *recipients, sender=SENDER):
        with wait_until(self._connect, "Postfix answers") as client:
            client.sendmail(sender, recipients or [RECIPIENT],
                            f"From: <{sender}>\r\nSubject: postfix\r\n\r\n"
                            "hello\r\n")

    def outcomes(self, recipient=RECIPIENT):
        return re.findall(rf"to=<{re.escape(recipient)}>.* status=(\w+)",
                          self.log())

    def wait_for(self, outcome):
        wait_until(lambda: outcome in self.outcomes(),
                   f"Postfix logs {outcome}", timeout=60)
