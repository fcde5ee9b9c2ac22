"""How connections end on a real socket: FIN, RST, and what arrives before."""
import signal
import unittest

from smtpfault import Server, wait_until

PIPELINED = b"NOOP\r\n" * 20000


class Ends(unittest.TestCase):
    def serve(self, scenario, **options):
        return self.enterContext(
            Server(journal=True, scenario=scenario, **options))

    def connect(self, server):
        client = self.enterContext(server.connect())
        self.assertEqual(client.code(), 220)
        return client

    def end_of(self, server, session=1):
        end, = server.wait_for_records("disconnect", session=session)
        return end["by"], end["how"]

    def test_a_reply_before_a_reset_arrives(self):
        server = self.serve("[NOOP]\nreply = 250 2.0.0 Bye\nclose = reset\n")
        client = self.connect(server)
        self.assertEqual(client.ask("NOOP"), ["250 2.0.0 Bye"])
        with self.assertRaises(ConnectionResetError):
            client.line()
        self.assertEqual(self.end_of(server), ("server", "reset"))

    def test_a_reset_instead_of_a_greeting_is_a_reset(self):
        server = self.serve("[CONNECT]\nclose = reset\n")
        # It may come before connect() has returned.
        with self.assertRaises(ConnectionResetError), \
                server.connect() as client:
            client.line()

    def test_unread_input_does_not_turn_a_close_into_a_reset(self):
        server = self.serve("[EHLO]\nreply = 250 client.test\nclose = fin\n")
        client = self.connect(server)
        client.send(b"EHLO client.test\r\n" + PIPELINED)
        self.assertEqual(client.reply(), ["250 client.test"])
        self.assertTrue(client.is_closed())
        client.close()
        self.assertEqual(self.end_of(server), ("server", "fin"))

    def test_input_behind_a_quit_does_not_destroy_its_answer(self):
        server = self.serve("")
        client = self.connect(server)
        client.send(b"QUIT\r\n" + PIPELINED)
        self.assertEqual(client.code(), 221)
        self.assertTrue(client.is_closed())
        client.close()
        self.assertEqual(self.end_of(server), ("server", "quit"))

    def test_who_left_how_is_in_the_journal(self):
        server = self.serve("")
        client = self.connect(server)
        client.close()
        self.assertEqual(self.end_of(server, 1), ("client", "fin"))
        client = self.connect(server)
        client.vanish()
        self.assertEqual(self.end_of(server, 2), ("client", "reset"))

    def test_a_line_before_a_delay_leaves_before_it(self):
        server = self.serve("[NOOP]\nreply = 250-first\ndelay = forever\n"
                            "reply = 250 never\n")
        client = self.connect(server)
        client.send("NOOP")
        self.assertEqual(client.line(), "250-first")

    def test_connections_over_the_limit_get_421(self):
        server = self.serve("[server]\nmax-connections = 1\n")
        first = self.connect(server)
        with server.connect() as second:
            self.assertTrue(second.line().startswith("421 4.3.2 "))
            self.assertTrue(second.is_closed())
        self.assertEqual(first.say("QUIT"), 221)
        first.close()
        self.end_of(server)

        def is_served():
            with server.connect() as third:
                return third.code() == 220
        wait_until(is_served, "the place is free again")

    def test_a_stalled_client_is_told_of_the_end_of_the_run(self):
        server = self.serve("[NOOP]\ndelay = forever\nreply = default\n")
        client = self.connect(server)
        client.send("NOOP")
        server.wait_for_records("fault", action="delay")
        server.signal(signal.SIGTERM)
        self.assertTrue(client.line().startswith("421 4.3.2 "))
        self.assertTrue(client.is_closed())
        client.close()
        self.assertEqual(server.wait(), 0)


if __name__ == "__main__":
    unittest.main()
