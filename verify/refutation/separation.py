"""Members of a class that put two queries in a given order, where the class has one: f(x) > f(y)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any

from fvproof.theory.classes.affine import Affine
from fvproof.theory.classes.base import FunctionClass, Member
from fvproof.theory.classes.concave import Concave
from fvproof.theory.classes.convex import Convex
from fvproof.theory.classes.lipschitz import Lipschitz
from fvproof.theory.classes.monotone import Monotone
from fvproof.theory.classes.monotone_lipschitz import MonotoneLipschitz
from fvproof.theory.classes.smooth import Smooth
from fvproof.theory.classes.two_piece_affine import TwoPieceAffine
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.faces import distance_to_face, fixed, opposite
from fvproof.theory.exact.norms import ascent, distance
from fvproof.theory.exact.points import Point, fractions, same
from fvproof.theory.exact.surds import Exact
from fvproof.theory.network import ReluNetwork, affine, maximum, negated
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.shepard import Shepard
from fvproof.theory.witnesses.staircase import Staircase
from fvproof.verify.refutation.twins import ends

ONE, ZERO = Fraction(1), Fraction(0)
SHARES = [Fraction(i, 16) for i in (16, 0, 8, 4, 12, 1, 15, 2, 14, 6, 10)]


def separator(within: FunctionClass, phi: Visualization, x: Point, y: Point) -> Member | None:
    """Return a member with visualization φ and f(x) > f(y), or None if there is none (or none was found).

    Raises
    ------
    InfeasibleVisualization
        If no member has this visualization.
    DomainError
        If the order of two queries is not decided for this class and visualization.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> x, y = (Fraction(1, 4), Fraction(1, 2)), (Fraction(1, 2), Fraction(1, 4))
    >>> f, g = separator(Affine(), phi, x, y), separator(Affine(), phi, y, x)
    >>> f(x), f(y), g(x), g(y)
    (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4), Fraction(1, 2))
    """
    if within.at_most(phi, x, y):
        return None
    return next((f for f in _candidates(within, phi, x, y) if bool(f(x) > f(y))), None)


def _candidates(within: FunctionClass, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
    """Yield members that may have f(x) > f(y)."""
    if type(within) in SPECIAL:
        yield from SPECIAL[type(within)](within, phi, x, y)
    yield within.witness(phi, x, ends(within.ambiguity(phi, x))[-1])
    yield within.witness(phi, y, ends(within.ambiguity(phi, y))[0])


def _two_pieces(within: FunctionClass, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
    """Yield the affine functions of one coordinate, and the witnesses of many values at x and at y."""
    yield from _affine(within, phi, x, y)
    for query in (x, y):
        possible = within.ambiguity(phi, query)
        for share in SHARES:
            with suppress(DomainError):  # the set of values may have a gap
                yield within.witness(phi, query, possible.low + share * (possible.high - possible.low))


def _four(
    within: FunctionClass, phi: Visualization, x: Point, y: Point, low: Exact | None = None
) -> tuple[tuple[Point, ...], tuple[Any, ...]]:
    """Return a, b, x and y, each once, with their values: the greatest at x; at y `low`, or else the least."""
    pairs = [(phi.argmin, phi.minimum), (phi.argmax, phi.maximum)]
    for point, value in ((x, within.ambiguity(phi, x).high), (y, within.ambiguity(phi, y).low if low is None else low)):
        if not any(same(point, known) for known, _ in pairs):
            pairs.append((point, value))  # type: ignore[arg-type]
    return tuple(point for point, _ in pairs), tuple(value for _, value in pairs)


def _lipschitz(within: Any, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:  # noqa: ANN401  either class
    """Yield the extension that is as high at x as possible, and then as low at y as possible."""
    monotone = isinstance(within, MonotoneLipschitz)
    reach = ascent(y, x, within.norm) if monotone else distance(y, x, within.norm)
    possible = [within.ambiguity(phi, y).low, within.ambiguity(phi, x).high - within.lipschitz * reach]
    points, values = _four(within, phi, x, y, max(possible))
    yield Extension(points, values, within.lipschitz, within.norm, monotone)


def _monotone(within: FunctionClass, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
    """Yield the staircase that is high at x and low at y."""
    yield Staircase(*_four(within, phi, x, y))


def _smooth(within: FunctionClass, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
    """Yield the smooth function that is high at x and low at y."""
    yield Shepard(*_four(within, phi, x, y))


def _affine(_within: FunctionClass, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
    """Yield the affine functions of one coordinate."""
    for i in map(int, opposite(phi.argmin, phi.argmax)):
        start = fractions(phi.argmin)[i]
        if abs(fractions(x)[i] - start) > abs(fractions(y)[i] - start):
            slope = phi.spread * (1 - 2 * start)
            yield affine({i: slope}, phi.minimum - slope * start, dimension=phi.dimension)


def _convex(_within: FunctionClass, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
    """Yield a convex function that is m at a and y, and above m at x: the segment from a to y lies beside x."""
    a, p, q = (fractions(z) for z in (phi.argmin, x, y))
    foot = _foot(a, p, q)
    normal = [s - t for s, t in zip(p, foot, strict=True)]
    offset = -sum((w * t for w, t in zip(normal, foot, strict=True)), ZERO)
    highest = offset + sum((max(w, ZERO) for w in normal), ZERO)
    reach = [distance_to_face(phi.argmax, z) for z in (phi.argmin, y)]
    if highest <= 0 or not all(reach):
        return
    scale, floor = phi.spread / highest, affine({}, phi.minimum, dimension=len(a))
    side = affine([scale * w for w in normal], phi.minimum + scale * offset, dimension=len(a))
    yield maximum([floor, side, _ramp(phi, max(1 / r for r in reach))])


def _ramp(phi: Visualization, sharpness: Fraction) -> ReluNetwork:
    """Return z ↦ m + (M − m)·(1 − k·δ(z)), δ the ℓ1 distance to the smallest face that holds b, affine on the cube."""
    held = {i: fractions(phi.argmax)[i] for i in fixed(phi.argmax)}
    weights = {i: phi.spread * sharpness * (1 if end else -1) for i, end in held.items()}
    return affine(weights, phi.minimum + phi.spread * (1 - sharpness * sum(held.values())), dimension=phi.dimension)


def _foot(a: tuple[Fraction, ...], x: tuple[Fraction, ...], y: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """Return the point of the segment from a to y that is nearest to x in ℓ2."""
    length = sum(((t - s) ** 2 for s, t in zip(a, y, strict=True)), ZERO)
    along = sum(((u - s) * (t - s) for s, t, u in zip(a, y, x, strict=True)), ZERO)
    share = min(max(along / length, ZERO), ONE) if length else ZERO
    return tuple(s + share * (t - s) for s, t in zip(a, y, strict=True))


def _concave(within: FunctionClass, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
    """Yield the mirror image: −f is convex with argmin b, and must be greater at y than at x."""
    mirrored = Visualization(phi.argmax, phi.argmin, -phi.maximum, -phi.minimum)
    yield from (negated(f) for f in _convex(within, mirrored, y, x))  # type: ignore[arg-type]


SPECIAL: Mapping[type[FunctionClass], Callable[[Any, Visualization, Point, Point], Iterator[Member]]] = {
    Lipschitz: _lipschitz,
    MonotoneLipschitz: _lipschitz,
    Monotone: _monotone,
    Smooth: _smooth,
    TwoPieceAffine: _two_pieces,
    Affine: _affine,
    Convex: _convex,
    Concave: _concave,
}
"""Classes whose witnesses for one query do not always show the order of two."""
