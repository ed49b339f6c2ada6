"""Linear operations on integers of any size, exact: carried out in doubles, in limbs so short that nothing is rounded.

A double holds every integer up to 2⁵³. Weights and values are cut into limbs; a limb of the values is so short that the
sum of the absolute values of all products that meet in one place stays below 2⁵³. Then every product and every partial
sum is an integer that doubles hold, in whatever order, with or without fused multiplication, so that the result is that
of integer arithmetic. That bound is proved from the sizes for each call (`_room`), not assumed.

Source: the error-free splitting of Ozaki, Ogita, Oishi, Rump, "Error-free transformations of matrix multiplication by
using fast routines of matrix multiplication and its applications", Numerical Algorithms 59 (2012).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import lcm, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fvproof.verify.graphs.operations import Array, Convolution, Dense, Linear, Moved, Scaled

EXACT = 53
"""Doubles hold every integer of so many bits."""
WEIGHT_LIMB = 18
MOST_WEIGHT_BITS = 2 * WEIGHT_LIMB
"""Weights of more bits, counted from the largest, are rounded towards 0 where a bound is derived."""
SAFE_BITS = 61
"""64-bit integers are used where sizes prove that all sums have fewer bits than this; else Python's own."""

Integers = NDArray[Any]
"""An array of integers: `int64`, or `object` where 61 bits might not hold them."""


@dataclass(frozen=True, eq=False)
class IntegerOperation:
    """A linear operation with integer weights, which are the true ones times `2^scale`, or nearly.

    Parameters
    ----------
    operation
        The operation whose weights they are.
    limbs
        The same with whole numbers in doubles for weights: limb k counts 2^(18·k).
    scale
        The binary digits behind the point.
    exact
        Whether the weights are the true ones; else the true ones are further from 0, by less than one step.
    """

    operation: Linear
    limbs: tuple[Linear, ...]
    scale: int
    exact: bool

    def forward(self, x: Integers) -> Integers:
        """Return `⌊weights·x / 2^scale⌋`."""
        return _shifted(self._products(x, forward=True), self._size(x, forward=True), self.scale)

    def backward(self, v: Integers) -> Integers:
        """Return `⌊v·weights / 2^scale⌋`."""
        return _shifted(self._products(v, forward=False), self._size(v, forward=False), self.scale)

    @cached_property
    def absolute(self) -> "IntegerOperation":
        """The operation with the absolute values of its weights."""
        return IntegerOperation(self.operation, tuple(map(_absolute, self.limbs)), self.scale, self.exact)

    @cached_property
    def _norms(self) -> dict[bool, tuple[float, ...]]:
        """For each limb, the largest sum of absolute weights that meet in one output (True), or in one input."""
        return {way: tuple(_norm(limb, forward=way) for limb in self.limbs) for way in (True, False)}

    def _size(self, x: Integers, *, forward: bool) -> int:
        """Return how many bits the largest sum may have before it is shifted."""
        norm = sum(int(n) << (WEIGHT_LIMB * k) for k, n in enumerate(self._norms[forward]))
        return (largest(x) * norm).bit_length()

    def _products(self, x: Integers, *, forward: bool) -> list[tuple[int, Array]]:
        """Return products of limbs, whole numbers below 2^53 in doubles, each with the power of 2 that it counts."""
        norms = self._norms[forward]
        room = EXACT - int(max(norms)).bit_length() - 1
        assert room > 0, "a sum of so many weights is refused when a network is read"
        found = []
        *low, top = split(x, room)
        for i, part in [pair for pair in enumerate(low) if pair[1].any()] + [(len(low), top)]:
            for k, limb in enumerate(self.limbs):
                found.append((room * i + WEIGHT_LIMB * k, (limb.forward if forward else limb.backward)(part)))
        return sorted(found, key=lambda pair: pair[0])


