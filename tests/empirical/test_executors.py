import subprocess
import sys
from collections import Counter

import pytest

from empirical.executors import named_workers
from empirical.maximization.maximize import Settings
from empirical.networks.units import activations, parse_units
from empirical.sweep import jobs, sweep
from empirical.workers import run_jobs
from empirical.workspace import workspace
from tests.empirical.jobs import counted, digits, starts, watched
from tests.processes import ROOT, until
from theory.errors import DomainError

SETTINGS = Settings(steps=6, batch=8)
UNITS = "conv2:0-31,hidden:0-31,logits:0-9"
ASKING = """
import sys
from pathlib import Path
from tests.empirical.test_executors import share
share(sys.argv[1], Path(sys.argv[2]))
"""


@pytest.mark.parametrize("name", ["", "here", "local:2", "processes", "processes:0", "processes:two", "dask", "dask:"])
def test_a_name_of_no_executor_is_refused(name):
    with pytest.raises(DomainError, match="the executor must be local, processes:N or dask:ADDRESS, not"):
        named_workers(name, digits)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1:port", "nowhere"])
def test_an_address_where_no_scheduler_answers_is_refused_in_one_sentence(address):
    pytest.importorskip("distributed", reason="needs Dask: pip install 'fvproof[dask]'")
    with pytest.raises(DomainError, match=f"no Dask scheduler answers at {address}"):
        named_workers(f"dask:{address}", digits)


def opened(folder):
    """Return where the visualizations are kept, and the natural activations of the units."""
    model, images = digits()
    units = parse_units(UNITS, model)
    return workspace(model, images, SETTINGS, folder, pytest.fail), activations(model, units, [images.batch()])


def share(address, folder):
    """Have a cluster visualize units, slowly, and count what it does."""
    work, natural = opened(folder / "pieces")
    given = watched(jobs(work, list(natural), natural), counted, folder / "log", pause_s=0.1)
    run_jobs(work, given, workers=named_workers(f"dask:{address}", digits))


def test_a_cluster_loses_nothing_when_first_who_asked_and_then_a_worker_is_killed(cluster, tmp_path):
    address, workers = cluster
    log = tmp_path / "log"
    (tmp_path / "pieces").mkdir()
    asking, command = [], [sys.executable, "-c", ASKING, address, str(tmp_path)]
    for kept in (8, 24):
        asking.append(subprocess.Popen(command, cwd=ROOT))
        until(lambda kept=kept: len(list((tmp_path / "pieces").glob("*.npz"))) >= kept)
        killed = asking[0] if kept == 8 else workers[0]
        killed.kill()
        killed.wait()
    assert asking[1].wait(timeout=300) == 0

    held = [names for names, process in starts(log) if process == workers[0].pid][-1]
    begun = Counter(names for names, _ in starts(log))
    assert {names for names, count in begun.items() if count > 1} <= {held}  # what the killed worker had in hand
    alone = tmp_path / "alone"
    work, natural = opened(alone)
    assert sum(len(names.split(",")) for names in begun) == len(natural)
    sweep(work, list(natural), natural=natural)
    found, wanted = ({path.name: path.read_bytes() for path in at.glob("*.npz")} for at in (tmp_path / "pieces", alone))
    assert found == wanted
