"""Hypothesis strategies for exact points of spheres and balls: rational vectors of length 1."""

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from fvproof.theory.domains import Ball, Vector, dot

SLOPES = st.sampled_from([Fraction(text) for text in ("0", "1", "1/2", "-1", "2", "-1/3", "3/7")])
LENGTHS = st.sampled_from([Fraction(text) for text in ("0", "1", "1/2", "-1", "-1/3", "9/10", "1/1000")])


def unit_vectors(dimension: int) -> SearchStrategy[Vector]:
    """Return a strategy for rational vectors of length 1, by stereographic projection.

    Parameters
    ----------
    dimension
        The number of coordinates.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(unit_vectors(2), lambda u: u[1] > 0)
    (Fraction(0, 1), Fraction(1, 1))
    """
    return st.tuples(st.sampled_from([1, -1]), st.tuples(*[SLOPES] * (dimension - 1))).map(_projected)


def _projected(drawn: tuple[int, Vector]) -> Vector:
    """Return ±(1 − |t|², 2t)/(1 + |t|²)."""
    sign, t = drawn
    square = dot(t, t)
    return tuple(sign * entry / (1 + square) for entry in (1 - square, *(2 * s for s in t)))


@st.composite
def orthogonal_pairs(draw: DrawFn, dimension: int) -> tuple[Vector, Vector]:
    """Return a strategy for two orthogonal rational vectors of length 1, in at least two dimensions.

    They are the images of the first two axes under a reflection.
    """
    mirror = draw(st.tuples(*[SLOPES] * dimension))
    i, j = draw(st.permutations(range(dimension)))[:2]
    return _reflected(mirror, i), _reflected(mirror, j)


def _reflected(mirror: Vector, i: int) -> Vector:
    """Return e_i − 2⟨v, e_i⟩/⟨v, v⟩·v, or e_i if v is 0."""
    square = dot(mirror, mirror)
    factor = 2 * mirror[i] / square if square else Fraction(0)
    return tuple((k == i) - factor * v for k, v in enumerate(mirror))


@st.composite
def ball_points(draw: DrawFn, ball: Ball, dimension: int, length: Fraction | None = None) -> Vector:
    """Return a strategy for points of a ball, of a given distance from the centre in radii, or of any."""
    centre = ball.centre or (Fraction(0),) * dimension
    reach = ball.radius * (draw(LENGTHS) if length is None else length)
    return tuple(c + reach * u for c, u in zip(centre, draw(unit_vectors(len(centre))), strict=True))
