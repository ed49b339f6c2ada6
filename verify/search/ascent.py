"""Gradient ascent on a ReLU network over a box, from many starts at once: it proposes points, and proves nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from fvproof.theory.errors import DomainError
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.linear_forms import LARGEST_NUMBER, LinearForm
from fvproof.verify.search.relaxation import Array

STARTS, STEPS = 64, 60


@dataclass(frozen=True, slots=True)
class FloatRows:
    """Rows in doubles: coefficients on outputs (R, outputs) and on inputs (R, d), and constants (R,)."""

    outputs: Array
    inputs: Array
    constants: Array

    def values(self, x: Array, y: Array) -> Array:
        """Return all rows at N inputs and their outputs, shape (N, R)."""
        return y @ self.outputs.T + x @ self.inputs.T + self.constants


def float_rows(rows: Sequence[LinearForm], network: LayeredNetwork | NetworkGraph) -> FloatRows:
    """Return rows in doubles.

    Raises
    ------
    DomainError
        If a number of a row is too large to search with.
    """
    numbers = [c for row in rows for c in (*row.outputs.values(), *row.inputs.values(), row.constant)]
    if any(abs(number) > LARGEST_NUMBER for number in numbers):
        raise DomainError("the numbers in a condition must lie within ±2^100")
    outputs = np.zeros((len(rows), network.outputs_count))
    inputs = np.zeros((len(rows), network.dimension))
    for place, row in enumerate(rows):
        for i, coefficient in row.outputs.items():
            outputs[place, i] = float(coefficient)
        for i, coefficient in row.inputs.items():
            inputs[place, i] = float(coefficient)
    return FloatRows(outputs, inputs, np.array([float(row.constant) for row in rows]))


def with_means(rows: FloatRows) -> FloatRows:
    """Return the rows and the mean of any two of them: the least row is at most that."""
    pairs = np.array([*combinations(range(len(rows.constants)), 2)], dtype=np.int64).reshape(-1, 2)

    def extended(values: Array) -> Array:
        return np.concatenate([values, values[pairs].mean(axis=1)])

    return FloatRows(extended(rows.outputs), extended(rows.inputs), extended(rows.constants))


def ascend(
    maps: Sequence[tuple[Array, Array]], rows: FloatRows, box: tuple[Array, Array], *, seed: int = 0
) -> tuple[float, Array]:
    """Return the largest value found over a box of the least row, and the point where it is taken.

    Steps along the gradient and along its signs take turns, and grow ever smaller.
    """
    rng = np.random.default_rng(seed)
    low, high = box
    x = low + (high - low) * rng.random((STARTS, low.size))
    best, point = -np.inf, x[0]
    for step in range(STEPS + 1):
        values, gradients = value_and_gradient(maps, rows, x)
        if values.max() > best:
            best, point = float(values.max()), x[values.argmax()].copy()
        size = (high - low) * 0.5 * (1 - step / STEPS)
        scale = np.sign(gradients) if step % 2 else gradients / (np.abs(gradients).max(axis=1, keepdims=True) + 1e-300)
        x = np.clip(x + size * scale, low, high)
    return best, point


def value_and_gradient(maps: Sequence[tuple[Array, Array]], rows: FloatRows, x: Array) -> tuple[Array, Array]:
    """Return the least row at N points, shape (N,), and its gradient, shape (N, d)."""
    signs, y = [], x
    for matrix, biases in maps[:-1]:
        z = y @ matrix.T + biases
        signs.append(z > 0)
        y = np.maximum(z, 0)
    values = rows.values(x, y @ maps[-1][0].T + maps[-1][1])
    chosen = values.argmin(axis=1)
    gradients = (rows.outputs @ maps[-1][0])[chosen]
    for (matrix, _), sign in zip(reversed(maps[:-1]), reversed(signs), strict=True):
        gradients = (gradients * sign) @ matrix
    return values.min(axis=1), gradients + rows.inputs[chosen]
