"""Processes that share work are gone when the one that started them is interrupted or killed, and say nothing."""

import os
import signal
import subprocess
import sys
import time

import pytest

from fvproof.verify.processes import process_pool
from tests.processes import survivors, until

ASKING = """
import signal, sys
from pathlib import Path
from tests.verify.test_processes import linger
from fvproof.verify.processes import process_pool

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started us without
if __name__ == "__main__":
    with process_pool(2) as executor:
        for future in [executor.submit(linger, Path(sys.argv[1])) for _ in range(2)]:
            future.result()
"""


def linger(folder):
    """Say who works here, and never come back."""
    (folder / f"{os.getpid()}.pid").touch()
    while True:
        time.sleep(3600)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_processes_that_share_work_end_with_the_one_that_started_them(start, tmp_path, how):
    asking = start([sys.executable, "-c", ASKING, tmp_path], stderr=subprocess.PIPE, text=True)
    until(lambda: len(list(tmp_path.glob("*.pid"))) == 2 or asking.poll() is not None)
    assert len(list(tmp_path.glob("*.pid"))) == 2
    os.killpg(asking.pid, how) if how == signal.SIGINT else asking.kill()
    said = asking.communicate()[1]
    assert asking.returncode == -how
    assert [line for line in said.splitlines() if "Process" in line] == []
    until(lambda: not survivors())


def failing(finished):
    """Fail after having given out work."""
    with process_pool(1) as executor:
        executor.submit(finished.touch)
        raise ZeroDivisionError


def test_what_is_in_hand_is_finished_when_something_fails(tmp_path):
    with pytest.raises(ZeroDivisionError):
        failing(tmp_path / "finished")
    assert (tmp_path / "finished").exists()


def test_each_process_is_prepared():
    with process_pool(1, os.umask, 0o27) as executor:
        assert executor.submit(os.umask, 0).result() == 0o27
