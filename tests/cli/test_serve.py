"""Serving: listeners, ready line, port file, journal, Maildir, signals."""
import json
import os
import re
import resource
import signal
import socket
import stat
import tempfile
import time
import unittest

from smtpfault import MODE, Client, Server, run, wait_until

FILE_LIMIT = 256 * 1024
REFUSE = "[RCPT]\nreply = {} Refused by the scenario\n"


def send_mail(server, text="Subject: hello\r\n\r\nhello\r\n",
              recipient="b@example.test"):
    """One message; returns the codes of MAIL, RCPT, DATA and its end."""
    with server.connect() as client:
        client.code()
        client.say("EHLO client.test")
        codes = [client.say("MAIL FROM:<a@client.test>"),
                 client.say(f"RCPT TO:<{recipient}>"), client.say("DATA")]
        if codes[-1] == 354:
            client.send(text.encode() + b".\r\n")
            codes.append(client.code())
        client.say("QUIT")
    return codes


def limit_files():
    """No file longer than FILE_LIMIT, as `ulimit -f` has it."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))


def ask_recipient(server):
    return send_mail(server)[1]


class Listening(unittest.TestCase):
    def test_the_ready_line_is_all_there_is_on_standard_output(self):
        with Server() as server:
            self.assertEqual(send_mail(server), [250, 250, 354, 250])
            self.assertEqual(server.stop(), 0)
            self.assertEqual(
                server.stdout(),
                f"smtpfault: listening on smtp://127.0.0.1:{server.port}\n")

    def test_every_listener_has_a_ready_line_in_order(self):
        path = tempfile.mktemp(prefix="smtpfault-", suffix=".sock")
        with Server("--listen", "lmtp://127.0.0.1:0",
                    "--listen", "smtp://[::1]:0",
                    "--listen", f"lmtp+unix://{path}", listeners=4) as server:
            forms = (r"smtp://127\.0\.0\.1:\d+", r"lmtp://127\.0\.0\.1:\d+",
                     r"smtp://\[::1\]:\d+", re.escape(f"lmtp+unix://{path}"))
            for url, form in zip(server.urls, forms):
                self.assertRegex(url, f"^{form}$")
            port = int(server.urls[2].rsplit(":", 1)[1])
            with Client(port, family=socket.AF_INET6) as client:
                self.assertEqual(client.code(), 220)
            with Client(path, family=socket.AF_UNIX) as client:
                self.assertEqual(client.code(), 220)
                self.assertEqual(client.say("LHLO client.test"), 250)
            self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(path), "the socket is left behind")

    def test_the_port_file_names_every_listener(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "ports")
            with Server("--listen", "mx2=lmtp://127.0.0.1:0", "--port-file",
                        path, listeners=2) as server:
                with open(path, encoding="ascii") as file:
                    lines = [line.split(" ") for line in
                             file.read().splitlines()]
            self.assertEqual([url for _, url in lines], server.urls)
            self.assertEqual(lines[1][0], "mx2")
            self.assertEqual(os.listdir(directory), ["ports"])

    def test_a_port_file_that_cannot_be_written_is_status_3(self):
        done = run("--listen", "smtp://127.0.0.1:0", "--port-file",
                   "/no/such/directory/ports", "--timeout", "5s")
        self.assertEqual(done.returncode, 3)

    def test_an_address_in_use_is_status_3(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            url = f"smtp://127.0.0.1:{taken.getsockname()[1]}"
            done = run("--listen", url, "--timeout", "5s")
        self.assertEqual(done.returncode, 3)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"^smtpfault: .*in use.*\n$")

    def test_a_ready_line_that_finds_no_room_is_status_3(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = run("--listen", "smtp://127.0.0.1:0", "--timeout", "10s",
                       stdout=full)
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, r"^smtpfault: .*ready line.*space.*\n$")

    def test_a_reader_that_left_does_not_miss_the_ready_line(self):
        reader, writer = os.pipe()
        os.close(reader)
        self.addCleanup(os.close, writer)
        done = run("--listen", "smtp://127.0.0.1:0", "--timeout", "200ms",
                   stdout=writer)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_listening_to_the_world_is_warned_of(self):
        with Server(listen="smtp://0.0.0.0:0") as server:
            wait_until(lambda: "other machines" in server.stderr(), "a warning")


class Scenarios(unittest.TestCase):
    def test_a_file_a_bundled_name_and_standard_input(self):
        with Server(scenario=REFUSE.format("550 5.1.1")) as server:
            self.assertEqual(ask_recipient(server), 550)
        for name in ("greylist", "greylist.ini"):
            with Server("-s", name) as server:
                self.assertEqual(ask_recipient(server), 451)
        with Server("-s", "-", stdin=REFUSE.format("553 5.1.3")) as server:
            self.assertEqual(ask_recipient(server), 553)

    def test_a_file_comes_before_the_bundled_scenario_of_its_name(self):
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "greylist"), "w",
                      encoding="ascii") as file:
                file.write(REFUSE.format("552 5.2.2"))
            here = os.getcwd()
            os.chdir(directory)
            self.addCleanup(os.chdir, here)
            with Server("-s", "greylist") as server:
                self.assertEqual(ask_recipient(server), 552)
            os.chdir(here)

    def test_rules_of_several_scenarios_queue_up(self):
        with Server("-s", "greylist",
                    scenario=REFUSE.format("550 5.1.1")) as server:
            self.assertEqual(ask_recipient(server), 550)

    def test_a_setting_overrides_a_name(self):
        scenario = "[let]\ncode = 450\n[RCPT]\nreply = ${code} x\n"
        with Server("--set", "code=459", scenario=scenario) as server:
            self.assertEqual(ask_recipient(server), 459)

    def test_the_default_scenario_takes_mail(self):
        with Server() as server:
            self.assertEqual(send_mail(server), [250, 250, 354, 250])

    def test_an_address_asks_the_default_scenario_for_its_fault(self):
        with Server() as server:
            for name, codes in (("550", [250, 550, 554]),
                                ("452-4.2.2", [250, 452, 554]),
                                ("451-1", [250, 451, 554]),
                                ("451-1", [250, 250, 354, 250]),
                                ("slow-10ms", [250, 250, 354, 250])):
                with self.subTest(name=name):
                    self.assertEqual(
                        send_mail(server, recipient=f"{name}@example.test"),
                        codes)

    def test_strict_refuses_what_is_only_suspicious(self):
        done = run("--strict", "-s", "-", "--listen", "smtp://127.0.0.1:0",
                   stdin=REFUSE.format("354"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("error: ", done.stderr)

    def test_options_in_the_environment_come_first(self):
        options = {"SMTPFAULT_OPTIONS": "--scenario greylist"}
        with Server(environment=options) as server:
            self.assertEqual(ask_recipient(server), 451)


class Ends(unittest.TestCase):
    def test_after_a_number_of_sessions(self):
        with Server("--max-sessions", "2") as server:
            self.assertEqual(send_mail(server)[-1], 250)
            self.assertEqual(send_mail(server)[-1], 250)
            self.assertEqual(server.wait(), 0)

    def test_when_nothing_goes_on(self):
        with Server("--until-idle", "300ms") as server:
            self.assertEqual(send_mail(server)[-1], 250)
            self.assertEqual(server.wait(), 0)

    def test_when_its_time_is_over(self):
        with Server("--timeout", "300ms") as server:
            self.assertEqual(server.wait(), 0)

    def test_term_and_int_say_421_and_end_with_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number), Server() as server, \
                    server.connect() as client:
                self.assertEqual(client.code(), 220)
                server.signal(number)
                self.assertTrue(client.line().startswith("421 4.3.2 "))
                self.assertTrue(client.is_closed())
                client.close()
                self.assertEqual(server.wait(), 0)

    def test_a_client_that_stays_does_not_hold_up_the_end(self):
        with Server() as server, server.connect() as client:
            self.assertEqual(client.code(), 220)
            self.assertEqual(server.stop(), 0)

    def test_a_second_signal_does_not_wait_for_a_client_that_stays(self):
        with Server() as server, server.connect() as client:
            self.assertEqual(client.code(), 220)
            server.signal(signal.SIGTERM)
            self.assertTrue(client.line().startswith("421 "))
            began = time.monotonic()
            server.signal(signal.SIGTERM)
            server.wait()
            # One signal alone gives the client a second to close.
            self.assertLess(time.monotonic() - began, 0.9)

    def test_no_new_connection_is_taken_once_it_ends(self):
        with Server() as server, server.connect() as client:
            self.assertEqual(client.code(), 220)
            server.signal(signal.SIGTERM)
            self.assertTrue(client.line().startswith("421 "))
            with self.assertRaises(OSError):
                server.connect()


class Signals(unittest.TestCase):
    def test_hup_loads_the_scenario_again(self):
        with Server(journal=True, scenario=REFUSE.format("550")) as server:
            self.assertEqual(ask_recipient(server), 550)
            server.write_scenario(REFUSE.format("553"))
            server.signal(signal.SIGHUP)
            wait_until(lambda: len(server.records("run")) == 2, "a new run")
            self.assertEqual(ask_recipient(server), 553)

    def test_hup_begins_counting_anew(self):
        with Server("-s", "greylist", journal=True) as server:
            self.assertEqual(ask_recipient(server), 451)
            server.signal(signal.SIGHUP)
            wait_until(lambda: len(server.records("run")) == 2, "a new run")
            server.wait_for_records("verdict")
            self.assertEqual(ask_recipient(server), 451)

    def test_hup_with_errors_changes_nothing(self):
        with Server(scenario=REFUSE.format("550")) as server:
            server.write_scenario("[RCPT]\nreplay = 553 x\n")
            server.signal(signal.SIGHUP)
            wait_until(lambda: "error: " in server.stderr(), "the error")
            self.assertEqual(ask_recipient(server), 550)

    def test_usr1_writes_the_counters(self):
        with Server(scenario=REFUSE.format("550")) as server:
            ask_recipient(server)
            before = server.stderr()
            server.signal(signal.SIGUSR1)
            wait_until(lambda: server.stderr() != before, "counters")
            self.assertIn("sessions", server.stderr()[len(before):])


class Journal(unittest.TestCase):
    def test_it_tells_the_whole_story(self):
        with Server("-s", "greylist", journal=True) as server:
            self.assertEqual(ask_recipient(server), 451)
            self.assertEqual(server.stop(), 1, "it did not come back")
            records = server.journal()
        self.assertEqual(records[0]["type"], "run")
        self.assertEqual(records[0]["schema"], 1)
        self.assertEqual(records[-1]["type"], "verdict")
        self.assertEqual(records[-1]["exit_status"], 1)
        kinds = [record["type"] for record in records]
        for kind in ("listen", "connect", "command", "fired", "reply",
                     "disconnect", "expectation"):
            self.assertIn(kind, kinds)
        reply, = [record for record in records
                  if record["type"] == "reply" and record["code"] == 451]
        self.assertEqual(reply["event"], "RCPT")
        self.assertEqual(reply["enhanced"], "4.7.1")
        self.assertEqual(reply["rule"], "greylist")
        self.assertRegex(reply["at"], r"greylist(\.ini)?:\d+$")
        end, = [record for record in records
                if record["type"] == "disconnect"]
        self.assertEqual(end["how"], "quit")
        times = [record["t"] for record in records]
        self.assertEqual(times, sorted(times))

    def test_the_end_names_the_rule_that_was_not_done(self):
        rules = {"a delay": "reply = 250-Ok\ndelay = forever\n",
                 "output that is slow": "pace = 4/1h\nreply = 250 Ok\n"}
        for what, actions in rules.items():
            with self.subTest(what), \
                    Server(journal=True, scenario=f"[NOOP late]\n{actions}"
                           ) as server:
                with server.connect() as client:
                    client.code()
                    client.send("NOOP")
                    client.socket.recv(4)
                end, = server.wait_for_records("disconnect")
                self.assertEqual((end["by"], end["rule"]), ("client", "late"))
                reply = server.records("reply", event="NOOP")
                self.assertEqual(len(reply), 1)  # what was said of it
                self.assertIn(reply[0]["lines"], (["250-Ok"], ["250 Ok"]))

    def test_a_reply_that_no_command_asked_for_has_no_number(self):
        with Server(journal=True, scenario="[TIMER]\nafter = 1ms\n"
                    "deliberate = yes\nreply = 250 There\n") as server, \
                server.connect() as client:
            self.assertEqual(client.code(), 220)
            self.assertEqual(client.code(), 250)
            replies = server.wait_for_records("reply", event="TIMER")
            self.assertEqual([reply.get("n") for reply in replies], [None])

    def test_it_never_holds_a_secret(self):
        with Server(journal=True) as server, server.connect() as client:
            client.code()
            client.say("EHLO client.test")
            client.say("AUTH PLAIN AGJvYgBoZW1lbGlnaA==")
            client.say("QUIT")
            client.close()
            self.assertEqual(server.stop(), 0)
            with open(server.journal_path, encoding="utf-8") as file:
                self.assertNotIn("AGJvYgBoZW1lbGlnaA", file.read())

    def test_octets_that_are_no_utf8_can_be_had_back(self):
        with Server(journal=True) as server, server.connect() as client:
            client.code()
            client.send(b"NOOP \xff\\\0\r\n")
            client.code()
            command, = server.wait_for_records("command")
        self.assertEqual(command["line"], "NOOP \\xff\\\\\0")

    def test_on_standard_output_it_leaves_the_ready_line_to_stderr(self):
        done = run("--listen", "smtp://127.0.0.1:0", "--journal", "-",
                   "--timeout", "200ms")
        self.assertEqual(done.returncode, 0)
        records = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(records[0]["type"], "run")
        self.assertEqual(records[-1]["type"], "verdict")
        self.assertRegex(done.stderr, "smtpfault: listening on smtp://")

    def test_a_full_disk_is_status_3_and_said(self):
        done = run("--listen", "smtp://127.0.0.1:0", "--journal", "/dev/full",
                   "--timeout", "10s")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, "(?m)^smtpfault: .*/dev/full.*space")

    def test_a_journal_over_the_limit_of_a_file_is_status_3_and_said(self):
        with Server(journal=True, prepare=limit_files) as server, \
                server.connect() as client:
            client.send(b"NOOP\r\n" * 10000)
            self.assertEqual(server.wait(), 3)
            self.assertRegex(server.stderr(),
                             r"^smtpfault: .*journal.*too large.*\n$")
            server.journal()  # whole lines to the end
            self.assertLessEqual(os.path.getsize(server.journal_path),
                                 FILE_LIMIT)

    def test_a_journal_that_cannot_be_opened_is_status_3(self):
        done = run("--listen", "smtp://127.0.0.1:0", "--journal",
                   "/no/such/directory/journal", "--timeout", "10s")
        self.assertEqual(done.returncode, 3)
        self.assertEqual(done.stdout, "")

    def test_every_completed_line_survives_a_crash(self):
        with Server(journal=True) as server:
            self.assertEqual(send_mail(server)[-1], 250)
            server.wait_for_records("disconnect")
            server.process.kill()
            server.wait()
            kinds = [record["type"] for record in server.journal()]
        self.assertIn("message", kinds)
        self.assertNotIn("verdict", kinds)


class Saving(unittest.TestCase):
    def test_messages_go_to_a_maildir(self):
        with tempfile.TemporaryDirectory() as directory:
            maildir = os.path.join(directory, "mail")
            with Server("--save", maildir, journal=True) as server:
                self.assertEqual(
                    send_mail(server, "Subject: x\r\n\r\n..dot\r\n")[-1], 250)
                self.assertEqual(server.stop(), 0)
                message, = server.records("message")
            self.assertEqual(sorted(os.listdir(maildir)),
                             ["cur", "new", "tmp"])
            self.assertEqual(os.listdir(os.path.join(maildir, "tmp")), [])
            name, = os.listdir(os.path.join(maildir, "new"))
            path = os.path.join(maildir, "new", name)
            with open(path, "rb") as file:
                octets = file.read()
            self.assertEqual(os.path.realpath(message["file"]),
                             os.path.realpath(path))
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o002, 0)
        self.assertTrue(octets.replace(b"\r\n", b"\n").endswith(
            b"Subject: x\n\n.dot\n"))
        for part in (b"a@client.test", b"b@example.test"):
            self.assertIn(part, octets)

    def test_a_message_over_the_limit_of_a_file_is_status_3_and_said(self):
        with tempfile.TemporaryDirectory() as directory:
            with Server("--save", directory, prepare=limit_files) as server:
                codes = send_mail(server, ("x" * 62 + "\r\n") * 8192)
                self.assertNotIn(250, codes[3:])
                self.assertEqual(server.wait(), 3)
                self.assertRegex(server.stderr(),
                                 r"^smtpfault: .*Maildir.*too large.*\n$")
            for part in ("new", "tmp"):
                self.assertEqual(os.listdir(os.path.join(directory, part)), [])

    def test_a_directory_that_cannot_be_made_is_status_3(self):
        done = run("--listen", "smtp://127.0.0.1:0", "--save",
                   "/dev/null/mail", "--timeout", "10s")
        self.assertEqual(done.returncode, 3)


class Streams(unittest.TestCase):
    def test_each_standard_descriptor_may_be_closed_at_the_start(self):
        with tempfile.TemporaryDirectory() as directory:
            journal = os.path.join(directory, "journal")
            for fd in (0, 1, 2):
                with self.subTest(fd=fd):
                    done = run("--listen", "smtp://127.0.0.1:0", "--journal",
                               journal, "--transcript", "always", "--timeout",
                               "200ms", prepare=lambda: os.close(fd))
                    self.assertEqual(done.returncode, 0)
                    self.assertIn("listening" if fd != 1 else "", done.stdout)
                    with open(journal, encoding="utf-8") as file:
                        records = [json.loads(line) for line in file]
                    self.assertEqual(records[-1]["type"], "verdict")

    def test_all_standard_descriptors_may_be_closed_at_the_start(self):
        done = run("--listen", "smtp://127.0.0.1:0", "--timeout", "200ms",
                   prepare=lambda: os.closerange(0, 3))
        self.assertEqual(done.returncode, 0)

    def test_the_transcript_hides_credentials(self):
        with Server("--transcript", "always") as server:
            with server.connect() as client:
                client.code()
                client.say("EHLO client.test")
                client.say("AUTH PLAIN AGJvYgBoZW1lbGlnaA==")
                client.say("QUIT")
            self.assertEqual(server.stop(), 0)
            text = server.stderr()
        self.assertIn("EHLO client.test", text)
        self.assertIn("AUTH PLAIN", text)
        self.assertNotIn("AGJvYgBoZW1lbGlnaA", text)
        self.assertNotIn("\x1b[", text, "colour on a file")

    def test_quiet_leaves_only_the_ready_line(self):
        with Server("--quiet", listen="smtp://0.0.0.0:0") as server:
            send_mail(server)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.stderr(), "")
            self.assertIn("listening on", server.stdout())

    def test_a_random_seed_is_told(self):
        with Server("--seed", "random", journal=True) as server:
            self.assertEqual(server.stop(), 0)
            seed = server.records("run")[0]["seed"]
            self.assertIn(str(seed), server.stderr())

    def test_speed_shortens_what_the_scenario_says(self):
        scenario = "[RCPT]\ndelay = 1h\nreply = 450 4.2.1 Late\n"
        with Server("--speed", "36000", scenario=scenario) as server:
            self.assertEqual(ask_recipient(server), 450)


@unittest.skipUnless(MODE == "release", "sanitizers and coverage slow it down")
class Start(unittest.TestCase):
    def test_from_exec_to_ready_takes_no_time_that_one_sees(self):
        taken = []
        for _ in range(20):
            began = time.monotonic()
            with Server():
                taken.append(time.monotonic() - began)
        # The best of twenty: a busy machine takes its share of the others.
        self.assertLess(min(taken), 0.010)


if __name__ == "__main__":
    unittest.main()