def _shifted(products: list[tuple[int, Array]], size: int, shift: int) -> Integers:
    """Return `⌊Σ 2^power·product / 2^shift⌋`."""
    if size - shift >= SAFE_BITS:
        total: Any = sum(as_integers(product).astype(object) << power for power, product in products)
        return compacted(total >> shift)
    total, at = np.int64(0), 0
    for power, product in products:
        if power < shift:
            total, at = right(total, power - at) + as_integers(product), power
        else:
            total, at = right(total, shift - at) + (as_integers(product) << (power - shift)), shift
    return right(total, shift - at)


def right(x: Any, bits: int) -> Any:  # noqa: ANN401  integers
    """Return `⌊x / 2^bits⌋`, also where there are more bits than 64-bit integers can be shifted by."""
    return x >> (bits if getattr(x, "dtype", None) == np.dtype(object) else min(bits, 63))


def split(x: Integers, room: int) -> list[Array]:
    """Return limbs of so many bits in doubles: `x = Σ 2^(room·i)·limb_i`, the last with the sign.

    Examples
    --------
    >>> [limb.tolist() for limb in split(np.array([5, -1]), 2)]
    [[1.0, 3.0], [1.0, -1.0]]
    """
    limbs, bits = [], largest(x).bit_length() + 1
    while bits > room:
        limbs.append((x & ((1 << room) - 1)).astype(np.float64))
        x, bits = x >> room, bits - room
    return [*limbs, x.astype(np.float64)]


def as_integers(product: Array) -> NDArray[np.int64]:
    """Return whole numbers as integers."""
    return product.astype(np.int64)


def largest(x: Integers) -> int:
    """Return the largest absolute value, 0 if there is none."""
    return max(int(x.max()), -int(x.min())) if x.size else 0


def compacted(x: Integers) -> Integers:
    """Return Python's integers as 64-bit ones where all of them fit with room to spare."""
    return x.astype(np.int64) if largest(x).bit_length() < SAFE_BITS else x


def rounded_operation(operation: Linear) -> IntegerOperation:
    """Return a linear operation on the grid: exact if its weights fit into 36 bits, else rounded towards 0."""
    weights = getattr(operation, "weights", None)
    if weights is None:
        return IntegerOperation(operation, (operation,), 0, exact=True)
    numbers, denominator = integer_ratios(weights)
    top = max((abs(number) for number in numbers.flat), default=0)
    if denominator & (denominator - 1) == 0 and top.bit_length() <= MOST_WEIGHT_BITS:
        return _in_limbs(operation, numbers, denominator.bit_length() - 1, exact=True)
    scale = MOST_WEIGHT_BITS - max(0, top.bit_length() - denominator.bit_length() + 1)
    if top < denominator:
        scale = MOST_WEIGHT_BITS + max(0, denominator.bit_length() - top.bit_length() - 1)
    scale = max(0, scale)
    rounded = _towards_zero(numbers, denominator, scale)
    return _in_limbs(operation, rounded, scale, exact=False)


def exact_operation(operation: Linear) -> tuple[IntegerOperation, int]:
    """Return a linear operation with integers for all its weights, over a common denominator, which comes second."""
    weights = getattr(operation, "weights", None)
    if weights is None:
        return IntegerOperation(operation, (operation,), 0, exact=True), 1
    numbers, denominator = integer_ratios(weights)
    return _in_limbs(operation, numbers, 0, exact=True), denominator


