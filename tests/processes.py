"""Processes that tests start: where, with what, how to wait for them, and how none of them outlives its test."""

import ctypes
import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

LIMIT_S = 1800
"""No test depends on how quick the machine is: after half an hour, something hangs."""

HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver", "fvproof.verify.proving.cvc5_process")
"""Processes that are started once for all that follows, and end with this one: Python's own, and that of cvc5."""


def until(condition):
    """Wait until something holds: that it does, not how long it took, is what a test may rely on."""
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.01)


@contextmanager
def processes():
    """Give a function that starts a process as `Popen` does; in the end it is killed, with all that it started."""
    running = []

    def start(command, **options):
        given = {"cwd": ROOT, "env": ENVIRONMENT, "process_group": 0, **options}
        running.append(subprocess.Popen([str(word) for word in command], **given))
        return running[-1]

    try:
        yield start
    finally:
        for process in running:
            end(process)


def end(process):
    """Kill a process and its group, and wait for it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
        pipe.close()


def adopt_orphans():
    """On Linux, become the parent of processes whose own parent ends before them, so that `survivors` finds them."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def survivors():
    """Return the command lines, by number, of child processes that run, without Python's own; none without /proc."""
    numbers = [number for task in Path("/proc/self/task").glob("*/children") for number in _read(task).split()]
    lines = {
        int(number): _read(Path("/proc") / number / "cmdline").replace("\0", " ").strip()
        for number in numbers
        if _runs(_read(Path("/proc") / number / "stat"))
    }
    return {number: line for number, line in lines.items() if not any(name in line for name in HELPERS)}


def _runs(status):
    """Return whether a process does not only wait to be asked how it ended."""
    return bool(status) and status.rpartition(")")[2].split()[0] not in "ZX"


def _read(path):
    """Return what a file holds; nothing where it is gone."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def ended(limit_s=60.0):
    """Wait for child processes that are about to end; kill the others, and return their command lines."""
    end = time.monotonic() + limit_s
    while (left := survivors()) and time.monotonic() < end:
        time.sleep(0.05)
    for number in left:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    return list(left.values())
