"""The convex function that is least on a whole segment, and higher beside it."""

from collections.abc import Iterator
from fractions import Fraction

from fvproof.theory.exact.faces import distance_to_face, fixed
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.network import ReluNetwork, affine, maximum
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.crease import fall

ONE, ZERO = Fraction(1), Fraction(0)


def valleys(phi: Visualization, x: Point, y: Point) -> Iterator[ReluNetwork]:
    """Yield the convex function with visualization φ that is m on the segment from a to y and above m at x, if any is.

    With p the point of the segment that is nearest to x in ℓ2, and δ the ℓ1 distance to the smallest face of the cube
    that holds b::

        f(z) = max(m, m + s·⟨x − p, z − p⟩, M − k·δ(z))

    s is so small that the second term is at most M on the cube, and k so large that the third is at most m at a and y.

    Parameters
    ----------
    phi
        A visualization with m < M that a convex function has.
    x, y
        Two points. Nothing is yielded if x is on the segment or y on the face that holds b.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> x, y = (Fraction(1, 2), Fraction(0)), (Fraction(1, 2), Fraction(1, 2))
    >>> [(f(x), f(y), f(phi.argmax)) for f in valleys(phi, x, y)]
    [(Fraction(1, 2), Fraction(0, 1), Fraction(1, 1))]
    """
    a, z, end = (fractions(point) for point in (phi.argmin, x, y))
    foot = _foot(a, z, end)
    normal = [s - t for s, t in zip(z, foot, strict=True)]
    offset = -sum((w * t for w, t in zip(normal, foot, strict=True)), ZERO)
    highest = offset + sum((max(w, ZERO) for w in normal), ZERO)
    reach = [distance_to_face(phi.argmax, point) for point in (phi.argmin, y)]
    if highest <= 0 or not all(reach):
        return
    scale, floor = phi.spread / highest, affine({}, phi.minimum, dimension=len(a))
    side = affine([scale * w for w in normal], phi.minimum + scale * offset, dimension=len(a))
    steep = dict.fromkeys(map(int, fixed(phi.argmax)), phi.spread * max(1 / r for r in reach))
    yield maximum([floor, side, fall(phi, steep)])


def _foot(a: tuple[Fraction, ...], x: tuple[Fraction, ...], y: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """Return the point of the segment from a to y that is nearest to x in ℓ2."""
    length = sum(((t - s) ** 2 for s, t in zip(a, y, strict=True)), ZERO)
    along = sum(((u - s) * (t - s) for s, t, u in zip(a, y, x, strict=True)), ZERO)
    share = min(max(along / length, ZERO), ONE) if length else ZERO
    return tuple(s + share * (t - s) for s, t in zip(a, y, strict=True))
