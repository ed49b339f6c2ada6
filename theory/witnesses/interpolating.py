"""Interpolating networks: one hidden layer, one ReLU for each value to be taken."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import count, pairwise
from random import Random

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point, as_point, fractions
from fvproof.theory.network import Layer, ReluNetwork


def interpolate(points: Sequence[Iterable[object]], values: Sequence[object]) -> ReluNetwork:
    """Return the network of one hidden layer with n ReLUs that takes n values at n points.

    ::

        f(z) = v_1 + Σ_j (s_j − s_{j−1})·ReLU(⟨w, z⟩ − t_j),    s_j = (v_{j+1} − v_j) / (t_{j+1} − t_j),  s_0 = s_n = 0

    where w keeps the points apart and they are numbered as they lie along it: t_1 < … < t_n. It stays between the least
    and the greatest of the values everywhere, off the cube too.

    Parameters
    ----------
    points
        The points z_j, at least one, distinct, all of one length d.
    values
        The values v_j.

    Raises
    ------
    DomainError, ShapeError
        If a point is given twice or is no point of the cube, their lengths differ, or the number of values is another.

    Source
    ------
    fvproof, statements `interpolation`, `three-units`, `average`.

    Examples
    --------
    >>> f = interpolate([[0, 0], [1, 1], ["1/2", 0]], [0, 1, "9/10"])
    >>> f.widths, [str(f(as_point(z))) for z in ([0, 0], [1, 1], ["1/2", 0], [0, 1])]
    ((3,), ['0', '1', '9/10', '14/15'])
    """
    where = [as_point(p, name=f"point {i}") for i, p in enumerate(points)]
    if not where or len(where) != len(values):
        raise DomainError(f"every point needs one value, but there are {len(where)} points and {len(values)} values")
    if len({len(p) for p in where}) > 1:
        raise ShapeError(f"all points must have as many coordinates, not {', '.join(str(len(p)) for p in where)}")
    heights = [exact(value, name=f"value {i}") for i, value in enumerate(values)]
    weights, places = _apart(where)
    knots = sorted(zip(places, heights, strict=True))
    slopes = [(v - u) / (t - s) for (s, u), (t, v) in pairwise(knots)]
    bends = [after - before for before, after in pairwise([Fraction(0), *slopes, Fraction(0)])]
    row = {i: weight for i, weight in enumerate(weights) if weight}
    hidden = Layer((row,) * len(knots), tuple(-place for place, _ in knots))
    return ReluNetwork(len(weights), (hidden, Layer(({j: c for j, c in enumerate(bends) if c},), (knots[0][1],))))


def _apart(points: Sequence[Point]) -> tuple[list[Fraction], list[Fraction]]:
    """Return a direction along which the points lie at different places, and these places.

    Raises
    ------
    DomainError
        If a point is given twice.
    """
    spelled = [fractions(p) for p in points]
    if len(set(spelled)) < len(spelled):
        raise DomainError("the points of an interpolating network must be distinct, but one is given twice")
    for weights in _directions(len(spelled[0])):
        places = [sum((w * c for w, c in zip(weights, p, strict=True) if w), Fraction(0)) for p in spelled]
        if len(set(places)) == len(places):
            return weights, places
    raise AssertionError("there are always more directions")


def _directions(dimension: int) -> Iterator[list[Fraction]]:
    """Yield directions with small whole weights, then larger ones: two points are kept apart by almost every one."""
    yield [Fraction(1)] * dimension
    draw = Random(0)
    for size in count(1):
        yield [Fraction(draw.randint(-(2**size), 2**size)) for _ in range(dimension)]
