"""The command under test: how it is started, what reaches it, what is kept of
it, and how a run with it ends."""
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from smtpfault import BIN, ENVIRONMENT, PATIENCE, run, wait_until

UNPROVED = 4  # the status of a run in which nobody connected
SEND = """
import os, smtplib, sys
with smtplib.SMTP(os.environ["SMTPFAULT_HOST"],
                  int(os.environ["SMTPFAULT_PORT"])) as client:
    client.sendmail("a@client.test", ["b@example.test"],
                    "Subject: x\\r\\n\\r\\nhello\\r\\n")
"""
CONNECT = """
import os, socket, sys, time
client = socket.create_connection((os.environ["SMTPFAULT_HOST"],
                                   int(os.environ["SMTPFAULT_PORT"])))
client.recv(1000)
"""


class Command(unittest.TestCase):
    """Runs commands with a journal of their own, and nothing of ours on
    standard error."""

    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory())
        self.path = os.path.join(self.directory, "journal")

    def run_command(self, *words, options=(), **arguments):
        return run("--quiet", "--journal", self.path, *options, "--", *words,
                   **arguments)

    def run_shell(self, script, **arguments):
        return self.run_command("sh", "-c", script, **arguments)

    def run_python(self, script, **arguments):
        return self.run_command(sys.executable, "-c", script, **arguments)

    def start(self, *words, options=(), **arguments):
        """Starts it, for tests that meet it while it runs."""
        process = subprocess.Popen(
            [BIN, "--quiet", "--journal", self.path, *options, "--", *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=ENVIRONMENT, **arguments)

        def clean():
            process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()

        self.addCleanup(clean)
        return process

    def records(self, kind):
        with open(self.path, encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        return [record for record in records if record["type"] == kind]

    def exit(self):
        record, = self.records("exit")
        return record

    def file(self, name):
        return os.path.join(self.directory, name)

    def wait_for_number(self, name):
        """What a command wrote into a file: a line with a number."""
        def find():
            try:
                with open(self.file(name), encoding="ascii") as file:
                    text = file.read()
            except FileNotFoundError:
                return None
            return int(text) if text.endswith("\n") else None
        return wait_until(find, f"a number in {name}")

    def assert_ends(self, pid):
        """The process goes; one that nobody waits for counts as gone."""
        def is_gone():
            try:
                with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                    return file.read().rpartition(")")[2].split()[0] == "Z"
            except (FileNotFoundError, ProcessLookupError):
                return True
        wait_until(is_gone, f"the end of process {pid}")


class Start(Command):
    def test_it_runs_against_a_free_port_and_no_ready_line_is_printed(self):
        done = self.run_python(SEND)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "", ""))
        self.assertEqual(len(self.records("message")), 1)
        listen, = self.records("listen")
        self.assertRegex(listen["url"], r"^smtp://127\.0\.0\.1:\d+$")
        self.assertNotEqual(listen["url"], "smtp://127.0.0.1:2525")

    def test_the_journal_has_what_was_started(self):
        self.run_command("echo", "{host}", "a b")
        self.assertEqual(self.records("run")[0]["argv"],
                         ["echo", "127.0.0.1", "a b"])
        kinds = []
        with open(self.path, encoding="utf-8") as file:
            kinds = [json.loads(line)["type"] for line in file]
        self.assertEqual(kinds[:3] + kinds[-1:],
                         ["run", "listen", "exit", "verdict"])

    def test_options_behind_the_dashes_are_its_own(self):
        done = self.run_command("echo", "--help", "--", "-q")
        self.assertEqual(done.stdout, "--help -- -q\n")

    def test_what_cannot_be_run_is_status_3_and_said(self):
        for word, wanted in (("no-such-command", "PATH"),
                             ("/no/such/command", "PATH"),
                             ("/dev/null", "executed")):
            with self.subTest(word=word):
                done = self.run_command(word)
                self.assertEqual((done.returncode, done.stdout), (3, ""))
                self.assertRegex(
                    done.stderr,
                    rf"^smtpfault: cannot run '{word}': .*: .*{wanted}.*\n$")
                self.assertEqual(self.records("verdict")[0]["exit_status"], 3)

    def test_no_command_behind_the_dashes_is_a_usage_error(self):
        done = run("--")
        self.assertEqual(done.returncode, 2)
        self.assertIn("needs a command", done.stderr)

    def test_standard_input_is_passed_to_it(self):
        self.assertEqual(self.run_command("cat", stdin="a letter\n").stdout,
                         "a letter\n")

    def test_it_has_three_descriptors_and_the_limit_that_we_were_given(self):
        done = self.run_python(
            "import os, resource\n"
            "print(sorted(os.listdir('/proc/self/fd'), key=int)[:-1],\n"
            "      resource.getrlimit(resource.RLIMIT_NOFILE))",
            options=["--save", self.file("mail")],
            prepare=lambda: __import__("resource").setrlimit(7, (99, 999)))
        self.assertEqual(done.stdout, "['0', '1', '2'] (99, 999)\n")

    def test_its_outputs_can_be_opened_by_name(self):
        done = self.run_shell("echo one >/dev/stdout; echo two >/dev/stderr")
        self.assertEqual((done.stdout, done.stderr), ("one\n", "two\n"))

    def test_it_leads_a_process_group_of_its_own(self):
        done = self.run_python("import os\n"
                               "print(os.getpid() == os.getpgid(0))")
        self.assertEqual(done.stdout, "True\n")

    def test_signals_are_as_a_new_process_has_them(self):
        done = self.run_python(
            "import signal\n"
            "print([signal.getsignal(n).name for n in\n"
            "       (signal.SIGTERM, signal.SIGHUP, signal.SIGXFSZ,\n"
            "        signal.SIGUSR1)], signal.pthread_sigmask(0, []))")
        # Python itself ignores SIGXFSZ.
        self.assertEqual(done.stdout,
                         "['SIG_DFL', 'SIG_DFL', 'SIG_IGN', 'SIG_DFL'] "
                         "set()\n")


