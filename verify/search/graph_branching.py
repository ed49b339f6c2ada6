"""Branch and bound on signs of a graph's ReLUs, many nodes at once, until the time is up or every node is closed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

import numpy as np

from fvproof.verify.certificates.sign_trees import SignPath
from fvproof.verify.search.graph_attack import value_and_gradient
from fvproof.verify.search.graph_floats import Array
from fvproof.verify.search.graph_leaves import with_programs
from fvproof.verify.search.graph_slopes import Nodes, Problem, optimised
from fvproof.verify.search.search import Aim

ROOT_STEPS, STEPS, WHOLE_STEPS = 60, 12, 150
MOST_TRIES = 4
"""So often multipliers are made better where all signs are assumed."""
MOST_NODES = 96
MEMORY = 1 << 22
"""So many numbers of one step may be held for all nodes that are bounded at once."""


@dataclass(slots=True)
class Leaf:
    """A node as it is kept: the signs assumed, what bounds it, where it would be split, and how often it was tried."""

    path: SignPath
    top: float
    slopes: Array
    betas: Array
    shares: Array
    split: tuple[int, int] | None
    tries: int = 0


@dataclass(slots=True)
class Tree:
    """A search: closed leaves, open ones with the largest bound first, where nodes were split, and the best point."""

    closed: list[Leaf] = field(default_factory=list)
    open: list[tuple[float, int, Leaf]] = field(default_factory=list)
    splits: dict[SignPath, tuple[int, int]] = field(default_factory=dict)
    best: float = -np.inf
    point: Array | None = None
    nodes: int = 0
    numbers: "count[int]" = field(default_factory=count)

    @property
    def leaves(self) -> list[Leaf]:
        """All leaves."""
        return [*self.closed, *(leaf for _, _, leaf in self.open)]

    @property
    def top(self) -> float:
        """The bound that all leaves give, in floating point."""
        return max(leaf.top for leaf in self.leaves)


def rooted(problem: Problem, natural: Array, *, best: float, point: Array | None, steps: int = ROOT_STEPS) -> Tree:
    """Return a tree with one node, whose slopes are optimised; `natural` are the slopes to begin with."""
    rows = len(problem.rows.constants)
    shares = np.full((1, rows), 1 / rows, np.float32)
    first = Nodes([()], natural[None].copy(), np.zeros(0, np.float32), shares, np.zeros(1, np.float32))
    tree = Tree(best=best, point=point)
    _add(tree, problem, optimised(problem, first, steps), [np.inf])
    return tree


def branch(tree: Tree, problem: Problem, aim: Aim, expired: Callable[[int], bool]) -> None:
    """Split the nodes with the largest bounds until all are closed, the goal is reached, or the time is up.

    Parameters
    ----------
    tree
        What is known so far; it is added to.
    problem
        What is bounded.
    aim
        When a node is closed.
    expired
        Whether to stop, given how many leaves there are.
    """
    size = max(step.size for step in problem.graph.network.steps)
    width = int(np.clip(MEMORY // (2 * size), 2, MOST_NODES))
    while tree.open and tree.best < aim.goal and not expired(len(tree.closed) + len(tree.open)):
        chosen, whole = _chosen(tree, aim, width)
        try:
            if chosen:
                nodes = optimised(problem, _children(chosen), STEPS)
                tree.splits |= {leaf.path: leaf.split for leaf in chosen if leaf.split is not None}
                _add(tree, problem, nodes, [leaf.top for leaf in chosen for _ in range(2)])
                chosen = []
            if whole:
                nodes = _finished(problem, whole, aim.enough(tree.best))
                _add(tree, problem, nodes, [leaf.top for leaf in whole], [leaf.tries + 1 for leaf in whole])
                whole = []
        finally:
            for leaf in (*chosen, *whole):
                heappush(tree.open, (-leaf.top, next(tree.numbers), leaf))


def _finished(problem: Problem, whole: Sequence[Leaf], target: float) -> Nodes:
    """Return nodes at which all signs are assumed with better multipliers: those of linear programs, or by steps."""
    if any(leaf.tries for leaf in whole):
        return optimised(problem, _same(whole), WHOLE_STEPS, target=target)
    first = optimised(problem, _same(whole), 1)
    first.betas, points = with_programs(problem, first)
    nodes = optimised(problem, first, 2, target=target)
    nodes.points = points
    return nodes


def _chosen(tree: Tree, aim: Aim, width: int) -> tuple[list[Leaf], list[Leaf]]:
    """Return nodes to be split, and nodes at which all signs are assumed, whose multipliers are to be better.

    Those that are good enough, or have been tried often, are closed.
    """
    chosen: list[Leaf] = []
    whole: list[Leaf] = []
    while tree.open and len(chosen) + len(whole) < width:
        leaf = heappop(tree.open)[2]
        if leaf.top <= aim.enough(tree.best) or (leaf.split is None and leaf.tries >= MOST_TRIES):
            tree.closed.append(leaf)
        else:
            (whole if leaf.split is None else chosen).append(leaf)
    return chosen, whole


def _children(chosen: Sequence[Leaf]) -> Nodes:
    """Return the two halves of each node."""
    twice = [leaf for leaf in chosen for _ in range(2)]
    split = [leaf.split for leaf in twice if leaf.split is not None]
    nodes, none = _same(twice), np.zeros(1, np.float32)
    paths = [(*leaf.path, (*at, i % 2)) for i, (leaf, at) in enumerate(zip(twice, split, strict=True))]
    nodes.paths, nodes.betas = paths, np.concatenate([part for leaf in twice for part in (leaf.betas, none)])
    return nodes


def _same(leaves: Sequence[Leaf]) -> Nodes:
    """Return leaves as nodes."""
    slopes, shares = (np.stack([getattr(leaf, name) for leaf in leaves]) for name in ("slopes", "shares"))
    betas = np.concatenate([leaf.betas for leaf in leaves])
    tops = np.zeros(len(leaves), np.float32)
    return Nodes([leaf.path for leaf in leaves], slopes.astype(np.float32), betas, shares, tops)


def _add(tree: Tree, problem: Problem, nodes: Nodes, most: Sequence[float], tries: Sequence[int] | None = None) -> None:
    """Add bounded nodes to a tree; each is bounded by what bounds its parent, too."""
    assert nodes.points is not None
    values, _ = value_and_gradient(problem.graph, problem.rows, nodes.points)
    place = int(values.argmax())
    if values[place] > tree.best:
        tree.best, tree.point = float(values[place]), nodes.points[place].copy()
    starts = np.cumsum([0, *(len(path) for path in nodes.paths)])
    for i, path in enumerate(nodes.paths):
        top = min(float(nodes.tops[i]), most[i])
        betas = nodes.betas[starts[i] : starts[i + 1]].copy()
        slopes = nodes.slopes[i].astype(np.float16)
        leaf = Leaf(
            path,
            top,
            slopes,
            betas,
            nodes.shares[i].copy(),
            _split(problem, nodes, i),
            0 if tries is None else tries[i],
        )
        heappush(tree.open, (-top, next(tree.numbers), leaf))
    tree.nodes += len(nodes.paths)


def _split(problem: Problem, nodes: Nodes, i: int) -> tuple[int, int] | None:
    """Return the ReLU whose lines add most to a node's bound, None if all signs are assumed."""
    assert nodes.scores is not None
    scores, starts = nodes.scores[i].copy(), np.cumsum([0, *problem.widths])
    rectified = problem.graph.network.rectified
    for layer, neuron, _ in nodes.paths[i]:
        unstable = problem.graph.lines[rectified[layer]].unstable
        scores[starts[layer] + int(np.searchsorted(unstable, neuron))] = -np.inf
    if not scores.size or not np.isfinite(scores.max()):
        return None
    best = int(scores.argmax())
    layer = int(np.searchsorted(starts, best, side="right")) - 1
    return layer, int(problem.graph.lines[rectified[layer]].unstable[best - starts[layer]])
