"""What a real connection shows of a client that breaks a rule."""
import unittest

from smtpfault import Server

TLS = "[server]\nextensions = +STARTTLS\n"
SMTPS = "smtps://127.0.0.1:0"


def broken(server):
    server.wait_for_records("disconnect")
    return [record["id"] for record in server.records("violation")]


class Conduct(unittest.TestCase):
    def test_who_speaks_in_the_clear_where_tls_begins_at_once_is_told_so(self):
        with Server(listen=SMTPS, scenario=TLS, journal=True) as server:
            with server.connect() as client:
                client.send(b"EHLO client.test\r\n")
                client.is_closed()
            self.assertEqual(broken(server), ["TLS-12"])

    def test_who_goes_on_in_the_clear_behind_starttls_is_told_so(self):
        with Server(scenario=TLS, journal=True) as server:
            with server.connect() as client:
                client.reply()
                client.ask("EHLO client.test")
                client.ask("STARTTLS")
                client.send(b"MAIL FROM:<a@client.test>\r\n")
                client.is_closed()
            self.assertEqual(broken(server), ["TLS-09"])

    def test_a_handshake_is_no_plain_text(self):
        with Server(listen=SMTPS, scenario=TLS, journal=True) as server:
            with server.connect() as client:
                client.send(b"\x16\x03\x01\x00\x01")
            self.assertEqual(broken(server), [])

    def test_a_client_that_is_not_answered_and_leaves_has_no_patience(self):
        with Server(scenario="[MAIL]\ndelay = forever\n", journal=True) as \
                server:
            with server.connect() as client:
                client.reply()
                client.ask("EHLO client.test")
                client.send(b"MAIL FROM:<a@client.test>\r\n")
                server.wait_for_records("fault")
            self.assertEqual(broken(server), ["TIM-02"])
            record, = server.records("violation")
            self.assertEqual(record["level"], "SHOULD")
            self.assertNotIn("bytes", record)


if __name__ == "__main__":
    unittest.main()
