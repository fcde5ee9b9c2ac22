"""Real clients and TLS: with a right certificate the message arrives inside
it; who refuses the wrong ones stands in docs/TLS-CLIENTS.md, and is so."""
import unittest

from clients import require
from tls_lab import (CERTIFICATES, CLEAR, CRASHES, DELIVERS, IMPLICIT, LIES,
                     NO_ROOT, REFUSES, RIGHT, STARTTLS, WAYS, Lab, faults,
                     version)
from tls_table import PAGE, TABLES, columns_of, parse, render, setting

# What a client may not see although it checks: swaks looks at the chain only;
# how long a key is few libraries ask.
MAY_PASS = {("swaks", "wrong-host"),
            *((name, "weak-key")
              for name in ("msmtp", "nodemailer", "Postfix"))}


def prose(page):
    return [line for line in page.splitlines() if not line.startswith("|")]


def title(way, fault):
    return f"{way.name} {way.kind} {way.setting}: {fault.name}"


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.results = Lab(WAYS).run().results

    def each(self, kinds=None):
        """Every way that was run and every fault that it met."""
        for (way, fault), result in self.results.items():
            if kinds is None or fault in kinds:
                yield way, fault, result

    def test_all_of_them_are_there(self):
        for way in WAYS:
            with self.subTest(way.name):
                if way.missing() == NO_ROOT:
                    self.skipTest(NO_ROOT)
                require(way.missing())

    def test_a_right_certificate_gets_the_message_inside_tls(self):
        for way, fault, result in self.each([RIGHT]):
            with self.subTest(title(way, fault)):
                self.assertEqual(result, DELIVERS)

    def test_those_that_check_refuse_every_wrong_certificate(self):
        for way, fault, result in self.each(CERTIFICATES):
            if way.verifies and (way.name, fault.name) not in MAY_PASS:
                with self.subTest(title(way, fault)):
                    self.assertEqual(result, REFUSES)

    def test_those_that_do_not_check_deliver_inside_tls(self):
        for way, fault, result in self.each(CERTIFICATES):
            if not way.verifies:
                with self.subTest(title(way, fault)):
                    self.assertEqual(result, DELIVERS)

    def test_those_that_need_tls_send_nothing_in_the_clear(self):
        for way, fault, result in self.each():
            if way.needs_tls():
                with self.subTest(title(way, fault)):
                    self.assertNotEqual(result, CLEAR)

    def test_no_message_is_lost_and_called_sent(self):
        for way, fault, result in self.each():
            with self.subTest(title(way, fault)):
                self.assertNotIn(result, (LIES, CRASHES))

    def test_a_broken_handshake_delivers_nothing_inside_tls(self):
        for way, fault, result in self.each():
            if fault is not RIGHT and fault not in CERTIFICATES:
                with self.subTest(title(way, fault)):
                    self.assertNotEqual(result, DELIVERS)

    def test_the_page_is_in_step(self):
        """Rows, columns and text always; results where its version of the
        client is the one that is installed."""
        with open(PAGE, encoding="utf-8") as file:
            page = file.read()
        fresh = render(self.results)
        self.assertEqual(prose(page), prose(fresh), "run make tls-clients")
        written = parse(page)
        self.assertEqual(list(written), list(parse(fresh)))
        for (table, kind, columns) in TABLES:
            for way in WAYS:
                if way.kind == kind:
                    self.compare(written, table, way,
                                 columns_of(kind, columns))

    def compare(self, written, table, way, columns):
        number, cells = written[table, way.name, setting(way)]
        self.assertEqual(list(cells), [column.name for column in columns])
        if way.missing() or number != version(way.name):
            return
        for column in columns:
            with self.subTest(title(way, column)):
                self.assertEqual(cells[column.name],
                                 self.results[way, column])


class Faults(unittest.TestCase):
    def test_each_has_a_listener_of_its_own(self):
        names = [fault.listener(kind) for kind in (STARTTLS, IMPLICIT)
                 for fault in faults(kind)]
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
