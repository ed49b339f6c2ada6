"""Points of the unit cube, and what the classes ask of them, exactly.

A point is a tuple of fractions or a one-dimensional array of doubles. Each double stands for the binary fraction that
it holds, so that answers about arrays are exact too; integer arithmetic on whole arrays keeps them fast for images.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from typing_extensions import override

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.numbers import exact

Point = tuple[Fraction, ...] | np.ndarray

BITS = 62
"""Doubles in [0, 1] that are multiples of 2^-62 are held as 64-bit integers; smaller ones as Python integers."""


def as_point(values: Iterable[object] | np.ndarray, *, name: str = "the point") -> Point:
    """Return the values as a point of the unit cube.

    Parameters
    ----------
    values
        Numbers in [0, 1]: a sequence of anything that `fvproof.theory.exact.numbers.exact` reads becomes a tuple of
        fractions; an array of any shape becomes a one-dimensional array of doubles.
    name
        What the point is, for the error message.

    Raises
    ------
    DomainError
        If a coordinate is not a number in [0, 1].
    ShapeError
        If there are no coordinates.

    Examples
    --------
    >>> as_point(["0", "1/4"])
    (Fraction(0, 1), Fraction(1, 4))
    """
    if isinstance(values, np.ndarray):
        return _as_array(values, name)
    point = as_vector(values, name=name)
    for i, coordinate in enumerate(point):
        if not 0 <= coordinate <= 1:
            raise DomainError(f"coordinate {i} of {name} must lie in [0, 1], not {coordinate}")
    return point


def as_vector(values: Iterable[object] | np.ndarray, *, name: str) -> tuple[Fraction, ...]:
    """Return the values, which may be any numbers, as fractions; an array's doubles are taken as they are.

    Raises
    ------
    DomainError
        If a coordinate is not a finite number.
    ShapeError
        If there are no coordinates.
    """
    if not isinstance(values, Iterable):
        raise DomainError(f"{name} must be a list of numbers, not {values!r}")
    entries = values.ravel().tolist() if isinstance(values, np.ndarray) else values
    vector = tuple(exact(value, name=f"coordinate {i} of {name}") for i, value in enumerate(entries))
    if not vector:
        raise ShapeError(f"{name} must have at least one coordinate")
    return vector


def as_doubles(values: np.ndarray, *, name: str) -> np.ndarray:
    """Return the array as a read-only vector of doubles, which may be any finite numbers.

    Raises
    ------
    DomainError
        If the array holds anything but finite numbers.
    ShapeError
        If there are no coordinates.
    """
    if values.dtype.kind not in "fiub":
        raise DomainError(f"{name} must be an array of numbers, not of {values.dtype}")
    array = np.array(values, dtype=np.float64).ravel()
    if not array.size:
        raise ShapeError(f"{name} must have at least one coordinate")
    if not np.isfinite(array).all():
        i = int(np.flatnonzero(~np.isfinite(array))[0])
        raise DomainError(f"coordinate {i} of {name} must be a finite number, not {array[i]}")
    array.flags.writeable = False
    return array


def _as_array(values: np.ndarray, name: str) -> np.ndarray:
    """Return the array as a read-only vector of doubles in [0, 1]."""
    array = as_doubles(values, name=name)
    if array.min() < 0 or array.max() > 1:
        i = int(((array < 0) | (array > 1)).argmax())
        raise DomainError(f"coordinate {i} of {name} must lie in [0, 1], not {array[i]}")
    return array


def fractions(point: Point) -> tuple[Fraction, ...]:
    """Return the point's coordinates as fractions."""
    return tuple(map(Fraction, point.tolist())) if isinstance(point, np.ndarray) else point


def alike(points: Sequence[Point]) -> list[Point]:
    """Return the points in one form: all arrays as they are, or all tuples of fractions."""
    if all(isinstance(point, np.ndarray) for point in points):
        return list(points)
    return [fractions(point) for point in points]


