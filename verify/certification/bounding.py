"""One bound with its proof: the largest value over a box of the least row, by halving boxes or by fixing signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np

from verify.certification.ascent import ascend, float_rows
from verify.certification.boxes import BoxProblem, box_splits, explore_boxes
from verify.certification.certificate import BoxDomain, Part, Row
from verify.certification.closing import sign_part
from verify.certification.derivation import grid_domain, grid_rows, upper_bound
from verify.certification.duality import Box, grid_maps
from verify.certification.fixed import UNIT
from verify.certification.layered import LayeredNetwork
from verify.certification.relaxation import Array
from verify.certification.root import Root, exact_point, prepare, sign_problem, with_facets
from verify.certification.search import Aim, Effort, Explored, Node, search
from verify.certification.signs import explore_signs

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
        The proof; None if the search ended at its goal.
    point
        An exact point of the domain.
    nodes
        How many nodes were bounded.
    complete
        Whether no node was left open.
    """

    part: Part | None
    point: tuple[Fraction, ...]
    nodes: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be bounded where: the largest value over the domain of the least row."""

    network: LayeredNetwork
    rows: tuple[Row, ...]
    domain: BoxDomain


def by_boxes(task: Task) -> bool:
    """Return whether a task is done by halving boxes."""
    few = task.network.dimension <= FEW_INPUTS and sum(task.network.widths) > MANY_NEURONS
    return few or len(task.rows) > 1 or not task.network.widths


def bound(task: Task, aim: Aim, effort: Effort, *, root: Root | None = None) -> Bounded:
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
    rows = float_rows(task.rows, task.network)
    box = grid_domain(task.domain)
    assert isinstance(box, Box)
    ends = box.low[0] / UNIT, box.high[0] / UNIT
    best, point = ascend(task.network.doubles, rows, ends)
    if best >= aim.goal and _reached(task, point):
        return Bounded(None, exact_point(point, task.domain), 0, complete=False)
    if by_boxes(task):
        maps = grid_maps(task.network)
        problem = BoxProblem(maps, grid_rows(task.rows, task.network), task.network.doubles, rows)
        start = Node((), (box.low[0], box.high[0]))
        found = search(partial(explore_boxes, problem), start, best, aim, effort)
        return _bounded(task, found, point, aim, None)
    root = root or prepare(task.network, task.domain)
    signs = with_facets(sign_problem(root, task.rows[0]), aim.enough(best), aim.tolerance)
    found = search(partial(explore_signs, signs), Node(()), best, aim, effort)
    return _bounded(task, found, point, aim, partial(sign_part, root, task.rows[0], signs))


def _bounded(task: Task, found: Explored, point: Array, aim: Aim, prove: "partial[Part] | None") -> Bounded:
    """Return what a search found, with its proof unless it reached its goal."""
    exact = exact_point(point if found.point is None else found.point, task.domain)
    if found.best >= aim.goal:
        return Bounded(None, exact, found.nodes, complete=False)
    if prove is not None:
        return Bounded(prove(found), exact, found.nodes, complete=not found.open)
    part = Part(task.rows, task.domain, Fraction(0), box_splits(found))
    proven = Part(task.rows, task.domain, upper_bound(part, task.network), part.splits)
    return Bounded(proven, exact, found.nodes, complete=not found.open)


def least_row(task: Task, point: Sequence[Fraction]) -> Fraction:
    """Return the exact value of the least row at a point."""
    outputs = task.network.outputs(point)
    return min(row(point, outputs) for row in task.rows)


def _reached(task: Task, point: Array) -> bool:
    """Return whether the least row is at least 0 at a point, in exact arithmetic."""
    return least_row(task, exact_point(np.asarray(point), task.domain)) >= 0
