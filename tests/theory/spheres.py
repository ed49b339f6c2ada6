"""Rational points on the unit sphere, and rational orthonormal bases."""

from fractions import Fraction

from fvproof.theory.domains import dot
from tests.theory.cases import built

WHOLE = [Fraction(n) for n in range(-4, 5)]
numbers = built(lambda pick: pick(WHOLE))


def units(dimension):
    """Points of the unit sphere, by stereographic projection."""
    return built(lambda pick: _projected(_vector(pick, dimension - 1)))


def _vector(pick, dimension):
    scale = pick([1, 1, 2, 3, 5])
    return tuple(pick(WHOLE) / scale for _ in range(dimension))


def _projected(p):
    size = dot(p, p)
    return (*(2 * t / (size + 1) for t in p), (size - 1) / (size + 1))


def bases(dimension):
    """Orthonormal bases: the columns of a reflection."""
    return built(lambda pick: _vector(pick, dimension)).filter(any).map(_reflected)


def _reflected(v):
    size = dot(v, v)
    return [tuple(Fraction(int(i == j)) - 2 * s * t / size for j, t in enumerate(v)) for i, s in enumerate(v)]


def opposite(p):
    return tuple(-t for t in p)
