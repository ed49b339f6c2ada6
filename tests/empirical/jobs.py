"""Work that is counted, and processes that die at it: functions that can be sent to other processes."""

import os
import signal
from collections import Counter
from functools import partial

from fvproof.empirical.keeping.workspace import Job
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.zoo import load_model
from tests.processes import until


def note(log, line):
    """Add a line to a file, in one stroke: several processes may do so."""
    with log.open("a") as file:
        file.write(f"{line}\n")


def counted(job, log, workspace, *, allowed=None, progress=None):
    """Compute a job, and note before and after which units it is about.

    With `allowed`, a file that holds a number, it waits until so many jobs may have begun, this one among them.
    """
    mine = f"start {','.join(job.names)} {os.getpid()}"
    note(log, mine)
    if allowed is not None:
        until(lambda: begun(log).index(mine) < int(allowed.read_text() or 0))
    pieces = job.compute(workspace)
    note(log, f"end {','.join(job.names)}")
    return pieces


def deadly(job, log, workspace, *, progress=None):
    """Compute a job, but kill the process at the first attempt."""
    first = str(job.names) not in (log.read_text() if log.exists() else "")
    note(log, f"tried {job.names}")
    if first:
        os.kill(os.getpid(), signal.SIGKILL)
    return counted(job, log, workspace)


def always_deadly(workspace, *, progress=None):
    """Kill the process."""
    os.kill(os.getpid(), signal.SIGKILL)


def ends(log):
    """Return how often the work on each unit was brought to its end."""
    lines = [line.split(" ", 1) for line in log.read_text().splitlines()]
    return Counter(name for word, names in lines if word == "end" for name in names.split(","))


def begun(log):
    """Return the lines about work that was begun."""
    return [line for line in log.read_text().splitlines() if line.startswith("start ")]


def starts(log):
    """Return the units of each piece of work that was begun, and the number of the process that began it."""
    lines = [line.removeprefix("start ").rsplit(" ", 1) for line in begun(log)] if log.exists() else []
    return [(names, int(process)) for names, process in lines]


def watched(jobs, work, log, **options):
    """Return the jobs, done by one of the functions above."""
    return [Job(job.names, partial(work, job, log, **options), job.steps) for job in jobs]


def digits():
    """Return the network and the images."""
    return load_model("digits"), digits_images()


def other():
    """Return another network."""
    return load_model("digits-small"), digits_images()
