import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from fvproof.empirical.keeping.executors import named_workers
from fvproof.empirical.keeping.sweep import jobs, sweep
from fvproof.empirical.keeping.workers import run_jobs
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.units import activations, parse_units
from fvproof.theory.errors import DomainError
from tests.empirical.jobs import counted, digits, starts, watched
from tests.processes import until

SETTINGS = Settings(steps=6, batch=8)
UNITS = "conv2:0-31,hidden:0-31,logits:0-9"
ASKING = """
import sys
from pathlib import Path
from tests.empirical.keeping.test_executors import share
share(sys.argv[1], Path(sys.argv[2]))
"""


@pytest.mark.parametrize("name", ["", "here", "local:2", "processes", "processes:0", "processes:two", "dask", "dask:"])
def test_a_name_of_no_executor_is_refused(name):
    with pytest.raises(DomainError, match="the executor must be local, processes:N or dask:ADDRESS, not"):
        named_workers(name, digits)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1:port", "nowhere"])
def test_an_address_where_no_scheduler_answers_is_refused_in_one_sentence(address, monkeypatch):
    pytest.importorskip("distributed", reason="needs Dask: pip install 'fvproof[dask]'")
    monkeypatch.setattr("fvproof.empirical.keeping.executors.ANSWER_S", 0.5)
    with pytest.raises(DomainError, match=f"no Dask scheduler answers at {address}"):
        named_workers(f"dask:{address}", digits)


def opened(folder):
    """Return where the visualizations are kept, and the natural activations of the units."""
    model, images = digits()
    units = parse_units(UNITS, model)
    return workspace(model, images, SETTINGS, folder, pytest.fail), activations(model, units, [images.batch()])


def share(address, folder):
    """Have a cluster visualize units, as many as it may, and count what it does."""
    work, natural = opened(folder / "pieces")
    given = watched(jobs(work, list(natural), natural), counted, folder / "log", allowed=folder / "allowed")
    run_jobs(work, given, workers=named_workers(f"dask:{address}", digits))


def test_a_cluster_loses_nothing_when_first_who_asked_and_then_a_worker_is_killed(cluster, start, tmp_path):
    address, workers = cluster
    log, allowed = tmp_path / "log", tmp_path / "allowed"

    def until_two_wait(ended, count):
        """Let so many pieces of work be done, and wait until both workers have the next in hand."""
        allowed.write_text(str(count))
        until(lambda: len(starts(log)) == count + 2 or ended())
        assert not ended()

    (tmp_path / "pieces").mkdir()
    first = start([sys.executable, "-c", ASKING, address, tmp_path])
    until_two_wait(lambda: first.poll() is not None, 2)
    first.kill()
    first.wait()
    with ThreadPoolExecutor(1) as beside:
        second = beside.submit(share, address, tmp_path)
        try:
            until_two_wait(second.done, 5)
            workers[0].kill()
            workers[0].wait()
        finally:
            allowed.write_text("1000")
        second.result()

    held = [names for names, process in starts(log) if process == workers[0].pid][-1]
    begun = Counter(names for names, _ in starts(log))
    assert {names for names, count in begun.items() if count > 1} == {held}  # what the killed worker had in hand
    alone = tmp_path / "alone"
    work, natural = opened(alone)
    assert sum(len(names.split(",")) for names in begun) == len(natural)
    sweep(work, list(natural), natural=natural)
    found, wanted = ({path.name: path.read_bytes() for path in at.glob("*.npz")} for at in (tmp_path / "pieces", alone))
    assert found == wanted
