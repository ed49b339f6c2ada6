"""One bound with its proof: the largest value over a box of the least row, by halving boxes or by fixing signs."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import isfinite
from time import monotonic

import numpy as np

from fvproof.verify.certificates.certificate import BoxSplits, ProvenBound, SignSplits
from fvproof.verify.certificates.derivation import grid_domain, grid_rows, sign_leaf_bounds
from fvproof.verify.certificates.duality import Box, grid_maps
from fvproof.verify.certificates.fixed import UNIT, Grid, doubles
from fvproof.verify.certificates.halving import halved_bounds
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.linear_forms import BoxDomain, LinearForm
from fvproof.verify.search import boxes, signs
from fvproof.verify.search.ascent import FloatRows, ascend, float_rows, with_means
from fvproof.verify.search.boxes import BoxProblem, box_splits, explore_boxes
from fvproof.verify.search.relaxation import Array
from fvproof.verify.search.root import Root, exact_point, prepare
from fvproof.verify.search.search import Aim, Explore, Explored, Node, Path, SearchEffort, search
from fvproof.verify.search.signs import SignProblem, explore_signs, sign_problem, sign_splits, with_facets

FEW_INPUTS = 6
"""Boxes are halved in at most so many dimensions,"""
MANY_NEURONS = 60
"""and for networks of more ReLUs than this, or several rows at once; else signs are fixed."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """A proof of an upper bound, and the best point seen.

    Parameters
    ----------
    part
        The proof; None if the search ended at its goal, or had one and ran out of time.
    point
        An exact point of the domain.
    nodes
        How many nodes were bounded.
    """

    part: ProvenBound | None
    point: tuple[Fraction, ...]
    nodes: int


@dataclass(frozen=True, slots=True)
class BoundTask:
    """What is to be bounded where: the largest value over the domain of the least row."""

    network: LayeredNetwork
    rows: tuple[LinearForm, ...]
    domain: BoxDomain


def by_boxes(task: BoundTask) -> bool:
    """Return whether a task is done by halving boxes."""
    few = task.network.dimension <= FEW_INPUTS and sum(task.network.widths) > MANY_NEURONS
    return few or len(task.rows) > 1 or not task.network.widths


def bound(task: BoundTask, aim: Aim, effort: SearchEffort, *, root: Root | None = None) -> Bounded:
    """Return an upper bound of a task with its proof, as good as the aim asks and the time allows.

    Parameters
    ----------
    task, aim
        What is bounded, and when the search may stop.
    effort
        How long it may take, and where it is carried out.
    root
        The root for the task's network and domain, if there is one already.
    """
    box, end = grid_domain(task.domain), monotonic() + effort.timeout_s
    assert isinstance(box, Box)
    rows = float_rows(task.rows, task.network)
    best, point = ascend(task.network.doubles, rows, (doubles(box.low[0]), doubles(box.high[0])))
    if best >= aim.goal and _reached(task, point):
        return Bounded(None, exact_point(point, task.domain), 0)
    if by_boxes(task):
        plan, start = _by_boxes(task, rows, box)
    else:
        root = root or prepare(task.network, task.domain, end=end)
        aimed = with_facets(sign_problem(root, task.rows[0]), aim.enough(best), aim.tolerance, end=end)
        plan, start = _by_signs(task, root, aimed)
    left = replace(effort, timeout_s=end - monotonic())
    found = search(plan.explore, Explored(open=[start], best=best), aim, left)
    part = None
    if found.best < aim.goal and not (found.open and isfinite(aim.goal)):
        splits, bounds = _proven(plan, found, aim, replace(effort, timeout_s=end - monotonic()))
        part = ProvenBound(task.rows, task.domain, Fraction(int(bounds.max()), UNIT), splits)
    exact = exact_point(point if found.point is None else found.point, task.domain)
    return Bounded(None if found.best >= aim.goal else part, exact, found.nodes)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a task is done: how to search, what the tree found proves leaf by leaf, and how to divide leaves further."""

    explore: Explore
    prove: Callable[[Explored], tuple[BoxSplits | SignSplits, list[Path], Grid]]
    reopen: Callable[[Explored, Set[Path]], None]


def _by_boxes(task: BoundTask, rows: FloatRows, box: Box) -> tuple[_Plan, Node]:
    """Return the plan of halving boxes, and its first node."""
    problem, maps = BoxProblem(task.network.doubles, with_means(rows)), grid_maps(task.network)
    on_grid = grid_rows(task.rows, task.network)

    def prove(found: Explored) -> tuple[BoxSplits, list[Path], Grid]:
        splits, order = box_splits(found)
        return splits, order, halved_bounds(splits.tree, maps, on_grid, box)

    return _Plan(partial(explore_boxes, problem), prove, boxes.reopen), problem.root(box)


def _by_signs(task: BoundTask, root: Root, problem: SignProblem) -> tuple[_Plan, Node]:
    """Return the plan of fixing signs, and its first node."""
    on_grid = grid_rows(task.rows, task.network)

    def prove(found: Explored) -> tuple[SignSplits, list[Path], Grid]:
        splits, order = sign_splits(root, problem, found)
        return splits, order, sign_leaf_bounds(splits, root.maps, on_grid, root.box)

    return _Plan(partial(explore_signs, problem), prove, partial(signs.reopen, problem)), Node(())


def _proven(plan: _Plan, found: Explored, aim: Aim, effort: SearchEffort) -> tuple[BoxSplits | SignSplits, Grid]:
    """Return the splits and what they prove, after searching on below leaves that rounding left too weak."""
    end = monotonic() + effort.timeout_s
    splits, order, bounds = plan.prove(found)
    while not found.open and found.best < aim.goal:
        plan.reopen(found, {order[i] for i in np.flatnonzero(aim.unproven(bounds, found.best))})
        if not found.open:
            break
        search(plan.explore, found, aim, replace(effort, timeout_s=end - monotonic()))
        splits, order, bounds = plan.prove(found)
    return splits, bounds


def least_row(task: BoundTask, point: Sequence[Fraction]) -> Fraction:
    """Return the exact value of the least row at a point."""
    outputs = task.network.outputs(point)
    return min(row(point, outputs) for row in task.rows)


def _reached(task: BoundTask, point: Array) -> bool:
    """Return whether the least row is at least 0 at a point, in exact arithmetic."""
    return least_row(task, exact_point(np.asarray(point), task.domain)) >= 0
