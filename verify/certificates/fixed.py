"""Numbers on a grid: integers that count 2⁻³², with products rounded in a known direction and no overflow.

Arrays hold 64-bit integers below 2⁶² where every intermediate result provably fits, and Python's own integers where it
does not, so the answers are those of unbounded integer arithmetic either way: arrays are added by `plus` and `total`
and multiplied by `times` and `matmul`, which see to that. Floats are only ever taken apart into their bits.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fvproof.verify.layered import fractions_of

BITS = 32
UNIT = 1 << BITS
"""How many steps of the grid make one."""
LEAST_LIMB = 6
SAFE = 1 << 62
"""64-bit integers are smaller than this: two of them can be added or subtracted, and 1 be added to one."""

Grid = NDArray[Any]
"""An array of integers: `int64`, or `object` where a result needs more than 62 bits."""


def floored(values: NDArray[Any]) -> Grid:
    """Return the grid points at or below: `⌊2³²·value⌋`, exactly.

    Parameters
    ----------
    values
        An array of doubles, each taken as the binary fraction it is, or an object array of fractions.

    Examples
    --------
    >>> floored(np.array([1.0, -0.25, 2.0**-40, -(2.0**-40)])).tolist()
    [4294967296, -1073741824, 0, -1]
    """
    if values.dtype != np.float64:
        return _shrunk(np.array([floor(Fraction(value) * UNIT) for value in values.flat], dtype=object), values.shape)
    bits = np.ascontiguousarray(values).view(np.int64)
    exponents = (bits >> 52) & 0x7FF
    if values.size and int(exponents.max()) > 1023 + 29:
        return floored(fractions_of(values))
    mantissas = (bits & ((1 << 52) - 1)) | (np.minimum(exponents, 1) << 52)
    mantissas = np.where(bits < 0, -mantissas, mantissas)
    shifts = np.maximum(exponents, 1) - 1075 + BITS
    return (mantissas << np.maximum(shifts, 0)) >> np.minimum(np.maximum(-shifts, 0), 63)


def doubles(values: Grid) -> NDArray[np.float64]:
    """Return grid points in doubles, rounded to the nearest."""
    return (values / UNIT).astype(np.float64)


def largest(array: Grid) -> int:
    """Return the largest absolute value in an array, 0 if it is empty."""
    return max(int(array.max()), -int(array.min())) if array.size else 0


def times(a: Grid, b: Grid) -> Grid:
    """Return `⌊a·b / 2³²⌋` entry by entry: the product of two numbers on the grid, rounded down.

    Examples
    --------
    >>> times(np.array([UNIT // 2, -1]), np.array([UNIT // 2, 1])).tolist() == [UNIT // 4, -1]
    True
    """
    return _in_limbs(np.multiply, a, b, 1)


def times_up(a: Grid, b: Grid) -> Grid:
    """Return `⌈a·b / 2³²⌉` entry by entry."""
    return -times(-a, b)


def matmul(a: Grid, b: Grid) -> Grid:
    """Return `⌊a @ b / 2³²⌋`: a product of matrices on the grid, rounded down once at the end.

    Examples
    --------
    >>> matmul(np.array([[UNIT, -1]]), np.array([[3], [1]])).tolist()
    [[2]]
    """
    return _in_limbs(_flat_matmul, a, b, b.shape[0])


def _flat_matmul(a: Grid, b: Grid) -> Grid:
    """Return a @ b for a of any number of axes, as one product of two matrices."""
    if a.dtype == object or not b.size:
        return a @ b
    return np.einsum("nk,km->nm", a.reshape(-1, a.shape[-1]), b).reshape(*a.shape[:-1], b.shape[1])


def _in_limbs(product: Callable[[Grid, Grid], Grid], a: Grid, b: Grid, terms: int) -> Grid:
    """Return the product shifted right by 32 bits, b taken in limbs so short that 64 bits hold every sum."""
    if np.int64 == a.dtype == b.dtype:
        limb, place, carry = 61 - (terms * largest(a)).bit_length(), 0, None
        bits = largest(b).bit_length() + 1
        while bits - place > limb >= LEAST_LIMB and place < BITS:
            step = min(limb, BITS - place)
            low = product(a, (b >> place) & ((1 << step) - 1))
            carry, place = (low if carry is None else carry + low) >> step, place + step
        if bits - place <= limb:
            high = product(a, b >> place)
            return (high if carry is None else carry + high) >> (BITS - place)
    result = product(a.astype(object), b.astype(object)) >> BITS
    return _shrunk(result, result.shape)


def plus(*parts: Grid) -> Grid:
    """Return the sum of arrays, entry by entry and exact: in Python's integers where 64 bits might not hold it.

    Examples
    --------
    >>> plus(np.array([SAFE]), np.array([SAFE]))
    array([9223372036854775808], dtype=object)
    """
    if any(part.dtype == object for part in parts) or sum(map(largest, parts)) >= SAFE:
        result = reduce(np.add, [part.astype(object) for part in parts])
        return _shrunk(result, result.shape)
    return reduce(np.add, parts)


def scaled(a: Grid, counts: Grid) -> Grid:
    """Return `a·counts` entry by entry, exact: numbers on the grid, so many times each."""
    fits = np.int64 == a.dtype == counts.dtype and largest(a) * largest(counts) < SAFE
    return a * counts if fits else a.astype(object) * counts.astype(object)


def total(a: Grid, axis: int = -1) -> Grid:
    """Return the sum along an axis, exactly."""
    if a.dtype != object and a.shape[axis] * largest(a) >= SAFE:
        a = a.astype(object)
    result = a.sum(axis=axis)
    return _shrunk(np.asarray(result), np.shape(result)) if a.dtype == object else result


def _shrunk(values: Grid, shape: tuple[int, ...]) -> Grid:
    """Return the integers as 64-bit ones where all of them fit with room to spare."""
    values = values.reshape(shape)
    return values.astype(np.int64) if largest(values) < SAFE >> 2 else values