class Words(Command):
    def test_names_in_braces_are_replaced(self):
        done = self.run_command(
            "echo", "{host}:{port}", "{url}", "x{port}{port}y", "{port.mx2}",
            "{other}", "{}", "{port", "${port}",
            options=["-l", "smtp://127.0.0.1:0", "-l",
                     "mx2=lmtp://127.0.0.1:0"])
        first, second = [record["url"] for record in self.records("listen")]
        port = first.rpartition(":")[2]
        self.assertEqual(done.stdout.split(), [
            "127.0.0.1:" + port, first, f"x{port}{port}y",
            second.rpartition(":")[2], "{other}", "{}", "{port", "${port}"])

    def test_an_ipv6_host_has_brackets_in_front_of_a_port_only(self):
        done = self.run_command("echo", "{host}", "{host}:{port}",
                                options=["-l", "smtp://[::1]:0"])
        self.assertRegex(done.stdout, r"^::1 \[::1\]:\d+\n$")

    def test_a_server_for_everybody_is_reached_by_loopback(self):
        done = self.run_command("echo", "{host}", "{url}",
                                options=["-q", "-l", "smtp://0.0.0.0:0"])
        self.assertRegex(done.stdout,
                         r"^127\.0\.0\.1 smtp://127\.0\.0\.1:\d+\n$")

    def test_the_first_listener_that_answers_is_named(self):
        with open(self.file("x.ini"), "w", encoding="ascii") as file:
            file.write("[listen dead]\nurl = smtp://127.0.0.1:0\n"
                       "refuse = yes\n"
                       "[listen alive]\nurl = smtp://127.0.0.1:0\n")
        done = self.run_command(
            "sh", "-c", "echo {port} {port.dead} $SMTPFAULT_PORT "
            "$SMTPFAULT_PORT_dead $SMTPFAULT_PORT_ALIVE",
            options=["-s", self.file("x.ini")])
        ports = [record["url"].rpartition(":")[2]
                 for record in self.records("listen")]
        self.assertEqual(done.stdout.split(), [ports[1], ports[0], ports[1],
                                               ports[0], ports[1]])

    def test_a_name_without_a_value_is_a_usage_error(self):
        path = self.file("socket")
        for words, options, wanted in (
                (["{port.mx2}"], ["-l", "mx-2=smtp://127.0.0.1:0"],
                 "did you mean {port.mx-2}?"),
                (["{port.other}"], [], "--listen NAME=URL"),
                (["{host}"], ["-l", "lmtp+unix://" + path], "use {url}"),
                (["{port}"], ["-l", "lmtp+unix://" + path], "use {url}")):
            with self.subTest(words=words):
                done = self.run_command("echo", *words, options=options)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertRegex(done.stderr, r"^smtpfault: \{.*: .*: .*\n$")
                self.assertIn(wanted, done.stderr)

    def test_the_environment_says_the_same(self):
        done = self.run_shell(
            "echo $SMTPFAULT_HOST {host} $SMTPFAULT_PORT {port} "
            "$SMTPFAULT_URL {url}")
        words = done.stdout.split()
        self.assertEqual(words[::2], words[1::2])
        self.assertEqual(len(words), 6)

    def test_what_a_server_around_it_said_is_gone(self):
        names = ("HOST", "PORT", "URL", "CA", "PORT_OLD")
        done = self.run_command(
            "env", options=["-l", "lmtp+unix://" + self.file("socket")],
            environment={f"SMTPFAULT_{name}": "1" for name in names})
        self.assertEqual(
            [line for line in done.stdout.splitlines()
             if line.startswith(tuple(f"SMTPFAULT_{name}="
                                      for name in names))],
            ["SMTPFAULT_URL=lmtp+unix://" + self.file("socket")])


