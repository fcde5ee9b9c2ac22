"""docs/CLIENT-RULES.md is what the table of client rules makes it."""
import os
import re
import subprocess
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


class ClientRules(unittest.TestCase):
    def test_the_document_is_in_step_with_the_table(self):
        made = subprocess.run(
            ["awk", "-f", "src/conduct/conduct.awk", "src/conduct/conduct.h",
             "src/conduct/conduct.def"], cwd=TOP, capture_output=True,
            text=True, check=True)
        self.assertEqual(made.stderr, "")
        self.assertEqual(read("docs/CLIENT-RULES.md"), made.stdout,
                         "run `make client-rules`")

    def test_every_rule_has_a_row_without_an_empty_cell(self):
        ids = read("tests/data/client-rules.txt").split()
        rows = re.findall(r"^\| ([A-Z]{3}-\d\d) (\|.*\|)$",
                          read("docs/CLIENT-RULES.md"), re.MULTILINE)
        self.assertEqual([row[0] for row in rows], ids)
        for name, cells in rows:
            with self.subTest(rule=name):
                self.assertRegex(cells, r"^(\| [^|]+ ){5}\|$")


if __name__ == "__main__":
    unittest.main()
