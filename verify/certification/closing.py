"""From the leaves of a search over signs to the part of a certificate: multipliers on the grid, and what they prove."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from verify.certification.certificate import Part, Row, SignSplits
from verify.certification.derivation import grid_rows, sign_leaf_bounds
from verify.certification.fixed import UNIT, Grid
from verify.certification.relaxation import Solution
from verify.certification.root import Root, on_grid
from verify.certification.search import Explored, preorder
from verify.certification.signs import SignProblem


def sign_part(root: Root, row: Row, problem: SignProblem, found: Explored) -> Part:
    """Return the proof that the leaves make up; nodes still open are closed with their parents' multipliers."""
    leaves = dict(found.leaves)
    leaves |= {node.path: node.parent or _nothing(problem) for node in found.open}
    starts = np.cumsum([0, *(biases.size for _, biases in problem.maps)]).tolist()
    tree, order = preorder(set(leaves), found.splits, lambda layer, neuron: starts[layer] + neuron)
    splits, layers = faceted(root.splits, problem), range(len(problem.maps))
    chosen = [leaves[path] for path in order]
    splits = replace(
        splits,
        tree=tree,
        mu=tuple(on_grid(np.stack([solution.mu[j] for solution in chosen])) for j in layers),
        used=tuple(np.stack([_padded(on_grid(s.used[j]), len(splits.neurons[j])) for s in chosen]) for j in layers),
    )
    bounds = sign_leaf_bounds(splits, root.maps, grid_rows([row], root.network), root.box)
    return Part((row,), root.domain, Fraction(int(bounds.max()), UNIT), splits)


def faceted(splits: SignSplits, problem: SignProblem) -> SignSplits:
    """Return the root's bounds with the facets of the search, which the bounds do not use."""
    used = tuple(
        tuple(np.zeros((mu.shape[0], len(problem.pools[j].neurons)), dtype=np.int64) for j, mu in enumerate(layer))
        for layer in splits.bound_mu
    )
    neurons, slopes = zip(*((pool.neurons, on_grid(pool.slopes)) for pool in problem.pools), strict=True)
    return replace(splits, neurons=neurons, slopes=slopes, bound_used=used)


def _nothing(problem: SignProblem) -> Solution:
    """Return multipliers that are all zero."""
    none = [np.zeros(0) for _ in problem.maps]
    return Solution(np.inf, np.zeros(0), none, none, [b * 0 for _, b in problem.maps], none)


def _padded(values: Grid, size: int) -> Grid:
    """Return the values with zeros behind them."""
    return np.concatenate([values, np.zeros(size - values.size, dtype=np.int64)])
