"""Two values of one ONNX graph side by side, as residual networks add them: one chain of maps leads to both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fvproof.theory.errors import ShapeError
from fvproof.verify.files.onnx_values import check_size, exact_sum, identity_map
from fvproof.verify.layered import AffineMap, Matrix

MOST_JOINED = 2048
"""Values of more numbers are not put side by side: the search is not made for matrices of that size."""


@dataclass(frozen=True, slots=True)
class Chain:
    """So many numbers, the maps that lead to them with a ReLU between each and the next, and whether one follows."""

    size: int
    maps: Sequence[AffineMap]
    rectified: bool


def stacked(one: Chain, other: Chain) -> list[AffineMap]:
    """Return the maps that lead to the numbers of both values in a row.

    The shorter chain is carried on through ReLUs, as x where x ≥ 0 and as max(x, 0) − max(−x, 0) elsewhere; what is the
    same map of the same numbers in both is there once.
    """
    if (joined := one.size + other.size) > MOST_JOINED:
        raise ShapeError(f"two values that depend on the input may have {MOST_JOINED} numbers together, not {joined}")
    depth = max(len(one.maps) + one.rectified, len(other.maps) + other.rectified, 1)
    left, right = _carried(one, depth), _carried(other, depth)
    shared = next((i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a is not b), depth - 1)
    shared = min(shared, depth - 1)
    maps = [*left[:shared], _beside(left[shared], right[shared], apart=False)]
    maps += [_beside(a, b, apart=True) for a, b in zip(left[shared + 1 :], right[shared + 1 :], strict=True)]
    return maps


def added(one: Chain, other: Chain, sign: int) -> list[AffineMap]:
    """Return the maps that lead to `one + sign·other`, two values of one size."""
    *maps, last = stacked(one, other)
    halves = [exact_sum(array[: one.size], sign * array[one.size :]) for array in (last.weights, last.biases)]
    return [*maps, AffineMap(*halves)]


def _carried(value: Chain, depth: int) -> list[AffineMap]:
    """Return so many maps that lead to a value, none of which a ReLU follows."""
    size, maps = value.size, list(value.maps)
    identity = identity_map(size)
    if value.rectified:
        return [*maps, *[identity] * (depth - len(maps))]
    maps = maps or [identity]
    if len(maps) == depth:
        return maps
    check_size(4 * size * max(size, maps[-1].weights.shape[1]))
    signs = AffineMap(*(np.concatenate([array, -array]) for array in (maps[-1].weights, maps[-1].biases)))
    both = identity_map(2 * size)
    result = AffineMap(np.hstack([identity.weights, -identity.weights]), np.zeros(size))
    return [*maps[:-1], signs, *[both] * (depth - len(maps) - 1), result]


def _beside(one: AffineMap, other: AffineMap, *, apart: bool) -> AffineMap:
    """Return the outputs of two maps one below the other; they read other numbers each if they are apart."""
    biases = np.concatenate([one.biases, other.biases])
    if not apart:
        return AffineMap(np.concatenate([one.weights, other.weights]), biases)
    (rows, columns), (more, others) = one.weights.shape, other.weights.shape
    check_size((rows + more) * (columns + others))
    weights: Matrix = np.zeros((rows + more, columns + others), dtype=np.result_type(one.weights, other.weights))
    weights[:rows, :columns], weights[rows:, columns:] = one.weights, other.weights
    return AffineMap(weights, biases)