class Authority(Command):
    SHOW = 'echo "$SMTPFAULT_CA"; cat "$SMTPFAULT_CA"'

    def test_without_tls_there_is_none(self):
        done = self.run_shell("echo ${SMTPFAULT_CA-none}")
        self.assertEqual(done.stdout, "none\n")

    def test_with_tls_it_is_a_file_that_goes_at_the_end(self):
        with open(self.file("x.ini"), "w", encoding="ascii") as file:
            file.write("[server]\nextensions = +STARTTLS\n")
        done = self.run_shell(self.SHOW,
                              options=["-s", self.file("x.ini")],
                              environment={"TMPDIR": self.directory})
        path, _, text = done.stdout.partition("\n")
        self.assertEqual(os.path.dirname(path), self.directory)
        self.assertIn("BEGIN CERTIFICATE", text)
        self.assertFalse(os.path.exists(path))

    def test_who_asks_for_it_speaks_tls(self):
        done = self.run_python(
            "import smtplib, ssl, sys\n"
            "host, port, ca = sys.argv[1:]\n"
            "with smtplib.SMTP(host, int(port)) as client:\n"
            "    client.starttls(\n"
            "        context=ssl.create_default_context(cafile=ca))\n"
            "    print(client.ehlo()[0])")
        self.assertEqual(done.returncode, 1)  # no arguments
        done = run("--", sys.executable, "-c",
                   "import smtplib, ssl, sys\n"
                   "host, port, ca = sys.argv[1:]\n"
                   "with smtplib.SMTP(host, int(port)) as client:\n"
                   "    client.starttls(\n"
                   "        context=ssl.create_default_context(cafile=ca))\n"
                   "    print(client.ehlo()[0])", "{host}", "{port}", "{ca}")
        self.assertEqual((done.returncode, done.stdout), (0, "250\n"),
                         done.stderr)

    def test_a_file_that_was_asked_for_stays(self):
        path = self.file("ca.pem")
        done = self.run_shell(self.SHOW, options=["--ca-file", path])
        self.assertEqual(done.stdout.partition("\n")[0], path)
        self.assertTrue(os.path.exists(path))

    def test_a_directory_that_takes_no_file_is_status_3(self):
        done = self.run_command("echo", "{ca}",
                                environment={"TMPDIR": "/no/such/directory"})
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertRegex(done.stderr, "^smtpfault: cannot make .*TMPDIR\n$")


