"""Faces, segments and climbs in the cube, exactly: what convex, affine and monotone functions ask of their points."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from fvproof.theory.exact.norms import l1
from fvproof.theory.exact.points import Point, alike, fractions, same


def fixed(p: Point) -> Sequence[int] | np.ndarray:
    """Return the coordinates in which p is 0 or 1: those fixed on the smallest face of the cube that holds p."""
    if isinstance(p, np.ndarray):
        return np.flatnonzero((p == 0) | (p == 1))
    return [i for i, coordinate in enumerate(p) if coordinate in (0, 1)]


def is_corner(p: Point) -> bool:
    """Return whether every coordinate of p is 0 or 1."""
    return len(fixed(p)) == len(p)


def first_off(p: Point, value: int) -> tuple[int, Fraction] | None:
    """Return the first coordinate of p that is not the value, with its number; None if all are."""
    if isinstance(p, np.ndarray):
        off = np.flatnonzero(p != value)
        return (int(off[0]), Fraction(p.item(off[0]))) if off.size else None
    return next(((i, coordinate) for i, coordinate in enumerate(p) if coordinate != value), None)


def opposite(a: Point, b: Point) -> Sequence[int] | np.ndarray:
    """Return the coordinates in which one of a and b is 0 and the other 1."""
    a, b = alike([a, b])
    if isinstance(a, np.ndarray):
        return np.flatnonzero(((a == 0) & (b == 1)) | ((a == 1) & (b == 0)))
    return [i for i, (s, t) in enumerate(zip(a, b, strict=True)) if abs(s - t) == 1]


def distance_to_face(b: Point, x: Point) -> Fraction:
    """Return the ℓ1 distance of x to the smallest face of the cube that holds b: 0 exactly on the face.

    Examples
    --------
    >>> distance_to_face((Fraction(1), Fraction(1, 2)), (Fraction(1, 4), Fraction(0)))
    Fraction(3, 4)
    """
    coordinates = fixed(b)
    return l1(restricted(b, coordinates), restricted(x, coordinates)) if len(coordinates) else Fraction(0)


def on_face(b: Point, x: Point) -> bool:
    """Return whether x lies on the smallest face of the cube that holds b.

    Examples
    --------
    >>> on_face((Fraction(1), Fraction(1, 2)), (Fraction(1), Fraction(0)))
    True
    """
    coordinates = fixed(b)
    return same(restricted(b, coordinates), restricted(x, coordinates))


def restricted(p: Point, coordinates: Sequence[int] | np.ndarray) -> Point:
    """Return the given coordinates of p."""
    if isinstance(p, np.ndarray):
        return p[np.asarray(coordinates, dtype=int)]
    return tuple(p[int(i)] for i in coordinates)


def extent(a: Point, x: Point, coordinates: Sequence[int] | np.ndarray) -> tuple[Fraction, Fraction]:
    """Return the least and the greatest |x_i − a_i| over coordinates, at least one, in which a is 0 or 1.

    Examples
    --------
    >>> extent((Fraction(0), Fraction(1)), (Fraction(1, 4), Fraction(1, 8)), [0, 1])
    (Fraction(1, 4), Fraction(7, 8))
    """
    start, at = (restricted(z, coordinates) for z in alike([a, x]))
    if isinstance(start, np.ndarray):
        groups = [(end, np.asarray(at)[start == end]) for end in (0, 1)]
        shares = {abs(Fraction(t) - end) for end, ts in groups if ts.size for t in (ts.min(), ts.max())}
    else:
        shares = {abs(t - s) for s, t in zip(start, fractions(at), strict=True)}
    return min(shares), max(shares)


def on_segment(a: Point, x: Point, b: Point) -> bool:
    """Return whether x = (1 − s)·a + s·b for some s in [0, 1].

    Examples
    --------
    >>> zero, one, half = (Fraction(0),) * 2, (Fraction(1),) * 2, (Fraction(1, 2),) * 2
    >>> on_segment(zero, half, one), on_segment(zero, one, half)
    (True, False)
    """
    if same(a, x) or same(x, b):
        return True
    a, x, b = alike([a, x, b])
    if isinstance(a, np.ndarray) and not _may_be_on_segment(a, np.asarray(x), np.asarray(b)):
        return False
    triples = list(zip(fractions(a), fractions(x), fractions(b), strict=True))
    shares = {(t - s) / (u - s) for s, t, u in triples if u != s}
    return len(shares) == 1 and 0 <= min(shares) <= 1 and all(s == t for s, t, u in triples if u == s)


def _may_be_on_segment(a: np.ndarray, x: np.ndarray, b: np.ndarray) -> bool:
    """Return False only if x is farther from the line through a and b than rounding explains."""
    i = int(abs(b - a).argmax())
    share = (x[i] - a[i]) / (b[i] - a[i]) if a[i] != b[i] else 0.0
    return -1e-9 <= share <= 1 + 1e-9 and bool((abs(a + share * (b - a) - x) <= 1e-9).all())


def progress(start: Point, end: Point, z: Point, *, upward: bool) -> Fraction:
    """Return how far z has come on the way from start to end, in the slowest of the coordinates that rise (or fall).

    ::

        clamp( min { (z_k − s_k)/(e_k − s_k) : e_k > s_k }, 0, 1 )        (e_k < s_k when not `upward`)

    It is 0 at start and at every z ≤ start, 1 at end and at every z ≥ end, and monotone in z (upward; else mirrored).

    Parameters
    ----------
    start, end
        Points s and e with at least one coordinate that rises (falls) from s to e.
    z
        The point to place.
    upward
        Whether the coordinates that rise count, or those that fall.

    Examples
    --------
    >>> zero, one = (Fraction(0), Fraction(0)), (Fraction(1), Fraction(1, 2))
    >>> progress(zero, one, (Fraction(1, 2), Fraction(1, 8)), upward=True)
    Fraction(1, 4)
    """
    start, end, z = alike([start, end, z])
    if isinstance(start, np.ndarray):
        triples = _slowest(start, np.asarray(end), np.asarray(z), upward=upward)
    else:
        triples = {(s, e, t) for s, e, t in zip(start, end, z, strict=True) if (e > s if upward else e < s)}
    ratios = [(Fraction(t) - Fraction(s)) / (Fraction(e) - Fraction(s)) for s, e, t in triples]
    return min(max(min(ratios), Fraction(0)), Fraction(1))


def _slowest(s: np.ndarray, e: np.ndarray, z: np.ndarray, *, upward: bool) -> set[tuple[float, float, float]]:
    """Return the coordinates among which the least ratio is, as far as rounded ratios tell."""
    counts = e > s if upward else e < s
    s, e, z = s[counts], e[counts], z[counts]
    behind, arrived = (z <= s, z >= e) if upward else (z >= s, z <= e)
    if behind.any() or arrived.all():
        i = int(behind.argmax())
        return {(s.item(i), e.item(i), z.item(i))}
    with np.errstate(over="ignore"):
        ratios = (z - s) / (e - s)
    near = ratios <= ratios.min() + abs(ratios.min()) * 2.0**-49
    return {*zip(s[near].tolist(), e[near].tolist(), z[near].tolist(), strict=True)}
