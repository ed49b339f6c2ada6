"""The linear relaxation of a ReLU network over a box, solved by HiGHS: it finds multipliers, and proves nothing.

Each ReLU is written `z = y − s` with `y, s ≥ 0`: the output and the part cut off. Where `l < 0 < u`, the relaxation is
`y/u + s/|l| ≤ 1` instead of `y·s = 0`. To fix a sign is to set the upper bound of s (active) or of y (silent) to 0, so
one matrix serves a whole search. Further rows are the facets of the convex hull of one ReLU over the box of its inputs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FloatBounds = Sequence[tuple[Array, Array]]
PRICES = (1e1, 1e2, 1e3, 1e4, 1e5)
VIOLATION = 1e-6
"""A facet is added where it cuts off the solution by more than this."""


@dataclass(frozen=True, slots=True)
class CutPool:
    """Facets `y_i ≤ slopes·inputs + constant` of neurons of one layer: `duality.Cuts` in doubles."""

    neurons: NDArray[np.int64]
    slopes: Array
    constants: Array

    def only(self, kept: NDArray[np.bool_]) -> "CutPool":
        """Return the pool with only the facets that are marked."""
        return CutPool(self.neurons[kept], self.slopes[kept], self.constants[kept])

    def and_then(self, more: "CutPool") -> "CutPool":
        """Return the pool with more facets at its end."""
        return CutPool(
            np.concatenate([self.neurons, more.neurons]),
            np.concatenate([self.slopes, more.slopes]),
            np.concatenate([self.constants, more.constants]),
        )


def empty_pool(inputs: int) -> CutPool:
    """Return a pool without facets, of a layer with so many inputs."""
    return CutPool(np.zeros(0, dtype=np.int64), np.zeros((0, inputs)), np.zeros(0))


@dataclass(frozen=True, slots=True)
class Solution:
    """An optimum of the relaxation.

    Parameters
    ----------
    value
        The optimum; ∞ where the solver found none.
    x
        The point where it is attained.
    active, silent
        For each layer, y and s there.
    mu
        For each layer, the multipliers of `z = W·y + b`.
    used
        For each layer, the multipliers of its facets.
    """

    value: float
    x: Array
    active: list[Array]
    silent: list[Array]
    mu: list[Array]
    used: list[Array]


class Relaxation:
    """The linear program over inputs x, and y and s of every layer."""

    def __init__(self, maps: Sequence[tuple[Array, Array]], box: tuple[Array, Array], bounds: FloatBounds) -> None:
        self.maps, self.box, self.bounds = maps, box, bounds
        widths = [biases.size for _, biases in maps]
        starts = np.cumsum([box[0].size, *(2 * width for width in widths)])
        self.outputs = [slice(a, a + n) for a, n in zip(starts, widths, strict=False)]
        self.cut_off = [slice(a + n, a + 2 * n) for a, n in zip(starts, widths, strict=False)]
        self.inputs = [slice(0, box[0].size), *self.outputs]
        self.pools = [empty_pool(weights.shape[1]) for weights, _ in maps]
        self.places: list[list[int]] = [[] for _ in maps]
        self.low, self.high = np.zeros(starts[-1]), np.zeros(starts[-1])
        self.low[self.inputs[0]], self.high[self.inputs[0]] = box
        self.costs: Array = np.zeros(starts[-1])
        self._columns = np.arange(starts[-1], dtype=np.int32)
        self.solver = silent_highs(threads=1, presolve="off", solver="simplex")
        self.release()
        self._pass_model()

    def release(self) -> None:
        """Free all signs."""
        for (low, high), y, s in zip(self.bounds, self.outputs, self.cut_off, strict=True):
            self.high[y], self.high[s] = np.maximum(high, 0), np.maximum(-low, 0)

    def fix(self, signs: Sequence[tuple[int, ...]]) -> None:
        """Fix signs, each as (layer, neuron, 1 for active or 0 for silent), and free the others."""
        self.release()
        for layer, neuron, sign in signs:
            self.high[(self.cut_off if sign else self.outputs)[layer].start + neuron] = 0
        self.solver.changeColsBounds(len(self._columns), self._columns, self.low, self.high)

    def aim(self, weights: Array, inputs: Array | None = None) -> None:
        """Set what is maximized: a linear function of the last layer's outputs and of the inputs."""
        self.costs = np.zeros(len(self._columns))
        self.costs[self.inputs[-1]] = weights
        if inputs is not None:
            self.costs[self.inputs[0]] += inputs
        self.solver.changeColsCost(len(self._columns), self._columns, self.costs)

    def solve(self, end: float = math.inf) -> Solution:
        """Return the optimum; one that claims nothing if it is not found before the moment `end`."""
        left = end - monotonic()
        if left <= 0:
            return self._unsolved()
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + left)
        self.solver.run()
        status = self.solver.getModelStatus()
        found = self.solver.getSolution()
        columns, duals = np.array(found.col_value), np.array(found.row_dual)
        if status != highspy.HighsModelStatus.kOptimal or columns.size < len(self._columns):
            return self._unsolved()
        value = float(self.solver.getInfo().objective_function_value)
        return self._solution(value, columns, duals)

    def solve_softly(self, sign: tuple[int, ...], enough: float, end: float = math.inf) -> Solution:
        """Return an optimum in which one fixed sign may be violated at a price, raised until the value is low enough.

        Where the program is infeasible, this one is not, and its multipliers show as much: they hold for any price.
        """
        layer, neuron, active = sign
        column = (self.cut_off if active else self.outputs)[layer].start + neuron
        low, high = self.bounds[layer]
        self.solver.changeColBounds(column, 0.0, max(-low[neuron] if active else high[neuron], 0.0))
        solution = self._unsolved()
        for price in PRICES:
            self.solver.changeColCost(column, -price)
            solution = self.solve(end)
            if solution.value <= enough:
                break
        self.solver.changeColCost(column, float(self.costs[column]))
        return solution

    def tighten(self, solution: Solution) -> int:
        """Add the facets that cut off a solution, and return their number."""
        added = 0
        for layer, (weights, biases) in enumerate(self.maps):
            low, high = self.box if layer == 0 else tuple(np.maximum(b, 0) for b in self.bounds[layer - 1])
            at = solution.x if layer == 0 else solution.active[layer - 1]
            unstable = np.flatnonzero((self.bounds[layer][0] < 0) & (self.bounds[layer][1] > 0))
            slopes, constants = facets(weights[unstable], biases[unstable], (low, high), at)
            violation = solution.active[layer][unstable] - slopes @ at - constants
            worst = violation > VIOLATION * (1 + self.bounds[layer][1][unstable])
            if worst.any():
                self.add_cuts(layer, CutPool(unstable[worst], slopes[worst], constants[worst]))
                added += int(worst.sum())
        return added

    def add_cuts(self, layer: int, pool: CutPool) -> None:
        """Add facets of one layer; the solver refuses those with numbers that are too large for it."""
        kept = np.zeros(len(pool.neurons), dtype=bool)
        for i, (neuron, slopes, constant) in enumerate(zip(pool.neurons, pool.slopes, pool.constants, strict=True)):
            some = np.flatnonzero(slopes)
            columns = np.concatenate([[self.outputs[layer].start + neuron], self.inputs[layer].start + some])
            values = np.concatenate([[1.0], -slopes[some]])
            place = self.solver.getNumRow()
            self.solver.addRow(-highspy.kHighsInf, constant, len(columns), columns.astype(np.int32), values)
            kept[i] = self.solver.getNumRow() > place
            if kept[i]:
                self.places[layer].append(place)
        self.pools[layer] = self.pools[layer].and_then(pool.only(kept))

    def _pass_model(self) -> None:
        """Hand the rows `y − s − W·inputs = b` and `y/u + s/|l| ≤ 1` to the solver."""
        entries: list[tuple[Array, Array]] = []
        for layer, (weights, biases) in enumerate(self.maps):
            y, s, inputs = (part[layer].start for part in (self.outputs, self.cut_off, self.inputs))
            for i in range(biases.size):
                some = np.flatnonzero(weights[i])
                entries.append(
                    (np.concatenate([inputs + some, [y + i, s + i]]), np.concatenate([-weights[i][some], [1, -1]]))
                )
        for layer, (low, high) in enumerate(self.bounds):
            y, s = self.outputs[layer].start, self.cut_off[layer].start
            entries += [
                (np.array([y + i, s + i]), np.array([1 / high[i], -1 / low[i]]))
                for i in np.flatnonzero((low < 0) & (high > 0))
            ]
        biases = np.concatenate([b for _, b in self.maps])
        rest = len(entries) - biases.size
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self._columns), len(entries)
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_, program.col_lower_, program.col_upper_ = np.zeros(len(self._columns)), self.low, self.high
        program.row_lower_ = np.concatenate([biases, np.full(rest, -highspy.kHighsInf)])
        program.row_upper_ = np.concatenate([biases, np.ones(rest)])
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = np.cumsum([0, *(len(columns) for columns, _ in entries)]).astype(np.int32)
        program.a_matrix_.index_ = np.concatenate([columns for columns, _ in entries]).astype(np.int32)
        program.a_matrix_.value_ = np.concatenate([values for _, values in entries])
        self.solver.passModel(program)

    def _solution(self, value: float, columns: Array, duals: Array) -> Solution:
        """Return the solver's vectors, layer by layer."""
        ends = np.cumsum([biases.size for _, biases in self.maps])[:-1]
        return Solution(
            value,
            columns[self.inputs[0]],
            [columns[part] for part in self.outputs],
            [columns[part] for part in self.cut_off],
            np.split(duals[: sum(biases.size for _, biases in self.maps)], ends),
            [np.maximum(duals[places], 0) for places in self.places],
        )

    def _unsolved(self) -> Solution:
        """Return a solution that claims nothing."""
        rows = sum(biases.size for _, biases in self.maps)  # the solver may have refused even these
        rows = 1 + max([rows, *(place for places in self.places for place in places)])
        return self._solution(np.inf, np.zeros(len(self._columns)), np.zeros(rows))