class Output(Command):
    def test_both_are_passed_on_and_kept(self):
        done = self.run_shell("echo out; echo err >&2")
        self.assertEqual((done.stdout, done.stderr), ("out\n", "err\n"))
        self.assertEqual((self.exit()["stdout"], self.exit()["stderr"],
                          self.exit()["cut"]), ("out\n", "err\n", False))

    def test_a_mebibyte_comes_whole_and_its_beginning_is_kept(self):
        done = self.run_python("import sys\n"
                               "for i in range(131072): print('%07d' % i)")
        self.assertEqual(done.stdout,
                         "".join(f"{i:07d}\n" for i in range(131072)))
        self.assertEqual(self.exit()["stdout"], done.stdout[:65536])
        self.assertTrue(self.exit()["cut"])

    def test_what_fits_exactly_is_not_cut(self):
        self.run_python("print(end='x' * 65536)")
        self.assertEqual(len(self.exit()["stdout"]), 65536)
        self.assertFalse(self.exit()["cut"])

    def test_any_octets_come_through(self):
        octets = bytes(range(256)) * 3
        with open(self.file("out"), "wb") as file:
            self.run_python("import sys\n"
                            "sys.stdout.buffer.write(bytes(range(256)) * 3)",
                            stdout=file)
        with open(self.file("out"), "rb") as file:
            self.assertEqual(file.read(), octets)
        self.assertTrue(self.exit()["stdout"].startswith("\0\1\2"))
        self.assertIn("\\xff", self.exit()["stdout"])

    def test_a_slow_reader_gets_all_of_it_and_the_server_goes_on(self):
        process = self.start(sys.executable, "-c",
                             "import sys\n"
                             "sys.stdout.write('x' * 1000000)\n"
                             "sys.stdout.flush()\n" + SEND +
                             "print('sent', file=sys.stderr)")
        time.sleep(0.2)  # The pipe is full, and nobody reads.
        octets = 0
        while True:
            part = os.read(process.stdout.fileno(), 5000)
            if not part:
                break
            octets += len(part)
        self.assertEqual(octets, 1000000)
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertEqual(process.stderr.read(), b"sent\n")

    def test_what_it_left_behind_is_passed_on_when_it_has_ended(self):
        """So much goes into pipes and us that it need not wait.  The server
        has stopped by then: only the output is left."""
        process = self.start("sh", "-c", "head -c 130000 /dev/zero; "
                             f"echo {{port}} >{self.file('port')}",
                             options=["--until-idle", "50ms"])
        port = self.wait_for_number("port")

        def is_stopped():
            with open("/proc/net/tcp", encoding="ascii") as file:
                return f":{port:04X} 00000000:0000 0A" not in file.read()

        wait_until(is_stopped, "the end of the server")
        self.assertIsNone(process.poll())
        self.assertEqual(len(process.stdout.read()), 130000)
        self.assertEqual(process.wait(PATIENCE), UNPROVED)

    def test_a_server_whose_output_is_full_still_answers(self):
        """It has one thread: were it writing, it could not."""
        process = self.start(
            sys.executable, "-c", "import threading, sys, os\n" +
            "threading.Thread(target=lambda: os.write(1, b'x' * 1000000),\n"
            "                 daemon=True).start()\n" + SEND +
            "print('sent', file=sys.stderr)\n")
        ready, _, _ = select.select([process.stderr], [], [], PATIENCE)
        self.assertTrue(ready, "no word from the client")
        self.assertEqual(process.stderr.readline(), b"sent\n")
        process.stdout.read()
        self.assertEqual(process.wait(PATIENCE), 0)

    def test_a_reader_that_left_does_not_end_it(self):
        reader, writer = os.pipe()
        os.close(reader)
        self.addCleanup(os.close, writer)
        done = self.run_python("for i in range(100000): print(i)",
                               stdout=writer)
        self.assertEqual((done.returncode, done.stderr), (UNPROVED, ""))
        self.assertTrue(self.exit()["stdout"].startswith("0\n1\n2\n"))

    def test_an_output_that_is_closed_takes_nothing(self):
        done = self.run_shell("echo out; echo err >&2",
                              prepare=lambda: os.close(1))
        self.assertEqual((done.returncode, done.stderr), (UNPROVED, "err\n"))
        self.assertEqual(self.exit()["stdout"], "out\n")

    def test_our_output_stays_as_blocking_as_it_is(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        done = self.run_python(
            "import os, time\n"
            "os.write(1, b'x')\n"
            "time.sleep(0.1)", stdout=writer)
        self.assertEqual(done.returncode, UNPROVED)
        self.assertTrue(os.get_blocking(writer))

    def test_with_a_journal_on_standard_output_it_goes_to_stderr(self):
        done = run("--quiet", "--journal", "-", "--", "echo", "hello")
        self.assertEqual(done.stderr, "hello\n")
        kinds = [json.loads(line)["type"] for line in done.stdout.splitlines()]
        self.assertEqual(kinds[-1], "verdict")


class Status(Command):
    def test_status_0_is_good_and_every_other_one_fails_the_run(self):
        for status, ours in ((0, UNPROVED), (1, 1), (2, 1), (75, 1), (255, 1)):
            with self.subTest(status=status):
                self.assertEqual(
                    self.run_shell(f"exit {status}").returncode, ours)
                record = self.exit()
                self.assertEqual(record["status"], status)
                self.assertNotIn("signal", record)
                self.assertNotIn("stopped", record)
                verdict, = self.records("verdict")
                self.assertEqual((verdict["ok"], verdict["exit_status"]),
                                 (ours == 0, ours))

    def test_a_signal_is_128_and_its_number(self):
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM):
            with self.subTest(number=number):
                self.assertEqual(
                    self.run_shell(f"kill -{int(number)} $$").returncode, 1)
                self.assertEqual((self.exit()["status"],
                                  self.exit()["signal"]),
                                 (128 + number, number))
                self.assertNotIn("stopped", self.exit())

    def test_what_it_used_is_told(self):
        self.run_python("import time\n"
                        "text = bytearray(64 << 20)\n"
                        "end = time.process_time() + 0.2\n"
                        "while time.process_time() < end: pass")
        record = self.exit()
        self.assertGreaterEqual(record["cpu_s"], 0.2)
        self.assertGreaterEqual(record["duration"], 0.2)
        self.assertGreater(record["memory"], 64 << 20)

    def test_one_that_waits_uses_little(self):
        self.run_command("sleep", "0.3")
        self.assertGreaterEqual(self.exit()["duration"], 0.3)
        self.assertLess(self.exit()["cpu_s"], 0.2)

    def test_a_journal_that_cannot_be_written_outweighs_it(self):
        done = run("--journal", "/dev/full", "--timeout", "10s", "--",
                   "sh", "-c", "exit 1")
        self.assertEqual(done.returncode, 3)


