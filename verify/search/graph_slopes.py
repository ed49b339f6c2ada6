"""Slopes of lines below ReLUs, multipliers of assumed signs, and shares of rows, optimised for many nodes at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fvproof.verify.certificates.sign_trees import SignPath
from fvproof.verify.search.ascent import FloatRows
from fvproof.verify.search.graph_floats import Array, Fixed, FloatGraph, Sweep

RATE, DECAY = 0.25, 0.97
SHARE_RATE = 0.5
FIRST, SECOND = 0.9, 0.99


@dataclass(frozen=True, slots=True)
class Problem:
    """What is bounded: the least of R rows over a graph's outputs and inputs."""

    graph: FloatGraph
    rows: FloatRows

    @property
    def widths(self) -> list[int]:
        """How many ReLUs of each step are unstable."""
        return [self.graph.lines[at].unstable.size for at in self.graph.network.rectified]


@dataclass(slots=True)
class Nodes:
    """Nodes of a search, a row each.

    Attributes
    ----------
    paths
        The signs that are assumed.
    slopes
        Of the lines below all unstable ReLUs, shape (N, unstable).
    betas
        Multipliers of the signs, node by node.
    shares
        Of the rows, shape (N, R).
    tops
        Upper bounds of the least row, shape (N,).
    scores
        How much each unstable ReLU's lines add to the bound at the point that takes it, shape (N, unstable).
    points
        Those points, shape (N, d).
    """

    paths: list[SignPath]
    slopes: Array
    betas: Array
    shares: Array
    tops: Array
    scores: Array | None = None
    points: Array | None = None


def optimised(problem: Problem, nodes: Nodes, steps: int, *, target: float | None = None) -> Nodes:
    """Return nodes with better slopes, multipliers and shares, and the bounds that they give: the best seen of each.

    Adam, with slopes cut to [0, 1], multipliers to what is not negative, and shares moved along their logarithms. With
    a target for the bounds, multipliers move in Polyak's steps instead: as far as a bound that is linear would reach
    the target.
    """
    fixed = fixed_signs(problem, nodes.paths)
    slopes, betas, shares = nodes.slopes.copy(), nodes.betas.copy(), nodes.shares.copy()
    counts = np.repeat(np.arange(len(nodes.paths)), [len(path) for path in nodes.paths])
    best = Nodes(nodes.paths, slopes.copy(), betas.copy(), shares.copy(), np.full(len(nodes.paths), np.inf, np.float32))
    best.scores, best.points = np.zeros_like(slopes), np.zeros((len(nodes.paths), problem.graph.low.size), np.float32)
    moments = [np.zeros_like(array) for array in (slopes, slopes, betas, betas)]
    for step in range(1, steps + 1):
        found = _swept(problem, slopes, betas, shares, fixed)
        better = found.tops < best.tops
        _keep(best, better, counts, (slopes, betas, shares), found, problem)
        if step == steps:
            break
        slope_way, beta_way = _gradients(problem, found, fixed, betas)
        rate = RATE * DECAY**step
        scale = _spread(found)
        slopes = np.clip(slopes - rate * _adam(moments[:2], slope_way, step), 0, 1).astype(np.float32)
        if target is None:
            beta_steps = rate * scale * _adam(moments[2:], beta_way, step)
        else:
            beta_steps = _polyak(found.tops - target, beta_way, betas, counts)
        betas = np.maximum(betas - beta_steps, 0).astype(np.float32)
        shares = _moved_shares(problem, found, shares)
    return best


def _polyak(above: Array, gradient: Array, betas: Array, counts: NDArray[np.int64]) -> Array:
    """Return steps of multipliers along the gradient, less where a multiplier is 0 and would become negative."""
    way = np.where((betas <= 0) & (gradient > 0), 0, gradient)
    squares = np.bincount(counts, way**2, minlength=len(above))
    return (np.maximum(above, 0) / (squares + 1e-30))[counts] * way


def _spread(found: Sweep) -> float:
    """Return in which steps multipliers move: they are as large as coefficients of rows."""
    sizes = [float(np.abs(rows).mean()) for rows in found.rows.values() if rows.size]
    return 2 * max(sizes, default=0.0) + 1e-6


