"""Decoders that seem reasonable: how one might read a visualization, for want of anything better."""

from fractions import Fraction

from fvproof.theory.exact.norms import l1
from fvproof.theory.exact.points import Point, alike, fractions
from fvproof.theory.visualization import Visualization


def nearest(phi: Visualization, x: Point) -> Fraction:
    """Return the value at the extremum that is nearer to x in ℓ1; m if they are equally near.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> nearest(phi, phi.query(["3/4", "1/2"]))
    Fraction(1, 1)
    """
    return phi.minimum if l1(x, phi.argmin) <= l1(x, phi.argmax) else phi.maximum


def weighted(phi: Visualization, x: Point) -> Fraction:
    """Return the mean of m and M, each weighted by the ℓ1 distance of x to the other extremum.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> weighted(phi, phi.query(["3/4", "1/2"]))
    Fraction(5, 8)
    """
    down, up = l1(x, phi.argmin), l1(x, phi.argmax)
    return phi.minimum + phi.spread * down / (down + up) if down + up else phi.minimum


def projected(phi: Visualization, x: Point) -> Fraction:
    """Return the value at the projection of x on the line through a and b, if the unit were affine along it.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> projected(phi, phi.query(["3/4", "1/2"]))
    Fraction(5, 8)
    """
    a, b, z = (fractions(p) for p in alike([phi.argmin, phi.argmax, x]))
    length = sum((t - s) ** 2 for s, t in zip(a, b, strict=True))
    along = sum(((t - s) * (u - s) for s, t, u in zip(a, b, z, strict=True)), Fraction(0))
    return phi.minimum + phi.spread * min(max(along / length, Fraction(0)), Fraction(1)) if length else phi.minimum


def lowest(phi: Visualization, _x: Point) -> Fraction:
    """Return m, whatever the query is."""
    return phi.minimum


def highest(phi: Visualization, _x: Point) -> Fraction:
    """Return M, whatever the query is."""
    return phi.maximum


def first_coordinate(phi: Visualization, x: Point) -> Fraction:
    """Return m + (M − m)·|x₁ − a₁|: one coordinate is looked at, and taken to be affine."""
    (s, *_), (t, *_) = fractions(phi.argmin), fractions(x)
    return phi.minimum + phi.spread * abs(t - s)
