from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier

import numpy as np
import pytest

from fvproof.empirical.keeping.executors import named_workers
from fvproof.empirical.keeping.store import place
from fvproof.empirical.keeping.sweep import jobs, sweep
from fvproof.empirical.keeping.workers import Workers, hired, run_jobs
from fvproof.empirical.keeping.workspace import Job, workspace
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import activations, parse_units
from fvproof.theory.errors import DomainError
from tests.empirical.jobs import always_deadly, counted, deadly, digits, ends, other, watched

SETTINGS = Settings(steps=6, batch=8)


@pytest.fixture(scope="module")
def model():
    return digits()[0]


@pytest.fixture(scope="module")
def units(model):
    return parse_units("conv2:0-19,logits:0-9", model)


@pytest.fixture(scope="module")
def natural(model, units):
    return activations(model, units, [digits_images().batch()])


@pytest.fixture
def sentences():
    return []


@pytest.fixture
def work(model, tmp_path, sentences):
    return workspace(model, digits_images(), SETTINGS, tmp_path / "pieces", sentences.append)


@pytest.fixture
def asked(work, units, natural):
    return jobs(work, units, natural)


def test_processes_find_the_same_images_as_one_and_compute_each_once(
    model, work, units, natural, asked, tmp_path, sentences
):
    steps, log = [], tmp_path / "log"
    workers = named_workers("processes:2", digits)
    run_jobs(work, watched(asked, counted, log), workers=workers, progress=steps.append)
    assert ends(log) == dict.fromkeys([f"{unit} max" for unit in units], 1)
    assert sum(steps) == len(units) * SETTINGS.steps
    assert sentences == []
    alone = workspace(model, digits_images(), SETTINGS, tmp_path / "alone", pytest.fail)
    for first, second in zip(*(sweep(at, units, natural=natural) for at in (work, alone)), strict=True):
        assert first.activation == second.activation
        assert np.array_equal(first.image, second.image)
        assert np.array_equal(first.trace, second.trace)
    names = [sorted(path.name for path in at.folder.iterdir()) for at in (work, alone)]
    assert names[0] == names[1]
    assert all((work.folder / name).read_bytes() == (alone.folder / name).read_bytes() for name in names[0])


def test_a_killed_process_is_replaced_and_said_once_and_nothing_is_computed_twice(
    work, units, asked, tmp_path, sentences
):
    log = tmp_path / "log"
    given = watched(asked, counted, log)
    given[2], given[4] = watched([asked[2], asked[4]], deadly, log)
    run_jobs(work, given, workers=named_workers("processes:1", digits))
    assert ends(log) == dict.fromkeys([f"{unit} max" for unit in units], 1)
    assert sentences == [
        "a process that shared the work was lost; the 3 of 5 pieces of work that are not finished are given out again"
    ]


def test_work_that_always_kills_its_process_is_given_up_in_one_sentence(work):
    with pytest.raises(DomainError, match="the processes that share the work end before it is done"):
        run_jobs(work, [Job(("doomed",), always_deadly)], workers=named_workers("processes:1", digits))


def test_any_executor_will_do(work, units, asked, tmp_path):
    log = tmp_path / "log"
    run_jobs(work, watched(asked, counted, log), workers=Workers(partial(ThreadPoolExecutor, 3), digits))
    assert ends(log) == dict.fromkeys([f"{unit} max" for unit in units], 1)


def test_two_who_ask_for_the_same_at_once_compute_it_once(work, units, asked, tmp_path):
    log, all_four = tmp_path / "log", Barrier(4)

    def load():
        all_four.wait()  # so that nobody begins before both have asked
        return digits()

    workers = Workers(partial(ThreadPoolExecutor, 2), load)
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: run_jobs(work, watched(asked, counted, log), workers=workers), range(2)))
    assert ends(log) == dict.fromkeys([f"{unit} max" for unit in units], 1)
    assert not list(work.folder.glob("*.lock"))


def test_one_executor_serves_several_calls_and_is_replaced_when_it_breaks(work, asked, tmp_path):
    opened, closed, log = [], [], tmp_path / "log"

    @contextmanager
    def start():
        with ThreadPoolExecutor(1) as executor:
            opened.append(executor)
            yield executor
            closed.append(executor)

    with hired(Workers(start, digits)) as workers:
        run_jobs(work, watched(asked[:2], counted, log), workers=workers)
        run_jobs(work, watched(asked[2:3], counted, log), workers=workers)
        assert (len(opened), closed) == (1, [])
        broken = workers.start()
        broken.__enter__()
        assert not broken.__exit__(BrokenExecutor, BrokenExecutor(), None)
        run_jobs(work, watched(asked[3:], counted, log), workers=workers)
        assert len(opened) == 2
    assert set(closed) == set(opened)


def test_nobody_is_hired_where_all_is_finished(work, units, natural, asked):
    sweep(work, units, natural=natural)
    steps = []
    run_jobs(work, asked, workers=Workers(lambda: pytest.fail("started"), digits), progress=steps.append)
    assert sum(steps) == len(units) * SETTINGS.steps


def test_damaged_work_is_reported_and_done_again(work, units, natural, asked, sentences):
    sweep(work, units, natural=natural)
    path = place(work.folder, work.key("conv2:9 max"))
    before = path.read_bytes()
    path.write_bytes(before[:-50])
    run_jobs(work, asked, workers=Workers(partial(ThreadPoolExecutor, 1), digits))
    assert path.read_bytes() == before
    assert len(sentences) == 1
    assert f"{path} is damaged" in sentences[0]


def test_a_process_that_loads_another_network_is_refused(work, asked):
    with pytest.raises(DomainError, match="must load the same digits-small and images"):
        run_jobs(work, asked, workers=Workers(partial(ThreadPoolExecutor, 1), other))


class Elsewhere(Executor):
    """Another machine, whose folder of the same name is another folder."""

    def submit(self, *_):
        future = Future()
        future.set_result([])
        return future


def test_work_that_is_written_where_it_is_not_seen_is_refused(work, asked):
    with pytest.raises(DomainError, match=r"must write to .*pieces, seen here"):
        run_jobs(work, asked, workers=Workers(Elsewhere, digits))
