"""Convex functions: an upper bound that grows towards the border of the cube, and no lower one."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, Member
from fvproof.theory.domains import point_text
from fvproof.theory.exact.faces import fixed, is_corner, on_face, on_segment, restricted
from fvproof.theory.exact.points import Point, fractions, gauge
from fvproof.theory.interval import Interval, point
from fvproof.theory.observations import Observations
from fvproof.theory.pieces import is_convex, network_of, pieces
from fvproof.theory.statement import NO_GO, Statement
from fvproof.theory.tangents import convex_interval
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.bowl import bowl
from fvproof.theory.witnesses.valley import valleys

ROW = Statement(
    "convex",
    "Convex functions",
    "convex",
    ("a lies outside the smallest face G of the cube that holds b, or m = M", "t = t_a(x)"),
    "f(x) = M where x ∈ G; elsewhere f(x) lies in [m, m + t·(M−m)], and every value there is attained by a "
    "mixture of two convex functions with visualization φ.",
    r"A_C(\varphi, x) = \{M\} \text{ if } x \in G;\quad [m,\ m + t_a(x)\,(M-m)] \text{ else}",
    NO_GO,
)


@dataclass(frozen=True, slots=True)
class Convex(CubeClass):
    """All convex functions on the cube.

    Let G be the smallest face that holds b: f is M on all of G. Feasible are the φ with m = M, or a ∉ G. For m < M and
    x ≠ a, with t_a the gauge of I − a (`fvproof.theory.exact.points.gauge`)::

        A(φ, x) = {M} if x ∈ G;  else [m, m + t_a(x)·(M − m)]

    With unique extrema b is a corner, the end m is open, and the upper end is open except on the segment from a to b.
    Witness: a bowl, an input-convex ReLU network.

    f(x) ≤ f(y) for all such f if and only if x lies on the segment from a to y, or y ∈ G.

    Source
    ------
    Geirhos et al., ICML 2024, section 4, Theorems 1 and 2; the interval and the order are fvproof's.

    Examples
    --------
    >>> phi = Visualization(["1/2", "1/2"], [1, 1], 0, 1)
    >>> print(Convex().ambiguity(phi, ["1/2", "5/8"]), Convex().ambiguity(phi, ["1/2", 0]))
    [0, 1/4] [0, 1]
    """

    name: ClassVar[str] = "convex"
    title: ClassVar[str] = "convex function"
    source: ClassVar[str] = "paper, section 4"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)

    @override
    def contains(self, member: Member) -> bool:
        """Decide for networks: the affine maps of all pieces must lie below the network everywhere."""
        return is_convex(pieces(network_of(member)))

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Solve linear programs over the affine functions below the bound."""
        return convex_interval(known, x)

    def separations(self, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
        """Yield the convex function that is m at a and y, and above m at x: the segment from a to y lies beside x."""
        yield from valleys(phi, x, y)

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        return rim_violation(phi, rim=("argmax", phi.argmax), centre=("argmin", phi.argmin), corner=unique_extrema)

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        if on_face(phi.argmax, x):
            return point(phi.maximum)
        t = gauge(phi.argmin, x)
        straight = t < 1 and on_segment(phi.argmin, x, phi.argmax)
        ends = {"low_closed": not unique_extrema, "high_closed": straight or not unique_extrema}
        return Interval(phi.minimum, phi.minimum + t * phi.spread, **ends)

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        return bowl((phi.argmin, phi.minimum), (phi.argmax, phi.maximum), x, value)

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        return on_segment(phi.argmin, x, y)


def rim_violation(phi: Visualization, *, rim: tuple[str, Point], centre: tuple[str, Point], corner: bool) -> str | None:
    """Return why φ has its rim extremum (a convex function's maximum) where it cannot be; None if it can."""
    (rim_name, r), (centre_name, c) = rim, centre
    if phi.spread and on_face(r, c):
        held = fixed(r)[:6]
        pairs = zip(held, fractions(restricted(r, held)), strict=True)
        equal = ", ".join(f"coordinate {i} of both is {t}" for i, t in pairs)
        where = equal or f"the {rim_name} {point_text(r)} has no coordinate 0 or 1"
        return f"the {centre_name} lies on the smallest face of the cube that holds the {rim_name} ({where})"
    if corner and not is_corner(r):
        i, inside = next((i, v) for i, v in enumerate(fractions(r)) if v not in (0, 1))
        return f"the {rim_name} can be unique only at a corner of the cube, but its coordinate {i} is {inside}"
    return None
