"""Real clients: what is sent arrives, what is refused is seen to be refused."""
import os
import shutil
import smtplib
import subprocess
import unittest

from smtpfault import Server, wait_until

SENDER = "a@client.test"
RECIPIENT = "b@example.test"
TEXT = f"From: <{SENDER}>\r\nTo: <{RECIPIENT}>\r\nSubject: x\r\n\r\nhello\r\n"


def need(program):
    return unittest.skipUnless(
        shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"),
        f"{program} is not installed")


def swaks(server):
    return subprocess.run(
        ["swaks", "--server", "127.0.0.1", "--port", str(server.port),
         "--from", SENDER, "--to", RECIPIENT, "--helo", "client.test",
         "--timeout", "15", "--body", "hello from swaks"],
        capture_output=True, text=True, timeout=30, check=False,
        stdin=subprocess.DEVNULL)


def curl(server):
    return subprocess.run(
        ["curl", "-sS", "--max-time", "15",
         f"smtp://127.0.0.1:{server.port}/client.test",
         "--mail-from", SENDER, "--mail-rcpt", RECIPIENT, "-T", "-"],
        capture_output=True, text=True, timeout=30, check=False, input=TEXT)


class Sent:
    """What every client under test has to do; `status` runs it."""

    def assert_delivered(self, server):
        message, = server.wait_for_records("message")
        self.assertEqual(message["sender"], SENDER)
        self.assertEqual(message["accepted"], [RECIPIENT])

    def test_mail_is_sent(self):
        with Server(journal=True) as server:
            self.assertTrue(self.sends(server))
            self.assert_delivered(server)

    def test_greylisted_mail_is_sent_by_the_second_try_after_the_window(self):
        with Server("-s", "greylist", "--speed", "300",
                    journal=True) as server:
            self.assertFalse(self.sends(server))
            wait_until(lambda: self.sends(server), "the mail is taken")
            self.assert_delivered(server)
            codes = [reply["code"] for reply in server.records("reply")
                     if reply.get("event") == "RCPT"]
            self.assertEqual(codes[-1], 250)
            self.assertEqual(set(codes[:-1]), {451})

    def test_refusals_at_every_stage_are_seen(self):
        for event, reply in (("CONNECT", "554 No service"),
                             ("MAIL", "553 5.1.7 Bad sender"),
                             ("RCPT", "550 5.1.1 No such user"),
                             ("RCPT", "556 5.1.10 Null MX"),
                             ("RCPT", "452 4.2.2 Mailbox full"),
                             ("DATA", "554 5.5.1 No valid recipients"),
                             ("MESSAGE", "552 5.3.4 Too big")):
            scenario = f"[{event}]\nreply = {reply}\n"
            with self.subTest(event=event, reply=reply), \
                    Server(journal=True, scenario=scenario) as server:
                self.assertFalse(self.sends(server))
                said = server.wait_for_records("reply", event=event)
                self.assertEqual(said[-1]["code"], int(reply[:3]))

    def test_a_connection_that_breaks_is_seen(self):
        for close in ("fin", "reset"):
            scenario = f"[MESSAGE]\nclose = {close}\n"
            with self.subTest(close=close), \
                    Server(scenario=scenario) as server:
                self.assertFalse(self.sends(server))


@need("swaks")
class Swaks(Sent, unittest.TestCase):
    def sends(self, server):
        return swaks(server).returncode == 0


@need("curl")
class Curl(Sent, unittest.TestCase):
    def sends(self, server):
        return curl(server).returncode == 0


class Smtplib(Sent, unittest.TestCase):
    def sends(self, server):
        try:
            with smtplib.SMTP("127.0.0.1", server.port, "client.test",
                              timeout=15) as client:
                client.sendmail(SENDER, [RECIPIENT], TEXT)
        except (smtplib.SMTPException, OSError):
            return False
        return True

    def test_a_refused_login_is_an_authentication_error(self):
        scenario = ("[EHLO]\nextensions = +AUTH PLAIN LOGIN\n"
                    "[AUTH]\nreply = 535 5.7.8 Bad credentials\n")
        with Server(scenario=scenario) as server, \
                smtplib.SMTP("127.0.0.1", server.port, timeout=15) as client:
            with self.assertRaises(smtplib.SMTPAuthenticationError) as caught:
                client.login("bob", "wrong")
            self.assertEqual(caught.exception.smtp_code, 535)

    def test_lmtp_takes_a_reply_for_each_recipient(self):
        scenario = ("[MESSAGE]\nrecipient = full@*\n"
                    "reply = 452 4.2.2 Mailbox full\n")
        with Server(listen="lmtp://127.0.0.1:0", scenario=scenario,
                    journal=True) as server:
            with smtplib.LMTP("127.0.0.1", server.port, "client.test") as \
                    client:
                client.ehlo()
                client.mail(SENDER)
                client.rcpt(RECIPIENT)
                client.rcpt("full@example.test")
                code, _ = client.data(TEXT)
                self.assertEqual(code, 250)
                self.assertEqual(client.getreply()[0], 452)
            message, = server.wait_for_records("message")
            self.assertEqual(message["accepted"], [RECIPIENT])


if __name__ == "__main__":
    unittest.main()
