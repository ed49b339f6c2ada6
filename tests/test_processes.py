"""The tests' own means against processes that outlive them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ended, processes, survivors, until

SLEEPS = [sys.executable, "-c", "import time; time.sleep(3600)"]
linux = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")


def failing(started):
    with processes() as start:
        started.append(start(SLEEPS))
        raise ZeroDivisionError


def test_what_a_failing_test_has_started_is_killed():
    started = []
    with pytest.raises(ZeroDivisionError):
        failing(started)
    assert started[0].returncode == -9


@linux
def test_a_process_that_is_left_is_found_and_killed():
    process = subprocess.Popen(SLEEPS)
    until(lambda: "sleep(3600)" in "".join(survivors().values()))  # its name comes a moment after it has begun
    (line,) = ended(limit_s=0)
    assert "sleep(3600)" in line
    assert process.wait() == -9


@linux
def test_a_process_whose_parent_has_ended_is_found_and_killed():
    subprocess.run([sys.executable, "-c", f"import subprocess; subprocess.Popen({SLEEPS})"], check=True)
    until(lambda: "sleep(3600)" in "".join(survivors().values()))  # its name comes a moment after it has begun
    (line,) = ended(limit_s=0)
    assert "sleep(3600)" in line
    until(lambda: not survivors())


@linux
def test_a_process_that_is_about_to_end_is_waited_for():
    process = subprocess.Popen([sys.executable, "-c", ""])
    assert ended() == []
    assert process.wait() == 0