class Failure(Command):
    def test_a_command_is_ended_with_a_run_that_cannot_go_on(self):
        os.mkfifo(self.path)
        process = self.start(
            sys.executable, "-c", "import os, time\n"
            f"with open({self.file('pid')!r}, 'w') as file:\n"
            "    print(os.getpid(), file=file)\n"
            "while True:\n"
            "    try:\n"
            f"        exec({SEND!r})\n"
            "    except OSError:\n"
            "        pass\n"
            "    time.sleep(0.05)")
        with open(self.path, encoding="utf-8") as file:
            file.readline()
        self.assertEqual(process.wait(PATIENCE), 3)
        self.assertRegex(process.stderr.read().decode(),
                         r"^smtpfault: cannot write the journal .*\n")
        self.assert_ends(self.wait_for_number("pid"))


class Time(Command):
    def test_a_command_whose_time_is_over_is_ended_and_fails_the_run(self):
        done = self.run_shell("sleep 100", options=["--timeout", "300ms"])
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr,
                         r"^smtpfault: the run of 'sh' .* 300ms: .*\n$")
        self.assertEqual((self.exit()["signal"], self.exit()["stopped"]),
                         (signal.SIGTERM, "timeout"))

    def test_one_that_ends_well_when_told_has_failed_all_the_same(self):
        done = self.run_shell("trap 'exit 0' TERM; sleep 100 & wait",
                              options=["--timeout", "300ms"])
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.exit()["status"], 0)

    def test_the_whole_process_group_is_ended(self):
        done = self.run_shell(
            f"sleep 100 & echo $! >{self.file('pid')}; wait",
            options=["--timeout", "300ms"])
        self.assertEqual(done.returncode, 1)
        self.assert_ends(self.wait_for_number("pid"))

    def test_one_that_ignores_term_is_killed(self):
        done = self.run_shell("trap '' TERM; while :; do sleep 0.1; done",
                              options=["--timeout", "300ms"])
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.exit()["signal"], signal.SIGKILL)

    def test_a_child_that_ignores_term_is_killed_too(self):
        done = self.run_shell(
            f"(trap '' TERM; echo $$; while :; do sleep 0.1; done) & "
            f"echo $! >{self.file('pid')}; wait",
            options=["--timeout", "300ms"])
        self.assertEqual(done.returncode, 1)
        self.assert_ends(self.wait_for_number("pid"))

    def test_its_time_may_be_over_when_it_has_ended(self):
        done = self.run_shell("exit 0", options=["--timeout", "300ms",
                                                 "--until-idle", "1h"])
        self.assertEqual(done.returncode, 1)
        self.assertEqual((self.exit()["status"], self.exit()["stopped"]),
                         (0, "timeout"))

    def test_a_reader_that_never_reads_costs_no_more_than_the_time(self):
        process = self.start(sys.executable, "-c",
                             "print(end='x' * 100000)",
                             options=["--timeout", "300ms"])
        self.assertEqual(process.wait(PATIENCE), 1)


