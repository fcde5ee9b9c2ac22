"""Postfix queues, retries with a short backoff, and bounces."""
import os
import unittest

from clients import SENDER, lacks, require
from postfix import Postfix
from smtpfault import Server, wait_until


class Sending(unittest.TestCase):
    def setUp(self):
        require(lacks("postfix"))
        if os.geteuid() != 0:
            self.skipTest("Postfix has to be started by root")

    def deliver(self, outcome, *arguments, scenario=None):
        """Runs one message to its end; returns the codes that RCPT got and
        what Postfix made of each try."""
        with Server(*arguments, scenario=scenario, journal=True) as server, \
                Postfix(server.port) as postfix:
            postfix.submit()
            postfix.wait_for(outcome)
            wait_until(lambda: len(server.records("disconnect")) ==
                       len(server.records("connect")), "all sessions end")
            codes = [reply["code"] for reply in server.records("reply")
                     if reply.get("event") == "RCPT"]
            self.assertEqual(server.records("violation"), [])
            return codes, postfix.outcomes()

    def test_it_sends(self):
        codes, outcomes = self.deliver("sent")
        self.assertEqual(codes, [250])
        self.assertEqual(outcomes, ["sent"])

    def test_greylisted_mail_is_deferred_retried_and_sent(self):
        codes, outcomes = self.deliver("sent", "-s", "greylist",
                                       "--speed", "200")
        self.assertEqual(codes[0], 451)
        self.assertEqual(codes[-1], 250)
        self.assertEqual(outcomes, ["deferred"] * (len(codes) - 1) + ["sent"])

    def test_a_ladder_of_attempts_is_climbed(self):
        codes, outcomes = self.deliver("sent", scenario="""\
[RCPT first]
per = sender, recipient
attempt = 1
reply = 450 4.2.1 Busy

[RCPT second]
per = sender, recipient
attempt = 2
reply = 452 4.2.2 Mailbox full
""")
        self.assertEqual(codes, [450, 452, 250])
        self.assertEqual(outcomes, ["deferred", "deferred", "sent"])

    def test_a_permanent_refusal_bounces_at_once(self):
        for reply in ("550 5.1.1 No such user", "556 5.1.10 Null MX"):
            with self.subTest(reply=reply):
                codes, outcomes = self.deliver(
                    "bounced", scenario=f"[RCPT]\nsender = {SENDER}\n"
                                        f"reply = {reply}\n")
                self.assertEqual(codes[0], int(reply[:3]))
                self.assertEqual(outcomes, ["bounced"])

    def test_a_lost_reply_to_the_message_is_deferred_and_sent_again(self):
        _, outcomes = self.deliver("sent", scenario="""\
[MESSAGE lost]
per = sender, recipient
attempt = 1
accept = yes
close = reset
""")
        self.assertEqual(outcomes, ["deferred", "sent"])


if __name__ == "__main__":
    unittest.main()
