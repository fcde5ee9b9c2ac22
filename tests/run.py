#!/usr/bin/python3
"""Runs every test suite and counts.

usage: tests/run.py SUITE... [-- OPTIONS FOR CRITERION]

A suite is a Criterion binary or a directory with Python tests; the binaries run
first.  The last line is `N passed, N failed, N skipped`; the status is 0 only
if nothing failed and every suite really ran tests.  With options (a filter) a
suite may be empty, and the Python suites do not run.
"""
import os
import re
import subprocess
import sys
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SUITE_TIMEOUT = 300  # seconds, for one binary
SYNTHESIS = re.compile(
    r"Synthesis: Tested: (\d+) \| Passing: (\d+) \| Failing: (\d+)"
    r" \| Crashing: (\d+)")
COLOR = re.compile(r"\x1b\[[0-9;]*m")


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def __str__(self):
        return (f"{self.passed} passed, {self.failed} failed, "
                f"{self.skipped} skipped")


def run_criterion(binary, options, count):
    """Criterion ends with 0 when no test matched: the synthesis decides."""
    command = [binary, "--short-filename", *options]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, errors="replace",
                              stderr=subprocess.STDOUT, timeout=SUITE_TIMEOUT)
        output, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired:
        output, status = f"not done after {SUITE_TIMEOUT} s\n", 1
    except OSError as error:
        output, status = f"{error}\n", 1
    print(output, end="", flush=True)
    found = SYNTHESIS.search(COLOR.sub("", output))
    tested, passed, _, _ = map(int, found.groups()) if found else (0,) * 4
    failed = tested - passed
    if failed == 0 and (status != 0 or (tested == 0 and not options)):
        failed = 1  # it crashed as a whole, or ran nothing
    count.passed += passed
    count.failed += failed
    if failed:
        print(f"FAILED {binary}: {tested} tested, status {status}", flush=True)


class Result(unittest.TextTestResult):
    """Knows which tests failed: one with many subtests counts once."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.failed_ids = set()

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.failed_ids.add(test.id())

    def addError(self, test, err):
        super().addError(test, err)
        self.failed_ids.add(test.id())

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.failed_ids.add(test.id())


def run_python(directory, count):
    print(f"{directory}:", flush=True)
    loader = unittest.TestLoader()
    tests = loader.discover(directory, top_level_dir=directory)
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2,
                                     resultclass=Result)
    result = runner.run(tests)
    failed = len(result.failed_ids) or int(result.testsRun == 0)
    skipped = len(result.skipped)
    count.failed += failed
    count.skipped += skipped
    count.passed += max(0, result.testsRun - failed - skipped)


def main():
    arguments = sys.argv[1:]
    options = []
    if "--" in arguments:
        cut = arguments.index("--")
        arguments, options = arguments[:cut], arguments[cut + 1:]
    os.chdir(TOP)
    sys.path.insert(0, os.path.join(TOP, "tests", "support"))
    sys.dont_write_bytecode = True
    count = Count()
    directories = [suite for suite in arguments if os.path.isdir(suite)]
    for suite in arguments:
        if suite not in directories:
            run_criterion(suite, options, count)
    if not options:
        for directory in directories:
            run_python(directory, count)
    print(count, flush=True)
    return 1 if count.failed or not count.passed else 0


if __name__ == "__main__":
    sys.exit(main())
