"""docs/CLIENTS.md is in step with scenarios and clients; what is in its cells
is up to `make clients-table`, which takes a minute."""
import unittest

from judge_lab import (HANGS, LIES, OK, ONCE, RECIPIENTS, SETTINGS, SUBJECTS,
                       UNREACHED, Trial, cell, trials)
from judge_table import EVIDENCE, PAGE, names, prose, render


AT_ONCE = Trial("a", login=False, tls=False, retry=False)
LATER = Trial("b", login=False, tls=False, retry=True)


def outcome(failed=(), unreached=(), messages=1, status="0", exit_status=None,
            sessions=1):
    results = [{"key": "exit", "standing": "met", "actual": status}]
    for standing, keys in (("failed", failed), ("unreached", unreached)):
        results += [{"key": key, "standing": standing} for key in keys]
    if exit_status is None:
        exit_status = 1 if failed else 4 if unreached else 0
    return {"expectations": results, "messages": messages,
            "sessions": sessions, "exit_status": exit_status,
            "violations": [{"id": "SEQ-17", "level": "MUST"},
                           {"id": "SEQ-07", "level": "SHOULD"}]}


def subject(name):
    return next(one for one in SUBJECTS if one.name == name)


class Page(unittest.TestCase):
    def setUp(self):
        with open(PAGE, encoding="utf-8") as file:
            self.page = file.read()

    def test_it_has_every_scenario_that_judges_once(self):
        self.assertEqual(names(self.page),
                         sorted(trial.name for trial in trials()),
                         "run make clients-table")

    def test_its_text_and_columns_are_those_of_the_script(self):
        self.assertEqual(prose(self.page), prose(render({})),
                         "run make clients-table")

    def test_every_run_was_made(self):
        self.assertNotIn("| ? |", self.page)

    def test_what_is_wrong_is_shown(self):
        for name, scenario in EVIDENCE:
            with self.subTest(client=name, scenario=scenario):
                title = f"\n### {name}, {scenario}\n"
                self.assertIn(title, self.page)
                shown = self.page.split(title)[1].split("\n### ")[0]
                self.assertIn("\nFAIL ", shown)

    def test_what_is_set_up_for_a_scenario_has_one(self):
        for name in (*SETTINGS, *RECIPIENTS):
            self.assertIn(name, [trial.name for trial in trials()])

    def test_there_are_at_least_twelve_clients(self):
        self.assertGreaterEqual(len(SUBJECTS), 12)


class Cell(unittest.TestCase):
    def test_a_cell_says_what_became_of_the_run(self):
        for name, wanted, end in (
                ("swaks", OK, outcome()),
                ("swaks", UNREACHED, outcome(unreached=["fired.a"])),
                ("swaks", UNREACHED, outcome(["delivered"], ["fired.a"])),
                ("swaks", ONCE, outcome(["attempts", "delivered"], messages=0,
                                        status="24")),
                ("swaks", "quit", outcome(["attempts", "quit"], messages=0,
                                          status="24")),
                ("swaks", "SEQ-17",
                 outcome(["attempts", "violations"])),
                ("swaks", "delivered", outcome(["delivered"])),
                ("swaks", "sessions", outcome(["sessions"], sessions=3)),
                ("swaks", HANGS, outcome(["exit", "quit"])),
                ("swaks", f"{OK}, {LIES}", outcome(messages=0)),
                ("Postfix", OK, outcome(messages=0)),
                ("Postfix", "attempts", outcome(["attempts"], messages=0))):
            with self.subTest(name=name, wanted=wanted):
                self.assertEqual(cell(subject(name), AT_ONCE, end), wanted)

    def test_who_sends_once_need_not_come_back(self):
        for trial, name, wanted in ((AT_ONCE, "swaks", "delivered"),
                                    (LATER, "swaks", ONCE),
                                    (LATER, "Postfix", "delivered")):
            with self.subTest(trial=trial, name=name):
                self.assertEqual(cell(subject(name), trial,
                                      outcome(["delivered"])), wanted)


if __name__ == "__main__":
    unittest.main()
