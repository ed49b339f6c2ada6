"""Monotone functions: known below the argmin and above the argmax, open everywhere else."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, Member, anything, observations
from fvproof.theory.errors import InfeasibleVisualization
from fvproof.theory.exact.faces import first_off
from fvproof.theory.exact.norms import Norm
from fvproof.theory.exact.points import Point, precedes
from fvproof.theory.interval import Interval, point
from fvproof.theory.observations import Observations
from fvproof.theory.pieces import network_of, pieces
from fvproof.theory.statement import NO_GO, Statement
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.staircase import Staircase

ROW = Statement(
    "monotone",
    "Monotone functions",
    "monotone",
    ("not a ≥ b, or m = M",),
    "f(x) = m where x ≤ a and M where x ≥ b; at every other x each value in [m, M] is possible, attained by "
    "mixtures of two monotone functions with visualization φ; Lipschitz ones, and so continuous ones, serve too.",
    r"A_C(\varphi, x) = \{m\} \text{ if } x \le a;\quad \{M\} \text{ if } x \ge b;\quad [m, M] \text{ else}",
    NO_GO,
)


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
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)

    @override
    def contains(self, member: Member) -> bool:
        """Decide by the slopes of a network's pieces; a monotone Euclidean extension belongs by its construction."""
        if isinstance(member, Extension) and member.norm == Norm.L2 and member.monotone:
            return True
        return all(weight >= 0 for piece in pieces(network_of(member)) for weight in piece.weights)

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Return the values between those of the data below and above the query."""
        data = list(zip(known.names, known.points, known.values, strict=True))
        for (p_name, p, u), (q_name, q, v) in permutations(data, 2):
            if v < u and precedes(p, q):
                apart = (
                    f"the {p_name} is at most the {q_name} in every coordinate, but has the value {u}, not at most {v}"
                )
                raise InfeasibleVisualization(f"no monotone function has these values: {apart}")
        below = [v for _, z, v in data if precedes(z, x)]
        above = [v for _, z, v in data if precedes(x, z)]
        return Interval(max([known.low, *below]), min([known.high, *above]))

    def separations(self, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
        """Yield the staircase that is high at x and low at y."""
        high, low = self.ambiguity(phi, x).high, self.ambiguity(phi, y).low
        yield Staircase(*observations(phi, (x, high), (y, low)))

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
        return Staircase(*observations(phi, (x, value)))

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
