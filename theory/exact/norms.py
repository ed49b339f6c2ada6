"""The norms in which Lipschitz constants are stated, exactly: ℓ1, ℓ2 and ℓ∞."""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

import numpy as np

from fvproof.theory.exact.points import Point, alike, coarse, differences
from fvproof.theory.exact.surds import Exact, square_root

Gaps = list[tuple[Sequence[int] | np.ndarray, int]]
"""A vector in parts, each as integers over a common denominator."""
CHUNK = 1 << 20
"""So many products of 21-bit limbs add up without overflow in 64 bits."""


class Norm(StrEnum):
    """A norm on ℝ^d, by its name."""

    L1 = "l1"
    L2 = "l2"
    LINF = "linf"


def distance(p: Point, q: Point, norm: Norm) -> Exact:
    """Return ‖q − p‖: a fraction, or a surd where an ℓ2 distance is irrational.

    Examples
    --------
    >>> zero, one = (Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))
    >>> distance(zero, one, Norm.L1), distance(zero, one, Norm.LINF), distance(zero, one, Norm.L2)
    (Fraction(2, 1), Fraction(1, 1), sqrt(2))
    """
    return _size(p, q, norm)


def l1(p: Point, q: Point) -> Fraction:
    """Return ‖q − p‖₁ = Σ_i |q_i − p_i|, always a fraction."""
    return _l1(_gaps(p, q))


def squared_l2(p: Point, q: Point) -> Fraction:
    """Return ‖q − p‖₂², always a fraction."""
    return _squared_l2(_gaps(p, q))


def ascent(p: Point, q: Point, norm: Norm) -> Exact:
    """Return ‖(q − p)⁺‖: how far one must climb from p to be above q.

    Examples
    --------
    >>> ascent((Fraction(0), Fraction(1)), (Fraction(1), Fraction(0)), Norm.L1)
    Fraction(1, 1)
    """
    return _size(p, q, norm, positive_only=True)


def _size(p: Point, q: Point, norm: Norm, *, positive_only: bool = False) -> Exact:
    """Return ‖q − p‖, or ‖(q − p)⁺‖."""
    gaps = _gaps(p, q, positive_only=positive_only)
    match norm:
        case Norm.LINF:
            return max(Fraction(_largest(numerators), denominator) for numerators, denominator in gaps)
        case Norm.L1:
            return _l1(gaps)
        case Norm.L2:
            return square_root(_squared_l2(gaps))


def _gaps(p: Point, q: Point, *, positive_only: bool = False) -> Gaps:
    """Return |q − p| or (q − p)⁺ in parts: the many doubles that 64-bit integers hold, and the few that they do not."""
    p, q = alike([p, q])
    if not isinstance(p, np.ndarray) or not isinstance(q, np.ndarray):
        return [differences(p, q, positive_only=positive_only)]
    plain = coarse(p) & coarse(q)
    parts = [(p, q)] if plain.all() else [(p[plain], q[plain]), (p[~plain], q[~plain])]
    return [differences(*part, positive_only=positive_only) for part in parts]


def _l1(gaps: Gaps) -> Fraction:
    """Return the sum of the coordinates."""
    return sum((Fraction(_sum(numerators), denominator) for numerators, denominator in gaps), Fraction(0))


def _squared_l2(gaps: Gaps) -> Fraction:
    """Return the sum of the squared coordinates."""
    parts = (Fraction(_sum_of_squares(numerators), denominator**2) for numerators, denominator in gaps)
    return sum(parts, Fraction(0))


def _largest(numbers: Sequence[int] | np.ndarray) -> int:
    """Return the greatest of non-negative integers, 0 if there are none."""
    return int(numbers.max(initial=0)) if isinstance(numbers, np.ndarray) else max(numbers)


def _sum(numbers: Sequence[int] | np.ndarray) -> int:
    """Return the exact sum of non-negative integers."""
    if not isinstance(numbers, np.ndarray) or numbers.dtype == object:
        return sum(numbers)
    return (int((numbers >> 31).sum()) << 31) + int((numbers & (2**31 - 1)).sum())


def _sum_of_squares(numbers: Sequence[int] | np.ndarray) -> int:
    """Return the exact sum of squares of non-negative integers, in 64-bit arithmetic where they are given so."""
    if not isinstance(numbers, np.ndarray) or numbers.dtype == object:
        return sum(number * number for number in numbers)
    return sum(_squares_of_limbs(numbers[i : i + CHUNK]) for i in range(0, numbers.size, CHUNK))


def _squares_of_limbs(numbers: np.ndarray) -> int:
    """Return the sum of squares of 63-bit integers, cut into three limbs of 21 bits."""
    limbs = [(numbers >> shift) & (2**21 - 1) for shift in (0, 21, 42)]
    return sum(int(np.dot(p, q)) << (21 * (i + j)) for i, p in enumerate(limbs) for j, q in enumerate(limbs))
