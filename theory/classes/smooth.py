"""Infinitely smooth functions: as open as the black box."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import FreeClass, Member, observations
from fvproof.theory.exact.points import Point
from fvproof.theory.pieces import network_of, pieces
from fvproof.theory.statement import ELSEWHERE, FVPROOF, NOTHING, VARIES, Statement
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.shepard import Shepard

ROW = Statement(
    "smooth",
    "Infinitely smooth functions",
    "smooth",
    (VARIES, ELSEWHERE),
    "Every value in [m, M] is possible at x, each for a quotient of polynomials (Shepard's mean; for m = M, a "
    "constant) with visualization φ.",
    NOTHING,
    FVPROOF,
)


@dataclass(frozen=True, slots=True)
class Smooth(FreeClass):
    """All infinitely differentiable functions f : I → ℝ.

    Feasible are all φ with a ≠ b or m = M. For x ∉ {a, b} and m < M::

        A(φ, x) = [m, M]        (m, M) with unique extrema

    Witness: Shepard's rational function through the three values, which is even analytic.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> f = Smooth().witness(phi, ["1/2", 0], "9/10")
    >>> f((Fraction(1, 2), Fraction(0))), f((Fraction(1), Fraction(1)))
    (Fraction(9, 10), Fraction(1, 1))
    """

    name: ClassVar[str] = "smooth"
    title: ClassVar[str] = "smooth function"
    source: ClassVar[str] = "fvproof"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)

    @override
    def contains(self, member: Member) -> bool:
        """Return True for Shepard functions; a network is smooth if all its pieces continue one affine map."""
        return isinstance(member, Shepard) or len({piece.weights for piece in pieces(network_of(member))}) == 1

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        return Shepard(*observations(phi, (x, value)))
