"""All functions: the visualization tells nothing anywhere else (the black box)."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import FreeClass, Member, observations
from fvproof.theory.exact.points import Point
from fvproof.theory.statement import ELSEWHERE, NO_GO, NOTHING, VARIES, Statement
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.memorising import memorise

ROW = Statement(
    "black-box",
    "All bounded functions",
    "black box",
    (VARIES, ELSEWHERE),
    "Every value in [m, M] is possible at x, each for a function with visualization φ; for unique extrema every "
    "value in (m, M). For m < M no decoder beats the uninformed one and none tells the side.",
    NOTHING,
    NO_GO,
)


@dataclass(frozen=True, slots=True)
class BlackBox(FreeClass):
    """All functions f : I → ℝ with a minimum and a maximum.

    Feasible are all φ with a ≠ b or m = M. For x ∉ {a, b} and m < M::

        A(φ, x) = [m, M]        (m, M) with unique extrema

    Source
    ------
    Geirhos et al., ICML 2024, section 4, Theorems 1 and 2.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> print(BlackBox().ambiguity(phi, ["1/2", "1/2"]))
    [0, 1]
    >>> f = BlackBox().witness(phi, ["1/2", "1/2"], "9/10")
    >>> f((Fraction(1, 2), Fraction(1, 2)))
    Fraction(9, 10)
    """

    name: ClassVar[str] = "black-box"
    title: ClassVar[str] = "black-box function"
    source: ClassVar[str] = "paper, section 4"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)

    @override
    def contains(self, member: Member) -> bool:
        """Return True: every function belongs to the class."""
        return True

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        return memorise(*observations(phi, (x, value)), base=phi.middle)
