"""Interpolating networks: one hidden layer, one ReLU for each value to be taken."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations, count, pairwise

import numpy as np

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point, alike, as_point, same
from fvproof.theory.network import Layer, ReluNetwork


def interpolate(points: Sequence[Iterable[object]], values: Sequence[object]) -> ReluNetwork:
    """Return the network of one hidden layer with n ReLUs that takes n values at n points.

    ::

        f(z) = v_1 + Σ_j (s_j − s_{j−1})·ReLU(⟨w, z⟩ − t_j),    s_j = (v_{j+1} − v_j) / (t_{j+1} − t_j),  s_0 = s_n = 0

    where w keeps the points apart and they are numbered as they lie along it: t_1 < … < t_n. It stays between the least
    and the greatest of the values everywhere, off the cube too. w has n − 1 weights at most, so that the network reads
    no more coordinates, of an image too.

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
    ((3,), ['0', '1', '9/10', '0'])
    """
    where = [as_point(p, name=f"point {i}") for i, p in enumerate(points)]
    if not where or len(where) != len(values):
        raise DomainError(f"every point needs one value, but there are {len(where)} points and {len(values)} values")
    if len({len(p) for p in where}) > 1:
        raise ShapeError(f"all points must have as many coordinates, not {', '.join(str(len(p)) for p in where)}")
    heights = [exact(value, name=f"value {i}") for i, value in enumerate(values)]
    row, places = _apart(where)
    knots = sorted(zip(places, heights, strict=True))
    slopes = [(v - u) / (t - s) for (s, u), (t, v) in pairwise(knots)]
    bends = [after - before for before, after in pairwise([Fraction(0), *slopes, Fraction(0)])]
    hidden = Layer((row,) * len(knots), tuple(-place for place, _ in knots))
    return ReluNetwork(len(where[0]), (hidden, Layer(({j: c for j, c in enumerate(bends) if c},), (knots[0][1],))))


def _apart(points: Sequence[Point]) -> tuple[dict[int, Fraction], list[Fraction]]:
    """Return a direction along which the points lie at different places, and these places.

    It has at most n − 1 weights other than 0, small whole numbers: two points that still lie at one place are moved
    apart by the coordinate in which they differ most, with the least weight that brings no two others together. Each
    pair forbids one weight at most, so that n(n−1)/2 + 1 are enough.

    Raises
    ------
    DomainError
        If a point is given twice.
    """
    among, weights, places = alike(points), dict[int, Fraction](), [Fraction(0)] * len(points)
    while len(set(places)) < len(places):
        p, q = next((p, q) for (s, p), (t, q) in combinations(zip(places, among, strict=True), 2) if s == t)
        i = _farthest_coordinate(p, q)
        column = [Fraction(z[i]) for z in among]
        weights[i], places = _moved_apart(places, column)
    return weights, places


def _farthest_coordinate(p: Point, q: Point) -> int:
    """Return the coordinate in which two points differ most."""
    if same(p, q):
        raise DomainError("the points of an interpolating network must be distinct, but one is given twice")
    if isinstance(p, np.ndarray):
        return int(np.abs(p - q).argmax())
    gaps = [abs(s - t) for s, t in zip(p, q, strict=True)]
    return gaps.index(max(gaps))


def _moved_apart(places: Sequence[Fraction], column: Sequence[Fraction]) -> tuple[Fraction, list[Fraction]]:
    """Return the least weight w ≥ 1, and the s + w·z, with these different wherever the pairs (s, z) are."""
    pairs = list(zip(places, column, strict=True))
    for w in count(1):
        moved = [s + w * z for s, z in pairs]
        if len(set(moved)) == len(set(pairs)):
            return Fraction(w), moved
    raise AssertionError("each pair forbids one weight at most")
