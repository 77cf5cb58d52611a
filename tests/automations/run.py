"""Runs the tests beside this file and sums them up in the words that the task runner counts: run.py [--quick] [FILE...]

The interpreter has the libraries that the automations have locked. With --quick, tests that need a service are left out.
"""

import os
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "doubles"), str(HERE.parents[1] / "automations" / "python")]


def whole(test: unittest.TestCase) -> unittest.TestCase:
    """The test that a part of it belongs to."""
    return getattr(test, "test_case", test)


class Report(unittest.TextTestResult):
    """Says a line for each test."""

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        bad = any(test is whole(of) for of, _ in self.failures + self.errors)
        name = test.id().rsplit(".", 1)[-1].replace("_", " ")
        print(f"{name} ... {'FAILED' if bad else 'ok'}", flush=True)


def chosen(names: "list[str]") -> "list[str]":
    """The files to run: the named, or all; without those that need a service if that is wished."""
    found = sorted(path.stem for path in HERE.glob("test_*.py"))
    quick = "--quick" in names
    names = [Path(name).stem for name in names if name != "--quick"]
    return [name for name in found if (not names or name in names) and not (quick and name.startswith("test_service_"))]


def main() -> int:
    """Loads, runs, sums up."""
    loader, suite = unittest.TestLoader(), unittest.TestSuite()
    for name in chosen(sys.argv[1:]):
        suite.addTests(loader.loadTestsFromName(name))
    begun = time.monotonic()
    quiet = open(os.devnull, "w", encoding="utf-8")
    result = unittest.TextTestRunner(stream=quiet, resultclass=Report).run(suite)
    for test, text in result.failures + result.errors:
        print(f"\n--- {test}\n{text}")
    failed = len({whole(test).id() for test, _ in result.failures + result.errors + result.skipped})
    passed = result.testsRun - failed
    word = "ok" if failed == 0 and passed > 0 else "FAILED"
    print(f"{time.monotonic() - begun:.1f} s")
    print(f"test result: {word}. {passed} passed; {failed} failed;")
    return 0 if word == "ok" else 1


sys.exit(main())
