"""Prints how many cases each class has passed in the nightly run, all workers together, and fails if they are few."""

import pytest

from tests.theory import tally

COUNTS = {}


def _add(counts):
    for name, hashes in counts.items():
        COUNTS.setdefault(name, set()).update(hashes)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    _add(getattr(node, "workeroutput", {}).get("cases", {}))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    if not tally.nightly():
        return
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["cases"] = {name: list(seen) for name, seen in tally.SEEN.items()}
        return
    _add(tally.SEEN)
    if tally.summary({name: len(seen) for name, seen in COUNTS.items()})[1]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    if tally.nightly() and COUNTS:
        terminalreporter.section("random cases against the oracles")
        for line in tally.summary({name: len(seen) for name, seen in COUNTS.items()})[0]:
            terminalreporter.write_line(line)