def facets(weights: Array, biases: Array, box: tuple[Array, Array], at: Array) -> tuple[Array, Array]:
    """Return, for each row, the facet of the concave envelope of `ReLU(w·x + b)` over a box that is lowest at a point.

    With every input turned so that its weight is not negative, ReLU of a sum is supermodular, and its envelope at a
    point follows the chain of corners in falling order of the coordinates (Lovász); the facet is exact at the corners.

    Parameters
    ----------
    weights, biases
        Shapes (C, n) and (C,).
    box
        The corners, shape (n,) each.
    at
        The point, shape (n,).

    Returns
    -------
    Slopes of shape (C, n) and constants of shape (C,).

    Source
    ------
    Tjandraatmadja et al., NeurIPS 2020, "The convex relaxation barrier, revisited"; Anderson et al., 2020.
    """
    low, high = box
    widths = high - low
    near = np.where(weights >= 0, low, high)
    share = np.where(widths > 0, np.abs(at - near) / np.where(widths > 0, widths, 1), 0)
    order = np.argsort(-share, axis=1, kind="stable")
    base = (weights * near).sum(axis=1) + biases
    steps = np.take_along_axis(np.abs(weights) * widths, order, axis=1)
    chain = np.maximum(np.concatenate([base[:, None], base[:, None] + np.cumsum(steps, axis=1)], axis=1), 0)
    slopes = np.empty_like(weights)
    np.put_along_axis(slopes, order, np.diff(chain, axis=1), axis=1)
    slopes = np.where(widths > 0, slopes / np.where(widths > 0, widths, 1), 0) * np.where(weights >= 0, 1, -1)
    return slopes, np.maximum(base, 0) - (slopes * near).sum(axis=1)


def silent_highs(**options: str | int | bool) -> Any:  # noqa: ANN401  HiGHS has no types
    """Return a solver of linear programs that prints nothing, with the options given.

    Examples
    --------
    >>> silent_highs(threads=1).getNumCol()
    0
    """
    # Not `Highs`, which turns callbacks on: from 1.16 that prints a banner, before an option can forbid it.
    solver = highspy._Highs()  # type: ignore[attr-defined]
    for option, value in {"output_flag": False, **options}.items():
        solver.setOptionValue(option, value)
    return solver
