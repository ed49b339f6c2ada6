"""Processes that share work are gone when the one that started them is interrupted or killed, and say nothing."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import _ExecutorManagerThread
from threading import Event

import pytest

from fvproof.verify.processes import _Deaf, process_pool
from tests.processes import LIMIT_S, survivors, until

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


def die(folder):
    """Say that this process has begun, and end it when it is told to."""
    (folder / "begun").touch()
    until((folder / "end").exists)
    os._exit(1)


def test_a_process_that_begins_while_another_dies_is_not_waited_for(monkeypatch, tmp_path):
    start, say = _Deaf.start, _ExecutorManagerThread.shutdown_workers
    started, ending = [], Event()

    def late(process):
        until(lambda: not started or (tmp_path / "begun").exists())
        start(process)
        started.append(process)
        if len(started) == 2:
            (tmp_path / "end").touch()
            ending.wait(LIMIT_S)  # until the executor has told whom it knows to end

    def slow(manager):
        until(lambda: not started[0].is_alive())
        say(manager)
        ending.set()
        until(lambda: len(manager.processes) == 2)

    monkeypatch.setattr(_Deaf, "start", late)
    monkeypatch.setattr(_ExecutorManagerThread, "shutdown_workers", slow)
    with process_pool(2) as executor:
        executor.submit(die, tmp_path)
        executor.submit(int)
    assert len(started) == 2
    until(lambda: not survivors())


def test_leaving_hands_out_nothing(monkeypatch):
    started, start = [], _Deaf.start
    monkeypatch.setattr(_Deaf, "start", lambda process: (start(process), started.append(process))[0])
    with process_pool(2) as executor:
        executor.submit(os._exit, 1)
    assert len(started) == 1
