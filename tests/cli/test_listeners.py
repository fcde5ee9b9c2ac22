"""Listeners of the scenario: several hosts, some of which refuse or stall."""
import errno
import signal
import socket
import unittest

from smtpfault import Client, Server, run, wait_until

MX = """
[listen mx1]
url = smtp://127.0.0.1:0
refuse = yes

[listen mx2]
url = smtp://127.0.0.2:0
stall = yes
backlog = 1

[listen mx3]
url = smtp://127.0.0.3:0
hostname = mx3.example.test
"""


def split(url):
    host, port = url.split("://")[1].rsplit(":", 1)
    return host, int(port)


def connect_result(url, patience=0.3):
    """0, or the errno with which a connection fails; ETIMEDOUT if nothing
    comes of it."""
    with socket.socket() as client:
        client.settimeout(patience)
        try:
            client.connect(split(url))
        except TimeoutError:
            return errno.ETIMEDOUT
        except OSError as error:
            return error.errno
        return 0


def greeting(url):
    with socket.create_connection(split(url), 20) as client:
        return client.makefile("rb").readline().decode().rstrip()


class OfTheScenario(unittest.TestCase):
    def test_they_replace_the_default_one_and_share_a_port(self):
        with Server(scenario=MX, listen=None, listeners=3,
                    journal=True) as server:
            hosts, ports = zip(*map(split, server.urls))
            self.assertEqual(hosts, ("127.0.0.1", "127.0.0.2", "127.0.0.3"))
            self.assertEqual(len(set(ports)), 1, ports)
            self.assertEqual(
                [(record["listener"], record["url"])
                 for record in server.records("listen")],
                list(zip(("mx1", "mx2", "mx3"), server.urls)))

    def test_one_refuses_one_stalls_one_serves(self):
        with Server(scenario=MX, listen=None, listeners=3) as server:
            self.assertEqual(connect_result(server.urls[0]),
                             errno.ECONNREFUSED)
            for reuse in (0, 1):
                with socket.socket() as other:
                    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR,
                                     reuse)
                    with self.assertRaises(OSError) as caught:
                        other.bind(split(server.urls[0]))
                    self.assertEqual(caught.exception.errno, errno.EADDRINUSE)
            with socket.create_connection(split(server.urls[1])) as first:
                self.assertEqual(connect_result(server.urls[1]),
                                 errno.ETIMEDOUT)
                first.settimeout(0.1)
                with self.assertRaises(TimeoutError):
                    first.recv(1)
            self.assertEqual(greeting(server.urls[2]),
                             "220 mx3.example.test ESMTP smtpfault")
            self.assertEqual(server.stop(), 0)

    def test_listen_with_a_name_moves_one_and_keeps_its_keys(self):
        with Server("--listen", "mx1=smtp://127.0.0.4:0",
                    "--listen", "mx3=lmtp://127.0.0.4:0", scenario=MX,
                    listen=None, listeners=3) as server:
            self.assertEqual([split(url)[0] for url in server.urls],
                             ["127.0.0.4", "127.0.0.2", "127.0.0.4"])
            self.assertEqual(connect_result(server.urls[0]),
                             errno.ECONNREFUSED)
            self.assertEqual(greeting(server.urls[2]),
                             "220 mx3.example.test LMTP smtpfault")

    def test_listen_without_a_name_replaces_them_all(self):
        with Server(scenario=MX) as server:
            self.assertEqual(greeting(server.urls[0]),
                             "220 smtpfault.test ESMTP smtpfault")
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.stdout().count("listening"), 1)

    def test_a_name_that_the_scenario_has_not_is_status_2(self):
        with Server(scenario=MX) as server:
            done = run("-s", server.scenario_path, "--listen",
                       "mx4=smtp://127.0.0.1:0")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr,
                         r"^smtpfault: --listen mx4=: .*: .*mx1.*\n$")

    def test_a_scenario_with_errors_in_its_listeners_is_status_2(self):
        with Server() as server:
            server.scenario_path = server.directory + "/bad.ini"
            server.write_scenario("[listen a]\nurl = smtp://nowhere\n")
            for words in (["check"], ["-s"]):
                done = run(*words, server.scenario_path)
                self.assertEqual(done.returncode, 2)
                self.assertIn("bad.ini:2: error: `url`: ", done.stderr)


