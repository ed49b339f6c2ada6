"""Random visualizations and queries, corner cases included."""

from fractions import Fraction
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from fvproof.theory.visualization import Visualization
from tests.theory.tally import nightly

MANY = settings.default.max_examples
many = settings(
    max_examples=MANY if MANY >= 1000 else 25,
    suppress_health_check=[*settings.default.suppress_health_check, HealthCheck.filter_too_much],
)
"""Some 25 cases per test and class; thousands with the nightly profile, which counts them (see `tally`)."""
half = settings(many, max_examples=MANY * 3 // 5 if nightly() else 15)
few = settings(max_examples=min(MANY, 1000) if MANY >= 1000 else 15, suppress_health_check=many.suppress_health_check)
"""Fewer, for what takes long, and for what needs no search."""

ENDS = [Fraction(0), Fraction(1)]
INSIDE = [Fraction(n, d) for n, d in ((1, 4), (1, 3), (1, 2), (3, 4), (1, 5), (3, 7), (5, 6), (1, 100), (99, 100))]
BORDER = ENDS * 5 + INSIDE
"""Coordinates, every other one of them on the border of the cube."""
ROUND = [Fraction(n, d) for n, d in ((1, 4), (1, 3), (1, 2), (3, 4))]
"""Coordinates inside of which the oracle for two pieces knows all that it needs."""


def built(build):
    """A strategy for what `build` makes with a function that picks one of a list.

    In the nightly run the picks come from a seeded generator: quicker, and seldom the same twice.
    """
    if nightly():
        return st.integers(0, 2**64 - 1).map(lambda seed: build(Random(seed).choice))
    return st.composite(lambda draw: build(lambda options: draw(st.sampled_from(options))))()


coordinates = built(lambda pick: pick(BORDER))


def points(dimension):
    """Points with many coordinates on the border of the cube."""
    return built(lambda pick: _point(pick, dimension, INSIDE))


def _point(pick, dimension, inside):
    among = pick([ENDS * 5 + inside, ENDS])
    return tuple(pick(among) for _ in range(dimension))


def cases(max_dimension=3, queries=1, opposite=0, inside=INSIDE):
    """A visualization, feasible or not, and queries: anywhere, at an extremum, on the segment, or mixed from these.

    In `opposite` of ten cases the extrema are opposite corners, half of these 0 and 1. Coordinates that are neither 0
    nor 1 are among those `inside`.
    """
    return built(lambda pick: _case(pick, (max_dimension, queries, opposite), inside))


def _case(pick, sizes, inside):
    max_dimension, queries, opposite = sizes
    d = max(pick(range(1, max_dimension + 1)) for _ in range(2))
    a, b = _point(pick, d, inside), _point(pick, d, inside)
    if (chance := pick(range(10))) < opposite:
        a = tuple(Fraction(round(coordinate)) if chance % 2 else Fraction(0) for coordinate in a)
        b = tuple(1 - coordinate for coordinate in a)
    m = pick([Fraction(0), Fraction(-1), Fraction(1, 3), Fraction(5, 2)])
    spread = pick([Fraction(1), Fraction(1), Fraction(1), Fraction(2, 3), Fraction(7), Fraction(0)])
    phi = Visualization(a, b, m, m + spread)
    return phi, *(_query(pick, a, b, inside) for _ in range(queries))


def _query(pick, a, b, inside):
    kind = pick(["anywhere", "between", "mixed"])
    if kind == "between":
        s = pick([Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(1), Fraction(2, 3), Fraction(1, 10)])
        return tuple((1 - s) * p + s * q for p, q in zip(a, b, strict=True))
    if kind == "mixed":
        return tuple(pick([p, q, *inside]) for p, q in zip(a, b, strict=True))
    return _point(pick, len(a), inside)
