"""Work shared among processes, here or on other machines, through any `concurrent.futures.Executor`.

The processes write what they finish into the store themselves, so that nothing finished is lost, whoever is killed: a
process, or the one that asked. Each loads network and images on its own and makes sure that they are the same, with the
same code; then the results do not depend on who computed them.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from empirical.images import ImageSet
from empirical.maximization.ascent import Progress
from empirical.maximization.maximize import Settings
from empirical.networks.zoo import Model
from empirical.workplace import Order, Workplace, context_of
from theory.errors import DomainError, FvproofError


@dataclass(frozen=True, slots=True, eq=False)
class Crew:
    """Processes that share work.

    Attributes
    ----------
    hire
        Opens an executor: a function without arguments that returns it as a context manager, such as
        `partial(ProcessPoolExecutor, 4)`. It is called again when an executor breaks.
    load
        Returns network and images, in each of the processes: a function that can be sent there (pickled).
    lost
        Errors that say that work was lost with a process, not that it failed.
    """

    hire: Callable[[], AbstractContextManager[Executor]]
    load: Callable[[], tuple[Model, ImageSet]]
    lost: tuple[type[BaseException], ...] = (BrokenExecutor,)


def fulfil(
    workplace: Workplace,
    orders: Sequence[Order],
    *,
    crew: Crew | None = None,
    progress: Progress = lambda _: None,
) -> None:
    """Compute the pieces of all orders that the workplace does not hold yet.

    An executor that breaks, since one of its processes was killed, is replaced, and what was not finished is given out
    again; that is reported once.

    Parameters
    ----------
    workplace
        Where the pieces are kept: a folder that the whole crew can write to.
    orders
        What is computed.
    crew
        Who computes; None for this process alone.
    progress
        Called with the number of steps done since the last call; those of finished work at once.

    Raises
    ------
    DomainError
        If executors break before anything is finished, the crew's network, images or code are others, or it cannot
        write to the folder.
    """
    if crew is None:
        for order in orders:
            order.fulfil(workplace, progress)
        return
    left = {place: order for place, order in enumerate(orders) if workplace.kept(order.names) is None}
    progress(sum(order.steps for order in orders) - sum(order.steps for order in left.values()))
    told = False
    while left:
        before = len(left)
        try:
            for place in _finished(crew, workplace, dict(left)):
                progress(left.pop(place).steps)
        except crew.lost as error:
            if len(left) == before:
                raise DomainError(f"the processes that share the work end before it is done: {error!r}") from error
            if not told:
                undone = f"the {len(left)} of {len(orders)} pieces of work that are not finished"
                workplace.report(f"a process that shared the work was lost; {undone} are given out again")
            told = True


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """An order as it is sent to another process: a workplace without what is large, and how to get that there."""

    order: Order
    load: Callable[[], tuple[Model, ImageSet]]
    settings: Settings
    folder: Path
    context: str


def _finished(crew: Crew, workplace: Workplace, orders: Mapping[int, Order]) -> Iterator[int]:
    """Yield the places of orders as they are finished, by one executor."""
    where = (crew.load, workplace.settings, workplace.folder.resolve(), workplace.context)
    with crew.hire() as executor:
        futures = {executor.submit(_work, _Task(order, *where)): place for place, order in orders.items()}
        try:
            for future in as_completed(futures):
                for sentence in future.result():
                    workplace.report(sentence)
                place = futures[future]
                if workplace.kept(orders[place].names) is None:
                    raise DomainError(f"the processes that share the work must write to {workplace.folder}, seen here")
                yield place
        finally:
            for future in futures:
                future.cancel()


def _work(task: _Task) -> list[str]:
    """Compute the pieces of one order in this process, and return what there is to report."""
    told: list[str] = []
    try:
        workplace = Workplace(*_loaded(task), task.settings, task.folder, task.context, told.append)
        task.order.fulfil(workplace)
    except FvproofError as error:
        raise DomainError(str(error)) from None  # of all its kinds, one that can be sent back
    return told


_here = threading.local()
"""What was last loaded, one for each thread: activations are captured in a network, which two threads cannot do."""


def _loaded(task: _Task) -> tuple[Model, ImageSet]:
    """Return network and images of a task, if they, and the code that runs here, are those of the one who asked."""
    if getattr(_here, "context", None) != task.context:
        model, images = task.load()
        if context_of(model, images, task.settings) != task.context:
            raise DomainError(
                f"each process that shares the work must load the same {model.name} and images, with the same fvproof "
                "and torch: random weights must be drawn from a fixed seed"
            )
        _here.loaded, _here.context = (model, images), task.context
    return _here.loaded