class Sessions(Command):
    def test_what_is_open_when_it_ends_is_finished(self):
        """A child of it goes on with the conversation."""
        done = self.run_python(
            CONNECT + "if os.fork() == 0:\n"
            "    time.sleep(0.2)\n"
            "    client.sendall(b'QUIT\\r\\n')\n"
            "    client.recv(1000)\n"
            "    client.close()\n")
        self.assertEqual(done.returncode, 0)
        end, = self.records("disconnect")
        self.assertEqual(end["how"], "quit")

    def test_what_stays_open_is_ended_in_a_while(self):
        done = self.run_python(
            CONNECT + "if os.fork() == 0:\n"
            "    os.close(1)\n"
            "    os.close(2)\n"
            "    client.recv(1000)\n"
            "    time.sleep(10)\n")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.records("disconnect")[0]["by"], "server")

    def test_what_was_sent_before_it_ended_is_looked_at(self):
        self.run_python(CONNECT + "client.sendall(b'EHLO client.test\\r\\n')")
        self.assertEqual([record["event"] for record in
                          self.records("command")], ["EHLO"])

    def test_it_need_not_connect(self):
        self.assertEqual(self.run_command("true").returncode, UNPROVED)

    def test_children_that_hold_its_output_do_not_hold_us(self):
        began = time.monotonic()
        done = self.run_shell(f"sleep 100 & echo $! >{self.file('pid')}; "
                              "echo out")
        self.assertLess(time.monotonic() - began, PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (UNPROVED, "out\n"))
        pid = self.wait_for_number("pid")
        os.kill(pid, 0)  # It was not to be ended.
        os.kill(pid, signal.SIGKILL)

    def test_a_child_that_writes_without_end_does_not_hold_us(self):
        done = self.run_shell(f"yes & echo $! >{self.file('pid')}",
                              stdout=subprocess.DEVNULL)
        self.assertEqual(done.returncode, UNPROVED)
        self.assert_ends(self.wait_for_number("pid"))


