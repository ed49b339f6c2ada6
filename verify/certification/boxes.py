"""Branch and bound over the input box, halved again and again: for networks of few inputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np

from verify.certification.ascent import FloatRows
from verify.certification.certificate import BoxSplits
from verify.certification.derivation import box_bounds
from verify.certification.duality import Bounds, Box, GridMap, Rows
from verify.certification.fixed import UNIT, Grid
from verify.certification.relaxation import Array
from verify.certification.search import Aim, Explored, Node, Path, preorder

BATCH = 64
"""So many boxes, neighbours mostly, are bounded at once."""
SPREAD = 0.2
"""How much an input counts that influences the first layer, beside its influence on the bound."""


@dataclass(frozen=True, slots=True)
class BoxProblem:
    """Maximize the least of some rows over a box.

    A node's path lists (coordinate, side); what its parent knew is the node's own box, on the grid.

    Parameters
    ----------
    maps, rows
        The network and the rows on the grid, rounded up.
    doubles, float_rows
        The same in doubles.
    """

    maps: tuple[GridMap, ...]
    rows: Rows
    doubles: Sequence[tuple[Array, Array]]
    float_rows: FloatRows

    def values(self, x: Array) -> Array:
        """Return the least row at each of N points, in doubles."""
        y = x
        for weights, biases in self.doubles[:-1]:
            y = np.maximum(y @ weights.T + biases, 0)
        weights, biases = self.doubles[-1]
        return self.float_rows.values(x, y @ weights.T + biases).min(axis=1)


def explore_boxes(problem: BoxProblem, start: Sequence[Node], best: float, aim: Aim, seconds: float) -> Explored:
    """Return the outcome of searching below some nodes, depth first, for a while."""
    found, end = Explored(open=list(start), best=best), monotonic() + seconds
    while found.open and monotonic() < end and found.best < aim.goal:
        batch = found.open[-BATCH:]
        del found.open[-BATCH:]
        boxes = Box(*(np.stack([node.parent[side] for node in batch]) for side in (0, 1)))
        bounds, slopes, spread = bounded(problem, boxes)
        found.nodes += len(batch)
        _see(found, problem, boxes, slopes)
        closed = bounds / UNIT <= aim.enough(found.best)
        scores = (np.abs(slopes) + SPREAD * spread) * (boxes.high - boxes.low)
        for place, node in enumerate(batch):
            width = boxes.high[place] - boxes.low[place]
            coordinate = int(np.argmax(np.where(width > 1, scores[place] + 1e-300, -1.0)))
            if closed[place] or width[coordinate] <= 1:
                found.leaves.append((node.path, None))
                continue
            found.splits[node.path] = (coordinate,)
            found.open += _halves(node, coordinate)
    return found


def _halves(node: Node, coordinate: int) -> list[Node]:
    """Return the two halves of a box."""
    low, high = node.parent
    middle = (low[coordinate] + high[coordinate]) >> 1
    lower_high, upper_low = high.copy(), low.copy()
    lower_high[coordinate] = upper_low[coordinate] = middle
    return [
        Node((*node.path, (coordinate, 1)), (upper_low, high)),
        Node((*node.path, (coordinate, 0)), (low, lower_high)),
    ]


def _see(found: Explored, problem: BoxProblem, boxes: Box, slopes: Array) -> None:
    """Look at the middle of each box, and at the corner that the bound points to."""
    low, high = boxes.low / UNIT, boxes.high / UNIT
    points = np.concatenate([(low + high) / 2, np.where(slopes > 0, high, low)])
    values = problem.values(points)
    if values.max() > found.best:
        found.best, found.point = float(values.max()), points[values.argmax()]


def bounded(problem: BoxProblem, boxes: Box) -> tuple[Grid, Array, Array]:
    """Return, for each box, the least row's upper bound, the slopes of that bound, and its spread over the inputs."""
    tops, bounds, live = box_bounds(problem.maps, problem.rows, boxes)
    slopes, spread = _slopes(problem, bounds, live, tops.argmin(axis=1))
    return tops.min(axis=1), slopes, spread


def _slopes(problem: BoxProblem, bounds: Sequence[Bounds], live: Sequence[Grid], chosen: Grid) -> tuple[Array, Array]:
    """Return what bounds say of the inputs, in doubles: the slopes of the row chosen, and the spread without signs."""
    v = (problem.float_rows.outputs @ problem.doubles[-1][0])[chosen]
    spread = np.abs(v)
    for k in reversed(range(len(bounds))):
        (low, high), weights = bounds[k], problem.doubles[k][0][live[k]]
        v = v[:, live[k]]
        chord = np.where(low >= 0, 1.0, np.where(high <= 0, 0.0, high / np.maximum(high - low, 1)))
        below = np.where((low >= 0) | (high > -low), 1.0, 0.0)
        v = v * np.where(v > 0, chord, below)
        spread, v = np.abs(v) @ np.abs(weights), v @ weights
    return v + problem.float_rows.inputs[chosen], spread


def box_splits(found: Explored) -> BoxSplits:
    """Return the tree of a search, open nodes as leaves."""
    leaves: set[Path] = {path for path, _ in found.leaves} | {node.path for node in found.open}
    return BoxSplits(preorder(leaves, found.splits, int)[0])
