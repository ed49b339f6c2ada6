"""Work shared among processes, here or on other machines, through any `concurrent.futures.Executor`.

The processes write what they finish into the store themselves, so that nothing finished is lost, whoever is killed: a
process, or the one that asked. Each loads network and images on its own and makes sure that they are the same, with the
same code; then the results do not depend on who computed them.
"""

import pickle
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.workspace import Job, Workspace, context_of
from fvproof.empirical.maximization.ascent import Progress
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.model import Model
from fvproof.empirical.notices import heard_by
from fvproof.theory.errors import DomainError, FvproofError


@dataclass(frozen=True, slots=True, eq=False)
class Workers:
    """Processes that share work.

    Attributes
    ----------
    start
        Opens an executor: a function without arguments that returns it as a context manager, such as
        `partial(ProcessPoolExecutor, 4)`. It is called again when an executor breaks.
    load
        Returns network and natural images, if there are any, in each of the processes: a function that can be sent
        there (pickled).
    lost
        Errors that say that work was lost with a process, not that it failed.
    """

    start: Callable[[], AbstractContextManager[Executor]]
    load: Callable[[], tuple[Model, ImageSet | None]]
    lost: tuple[type[BaseException], ...] = (BrokenExecutor,)


@contextmanager
def hired(workers: Workers | None) -> Iterator[Workers | None]:
    """Give workers of which one executor, once opened, serves several calls of `run_jobs`: processes start slowly."""
    if workers is None:
        yield None
        return
    opened: list[Executor] = []
    with ExitStack() as stack:

        @contextmanager
        def start() -> Iterator[Executor]:
            if not opened:
                opened.append(stack.enter_context(workers.start()))
            try:
                yield opened[0]
            except workers.lost:
                opened.clear()
                raise

        yield replace(workers, start=start)


def run_jobs(
    workspace: Workspace,
    jobs: Sequence[Job],
    *,
    workers: Workers | None = None,
    progress: Progress = lambda _: None,
) -> None:
    """Compute the pieces of all jobs that the workspace does not hold yet.

    An executor that breaks, since one of its processes was killed, is replaced, and what was not finished is given out
    again; that is reported once.

    Parameters
    ----------
    workspace
        Where the pieces are kept: a folder that all workers can write to.
    jobs
        What is computed.
    workers
        Who computes; None for this process alone.
    progress
        Called with the number of steps done since the last call; those of finished work at once.

    Raises
    ------
    DomainError
        If executors break before anything is finished, the workers' network, images or code are others, or they
        cannot write to the folder.
    """
    if workers is None:
        for job in jobs:
            job.run(workspace, progress)
        return
    left = {place: job for place, job in enumerate(jobs) if workspace.kept(job.names) is None}
    progress(sum(job.steps for job in jobs) - sum(job.steps for job in left.values()))
    told = False
    while left:
        before = len(left)
        try:
            with closing(_finished(workers, workspace, dict(left))) as finished:
                for place in finished:
                    progress(left.pop(place).steps)
        except workers.lost as error:
            if len(left) == before:
                raise DomainError(f"the processes that share the work end before it is done: {error!r}") from error
            if not told:
                undone = f"the {len(left)} of {len(jobs)} pieces of work that are not finished"
                workspace.report(f"a process that shared the work was lost; {undone} are given out again")
            told = True


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """A job as it is sent to another process: a workspace without what is large, and how to get that there."""

    job: Job
    load: Callable[[], tuple[Model, ImageSet | None]]
    settings: Settings
    folder: Path
    context: str


def _finished(workers: Workers, workspace: Workspace, jobs: Mapping[int, Job]) -> Generator[int, None, None]:
    """Yield the places of jobs as they are finished, by one executor."""
    where = (workers.load, workspace.settings, workspace.folder.resolve(), workspace.context)
    with workers.start() as executor:
        futures = {executor.submit(_work, _Task(job, *where)): place for place, job in jobs.items()}
        try:
            for future in as_completed(futures):
                for sentence in future.result():
                    workspace.report(sentence)
                place = futures[future]
                if workspace.kept(jobs[place].names) is None:
                    raise DomainError(f"the processes that share the work must write to {workspace.folder}, seen here")
                yield place
        finally:
            for future in futures:
                future.cancel()


def _work(task: _Task) -> list[str]:
    """Compute the pieces of one job in this process, and return what there is to report."""
    told: list[str] = []
    try:
        workspace = Workspace(*_loaded(task), task.settings, task.folder, task.context, told.append)
        with heard_by(told.append):
            task.job.run(workspace)
    except FvproofError as error:
        raise DomainError(str(error)) from None  # of all its kinds, one that can be sent back
    except Exception as error:
        if _can_be_sent(error):
            raise
        raise RuntimeError(f"{type(error).__name__}: {error}") from error
    return told


def _can_be_sent(error: Exception) -> bool:
    """Return whether an error arrives in another process: one that does not would look like the end of this one."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001  somebody else's error may raise anything
        return False
    return True


_here = threading.local()
"""What was last loaded, one for each thread: activations are captured in a network, which two threads cannot do."""


def _loaded(task: _Task) -> tuple[Model, ImageSet | None]:
    """Return network and images of a task, if they, and the code that runs here, are those of the one who asked."""
    if getattr(_here, "context", None) != task.context:
        model, images = task.load()
        if context_of(model, images, task.settings) != task.context:
            raise DomainError(
                f"each process that shares the work must load the same {model.name} and images on the same kind of "
                "device, with the same fvproof and torch: random weights must be drawn from a fixed seed"
            )
        _here.loaded, _here.context = (model, images), task.context
    return _here.loaded
