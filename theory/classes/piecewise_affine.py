"""Continuous piecewise affine functions with any number of pieces: as open as the black box."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import FreeClass, Member, observations
from fvproof.theory.exact.points import Point
from fvproof.theory.pieces import network_of
from fvproof.theory.statement import ELSEWHERE, NO_GO, NOTHING, VARIES, Statement
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.memorising import memorise
from fvproof.theory.witnesses.shepard import Shepard

ROW = Statement(
    "piecewise-affine",
    "Piecewise affine functions",
    "piecewise affine",
    (VARIES, ELSEWHERE),
    "Every value in [m, M] is possible at x, each for a function with visualization φ that is affine on "
    "finitely many pieces.",
    NOTHING,
    NO_GO,
)


@dataclass(frozen=True, slots=True)
class PiecewiseAffine(FreeClass):
    """All continuous functions that are affine on each of finitely many polytopes that cover the cube.

    Feasible are all φ with a ≠ b or m = M. For x ∉ {a, b} and m < M::

        A(φ, x) = [m, M]        (m, M) with unique extrema

    Witness: a memorising ReLU network. With two pieces only, see `TwoPieceAffine`.

    Source
    ------
    Geirhos et al., ICML 2024, section 4, Theorems 1 and 2.

    Examples
    --------
    >>> phi = Visualization([0], [1], 0, 1)
    >>> print(PiecewiseAffine().ambiguity(phi, ["1/2"]))
    [0, 1]
    """

    name: ClassVar[str] = "piecewise-affine"
    title: ClassVar[str] = "piecewise affine function"
    source: ClassVar[str] = "paper, section 4"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)

    @override
    def contains(self, member: Member) -> bool:
        """Return True for exact networks, False for Shepard functions with two values, which are nowhere affine."""
        if isinstance(member, Shepard):
            return len(set(member.values)) == 1
        return network_of(member) is not None

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        return memorise(*observations(phi, (x, value)), base=phi.middle)
