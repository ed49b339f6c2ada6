"""Branch and bound over the input box, halved again and again: for networks of few inputs."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from math import inf, isinf
from time import monotonic

import numpy as np

from fvproof.verify.certificates.certificate import BoxSplits
from fvproof.verify.certificates.duality import Box
from fvproof.verify.certificates.fixed import Grid, doubles
from fvproof.verify.search.ascent import FloatRows
from fvproof.verify.search.crown import BoxBounds, SignArray, bound_boxes
from fvproof.verify.search.relaxation import Array
from fvproof.verify.search.search import Aim, Explored, Node, Path, preorder

MOST_BOXES, ENTRIES = 256, 1 << 21
"""So many boxes, neighbours mostly, are bounded at once; fewer where their arrays would have more entries than this."""
MOST_SPLITS = 1024
"""When time runs out, at most so many boxes are proven to be halved."""
SPREAD = 0.05
"""How much an input counts that influences the network at all, beside its influence on the bound."""


@dataclass(frozen=True, slots=True)
class BoxNode:
    """What is known of a box: its corners on the grid, which ReLUs are stable on it, and a bound of the least row."""

    low: Grid
    high: Grid
    signs: SignArray
    top: float = inf


@dataclass(frozen=True, slots=True)
class BoxProblem:
    """Maximize the least of some rows over a box.

    A node's path lists (coordinate, side); what its parent knew is a `BoxNode`.

    Parameters
    ----------
    maps
        The network in doubles.
    rows
        The rows in doubles, and what else bounds the least of them.
    """

    maps: Sequence[tuple[Array, Array]]
    rows: FloatRows

    @property
    def batch(self) -> int:
        """How many boxes are bounded at once."""
        width = max(biases.size for _, biases in self.maps)
        return max(8, min(MOST_BOXES, ENTRIES // (2 * width * width)))

    def values(self, x: Array) -> Array:
        """Return the least row at each of N points, in doubles."""
        y = x
        for weights, biases in self.maps[:-1]:
            y = np.maximum(y @ weights.T + biases, 0)
        weights, biases = self.maps[-1]
        return self.rows.values(x, y @ weights.T + biases).min(axis=1)

    def root(self, box: Box) -> Node:
        """Return the node of the whole box."""
        relus = sum(biases.size for _, biases in self.maps[:-1])
        return Node((), BoxNode(box.low[0], box.high[0], np.zeros(relus, dtype=np.int8)))


def explore_boxes(problem: BoxProblem, start: Sequence[Node], best: float, aim: Aim, seconds: float) -> Explored:
    """Return the outcome of searching below some nodes for a while.

    A verdict needs all boxes, and neighbours are bounded faster together: depth first. An interval shrinks where it is
    widest: the boxes with the largest bounds first.
    """
    found, end = Explored(open=list(start), best=best), monotonic() + seconds
    while found.open and monotonic() < end and found.best < aim.goal:
        if isinf(aim.goal):
            found.open.sort(key=lambda node: node.parent.top)
        batch = found.open[-problem.batch :]
        del found.open[-len(batch) :]
        low, high = (np.stack([getattr(node.parent, side) for node in batch]) for side in ("low", "high"))
        ends = doubles(low), doubles(high)
        seen = bound_boxes(problem.maps, problem.rows, ends, np.stack([node.parent.signs for node in batch]))
        found.nodes += len(batch)
        _see(found, problem, ends, seen)
        # The side to halve is the one along which the bound, an affine function, varies the most; the spread keeps
        # inputs in play whose slope cancels here but not on a smaller box. A side of one grid step is not halved.
        scores = (np.abs(seen.slopes) + SPREAD * seen.spread) * (ends[1] - ends[0])
        coordinates = np.where(high - low > 1, scores, -1.0).argmax(axis=1)
        closed = (seen.tops <= aim.enough(found.best)) | ((high - low).max(axis=1) <= 1)
        for place, node in enumerate(batch):
            box = BoxNode(node.parent.low, node.parent.high, seen.signs[place], float(seen.tops[place]))
            if closed[place]:
                found.leaves.append((node.path, box))
            else:
                found.tops[node.path] = box.top
                _split(found, node.path, box, int(coordinates[place]))
    return found


def _split(found: Explored, path: Path, box: BoxNode, coordinate: int) -> None:
    """Halve a box; its halves are open."""
    lower_high, upper_low = box.high.copy(), box.low.copy()
    lower_high[coordinate] = upper_low[coordinate] = (box.low[coordinate] + box.high[coordinate]) >> 1
    found.splits[path] = (coordinate,)
    found.open += [
        Node((*path, (coordinate, 1)), BoxNode(upper_low, box.high, box.signs, box.top)),
        Node((*path, (coordinate, 0)), BoxNode(box.low, lower_high, box.signs, box.top)),
    ]


def reopen(found: Explored, weak: Set[Path]) -> None:
    """Halve the leaves named, along their longest sides, where they are more than a grid point."""
    leaves, found.leaves = found.leaves, []
    for path, box in leaves:
        widths = box.high - box.low
        if path in weak and widths.max() > 1:
            found.tops[path] = inf
            _split(found, path, box, int(widths.argmax()))
        else:
            found.leaves.append((path, box))


def coarsened(found: Explored) -> set[Path]:
    """Return the leaves of the tree; if nodes are open, of one that is as good, or nearly, and proven in seconds.

    Below a node whose bound is at most that of the worst open node nothing is gained, and little below the nodes that
    are not among those with the largest bounds.
    """
    leaves: set[Path] = {path for path, _ in found.leaves} | {node.path for node in found.open}
    if not found.open:
        return leaves
    worst = max(found.tops.get(node.path[:-1], inf) for node in found.open)
    worst = max(worst, *sorted(found.tops.values(), reverse=True)[MOST_SPLITS:][:1], -inf)
    return {next((path[:k] for k in range(len(path)) if found.tops[path[:k]] <= worst), path) for path in leaves}


def _see(found: Explored, problem: BoxProblem, ends: tuple[Array, Array], seen: BoxBounds) -> None:
    """Look at the middle of each box, and at the corner that the bound points to."""
    low, high = ends
    points = np.concatenate([(low + high) / 2, np.where(seen.slopes > 0, high, low)])
    values = problem.values(points)
    if values.max() > found.best:
        found.best, found.point = float(values.max()), points[values.argmax()]


def box_splits(found: Explored) -> tuple[BoxSplits, list[Path]]:
    """Return the tree of a search, open nodes as leaves, and the paths of its leaves in the tree's order."""
    tree, order = preorder(coarsened(found), found.splits, int)
    return BoxSplits(tree), order
