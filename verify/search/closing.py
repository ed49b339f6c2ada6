"""From the leaves of a search over signs to the splits of a certificate: multipliers on the grid."""

from collections.abc import Set
from dataclasses import replace

import numpy as np

from fvproof.verify.certificates.certificate import SignSplits
from fvproof.verify.certificates.fixed import Grid
from fvproof.verify.search.relaxation import Solution
from fvproof.verify.search.root import Root, on_grid
from fvproof.verify.search.search import Explored, Path, preorder
from fvproof.verify.search.signs import SignProblem, branching, children


def sign_splits(root: Root, problem: SignProblem, found: Explored) -> tuple[SignSplits, list[Path]]:
    """Return the tree of a search with the leaves' multipliers, and the paths of its leaves in the tree's order.

    Nodes that are still open are closed with their parents' multipliers.
    """
    leaves = dict(found.leaves)
    leaves |= {node.path: node.parent or _nothing(problem) for node in found.open}
    starts = np.cumsum([0, *(biases.size for _, biases in problem.maps)]).tolist()
    tree, order = preorder(set(leaves), found.splits, lambda layer, neuron: starts[layer] + neuron)
    splits, layers = faceted(root.splits, problem), range(len(problem.maps))
    chosen = [leaves[path] for path in order]
    mu = tuple(on_grid(np.stack([solution.mu[j] for solution in chosen])) for j in layers)
    used = tuple(np.stack([_padded(on_grid(s.used[j]), len(splits.neurons[j])) for s in chosen]) for j in layers)
    return replace(splits, tree=tree, mu=mu, used=used), order


def reopen(problem: SignProblem, found: Explored, weak: Set[Path]) -> None:
    """Fix another sign at the leaves named, where the relaxation violates one."""
    leaves, found.leaves = found.leaves, []
    for path, solution in leaves:
        choice = branching(problem, solution, path) if path in weak else None
        if choice is None:
            found.leaves.append((path, solution))
            continue
        found.splits[path] = choice
        found.open += children(path, choice, solution)


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
