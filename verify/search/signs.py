"""Branch and bound over the signs of ReLUs: one linear relaxation per node, for networks of many inputs."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from math import inf
from time import monotonic

import numpy as np

from fvproof.verify.certificates.certificate import SignSplits
from fvproof.verify.certificates.fixed import Grid, doubles
from fvproof.verify.linear_forms import LinearForm
from fvproof.verify.search.ascent import float_rows
from fvproof.verify.search.relaxation import Array, CutPool, FloatBounds, Relaxation, Solution, empty_pool
from fvproof.verify.search.root import Root, on_grid
from fvproof.verify.search.search import Aim, Explored, Node, Path, preorder

LEAST_WEIGHT = 1e-3
"""A violated ReLU can be split even where the bound does not depend on it directly."""

ROUNDS = 40
"""Facets are added at the root at most so many times,"""
NEAR = 1e-4
"""Facets are kept where the root's solution is nearer to them than this share of the neuron's range."""
LEAST_GAIN = 2e-3
"""and as long as each round closes this share of the gap to the best value known."""


@dataclass(frozen=True, slots=True)
class SignProblem:
    """Maximize `weights·y + inputs·x + constant` over a box, y being the outputs of the last layer of ReLUs.

    A node's path lists the signs fixed, each as (layer, neuron, 1 for active or 0 for silent).
    """

    maps: Sequence[tuple[Array, Array]]
    box: tuple[Array, Array]
    bounds: FloatBounds
    pools: Sequence[CutPool]
    weights: Array
    inputs: Array | None
    constant: float

    def relaxation(self) -> Relaxation:
        """Return the linear program, with its facets and its aim."""
        relaxed = Relaxation(self.maps, self.box, self.bounds)
        for layer, pool in enumerate(self.pools):
            relaxed.add_cuts(layer, pool)
        relaxed.aim(self.weights, self.inputs)
        return relaxed

    def value(self, x: Array) -> float:
        """Return the function's value at a point, in doubles."""
        y = x
        for weights, biases in self.maps:
            y = np.maximum(weights @ y + biases, 0)
        return float(self.weights @ y + self.constant + (0 if self.inputs is None else self.inputs @ x))


def explore_signs(problem: SignProblem, start: Sequence[Node], best: float, aim: Aim, seconds: float) -> Explored:
    """Return the outcome of searching below some nodes, depth first, for a while.

    A node is closed when its relaxation is low enough, or no sign is left to fix.
    """
    relaxed, found = problem.relaxation(), Explored(open=list(start), best=best)
    end = monotonic() + seconds
    while found.open and monotonic() < end and found.best < aim.goal:
        node = found.open.pop()
        relaxed.fix(node.path)
        enough = aim.enough(found.best) - problem.constant
        solution = _solved(relaxed, node.path, enough, end)
        if solution is None:
            found.open.append(node)
            break
        found.nodes += 1
        _see(found, problem, solution)
        choice = None if solution.value <= enough else branching(problem, solution, node.path)
        if choice is None:
            found.leaves.append((node.path, solution))
            continue
        found.splits[node.path] = choice
        found.open += children(node.path, choice, solution)
    return found


def children(path: Path, choice: tuple[int, int], solution: Solution) -> list[Node]:
    """Return the two nodes in which a sign is fixed."""
    return [Node((*path, (*choice, sign)), solution) for sign in (0, 1)]


def _solved(relaxed: Relaxation, path: Path, enough: float, end: float) -> Solution | None:
    """Return the node's optimum; where there is none, that of the node with a price on violating its last sign.

    None if the time was over before.
    """
    solution = relaxed.solve(end)
    if path and not np.isfinite(solution.value) and monotonic() < end:
        solution = relaxed.solve_softly(path[-1], enough, end)
    return solution if np.isfinite(solution.value) or monotonic() < end else None


def _see(found: Explored, problem: SignProblem, solution: Solution) -> None:
    """Remember the solution's point if the network's value there is the largest so far."""
    if np.isfinite(solution.value):
        value = problem.value(solution.x)
        if value > found.best:
            found.best, found.point = value, solution.x


def branching(problem: SignProblem, solution: Solution, path: Path) -> tuple[int, int] | None:
    """Return the layer and neuron whose ReLU the solution violates most, weighted by what the bound gains from it."""
    taken = {(layer, neuron) for layer, neuron, _ in path}
    best, choice, v = 0.0, None, problem.weights
    for layer in reversed(range(len(problem.maps))):
        pool = problem.pools[layer]
        eased = v - np.bincount(pool.neurons, weights=solution.used[layer], minlength=v.size)
        scores = np.minimum(solution.active[layer], solution.silent[layer]) * (np.abs(v) + np.abs(eased) + LEAST_WEIGHT)
        for i in np.argsort(-scores):
            if scores[i] <= best:
                break
            if (layer, int(i)) not in taken:
                best, choice = float(scores[i]), (layer, int(i))
        v = solution.mu[layer] @ problem.maps[layer][0] + solution.used[layer] @ pool.slopes
    return choice


def with_facets(problem: SignProblem, best: float, tolerance: float, *, end: float = inf) -> SignProblem:
    """Return the search with facets, added to the root's relaxation until they stop helping or the time is over."""
    relaxed = problem.relaxation()
    solution = relaxed.solve(end)
    for _ in range(ROUNDS):
        gap = solution.value + problem.constant - best
        if gap <= tolerance or monotonic() >= end or not relaxed.tighten(solution):
            break
        before, solution = solution, relaxed.solve(end)
        if before.value - solution.value < LEAST_GAIN * gap:
            break
    return replace(problem, pools=_binding(relaxed, solution))


def _binding(relaxed: Relaxation, solution: Solution) -> tuple[CutPool, ...]:
    """Return the facets that a solution nearly touches."""
    kept = []
    for layer, pool in enumerate(relaxed.pools):
        at = solution.active[layer - 1] if layer else solution.x
        slack = pool.slopes @ at + pool.constants - solution.active[layer][pool.neurons]
        kept.append(pool.only(slack < NEAR * (1 + relaxed.bounds[layer][1][pool.neurons])))
    return tuple(kept)


def sign_problem(root: Root, row: LinearForm) -> SignProblem:
    """Return the search for a row's maximum, without facets."""
    weights, biases = root.network.doubles[-1]
    rows = float_rows([row], root.network)
    return SignProblem(
        root.network.doubles[:-1],
        (doubles(root.box.low[0]), doubles(root.box.high[0])),
        root.bounds,
        tuple(empty_pool(matrix.shape[1]) for matrix, _ in root.network.doubles[:-1]),
        rows.outputs[0] @ weights,
        rows.inputs[0] if row.inputs else None,
        float(rows.outputs[0] @ biases + rows.constants[0]),
    )


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