class Ends(Command):
    DAEMON = ("import os, sys\n"
              "if os.fork(): os._exit(0)\n"
              "os.setsid()\n"
              "if os.fork(): os._exit(0)\n"
              "import time\n"
              "time.sleep(0.3)\n")

    def test_one_that_daemonises_is_waited_for_until_idle(self):
        done = self.run_python(self.DAEMON + SEND + "print('sent')",
                               options=["--until-idle", "700ms"])
        self.assertEqual((done.returncode, done.stdout), (0, "sent\n"))
        self.assertEqual(len(self.records("message")), 1)
        self.assertEqual(self.exit()["stdout"], "sent\n")
        self.assertNotIn("stopped", self.exit())

    def test_one_that_daemonises_and_never_connects_ends_idle(self):
        done = self.run_python(self.DAEMON,
                               options=["--until-idle", "100ms"])
        self.assertEqual(done.returncode, UNPROVED)

    def test_one_that_stays_is_told_to_end_when_nothing_goes_on(self):
        done = self.run_python(SEND + "import time\n"
                               "time.sleep(100)",
                               options=["--until-idle", "200ms"])
        self.assertEqual(done.returncode, 0)
        self.assertEqual((self.exit()["signal"], self.exit()["stopped"]),
                         (signal.SIGTERM, "limit"))

    def test_one_that_is_told_to_end_may_do_it_as_it_likes(self):
        done = self.run_python(
            SEND + "import signal, sys, time\n"
            "signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\n"
            "time.sleep(100)", options=["--until-idle", "200ms"])
        self.assertEqual(done.returncode, 0)
        self.assertEqual((self.exit()["status"], self.exit()["stopped"]),
                         (3, "limit"))

    def test_after_the_last_session_it_may_end_by_itself(self):
        done = self.run_python(SEND + "import time\n"
                               "time.sleep(0.3)\n"
                               "print('done')",
                               options=["--max-sessions", "1"])
        self.assertEqual((done.returncode, done.stdout), (0, "done\n"))
        self.assertNotIn("stopped", self.exit())

    def test_after_the_last_session_nothing_more_is_accepted(self):
        done = self.run_python(SEND + SEND, options=["--max-sessions", "1"])
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(self.records("message")), 1)

    def test_it_is_over_before_the_sessions_are_if_it_has_ended(self):
        self.assertEqual(self.run_python(SEND, options=["--max-sessions", "5"]
                                         ).returncode, 0)


