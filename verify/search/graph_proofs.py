"""One bound of a graph with its proof, as good as the aim asks and the time allows; always some bound."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from time import monotonic
from typing import cast

import numpy as np

from fvproof.verify.certificates.fixed import Grid
from fvproof.verify.certificates.graph_bounds import ROW_BITS
from fvproof.verify.certificates.graph_derivation import leaf_bounds, rows_on_grid
from fvproof.verify.certificates.parts import GraphSplits, ProvenBound
from fvproof.verify.certificates.relu_lines import FULL
from fvproof.verify.certificates.sign_trees import SignPath
from fvproof.verify.linear_forms import Domain, LinearForm
from fvproof.verify.search.ascent import FloatRows, float_rows
from fvproof.verify.search.graph_attack import attack
from fvproof.verify.search.graph_branching import Leaf, Tree, branch, rooted
from fvproof.verify.search.graph_floats import Array
from fvproof.verify.search.graph_roots import GraphRoot, OutOfTimeError, until
from fvproof.verify.search.graph_slopes import Problem
from fvproof.verify.search.search import Aim, preorder

MOST_BETA = float(1 << 15)
LATE_S = 1.0
"""Proving in integers what was found may go on for so long after the end: the bound before it is kept then."""
MOST_NUMBERS = 1 << 24
"""A certificate holds no more slopes: so many leaves times unstable ReLUs."""


@dataclass(frozen=True, slots=True)
class GraphBounded:
    """A proof of an upper bound, the best value seen with its point, and how many nodes were bounded."""

    part: ProvenBound
    best: float
    point: Array
    nodes: int


def bound_graph(
    root: GraphRoot,
    rows: tuple[LinearForm, ...],
    domain: Domain,
    aim: Aim,
    end: float,
    *,
    branching: bool = True,
) -> GraphBounded:
    """Return an upper bound of the least row with its proof, and the best point seen.

    Parameters
    ----------
    root
        The bounds of the network's steps.
    rows, domain
        What is bounded, and where.
    aim
        When the search may stop.
    end
        The moment, of `time.monotonic`, when it must.
    branching
        Whether nodes are split.
    """
    prover = _Prover(root, rows, domain)
    single = _in_single(float_rows(rows, root.graph.network))
    problem = Problem(root.floats, single)
    best, point = attack(root.floats, single, expired=lambda: monotonic() > end)
    first = _one_leaf(root.natural, len(rows))
    part, cost = prover.timed(first)
    tree = Tree(best=best, point=point)
    if monotonic() < end and best < aim.goal:
        root.floats.tick = until(end)
        try:
            tree = rooted(problem, root.natural, best=best, point=point)
            part = prover.better(part, tree, end + LATE_S)
            if branching and float(part.upper) > aim.enough(tree.best):
                branch(tree, problem, aim, _expired(end, cost, root.natural.size))
        except OutOfTimeError:
            pass
        root.floats.tick = until(float("inf"))
        if tree.splits:
            part = prover.better(part, tree, end + LATE_S)
    found = point if tree.point is None else tree.point
    return GraphBounded(part, tree.best, found, tree.nodes)


def _expired(end: float, cost: float, width: int) -> Callable[[int], bool]:
    """Return what says whether so many leaves must be proven now to be proven in time."""

    def expired(leaves: int) -> bool:
        return monotonic() + leaves * cost > end or leaves * max(1, width) > MOST_NUMBERS

    return expired


def _in_single(rows: FloatRows) -> FloatRows:
    """Return rows in single precision."""
    return FloatRows(*(part.astype(np.float32) for part in (rows.outputs, rows.inputs, rows.constants)))  # type: ignore[arg-type]


def _one_leaf(slopes: Array, rows: int) -> Tree:
    """Return the tree with one leaf, with slopes that need no search."""
    shares = np.full(rows, 1 / rows, np.float32)
    return Tree(closed=[Leaf((), np.inf, slopes, np.zeros(0, np.float32), shares, None)])


@dataclass(frozen=True, slots=True)
class _Prover:
    """Derives in integers what trees prove."""

    root: GraphRoot
    rows: tuple[LinearForm, ...]
    domain: Domain

    def timed(self, tree: Tree) -> tuple[ProvenBound, float]:
        """Return what a tree with one leaf proves, and about how many seconds each of many leaves takes."""
        start = monotonic()
        part = self._proven(tree)
        return part, 0.5 * (monotonic() - start)

    def better(self, part: ProvenBound, tree: Tree, end: float) -> ProvenBound:
        """Return what a tree proves, or a part where that proves more or the time is up."""
        self.root.graph.tick = until(end)
        try:
            other = self._proven(tree)
        except OutOfTimeError:
            return part
        finally:
            self.root.graph.tick = until(float("inf"))
        return other if other.upper < part.upper else part

    def _proven(self, tree: Tree) -> ProvenBound:
        """Return what a tree proves."""
        splits, leaves = splits_of(self.root, tree)
        bounds = leaf_bounds(self.root.graph, rows_on_grid(self.rows, self.root.graph), splits, leaves)
        return ProvenBound(self.rows, self.domain, Fraction(int(bounds.max()), 1 << ROW_BITS), splits)


def splits_of(root: GraphRoot, tree: Tree) -> tuple[GraphSplits, list[SignPath]]:
    """Return a tree as a certificate has it, and the signs assumed at its leaves."""
    network, leaves = root.graph.network, {leaf.path: leaf for leaf in tree.leaves}
    starts = np.cumsum([0, *network.widths])
    nodes, ordered = preorder(set(leaves), dict(tree.splits), lambda layer, neuron: int(starts[layer]) + neuron)
    order = cast(list[SignPath], ordered)
    kept = [leaves[path] for path in order]
    none = np.zeros(0, np.int64)
    return GraphSplits(
        np.array(root.refined, dtype=np.int64),
        tuple(none for _ in network.rectified),
        nodes,
        np.stack([_grid(leaf.slopes, FULL, 1.0) for leaf in kept]),
        np.concatenate([none, *(_grid(leaf.betas, 1 << ROW_BITS, MOST_BETA) for leaf in kept)]),
        np.stack([_shares(leaf.shares) for leaf in kept]),
    ), order


def _grid(numbers: Array, one: int, most: float) -> Grid:
    """Return numbers from 0 to `most` in steps; what is no number becomes 0."""
    cut = np.clip(np.nan_to_num(numbers.astype(np.float64)), 0, most)
    return np.rint(cut * one).astype(np.int64)


def _shares(shares: Sequence[float] | Array) -> Grid:
    """Return shares in steps, which add up to 1."""
    found = _grid(np.asarray(shares), FULL, 1.0)
    found[found.argmax()] += FULL - found.sum()
    return found
