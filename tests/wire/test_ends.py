"""How the end of a connection looks on the wire."""
import unittest

from smtpfault import Server
from wire import Capture


class Ends(unittest.TestCase):
    def serve(self, scenario, **options):
        self.server = self.enterContext(
            Server(journal=True, scenario=scenario, **options))
        self.capture = self.enterContext(Capture(self.server.port))

    def connect(self):
        client = self.enterContext(self.server.connect())
        self.assertEqual(client.code(), 220)
        return client

    def flags_of_server(self):
        return [segment.flags for segment in self.capture.of_server()]

    def test_close_reset_sends_the_reply_then_rst_and_no_fin(self):
        self.serve("[NOOP]\nreply = 250 2.0.0 Bye\nclose = reset\n")
        client = self.connect()
        self.assertEqual(client.ask("NOOP"), ["250 2.0.0 Bye"])
        with self.assertRaises(ConnectionResetError):
            client.line()
        self.capture.wait_for(lambda segment: "RST" in segment.flags, "RST")
        *earlier, reply, reset = self.capture.of_server()
        self.assertEqual(reply.octets, b"250 2.0.0 Bye\r\n")
        self.assertIn("RST", reset.flags)
        self.assertFalse([flags for flags in self.flags_of_server()
                          if "FIN" in flags])

    def test_close_fin_sends_the_reply_then_fin_and_no_rst(self):
        self.serve("[NOOP]\nreply = 250 2.0.0 Bye\nclose = fin\n")
        client = self.connect()
        client.send(b"NOOP\r\n" * 1000)
        self.assertEqual(client.reply(), ["250 2.0.0 Bye"])
        self.assertTrue(client.is_closed())
        client.send(b"NOOP\r\n" * 1000)
        client.close()
        self.server.wait_for_records("disconnect", by="server", how="fin")
        fin = [n for n, flags in enumerate(self.flags_of_server())
               if "FIN" in flags]
        self.assertEqual(len(fin), 1)
        self.assertFalse([flags for flags in self.flags_of_server()
                          if "RST" in flags])


if __name__ == "__main__":
    unittest.main()