def integer_ratios(array: Array) -> tuple[Integers, int]:
    """Return integers and a denominator for all of them."""
    ratios = [value.as_integer_ratio() for value in array.reshape(-1).tolist()]
    denominator = lcm(*{below for _, below in ratios})
    numbers = np.empty(len(ratios), dtype=object)
    numbers[:] = [above * (denominator // below) for above, below in ratios]
    return numbers.reshape(array.shape), denominator


def _towards_zero(numbers: Integers, denominator: int, scale: int) -> Integers:
    """Return `numbers·2^scale/denominator`, rounded towards 0."""
    signs = np.where(numbers < 0, -1, 1)
    magnitudes: Any = abs(numbers)
    return signs * ((magnitudes << scale) // denominator)


def _in_limbs(operation: Linear, numbers: Integers, scale: int, *, exact: bool) -> IntegerOperation:
    """Return an operation with integers for weights, cut into limbs with their sign."""
    left: Any = abs(numbers)
    signs, limbs = np.where(numbers < 0, -1.0, 1.0), []
    while not limbs or left.any():
        low = (left & ((1 << WEIGHT_LIMB) - 1)).astype(np.float64)
        limbs.append(_with_weights(operation, signs * low))
        left = left >> WEIGHT_LIMB
    return IntegerOperation(operation, tuple(limbs), scale, exact=exact)


def _with_weights(operation: Linear, weights: Array) -> Linear:
    """Return the operation with other weights."""
    assert not isinstance(operation, Moved)
    return operation.with_weights(weights)


def _absolute(operation: Linear) -> Linear:
    """Return the operation with the absolute values of its weights."""
    return operation if isinstance(operation, Moved) else operation.with_weights(abs(operation.weights))


def _norm(operation: Linear, *, forward: bool) -> float:
    """Return the largest sum of absolute weights that meet in one number that comes out."""
    inputs, outputs = operation.sizes
    ones = np.ones((1, inputs if forward else outputs))
    found = (_absolute(operation).forward if forward else _absolute(operation).backward)(ones)
    return float(found.max(initial=0.0))


@dataclass(frozen=True, slots=True)
class Patches:
    """Which outputs of an operation meet which inputs, on as few numbers as say it: those of one channel stand for all.

    An error of one step in every weight adds to `|v·weights·x|` at most `inputs(|x|)·ones.backward(outputs(|v|))`, and
    to each output at most `back(ones.forward(inputs(|x|)))`.

    Parameters
    ----------
    inputs, outputs
        What adds up inputs, and outputs, that meet the same: rows of integers that are not negative.
    ones
        The operation between such sums whose weights are 1.
    back
        What gives sums of outputs back to all of them.
    """

    inputs: Callable[[Integers], Integers]
    outputs: Callable[[Integers], Integers]
    ones: IntegerOperation
    back: Callable[[Integers], Integers]


def patches(operation: Linear) -> Patches:
    """Return the patches of an operation."""
    match operation:
        case Dense():
            rows = operation.sizes[1]
            return Patches(added_up, added_up, _plain(Dense(np.ones((1, 1)))), lambda x: np.repeat(x, rows, axis=1))
        case Convolution(image=image, window=window, groups=groups, places=places):
            ones = Convolution(np.ones((groups, 1, *window.size)), (groups, *image[1:]), window, groups)
            filters = len(operation.weights) // groups

            def back(x: Integers) -> Integers:
                return np.repeat(x.reshape(len(x), groups, -1), filters, axis=1).reshape(len(x), -1)

            return Patches(
                lambda x: added_up(x.reshape(len(x), groups, -1, prod(image[1:])), 2).reshape(len(x), -1),
                lambda v: added_up(v.reshape(len(v), groups, -1, prod(places)), 2).reshape(len(v), -1),
                _plain(ones),
                back,
            )
        case Scaled():
            same = Scaled(np.ones(operation.weights.size))
            return Patches(_same, _same, _plain(same), _same)
        case Moved():
            return Patches(_same, _same, _plain(operation), _same)


def _plain(operation: Linear) -> IntegerOperation:
    """Return an operation whose weights are small integers already."""
    return IntegerOperation(operation, (operation,), 0, exact=True)


def _same(x: Integers) -> Integers:
    """Return the numbers."""
    return x


def added_up(x: Integers, axis: int = 1) -> Integers:
    """Return the sums along an axis, which stays with length 1, exactly."""
    if x.dtype != object and (largest(x) * x.shape[axis]).bit_length() >= SAFE_BITS:
        x = x.astype(object)
    return compacted(x.sum(axis=axis, keepdims=True))


def dot(weights: Integers, scale: int = 0) -> IntegerOperation:
    """Return the operation whose `backward` gives `⌊v·weights / 2^scale⌋` for rows v, in one column."""
    return _in_limbs(Dense(np.zeros((weights.size, 1))), weights.reshape(-1, 1), scale, exact=True)
