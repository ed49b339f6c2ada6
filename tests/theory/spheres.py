"""Rational points on the unit sphere, and rational orthonormal bases."""

from fractions import Fraction

from hypothesis import strategies as st

from theory.domains import dot

numbers = st.integers(-4, 4).map(Fraction)


def units(dimension):
    """Points of the unit sphere, by stereographic projection."""
    return st.tuples(*[numbers] * (dimension - 1)).map(_projected)


def _projected(p):
    size = dot(p, p)
    return (*(2 * t / (size + 1) for t in p), (size - 1) / (size + 1))


def bases(dimension):
    """Orthonormal bases: the columns of a reflection."""
    return st.tuples(*[numbers] * dimension).filter(any).map(_reflected)


def _reflected(v):
    size = dot(v, v)
    return [tuple(Fraction(int(i == j)) - 2 * s * t / size for j, t in enumerate(v)) for i, s in enumerate(v)]


def opposite(p):
    return tuple(-t for t in p)
