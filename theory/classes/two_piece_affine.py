"""Functions of at most two affine pieces: between opposite corners as open as the black box."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, Member, no_rule
from fvproof.theory.classes.convex import rim_violation
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.faces import extent, fixed, on_face, on_segment, opposite, restricted
from fvproof.theory.exact.points import Point, fractions, gauge, precedes, same
from fvproof.theory.examples import Examples, Setting
from fvproof.theory.interval import Interval, point
from fvproof.theory.network import negated
from fvproof.theory.observations import Observations
from fvproof.theory.pieces import network_of, pieces
from fvproof.theory.statement import ELSEWHERE, FVPROOF, NOTHING, Statement
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.crease import climbs, crease, usable
from fvproof.theory.witnesses.sharp_crease import sharp_crease

ROW = Statement(
    "two-piece-affine",
    "Two affine pieces between opposite corners",
    "at most two affine pieces",
    ("a and b are opposite corners", ELSEWHERE),
    "Every value in [m, M] is possible at x, each for the greater or the lesser of two affine functions with "
    "visualization φ. For other a and b the class's sets are tested against linear programs, not proved.",
    NOTHING,
    FVPROOF,
    "every d, opposite corners only",
)


SHARES = [Fraction(i, 16) for i in (16, 0, 8, 4, 12, 1, 15, 2, 14, 6, 10)]
"""Of the values at a query: which are tried where the order of two queries is asked for, the ends first."""


@dataclass(frozen=True, slots=True)
class TwoPieceAffine(CubeClass):
    """All continuous functions of at most two affine pieces: max(ℓ₁, ℓ₂) and min(ℓ₁, ℓ₂), ℓ₁ and ℓ₂ affine.

    Let F_a and F_b hold the coordinates in which a and b are 0 or 1, G_a and G_b the smallest faces that hold a and b.
    Maxima with visualization φ exist iff m = M or a ∉ G_b, minima iff m = M or b ∉ G_a; φ is feasible if either do.
    Let t_a be the gauge of I − a, over the coordinates in F_a ∪ F_b alone if none is 0 at one extremum and 1 at the
    other. For m < M::

        the maxima take the values {M} if x ∈ G_b;  else [m, m + t_a(x)·(M − m)]
        the minima take the values {m} if x ∈ G_a;  else [M − t_b(x)·(M − m), M]

    A(φ, x) is the union of the two, and may have a gap; `parts` gives both, `ambiguity` the smallest interval around
    them. If a and b are opposite corners, it is [m, M] for all x ∉ {a, b}. For unique extrema see `parts`.

    Proved for opposite corners (`fvproof prove two-piece-affine`); the sets for other extrema, unique extrema and the
    order are tested against linear programs and random members, not proved.

    The order of two queries is decided for opposite corners: after turning a to 0, f(x) ≤ f(y) for all such f if and
    only if x ≤ y, every coordinate of the point at which the line from y through x leaves the cube is at most every
    coordinate of y, and every coordinate of x at most every one of the point at which it leaves the cube beyond y.

    Source
    ------
    Geirhos et al., ICML 2024, section 4 (piecewise affine functions); two pieces are fvproof's.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> print(TwoPieceAffine().ambiguity(phi, ["1/2", 0]))
    [0, 1]
    >>> phi = Visualization(["1/2", 0], [0, "1/2"], 0, 1)
    >>> print(*TwoPieceAffine().parts(phi, phi.query(["2/5", "2/5"])))
    [0, 2/5] [3/5, 1]
    """

    name: ClassVar[str] = "two-piece-affine"
    title: ClassVar[str] = "two-piece affine function"
    source: ClassVar[str] = "fvproof"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)
    examples: ClassVar[Examples] = Examples((Setting("cube, opposite corners", corners_only=True),))

    def parts(self, phi: Visualization, x: Point, *, unique_extrema: bool = False) -> list[Interval]:
        """Return the values at x of the maxima of two affine functions, then of the minima; none if there are none.

        With unique extrema, maxima exist iff b is a corner and at most one coordinate k of a is inside (0, 1). Their
        values are the open interval, but for three cases. On the segment from a to b the upper end is attained, and if
        there is a k it is the only value. If there is a k, and x equals a wherever a and b agree, all values are above
        ``M − (M − m)·max { |x_i − b_i| / |a_i − b_i| : a_i ≠ b_i }``. Minima mirror this.
        """
        mirrored = _mirrored(phi)
        values = _maxima(phi, x, unique_extrema=unique_extrema), _maxima(mirrored, x, unique_extrema=unique_extrema)
        minima = values[1] and Interval(
            -values[1].high, -values[1].low, low_closed=values[1].high_closed, high_closed=values[1].low_closed
        )
        return [part for part in (values[0], minima) if part]

    @override
    def contains(self, member: Member) -> bool:
        """Decide for networks: the pieces must continue at most two affine maps."""
        return len({(piece.weights, piece.constant) for piece in pieces(network_of(member))}) <= 2

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Refuse: no rule is known."""
        raise no_rule(self)

    def separations(self, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
        """Yield the affine functions of one coordinate, and the witnesses of many values at x and at y."""
        yield from climbs(phi, x, y)
        for query in (x, y):
            possible = self.ambiguity(phi, query)
            for share in SHARES:
                with suppress(DomainError):  # the set of values may have a gap
                    yield self.witness(phi, query, possible.low + share * (possible.high - possible.low))

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        maximum = _violation(phi, unique_extrema=unique_extrema)
        minimum = _violation(_mirrored(phi), unique_extrema=unique_extrema)
        return f"as a maximum, {maximum}; as a minimum (mirrored), {minimum}" if maximum and minimum else None

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        found = self.parts(phi, x, unique_extrema=unique_extrema)
        low, high = min(part.low for part in found), max(part.high for part in found)
        return Interval(
            low,
            high,
            low_closed=any(part.low == low and part.low_closed for part in found),
            high_closed=any(part.high == high and part.high_closed for part in found),
        )

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        mirrored = _mirrored(phi)
        for unique_extrema in (True, False):
            make = sharp_crease if unique_extrema else crease
            if _attains(phi, x, value, unique_extrema=unique_extrema):
                return make(phi, x, value)
            if _attains(mirrored, x, -value, unique_extrema=unique_extrema):
                return negated(make(mirrored, x, -value))
        listed = " or ".join(map(str, self.parts(phi, x)))
        raise DomainError(f"the value at the query must lie in {listed}, not {value}")

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        if len(opposite(phi.argmin, phi.argmax)) < phi.dimension:
            raise DomainError(
                "the order of two queries to two-piece affine functions is decided for opposite corners only"
            )
        p, q = (tuple(abs(t - s) for s, t in zip(*map(fractions, (phi.argmin, z)), strict=True)) for z in (x, y))
        return precedes(p, q) and max(_exit(q, p)) <= min(q) and max(p) <= min(_exit(p, q))


def _mirrored(phi: Visualization) -> Visualization:
    """Return the visualization of −f."""
    return Visualization(phi.argmax, phi.argmin, -phi.maximum, -phi.minimum)


def _violation(phi: Visualization, *, unique_extrema: bool) -> str | None:
    """Return why no maximum of two affine functions has the visualization; None if one has."""
    rim, centre = ("argmax", phi.argmax), ("argmin", phi.argmin)
    inside = phi.dimension - len(fixed(phi.argmin))
    if unique_extrema and inside > 1:
        return f"the argmin can be unique only if at most one coordinate is inside (0, 1), but {inside} are"
    return rim_violation(phi, rim=rim, centre=centre, corner=unique_extrema)


def _maxima(phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval | None:
    """Return the values at x of max(ℓ₁, ℓ₂) with visualization φ, x ∉ {a, b}; None if there are none."""
    if _violation(phi, unique_extrema=unique_extrema):
        return None
    if on_face(phi.argmax, x):
        return point(phi.maximum)
    coordinates = usable(phi)
    highest = phi.minimum + gauge(restricted(phi.argmin, coordinates), restricted(x, coordinates)) * phi.spread
    if not unique_extrema:
        return Interval(phi.minimum, highest)
    lowest = _unique_floor(phi, x)
    if on_segment(phi.argmin, x, phi.argmax):
        return point(highest) if lowest is not None else Interval(phi.minimum, highest, low_closed=False)
    return Interval(max(phi.minimum, lowest or phi.minimum), highest, low_closed=False, high_closed=False)


def _unique_floor(phi: Visualization, x: Point) -> Fraction | None:
    """Return what keeps max(ℓ₁, ℓ₂) up at x if the extrema are unique and a is inside an edge; None if nothing does."""
    held = fixed(phi.argmin)
    if len(held) == phi.dimension:
        return None
    k = np.delete(np.arange(phi.dimension), held)
    apart = opposite(phi.argmin, phi.argmax)
    shared = np.delete(np.arange(phi.dimension), np.concatenate([k, np.asarray(apart, dtype=int)]))
    if not same(restricted(phi.argmin, shared), restricted(x, shared)):
        return None
    ((start,), (end,), (at,)) = (fractions(restricted(z, k)) for z in (phi.argmin, phi.argmax, x))
    far = extent(phi.argmax, x, apart)[1] if len(apart) else Fraction(0)
    return phi.maximum - phi.spread * max(abs(at - end) / abs(start - end), far)


def _attains(phi: Visualization, x: Point, value: Fraction, *, unique_extrema: bool) -> bool:
    """Return whether some max(ℓ₁, ℓ₂) with visualization φ takes the value at x, which may be an extremum."""
    if phi.known_value(x) is not None:
        return _violation(phi, unique_extrema=unique_extrema) is None
    found = _maxima(phi, x, unique_extrema=unique_extrema)
    return found is not None and value in found


def _exit(start: Point, x: Point) -> Point:
    """Return where the line from start through another point x leaves the cube."""
    steps = [(t - s, t) for s, t in zip(fractions(start), fractions(x), strict=True)]
    room = min((1 - t if step > 0 else t) / abs(step) for step, t in steps if step)
    return tuple(t + room * step for step, t in steps)
