"""Functions that are monotone and Lipschitz with a known constant."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, Member, observations
from fvproof.theory.classes.lipschitz import (
    Lipschitz,
    between,
    constant_and_norm,
    extended,
    lipschitz_constant,
    norm_called,
    within_reach,
)
from fvproof.theory.classes.monotone import Monotone, corner_violation
from fvproof.theory.exact.norms import Norm, ascent
from fvproof.theory.exact.points import Point, precedes
from fvproof.theory.examples import Examples
from fvproof.theory.interval import Interval
from fvproof.theory.observations import Observations
from fvproof.theory.statement import FVPROOF, Statement
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.extension import Extension

ROW = Statement(
    "monotone-lipschitz",
    "Monotone and Lipschitz functions, constant known",
    "monotone and L-Lipschitz",
    ("L ≥ 0", "M−m ≤ L·‖(b−a)⁺‖"),
    "f(x) lies between max(m, M − L‖(b−x)⁺‖) and min(M, m + L‖(x−a)⁺‖); both ends are members with "
    "visualization φ, and their mixtures attain every value between.",
    r"A_C(\varphi, x) = [\max(m, M - L\|(b-x)^+\|),\ \min(M, m + L\|(x-a)^+\|)]",
    FVPROOF,
)


def _fitted(within: "MonotoneLipschitz", phi: Visualization) -> Visualization:
    """Return φ with a maximum that the constant allows."""
    reaches = (ascent(phi.argmin, phi.argmax, norm) for norm in (within.norm, Norm.LINF))
    return within_reach(phi, within.lipschitz, *reaches)


@dataclass(frozen=True, slots=True, init=False)
class MonotoneLipschitz(CubeClass):
    """All monotone functions with |f(x) − f(y)| ≤ L·‖x − y‖; equivalently, f(y) − f(x) ≤ L·‖(y − x)⁺‖ for all x, y.

    Feasible are the φ with M − m ≤ L·‖(b − a)⁺‖. For x ∉ {a, b} and m < M::

        A(φ, x) = [max(m, M − L·‖(b − x)⁺‖), min(M, m + L·‖(x − a)⁺‖)]

    With unique extrema a = 0 and b = 1, and an end is open where it is m or M. Witness: the monotone extension through
    the values at a, b and x.

    f(x) ≤ f(y) for all such f if and only if x ≤ y or ‖(x − a)⁺‖ + ‖(b − y)⁺‖ ≤ (M − m)/L, or x = a or y = b.

    Parameters
    ----------
    lipschitz
        L ≥ 0.
    norm
        ``"l1"``, ``"l2"`` or ``"linf"``.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> print(MonotoneLipschitz(1, "l1").ambiguity(phi, ["1/4", "1/2"]))
    [0, 3/4]
    """

    name: ClassVar[str] = "monotone-lipschitz"
    title: ClassVar[str] = "monotone and Lipschitz function"
    source: ClassVar[str] = "fvproof"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)
    examples: ClassVar[Examples] = Examples(parameters=constant_and_norm, fitted=_fitted)

    lipschitz: Fraction
    norm: Norm

    def __init__(self, lipschitz: object, norm: str = Norm.L2) -> None:
        object.__setattr__(self, "lipschitz", lipschitz_constant(lipschitz))
        object.__setattr__(self, "norm", norm_called(norm))

    @override
    def contains(self, member: Member) -> bool:
        """Decide by the pieces of a network; a Euclidean extension belongs by its construction."""
        return Lipschitz(self.lipschitz, self.norm).contains(member) and Monotone().contains(member)

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Return the values between the least and the greatest extension of the data."""
        return extended(self.title, known, x, lambda p, q: self.lipschitz * ascent(p, q, self.norm))

    def separations(self, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
        """Yield the extension that is as high at x as possible, and then as low at y as possible."""
        highest, lowest = self.ambiguity(phi, x).high, self.ambiguity(phi, y).low
        low = max(lowest, highest - self.lipschitz * ascent(y, x, self.norm))
        yield Extension(*observations(phi, (x, highest), (y, low)), self.lipschitz, self.norm, monotone=True)

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        climb = self.lipschitz * ascent(phi.argmin, phi.argmax, self.norm)
        if phi.spread > climb:
            limits = f"({self.norm}, L = {self.lipschitz})"
            return f"it rises by M − m = {phi.spread}, more than L·‖(b − a)⁺‖ = {climb} allows {limits}"
        return corner_violation(phi) if unique_extrema else None

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        descent = self.lipschitz * ascent(x, phi.argmax, self.norm)
        rise = self.lipschitz * ascent(phi.argmin, x, self.norm)
        return between(phi, descent, rise, unique_extrema=unique_extrema)

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        return Extension(*observations(phi, (x, value)), self.lipschitz, self.norm, monotone=True)

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        return precedes(x, y)