class Progress(unittest.TestCase):
    """On a terminal a run says what it waits for."""
    CLEAR = "\r\x1b[K"
    LINE = r"\r\x1b\[Ksmtpfault: waiting for ([^,]*), (\S+) left"

    def show(self, *arguments, terminal="xterm", until=None):
        """What a terminal gets up to the end, or until the pattern shows."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = subprocess.Popen(
            [BIN, *arguments], stdin=subprocess.DEVNULL, stdout=theirs,
            stderr=theirs, env={**ENVIRONMENT, "TERM": terminal})
        os.close(theirs)
        text = ""
        end = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < end:
                ready, _, _ = select.select([ours], [], [], PATIENCE)
                text += os.read(ours, 4096).decode() if ready else ""
                if not ready or until and re.search(until, text):
                    break
        except OSError:
            pass  # Nobody has the other end any more.
        finally:
            process.terminate()
            process.wait()
        return text

    def test_it_tells_the_command_and_the_time_left(self):
        text = self.show("--transcript", "never", "--", "sleep", "1.5")
        self.assertEqual(re.findall(self.LINE, text)[0],
                         ("'sleep' to end", "9m59s"))
        self.assertRegex(text, self.LINE + r"\r\x1b\[K(?!smtpfault: waiting)")

    def test_it_tells_what_limits_wait_for(self):
        for options, wanted in (
                (["--max-sessions", "3"], "3 more sessions"),
                (["--max-sessions", "1"], "1 more session"),
                (["--until-idle", "5s"], "a session")):
            with self.subTest(options=options):
                text = self.show("-l", "smtp://127.0.0.1:0", "--timeout",
                                 "1h", *options, until=self.LINE)
                self.assertEqual(re.findall(self.LINE, text)[0],
                                 (wanted, "59m59s"))

    def test_it_tells_what_is_open_and_what_is_not(self):
        for script, wanted in (
                (CONNECT + "if os.fork() == 0: time.sleep(3)",
                 "1 open session to end"),
                ("", "a session, or [34]s without one")):
            with self.subTest(wanted=wanted):
                self.show("--until-idle", "5s", "--", sys.executable, "-c",
                          script, until=f"waiting for {wanted}")

    def test_it_gives_way_to_what_the_command_says(self):
        text = self.show("--transcript", "never", "--", "sh", "-c",
                         "sleep 1.5; echo word")
        self.assertIn(self.CLEAR + "word", text)

    def test_it_leaves_a_line_alone_that_is_not_complete(self):
        text = self.show("--transcript", "never", "--", "sh", "-c",
                         "printf word:; sleep 1.5; echo")
        self.assertTrue(text.startswith("word:\r\n"), repr(text))

    def test_it_gives_way_to_the_transcript(self):
        text = self.show("--timeout", "1m", "--", sys.executable, "-c",
                         "import time\ntime.sleep(1.5)\n" + SEND)
        self.assertRegex(text, r"left\r\x1b\[K +\+\d+\.\d+ +1  -- connect")

    def test_there_is_none_where_it_would_be_in_the_way(self):
        for arguments, terminal in (
                (["--quiet", "--", "sleep", "1.3"], "xterm"),
                (["--", "sleep", "1.3"], "dumb"), (["--", "sleep", "1.3"], ""),
                (["-l", "smtp://127.0.0.1:0"], "xterm")):
            with self.subTest(arguments=arguments, terminal=terminal):
                text = self.show(*arguments, terminal=terminal,
                                 until="listening" if arguments[0] == "-l"
                                 else None)
                self.assertNotIn("waiting", text)
        done = run("--", "sleep", "1.3")
        self.assertNotIn("waiting", done.stderr)


class Signals(Command):
    def start_waiting(self, trap="", options=()):
        """A shell that waits, once it does."""
        process = self.start(
            "sh", "-c", f"{trap}\necho $$ >{self.file('pid')}\n"
            "while :; do sleep 0.05; done", options=options)
        self.pid = self.wait_for_number("pid")
        return process

    def test_term_and_int_are_passed_on(self):
        for number, name in ((signal.SIGTERM, "TERM"),
                             (signal.SIGINT, "INT")):
            with self.subTest(name=name):
                process = self.start_waiting(
                    f"trap 'echo {name}; exit 0' {name}")
                process.send_signal(number)
                self.assertEqual(process.wait(PATIENCE), UNPROVED)
                self.assertEqual(process.stdout.read().decode(), name + "\n")
                self.assertEqual(self.exit()["stopped"], "signal")
                os.unlink(self.file("pid"))

    def test_one_that_dies_of_it_has_failed(self):
        process = self.start_waiting()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 1)
        self.assertEqual(self.exit()["status"], 128 + signal.SIGTERM)

    def test_one_that_takes_no_notice_is_killed(self):
        process = self.start_waiting("trap '' TERM INT")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 1)
        self.assertEqual(self.exit()["signal"], signal.SIGKILL)

    def test_a_second_signal_kills_at_once(self):
        process = self.start_waiting(
            "trap 'echo caught' INT", options=["--timeout", "1h"])
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.stdout.readline(), b"caught\n")
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 1)
        # One signal alone would have given it two seconds, and two more.
        self.assertLess(time.monotonic() - began, 1.9)
        self.assertEqual(self.exit()["signal"], signal.SIGKILL)

    def test_hup_is_its_own_and_loads_nothing(self):
        process = self.start_waiting("trap 'echo HUP; exit 0' HUP")
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(PATIENCE), UNPROVED)
        self.assertEqual(process.stdout.read(), b"HUP\n")
        self.assertEqual(len(self.records("run")), 1)
        self.assertNotIn("stopped", self.exit())

    def test_usr1_is_ours(self):
        process = self.start_waiting("trap 'exit 5' USR1; "
                                     "trap 'exit 0' TERM")
        process.send_signal(signal.SIGUSR1)
        self.assertIn(b"sessions", process.stderr.readline())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), UNPROVED)

    def test_no_zombie_is_left_while_the_run_goes_on(self):
        process = self.start("sh", "-c", f"echo $$ >{self.file('pid')}",
                             options=["--until-idle", "1h"])
        pid = self.wait_for_number("pid")
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"),
                   "the zombie's end")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), UNPROVED)


if __name__ == "__main__":
    unittest.main()
