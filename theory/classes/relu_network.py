"""Feed-forward ReLU networks: as open as the black box."""

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
    "relu-network",
    "Feed-forward ReLU networks",
    "ReLU networks",
    (VARIES, ELSEWHERE),
    "Every value in [m, M] is possible at x, each for a network of three spikes (for m = M, a constant) with "
    "visualization φ. For m < M no decoder beats the uninformed one and none tells the side.",
    NOTHING,
    NO_GO,
)


@dataclass(frozen=True, slots=True)
class ReluNetworks(FreeClass):
    """All functions that a feed-forward ReLU network computes, of any depth and width.

    Feasible are all φ with a ≠ b or m = M. For x ∉ {a, b} and m < M::

        A(φ, x) = [m, M]        (m, M) with unique extrema

    Witness: a memorising network with three spikes, 6d + 3 units.

    Source
    ------
    Geirhos et al., ICML 2024, section 4, Theorems 1 and 2, Lemmas 1 and 2.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> f = ReluNetworks().witness(phi, ["1/2", 0], "9/10")
    >>> f((Fraction(1, 2), Fraction(0))), f.network().widths
    (Fraction(9, 10), (12, 3))
    """

    name: ClassVar[str] = "relu-network"
    title: ClassVar[str] = "ReLU network"
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
