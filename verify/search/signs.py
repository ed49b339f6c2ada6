"""Branch and bound over the signs of ReLUs: one linear relaxation per node, for networks of many inputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np

from fvproof.verify.search.relaxation import Array, CutPool, FloatBounds, Relaxation, Solution
from fvproof.verify.search.search import Aim, Explored, Node, Path

LEAST_WEIGHT = 1e-3
"""A violated ReLU can be split even where the bound does not depend on it directly."""


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
