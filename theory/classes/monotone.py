"""Monotone functions: known below the argmin and above the argmax, open everywhere else."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, Member, anything, observations
from fvproof.theory.exact.faces import first_off
from fvproof.theory.exact.norms import Norm
from fvproof.theory.exact.points import Point, precedes
from fvproof.theory.interval import Interval, point
from fvproof.theory.pieces import network_of, pieces
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.staircase import Staircase


@dataclass(frozen=True, slots=True)
class Monotone(CubeClass):
    """All functions with f(x) ≤ f(y) whenever x ≤ y in every coordinate.

    Feasible are the φ with m = M, or not b ≤ a. For m < M::

        A(φ, x) = {m} if x ≤ a;  {M} if x ≥ b;  else [m, M]

    With unique extrema a = 0 and b = 1, and A(φ, x) = (m, M) for x ∉ {a, b}. Witness: the staircase through the values
    at a, b and x, a ReLU network.

    f(x) ≤ f(y) for all such f if and only if x ≤ y, x ≤ a or y ≥ b.

    Source
    ------
    Geirhos et al., ICML 2024, section 4, Theorems 1 and 2.

    Examples
    --------
    >>> phi = Visualization(["1/4", "1/4"], ["3/4", "3/4"], 0, 1)
    >>> print(Monotone().ambiguity(phi, [1, "3/4"]), Monotone().ambiguity(phi, [1, "1/2"]))
    {1} [0, 1]
    """

    name: ClassVar[str] = "monotone"
    title: ClassVar[str] = "monotone function"
    source: ClassVar[str] = "paper, section 4"

    @override
    def contains(self, member: Member) -> bool:
        """Decide by the slopes of a network's pieces; a monotone Euclidean extension belongs by its construction."""
        if isinstance(member, Extension) and member.norm == Norm.L2 and member.monotone:
            return True
        return all(weight >= 0 for piece in pieces(network_of(member)) for weight in piece.weights)

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        if phi.spread and precedes(phi.argmax, phi.argmin):
            limits = f"the value there is {phi.minimum}, below the value {phi.maximum} at the argmax"
            return f"the argmin is at least the argmax in every coordinate, yet {limits}"
        return corner_violation(phi) if unique_extrema else None

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        if precedes(x, phi.argmin):
            return point(phi.minimum)
        return point(phi.maximum) if precedes(phi.argmax, x) else anything(phi, unique_extrema=unique_extrema)

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        points, values = observations(phi, x, value)
        return Staircase(tuple(points), tuple(values))

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        return precedes(x, y)


def corner_violation(phi: Visualization) -> str | None:
    """Return why a monotone function cannot have φ as its only extrema; None if a = 0 and b = 1."""
    for name, extremum, corner in (("argmin", phi.argmin, 0), ("argmax", phi.argmax, 1)):
        if off := first_off(extremum, corner):
            held = f"a monotone function's {name}, if unique, is the corner {corner}"
            return f"coordinate {off[0]} of the {name} is {off[1]}, but {held}"
    return None