class Reload(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(
            Server(scenario=MX, listen=None, listeners=3, journal=True))
        self.runs = 1

    def reload(self, scenario):
        self.server.write_scenario(scenario)
        self.server.signal(signal.SIGHUP)
        self.runs += 1
        wait_until(lambda: len(self.server.records("run")) == self.runs and
                   len(self.server.records("listen")) == 3 * self.runs,
                   "a new run")

    def test_other_keys_apply_and_addresses_stay(self):
        urls = self.server.urls
        self.reload(MX.replace("refuse", "stall").replace("mx3.ex", "mx4.ex"))
        self.assertEqual(connect_result(urls[0]), 0)
        self.assertEqual(greeting(urls[2]),
                         "220 mx4.example.test ESMTP smtpfault")
        self.reload(MX.replace("stall", "refuse").replace("backlog = 1", "")
                    .replace("hostname = mx3.example.test", "refuse = yes"))
        for url in urls:
            self.assertEqual(connect_result(url), errno.ECONNREFUSED)
        self.reload(MX.replace("yes", "no"))
        for url in urls[:2]:
            self.assertEqual(greeting(url),
                             "220 smtpfault.test ESMTP smtpfault")
        self.assertEqual([record["url"] for record in
                          self.server.records("listen")], urls * 4)
        self.assertEqual(self.server.stderr(), "")
        self.assertEqual(self.server.stop(), 0)

    def test_a_backlog_that_grows_lets_more_in(self):
        url = self.server.urls[1]
        with socket.create_connection(split(url)):
            self.assertEqual(connect_result(url), errno.ETIMEDOUT)
            self.reload(MX.replace("backlog = 1", "backlog = 2"))
            self.assertEqual(connect_result(url), 0)

    def test_other_addresses_wait_for_the_next_start_and_that_is_said(self):
        self.reload(MX.replace("127.0.0.3", "127.0.0.4"))
        self.assertRegex(self.server.stderr(),
                         r"^smtpfault: the scenario has other listeners "
                         r"now: .*start anew.*\n$")
        self.assertEqual(greeting(self.server.urls[2]),
                         "220 mx3.example.test ESMTP smtpfault")

    def test_listeners_that_are_gone_serve_as_the_server_does(self):
        self.reload("[server]\nhostname = mx.example.test\n")
        for url in self.server.urls:
            self.assertEqual(greeting(url),
                             "220 mx.example.test ESMTP smtpfault")

    def test_a_command_line_that_no_longer_fits_changes_nothing(self):
        with Server("--listen", "mx1=smtp://127.0.0.1:0", scenario=MX,
                    listen=None, listeners=3) as server:
            server.write_scenario("[listen a]\n")
            server.signal(signal.SIGHUP)
            wait_until(lambda: "not loaded again" in server.stderr(), "why")
            self.assertIn("--listen mx1=: ", server.stderr())
            self.assertEqual(greeting(server.urls[2]),
                             "220 mx3.example.test ESMTP smtpfault")


class Limits(unittest.TestCase):
    def test_a_listener_has_its_own_limit_of_connections(self):
        scenario = ("[server]\nmax-connections = 1\n[listen a]\n[listen b]\n"
                    "max-connections = 2\n")
        with Server(scenario=scenario, listen=None, listeners=2) as server:
            codes = []
            for url in server.urls:
                for _ in range(3):
                    client = Client(split(url)[1])
                    self.addCleanup(client.close)
                    codes.append(client.code())
        self.assertEqual(codes, [220, 421, 421, 220, 220, 421])


if __name__ == "__main__":
    unittest.main()