def same(p: Point, q: Point) -> bool:
    """Return whether two points have the same coordinates."""
    p, q = alike([p, q])
    return bool(np.all(p == q)) if isinstance(p, np.ndarray) else p == q


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A point as the key of a dictionary, by its coordinates: equal fractions and doubles are one key."""

    point: Point

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and len(self.point) == len(other.point) and same(self.point, other.point)

    @override
    def __hash__(self) -> int:
        return hash(tuple(self.point.tolist()) if isinstance(self.point, np.ndarray) else self.point)


def precedes(p: Point, q: Point) -> bool:
    """Return whether p ≤ q in every coordinate."""
    p, q = alike([p, q])
    if isinstance(p, np.ndarray):
        return bool((p <= q).all())
    return all(s <= t for s, t in zip(p, q, strict=True))


def differences(p: Point, q: Point, *, positive_only: bool = False) -> tuple[Sequence[int] | np.ndarray, int]:
    """Return |q − p|, or (q − p)⁺, coordinate by coordinate, as integers over one common denominator.

    Returns
    -------
    numerators, denominator
        For arrays the denominator is a power of two; the numerators are a 64-bit array where that is enough.

    Examples
    --------
    >>> differences((Fraction(0), Fraction(1)), (Fraction(1, 2), Fraction(1, 3)))
    ([3, 4], 6)
    """
    p, q = alike([p, q])
    if isinstance(p, np.ndarray):
        (s, t), denominator = _integers([p, np.asarray(q)])
        return (np.maximum(t - s, 0) if positive_only else abs(t - s)), denominator
    gaps = [t - s for s, t in zip(p, q, strict=True)]
    denominator = _common_denominator(gaps)
    numerators = [gap.numerator * (denominator // gap.denominator) for gap in gaps]
    return [max(n, 0) if positive_only else abs(n) for n in numerators], denominator


def _common_denominator(values: Iterable[Fraction]) -> int:
    """Return the least common denominator."""
    return lcm(*{value.denominator for value in values})


def _integers(arrays: Sequence[np.ndarray]) -> tuple[list[np.ndarray], int]:
    """Return doubles in [0, 1] as integers over a common power of two."""
    if all(coarse(array).all() for array in arrays):
        return [np.ldexp(array, BITS).astype(np.int64) for array in arrays], 1 << BITS
    pairs = [np.frexp(array) for array in arrays]
    bits = 53 - min(int(exponents[mantissas != 0].min(initial=0)) for mantissas, exponents in pairs)
    return [_big_integers(*pair, bits) for pair in pairs], 1 << bits


def coarse(array: np.ndarray) -> np.ndarray:
    """Return which doubles are multiples of 2^-62, so that 64-bit integers hold them: all of at least 2^-10 are."""
    found = (array >= 2.0 ** (52 - BITS)) | (array == 0)
    if not found.all():
        small = np.ldexp(array[~found], BITS)
        found[~found] = small == np.floor(small)
    return found


def _big_integers(mantissas: np.ndarray, exponents: np.ndarray, bits: int) -> np.ndarray:
    """Return the doubles mantissas·2^exponents as Python integers over 2^bits."""
    shifts = np.where(mantissas != 0, exponents.astype(np.int64) + (bits - 53), 0)
    return np.ldexp(mantissas, 53).astype(np.int64).astype(object) << shifts.astype(object)


def gauge(a: Point, x: Point) -> Fraction:
    """Return how far x lies on the way from a to the border of the cube: 0 at a, 1 on the border.

    The gauge of I − a at x − a::

        t_a(x) = max_i ( (x_i − a_i)/(1 − a_i) if x_i > a_i;  (a_i − x_i)/a_i if x_i < a_i;  0 )

    Examples
    --------
    >>> gauge((Fraction(1, 2), Fraction(1, 2)), (Fraction(3, 4), Fraction(1, 2)))
    Fraction(1, 2)
    """
    a, x = alike([a, x])
    if isinstance(a, np.ndarray):
        return _array_gauge(a, np.asarray(x))
    return max(_coordinate_gauge(s, t) for s, t in zip(a, x, strict=True))


def _coordinate_gauge(a: Fraction, x: Fraction) -> Fraction:
    """Return the gauge of one coordinate."""
    if x == a:
        return Fraction(0)
    return (x - a) / (1 - a) if x > a else (a - x) / a


def _array_gauge(a: np.ndarray, x: np.ndarray) -> Fraction:
    """Return the gauge of whole arrays: rounded ratios choose the coordinates, fractions decide."""
    rises = x > a
    gaps, room = np.where(rises, x - a, a - x), np.where(rises, 1 - a, a)
    ratios = gaps / np.where(gaps > 0, room, 1.0)
    largest = ratios.max()
    near = (ratios >= largest * (1 - 2.0**-49)) if largest else np.arange(a.size) == 0
    pairs = {*zip(a[near].tolist(), x[near].tolist(), strict=True)}
    return max(_coordinate_gauge(Fraction(s), Fraction(t)) for s, t in pairs)