def _swept(problem: Problem, slopes: Array, betas: Array, shares: Array, fixed: "FixedIndex") -> Sweep:
    """Return the bounds with such slopes, multipliers and shares."""
    parts = np.split(slopes, np.cumsum(problem.widths)[:-1], axis=1)
    for known, places in fixed.values():
        known.betas = betas[places]
    found = problem.graph.sweep(
        shares @ problem.rows.outputs,
        shares @ problem.rows.inputs,
        parts,
        {at: known for at, (known, _) in fixed.items()},
    )
    found.tops = found.tops + shares @ problem.rows.constants
    return found


FixedIndex = dict[int, tuple[Fixed, NDArray[np.int64]]]
"""Signs that are assumed at each step, and where their multipliers lie."""


def fixed_signs(problem: Problem, paths: Sequence[SignPath]) -> FixedIndex:
    """Return what is assumed at each step of ReLUs."""
    entries: dict[int, list[tuple[int, int, int, int]]] = {}
    place = 0
    for row, path in enumerate(paths):
        for layer, neuron, sign in path:
            entries.setdefault(problem.graph.network.rectified[layer], []).append((row, neuron, sign, place))
            place += 1
    found = {}
    for at, some in entries.items():
        rows, neurons, signs, places = np.array(some, dtype=np.int64).T
        found[at] = Fixed(rows, neurons, signs.astype(bool), np.zeros(rows.size, np.float32)), places
    return found


def _gradients(problem: Problem, found: Sweep, fixed: FixedIndex, betas: Array) -> tuple[Array, Array]:
    """Return the derivatives of the bounds by slopes and multipliers."""
    rectified = problem.graph.network.rectified
    parts = [np.minimum(found.rows[at], 0) * found.values[at] if at in found.rows else None for at in rectified]
    count = len(found.tops)
    slopes = [
        np.zeros((count, width), np.float32) if part is None else part
        for part, width in zip(parts, problem.widths, strict=True)
    ]
    multipliers = np.zeros_like(betas)
    for at, (known, places) in fixed.items():
        multipliers[places] = np.where(known.active, 1, -1) * found.fixed_values[at]
    return np.concatenate(slopes, axis=1) if slopes else np.zeros((count, 0), np.float32), multipliers


def _adam(moments: list[Array], gradient: Array, step: int) -> Array:
    """Return the direction of Adam's step; the moments are updated."""
    moments[0] *= FIRST
    moments[0] += (1 - FIRST) * gradient
    moments[1] *= SECOND
    moments[1] += (1 - SECOND) * gradient**2
    return moments[0] / (1 - FIRST**step) / (np.sqrt(moments[1] / (1 - SECOND**step)) + 1e-12)


def _moved_shares(problem: Problem, found: Sweep, shares: Array) -> Array:
    """Return shares that favour the rows that are small where the bound is taken."""
    if shares.shape[1] == 1:
        return shares
    assert found.outputs is not None
    values = found.outputs @ problem.rows.outputs.T + found.points @ problem.rows.inputs.T + problem.rows.constants
    values = values - values.min(axis=1, keepdims=True)
    moved = shares * np.exp(-SHARE_RATE * values / (values.mean(axis=1, keepdims=True) + 1e-9))
    return (moved / moved.sum(axis=1, keepdims=True)).astype(np.float32)


def _keep(
    best: Nodes,
    better: NDArray[np.bool_],
    counts: NDArray[np.int64],
    state: tuple[Array, ...],
    found: Sweep,
    problem: Problem,
) -> None:
    """Keep what is better than before."""
    assert best.scores is not None
    assert best.points is not None
    slopes, betas, shares = state
    best.slopes[better], best.shares[better], best.tops[better] = slopes[better], shares[better], found.tops[better]
    some = better[counts]
    best.betas[some] = betas[some]
    best.points[better] = found.points[better]
    best.scores[better] = _scores(problem, found, slopes)[better]


def _scores(problem: Problem, found: Sweep, slopes: Array) -> Array:
    """Return how much the lines around unstable ReLUs add to the bound where it is taken, and a little for the rest."""
    parts, start = [], 0
    for at, width in zip(problem.graph.network.rectified, problem.widths, strict=True):
        lines = problem.graph.lines[at]
        if at not in found.rows:
            parts.append(np.zeros((len(found.tops), width), np.float32))
        else:
            v, z = found.rows[at], found.values[at]
            made = np.where(v > 0, z * lines.above + lines.offset, z * slopes[:, start : start + width])
            gap = v * (made - np.maximum(z, 0))
            parts.append(gap + 0.05 * np.maximum(v, 0) * lines.offset)
        start += width
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(found.tops), 0), np.float32)
