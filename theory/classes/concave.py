"""Concave functions: convex ones upside down."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, Member
from fvproof.theory.classes.convex import rim_violation
from fvproof.theory.exact.faces import on_face, on_segment
from fvproof.theory.exact.points import Point, gauge
from fvproof.theory.interval import Interval, point
from fvproof.theory.network import negated
from fvproof.theory.observations import Observations
from fvproof.theory.pieces import is_convex, network_of, pieces
from fvproof.theory.statement import FVPROOF, Statement
from fvproof.theory.tangents import convex_interval
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.bowl import bowl
from fvproof.theory.witnesses.valley import valleys

ROW = Statement(
    "concave",
    "Concave functions",
    "concave",
    ("b lies outside the smallest face G of the cube that holds a, or m = M", "t = t_b(x)"),
    "f(x) = m where x ∈ G; elsewhere f(x) lies in [M − t·(M−m), M], and every value there is attained: the "
    "convex row for m + M − f.",
    r"A_C(\varphi, x) = \{m\} \text{ if } x \in G;\quad [M - t_b(x)\,(M-m),\ M] \text{ else}",
    FVPROOF,
)


@dataclass(frozen=True, slots=True)
class Concave(CubeClass):
    """All concave functions on the cube: f is concave if and only if 1 − f is convex.

    Let G be the smallest face that holds a: f is m on all of G. Feasible are the φ with m = M, or b ∉ G. For m < M and
    x ≠ b, with t_b the gauge of I − b::

        A(φ, x) = {m} if x ∈ G;  else [M − t_b(x)·(M − m), M]

    With unique extrema a is a corner, the end M is open, and the lower end is open except on the segment from a to b.

    f(x) ≤ f(y) for all such f if and only if y lies on the segment from x to b, or x ∈ G.

    Source
    ------
    fvproof, the mirror image of `Convex`.

    Examples
    --------
    >>> phi = Visualization([0, 0], ["1/2", "1/2"], 0, 1)
    >>> print(Concave().ambiguity(phi, ["1/2", "5/8"]))
    [3/4, 1]
    """

    name: ClassVar[str] = "concave"
    title: ClassVar[str] = "concave function"
    source: ClassVar[str] = "fvproof"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)

    @override
    def contains(self, member: Member) -> bool:
        """Decide for networks: −f must be convex."""
        return is_convex(pieces(negated(network_of(member))))

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Return the mirror image of the convex functions' values."""
        mirrored = convex_interval(known.mirrored(), x)
        return Interval(-mirrored.high, -mirrored.low)

    def separations(self, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
        """Yield the mirror image: −f is convex with argmin b, and must be greater at y than at x."""
        mirrored = Visualization(phi.argmax, phi.argmin, -phi.maximum, -phi.minimum)
        yield from map(negated, valleys(mirrored, y, x))

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        return rim_violation(phi, rim=("argmin", phi.argmin), centre=("argmax", phi.argmax), corner=unique_extrema)

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        if on_face(phi.argmin, x):
            return point(phi.minimum)
        t = gauge(phi.argmax, x)
        straight = t < 1 and on_segment(phi.argmin, x, phi.argmax)
        ends = {"low_closed": straight or not unique_extrema, "high_closed": not unique_extrema}
        return Interval(phi.maximum - t * phi.spread, phi.maximum, **ends)

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        return bowl((phi.argmax, phi.maximum), (phi.argmin, phi.minimum), x, value)

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        return on_segment(x, y, phi.argmax)
