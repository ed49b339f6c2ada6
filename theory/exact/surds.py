"""Sums of square roots, exactly: what Euclidean distances make of fractions."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Union

from typing_extensions import override

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)
"""Primes whose squares are taken out of a radicand."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Surd:
    """An irrational number ``r + Σ_j c_j·√n_j`` with rational r and c_j and integers n_j.

    No radicand is a square, nor is the product of two of them. Then 1 and the √n_j are linearly independent over the
    rationals, so that the number is not 0: computing it far enough gives its sign. Sums, differences, products and
    fractions of it are surds again, or fractions where the roots cancel.

    Parameters
    ----------
    rational
        r.
    roots
        The pairs (n_j, c_j), at least one, with c_j ≠ 0.

    Examples
    --------
    >>> half = square_root(Fraction(1, 2))
    >>> half, abs(half - 1), 2 * half * half, half < Fraction(71, 100), float(half)
    (sqrt(2)/2, 1 - sqrt(2)/2, Fraction(1, 1), True, 0.7071067811865476)
    """

    rational: Fraction
    roots: tuple[tuple[int, Fraction], ...]

    def __add__(self, other: "Exact | int") -> "Exact":
        if not isinstance(other, Surd):
            return Surd(self.rational + other, self.roots)
        return _collected(self.rational + other.rational, (*self.roots, *other.roots))

    __radd__ = __add__

    def __neg__(self) -> "Surd":
        return Surd(-self.rational, tuple((n, -c) for n, c in self.roots))

    def __abs__(self) -> "Surd":
        return self if _sign(self) > 0 else -self

    def __sub__(self, other: "Exact | int") -> "Exact":
        return self + (-other)

    def __rsub__(self, other: Fraction | int) -> "Exact":
        return -self + other

    def __mul__(self, other: "Exact | int") -> "Exact":
        left = ((1, self.rational), *self.roots)
        right = ((1, other.rational), *other.roots) if isinstance(other, Surd) else ((1, other),)
        return _collected(Fraction(0), [(n * k, c * d) for n, c in left for k, d in right])

    __rmul__ = __mul__

    def __truediv__(self, other: Fraction | int) -> "Exact":
        return self * (1 / Fraction(other))

    def __lt__(self, other: "Exact | int") -> bool:
        return _sign(self - other) < 0

    def __le__(self, other: "Exact | int") -> bool:
        return _sign(self - other) <= 0

    def __gt__(self, other: "Exact | int") -> bool:
        return _sign(self - other) > 0

    def __ge__(self, other: "Exact | int") -> bool:
        return _sign(self - other) >= 0

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Surd) and self - other == 0

    @override
    def __hash__(self) -> int:
        return hash(float(self))

    def __float__(self) -> float:
        bits = 64
        while float(self._bounds(bits)[0]) != float(self._bounds(bits)[1]):
            bits *= 2
        return float(self._bounds(bits)[0])

    def _bounds(self, bits: int) -> tuple[Fraction, Fraction]:
        """Return a lower and an upper bound, from roots that are known to 2^-bits."""
        low = high = self.rational * (1 << bits)
        for radicand, factor in self.roots:
            root = isqrt(radicand << (2 * bits))
            ends = factor * root, factor * (root + 1)
            low, high = low + min(ends), high + max(ends)
        return low / (1 << bits), high / (1 << bits)

    @override
    def __repr__(self) -> str:
        parts = [str(self.rational)] if self.rational else []
        for radicand, c in self.roots:
            factor = "" if abs(c.numerator) == 1 else f"{abs(c.numerator)}*"
            term = f"{factor}sqrt({radicand})" + ("" if c.denominator == 1 else f"/{c.denominator}")
            parts.append((" - " if c < 0 else " + ") + term if parts else ("-" if c < 0 else "") + term)
        return "".join(parts)


Exact = Union[Fraction, Surd]  # noqa: UP007  Surd's own annotations name it before it exists
"""An exact real number of the theory."""


def square_root(value: Fraction) -> Exact:
    """Return the square root of a non-negative fraction.

    Examples
    --------
    >>> square_root(Fraction(9, 4)), square_root(Fraction(8))
    (Fraction(3, 2), 2*sqrt(2))
    """
    return _collected(Fraction(0), [(value.numerator * value.denominator, Fraction(1, value.denominator))])


def _collected(rational: Fraction, roots: Iterable[tuple[int, Fraction]]) -> Exact:
    """Return rational + Σ c·√n, with squares taken out and multiples of one root added up."""
    found: dict[int, Fraction] = {}
    for n, c in roots:
        radicand, factor = _square_free(n)
        for known in found:
            root = isqrt(known * radicand)
            if root * root == known * radicand:
                radicand, factor = known, factor * Fraction(root, known)
                break
        found[radicand] = found.get(radicand, Fraction(0)) + c * factor
    rational += found.pop(1, Fraction(0))
    kept = tuple(sorted((n, c) for n, c in found.items() if c))
    return Surd(rational, kept) if kept else rational


def _square_free(radicand: int) -> tuple[int, Fraction]:
    """Return a number n without the squares of small primes, 1 for a square, and c with √radicand = c·√n."""
    root = isqrt(radicand)
    if root * root == radicand:
        return 1, Fraction(root)
    factor = 1
    for prime in PRIMES:
        while radicand % (prime * prime) == 0:
            radicand, factor = radicand // (prime * prime), factor * prime
    return radicand, Fraction(factor)


def _sign(value: Exact) -> int:
    """Return the sign, computing an irrational number until it differs from 0."""
    if isinstance(value, Fraction):
        return (value > 0) - (value < 0)
    bits = 64
    while True:
        low, high = value._bounds(bits)
        if low > 0 or high < 0:
            return 1 if low > 0 else -1
        bits *= 2
