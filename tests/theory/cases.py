"""Random visualizations and queries, corner cases included."""

from fractions import Fraction

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from theory.visualization import Visualization

MANY = settings.default.max_examples
many = settings(
    max_examples=MANY if MANY >= 1000 else 60,
    suppress_health_check=[*settings.default.suppress_health_check, HealthCheck.filter_too_much],
)
"""Some sixty cases per test and class; 5,000 with the nightly profile, 25,000 per class in its five tests."""
few = settings(max_examples=min(MANY, 1000) if MANY >= 1000 else 30, suppress_health_check=many.suppress_health_check)
"""Half as many, for what needs no search."""

ends = st.sampled_from([Fraction(0), Fraction(1)])
coordinates = ends | st.sampled_from([Fraction(n, d) for n, d in ((1, 4), (1, 3), (1, 2), (3, 4))])


def points(dimension):
    """Points with many coordinates on the border of the cube."""
    return st.tuples(*[coordinates] * dimension) | st.tuples(*[ends] * dimension)


@st.composite
def cases(draw, max_dimension=3, queries=1, opposite=0):
    """A visualization, feasible or not, and queries: anywhere, at an extremum, on the segment, or mixed from these.

    In `opposite` of ten cases the extrema are opposite corners, half of these 0 and 1.
    """
    d = draw(st.integers(1, max_dimension))
    a, b = draw(points(d)), draw(points(d))
    if (chance := draw(st.integers(0, 9))) < opposite:
        a = tuple(Fraction(round(coordinate)) if chance % 2 else Fraction(0) for coordinate in a)
        b = tuple(1 - coordinate for coordinate in a)
    m = draw(st.sampled_from([Fraction(0), Fraction(-1), Fraction(1, 3)]))
    spread = draw(st.sampled_from([Fraction(1), Fraction(1), Fraction(1), Fraction(2, 3), Fraction(0)]))
    phi = Visualization(a, b, m, m + spread)
    return phi, *(draw(_query(d, a, b)) for _ in range(queries))


def _query(dimension, a, b):
    shares = st.sampled_from([Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(1)])
    between = shares.map(lambda s: tuple((1 - s) * p + s * q for p, q in zip(a, b, strict=True)))
    mixed = st.tuples(*[st.sampled_from([p, q, Fraction(1, 2)]) for p, q in zip(a, b, strict=True)])
    return points(dimension) | between | mixed
