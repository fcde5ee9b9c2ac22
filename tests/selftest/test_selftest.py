"""Every bundled scenario judges: a good client passes, a bad one fails for the
stated reason, and one that never comes proves nothing.

What a scenario's clients do stands in tests/clients/scenarios/NAME.py:

    OPTIONS = [...]     options of smtpfault besides --scenario NAME (optional)
    def good...(server) a client that behaves; at least one
    def bad...(server)  one that does not; at least one, with
    bad_x.fails = KEY   the expectation that it fails: not `fired`, not `exit`
"""
import glob
import json
import os
import sys
import unittest

import smtpfault

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
CLIENTS = os.path.join(TOP, "tests/clients")
sys.path.insert(0, CLIENTS)
from run import load  # noqa: E402

SCENARIOS = sorted(os.path.basename(path)[:-len(".ini")]
                   for path in glob.glob(os.path.join(TOP, "scenarios/*.ini")))
# The recipient asks for its fault: there is nothing that every client meets.
BY_HAND = {"default"}


@unittest.skipUnless(smtpfault.MODE == "release",
                     "clients that are timed want a server that is quick")
class Selftest(unittest.TestCase):
    def judge(self, name, options, *command):
        """The status of the run, and its outcome as JSON."""
        ended = smtpfault.run("--scenario", name, *options, "--quiet",
                              "--timeout", "30s", "--report", "json:-", "--",
                              *command)
        if not ended.stdout.strip():
            self.fail(f"no report, status {ended.returncode}: {ended.stderr}")
        return ended.returncode, json.loads(ended.stdout.splitlines()[-1])

    def run_client(self, name, module, function):
        return self.judge(name, getattr(module, "OPTIONS", []), sys.executable,
                          os.path.join(CLIENTS, "run.py"), name, function)

    def keys(self, outcome, standing):
        return [result["key"] for result in outcome["expectations"]
                if result["standing"] == standing]

    def show(self, function, outcome):
        """What did not go as it should, for messages."""
        return f"{function}: " + "; ".join(
            f"{result['key']} {result['standing']}: {result.get('text')}"
            for result in outcome["expectations"]
            if result["standing"] != "met")

    def functions(self, module, prefix):
        names = [name for name in vars(module) if name.startswith(prefix)]
        self.assertTrue(names, f"there is no {prefix}()")
        return names

    def check_good(self, name, module):
        for function in self.functions(module, "good"):
            status, outcome = self.run_client(name, module, function)
            self.assertEqual(status, 0, self.show(function, outcome))

    def check_bad(self, name, module):
        for function in self.functions(module, "bad"):
            wanted = getattr(module, function).fails
            self.assertNotIn(wanted.split(".")[0], ("fired", "exit"))
            status, outcome = self.run_client(name, module, function)
            self.assertIn(wanted, self.keys(outcome, "failed"),
                          self.show(function, outcome))
            self.assertEqual(self.keys(outcome, "unreached"), [],
                             f"{function} does not reach the fault")
            self.assertEqual(status, 1, function)

    def check_nobody(self, name, module):
        status, _ = self.judge(name, getattr(module, "OPTIONS", []), "true")
        self.assertEqual(status, 4)


def add_test(name):
    def test(self):
        module = load(name)
        self.check_good(name, module)
        self.check_bad(name, module)
        self.check_nobody(name, module)
    test.__doc__ = name
    setattr(Selftest, "test_" + name.replace("-", "_"), test)


for scenario in SCENARIOS:
    if scenario not in BY_HAND:
        add_test(scenario)

if __name__ == "__main__":
    unittest.main()
