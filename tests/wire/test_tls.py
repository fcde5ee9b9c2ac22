"""What an idle connection with TLS costs."""
import socket
import ssl
import unittest

import smtpfault
from smtpfault import MODE, Server

CONNECTIONS = 500
# The records' buffers are the library's; those of Mbed TLS 3.6 are larger.
LIMIT_KIB = {"2.28": 36, "3.6": 45}
SCENARIO = "[server]\nextensions = +STARTTLS\n"
NEWEST = "[server]\nmin-version = 1.3\n"


class Memory(unittest.TestCase):
    def limit(self):
        """Which library the server is built with shows in what it can do."""
        result = smtpfault.run("check", "-", stdin=NEWEST)
        return LIMIT_KIB["2.28" if result.returncode else "3.6"]

    def shake(self, server):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", server.port))
        secure = self.enterContext(context.wrap_socket(plain))
        self.assertEqual(secure.recv(100)[:4], b"220 ")

    @unittest.skipUnless(MODE == "release", "sanitizers take their own")
    def test_an_idle_connection_takes_36_kib(self):
        server = self.enterContext(
            Server(scenario=SCENARIO, listen="smtps://127.0.0.1:0"))
        self.shake(server)
        before = server.memory_kib()
        for _ in range(CONNECTIONS):
            self.shake(server)
        each = (server.memory_kib() - before) / CONNECTIONS
        print(f"idle connection with TLS: {each:.1f} KiB", flush=True)
        self.assertLessEqual(each, self.limit(), "KiB")


if __name__ == "__main__":
    unittest.main()
