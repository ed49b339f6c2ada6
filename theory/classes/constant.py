"""Constant functions: the visualization tells everything."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, Member
from fvproof.theory.errors import InfeasibleVisualization
from fvproof.theory.exact.points import Point
from fvproof.theory.examples import Examples
from fvproof.theory.interval import Interval, point
from fvproof.theory.network import affine
from fvproof.theory.observations import Observations
from fvproof.theory.pieces import network_of, pieces
from fvproof.theory.statement import PAPER, Statement
from fvproof.theory.visualization import Visualization

ROW = Statement(
    "constant",
    "Constant functions",
    "constant",
    ("m = M",),
    "f is known everywhere: f(x) = m.",
    r"A_C(\varphi, x) = \{m\}",
    f"{PAPER}, section 4",
)


def _flat(_within: object, phi: Visualization) -> Visualization:
    """Return φ with its minimum for the maximum."""
    return Visualization(phi.argmin, phi.argmax, phi.minimum, phi.minimum, phi.domain)


@dataclass(frozen=True, slots=True)
class Constant(CubeClass):
    """All constant functions.

    Feasible are the φ with m = M, and A(φ, x) = {m} everywhere. No constant function has unique extrema.

    Source
    ------
    Geirhos et al., ICML 2024, section 4.

    Examples
    --------
    >>> print(Constant().ambiguity(Visualization([0], [1], "1/3", "1/3"), ["1/2"]))
    {1/3}
    """

    name: ClassVar[str] = "constant"
    title: ClassVar[str] = "constant function"
    source: ClassVar[str] = "paper, section 4"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)
    examples: ClassVar[Examples] = Examples(fitted=_flat)

    @override
    def contains(self, member: Member) -> bool:
        """Decide for networks: all pieces must be flat."""
        return all(not any(piece.weights) for piece in pieces(network_of(member)))

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Return the one value, if all data agree."""
        for name, value in zip(known.names, known.values, strict=True):
            if value != known.values[0]:
                raise InfeasibleVisualization(
                    f"a constant has one value, but the {name} has {value}, not {known.values[0]}"
                )
        return point(known.values[0])

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        return f"its minimum {phi.minimum} is not its maximum {phi.maximum}" if phi.spread else None

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        return point(phi.minimum)

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        return affine({}, value, dimension=phi.dimension)

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        return True
