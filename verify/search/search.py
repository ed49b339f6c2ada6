"""Branch and bound in stretches: between them, workers exchange open nodes and the best value known."""

from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fvproof.verify.certificates.fixed import UNIT, Grid

FIRST_S, STRETCH_S = 1.0, 2.0
"""Seconds of the first stretch, which is done here, and of those that are handed out."""

T = TypeVar("T")
S = TypeVar("S")

Path = tuple[tuple[int, ...], ...]
"""The decisions on the way to a node; the last number of each is the side, 0 first."""


@dataclass(frozen=True, slots=True)
class Aim:
    """When a search may stop.

    Parameters
    ----------
    tolerance
        A node is closed if its bound exceeds the best value known by at most this;
    least
        or if its bound is at most this.
    goal
        A value that ends the search when it is found.
    slack
        A closed node's bound, derived again in integers, may be larger by this, as long as it is below the goal.
    """

    tolerance: float = 0.0
    least: float = -inf
    goal: float = inf
    slack: float = 0.0

    def enough(self, best: float) -> float:
        """Return the bound at which a node is closed."""
        return max(best + self.tolerance, self.least)

    def unproven(self, bounds: Grid, best: float) -> NDArray[np.bool_]:
        """Return which bounds on the grid are larger than they may be."""
        return (bounds > int((self.enough(best) + self.slack) * UNIT)) | (bounds >= self.goal * UNIT)


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the tree: the decisions that lead to it, and what its parent knew."""

    path: Path
    parent: Any = None


@dataclass(slots=True)
class Explored:
    """What a search found.

    Parameters
    ----------
    leaves
        The closed nodes, each with what closes it.
    open
        The nodes still to be looked at.
    splits
        Where each inner node was split: a decision without its side.
    tops
        The bounds of inner nodes, where the search keeps them.
    best, point
        The largest value seen, in doubles, and where; no point if it was known before.
    nodes
        How many nodes were bounded.
    """

    leaves: list[tuple[Path, Any]] = field(default_factory=list)
    open: list[Node] = field(default_factory=list)
    splits: dict[Path, tuple[int, ...]] = field(default_factory=dict)
    tops: dict[Path, float] = field(default_factory=dict)
    best: float = -inf
    point: NDArray[np.float64] | None = None
    nodes: int = 0


@dataclass(frozen=True, slots=True)
class SearchEffort:
    """How long a search may take, and where it is carried out.

    Parameters
    ----------
    timeout_s
        Seconds after which it stops; what is under way is finished.
    executor
        Any `concurrent.futures.Executor`, across which the work is spread; by default it is done here. So is what is
        left when it breaks, because a process was killed.
    tasks
        Into how many tasks: twice the number of the executor's workers is a good choice.
    """

    timeout_s: float = 600.0
    executor: Executor | None = None
    tasks: int = 16


Explore = Callable[[Sequence[Node], float, Aim, float], Explored]
"""Search below nodes, knowing a best value, towards an aim, for some seconds."""


def search(explore: Explore, found: Explored, aim: Aim, effort: SearchEffort) -> Explored:
    """Go on with a search: until no node is open, the goal is reached, or the time is over.

    Parameters
    ----------
    explore
        One stretch of search; picklable, if the executor has other processes.
    found
        What is known so far, with the nodes to begin with; it is added to, and returned.
    aim
        When it stops.
    effort
        How long, and where.
    """
    executor, end = effort.executor, monotonic() + effort.timeout_s
    while found.open and monotonic() < end and found.best < aim.goal:
        left = end - monotonic()
        if executor is None or not found.nodes or len(found.open) == 1:
            stretch = [explore(found.open, found.best, aim, left if executor is None else min(left, FIRST_S))]
        else:
            tasks = [found.open[i :: effort.tasks] for i in range(min(effort.tasks, len(found.open)))]
            try:
                futures = [executor.submit(explore, task, found.best, aim, min(left, STRETCH_S)) for task in tasks]
            except BrokenExecutor:
                executor = None
                continue
            stretch = [_outcome(future, task, found.best) for future, task in zip(futures, tasks, strict=True)]
        _join(found, stretch)
    return found


def _outcome(future: Future[Explored], task: list[Node], best: float) -> Explored:
    """Return what a worker found; if it was lost, its nodes are still open."""
    try:
        return future.result()
    except BrokenExecutor:
        return Explored(open=task, best=best)


def spread(function: Callable[[T], S], items: Sequence[T], executor: Executor | None) -> list[S]:
    """Return a function's values, computed by an executor if there is one that does not break, else here."""
    if executor is not None:
        try:
            return list(executor.map(function, items))
        except BrokenExecutor:
            pass
    return [function(item) for item in items]


def _join(found: Explored, stretch: Sequence[Explored]) -> None:
    """Add what a stretch found."""
    found.open = [node for part in stretch for node in part.open]
    for part in stretch:
        found.leaves += part.leaves
        found.splits |= part.splits
        found.tops |= part.tops
        found.nodes += part.nodes
        if part.point is not None and part.best > found.best:
            found.best, found.point = part.best, part.point


def preorder(
    leaves: set[Path], splits: dict[Path, tuple[int, ...]], number: Callable[..., int]
) -> tuple[Grid, list[Path]]:
    """Return a tree in preorder, side 0 first, and the paths of its leaves in that order.

    An inner node is written as the number of its decision, a leaf as −1.
    """
    tree: list[int] = []
    order: list[Path] = []
    stack: list[Path] = [()]
    while stack:
        path = stack.pop()
        if path in leaves:
            tree.append(-1)
            order.append(path)
            continue
        tree.append(number(*splits[path]))
        stack += [(*path, (*splits[path], side)) for side in (1, 0)]
    return np.array(tree, dtype=np.int64), order
