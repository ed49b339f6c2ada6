"""Continuous functions: as open as the black box."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import FreeClass, Member, observations
from fvproof.theory.exact.points import Point
from fvproof.theory.pieces import network_of
from fvproof.theory.statement import ELSEWHERE, NO_GO, NOTHING, VARIES, Statement
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.memorising import memorise
from fvproof.theory.witnesses.shepard import Shepard

ROW = Statement(
    "continuous",
    "Continuous functions",
    "continuous",
    (VARIES, ELSEWHERE),
    "Every value in [m, M] is possible at x, each for a continuous function with visualization φ. For m < M no "
    "decoder beats the uninformed one and none tells the side.",
    NOTHING,
    NO_GO,
)


@dataclass(frozen=True, slots=True)
class Continuous(FreeClass):
    """All continuous functions f : I → ℝ.

    Feasible are all φ with a ≠ b or m = M. For x ∉ {a, b} and m < M::

        A(φ, x) = [m, M]        (m, M) with unique extrema

    Witness: a memorising ReLU network.

    Source
    ------
    Geirhos et al., ICML 2024, section 4 (Theorems 1 and 2).

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> print(Continuous().ambiguity(phi, ["1/2", "1/2"], unique_extrema=True))
    (0, 1)
    """

    name: ClassVar[str] = "continuous"
    title: ClassVar[str] = "continuous function"
    source: ClassVar[str] = "paper, section 4"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)

    @override
    def contains(self, member: Member) -> bool:
        """Return True for networks and this package's witnesses, which are all continuous."""
        return isinstance(member, Extension | Shepard) or network_of(member) is not None

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        return memorise(*observations(phi, (x, value)), base=phi.middle)
