"""The norms in which Lipschitz constants are stated, exactly: ℓ1, ℓ2 and ℓ∞."""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from theory.numbers import square_root
from theory.points import Point, differences

if TYPE_CHECKING:
    import sympy

CHUNK = 1 << 20
"""So many products of 21-bit limbs add up without overflow in 64 bits."""


class Norm(StrEnum):
    """A norm on ℝ^d, by its name."""

    L1 = "l1"
    L2 = "l2"
    LINF = "linf"


def distance(p: Point, q: Point, norm: Norm) -> "Fraction | sympy.Expr":
    """Return ‖q − p‖: a fraction, or a SymPy expression where an ℓ2 distance is irrational.

    Examples
    --------
    >>> zero, one = (Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))
    >>> distance(zero, one, Norm.L1), distance(zero, one, Norm.LINF), distance(zero, one, Norm.L2)
    (Fraction(2, 1), Fraction(1, 1), sqrt(2))
    """
    return _size(*differences(p, q), norm)


def l1(p: Point, q: Point) -> Fraction:
    """Return ‖q − p‖₁ = Σ_i |q_i − p_i|, always a fraction."""
    numerators, denominator = differences(p, q)
    return Fraction(_sum(numerators), denominator)


def ascent(p: Point, q: Point, norm: Norm) -> "Fraction | sympy.Expr":
    """Return ‖(q − p)⁺‖: how far one must climb from p to be above q.

    Examples
    --------
    >>> ascent((Fraction(0), Fraction(1)), (Fraction(1), Fraction(0)), Norm.L1)
    Fraction(1, 1)
    """
    return _size(*differences(p, q, positive_only=True), norm)


def _size(numerators: Sequence[int] | np.ndarray, denominator: int, norm: Norm) -> "Fraction | sympy.Expr":
    """Return the norm of the vector numerators / denominator."""
    match norm:
        case Norm.LINF:
            return Fraction(int(max(numerators)), denominator)
        case Norm.L1:
            return Fraction(_sum(numerators), denominator)
        case Norm.L2:
            return square_root(Fraction(_sum_of_squares(numerators), denominator**2))


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
