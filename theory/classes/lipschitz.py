"""Lipschitz functions: open while the constant is unknown, less and less so the smaller a known one is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, FreeClass, Member, observations
from fvproof.theory.errors import DomainError, InfeasibleVisualization, UnknownName
from fvproof.theory.exact.norms import Norm, distance
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point
from fvproof.theory.exact.surds import Exact
from fvproof.theory.examples import CONSTANTS, Examples, Pick
from fvproof.theory.interval import Interval
from fvproof.theory.observations import Observations
from fvproof.theory.pieces import network_of, pieces
from fvproof.theory.statement import ELSEWHERE, FVPROOF, NO_GO, NOTHING, PAPER, VARIES, Statement
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.memorising import memorise
from fvproof.theory.witnesses.shepard import Shepard

UNKNOWN_CONSTANT = Statement(
    "lipschitz-unknown",
    "Lipschitz functions, constant unknown",
    "Lipschitz",
    (VARIES, ELSEWHERE),
    "Every value in [m, M] is possible at x, each for a network with visualization φ that has some Lipschitz constant.",
    NOTHING,
    NO_GO,
)
KNOWN_CONSTANT = Statement(
    "lipschitz",
    "Lipschitz functions, constant known",
    "L-Lipschitz",
    ("L ≥ 0", "M−m ≤ L·‖a−b‖", "‖·‖ is any distance"),
    "f(x) lies between max(m, M − L‖x−b‖) and min(M, m + L‖x−a‖); both ends are L-Lipschitz functions with "
    "visualization φ, and their mixtures attain every value between.",
    r"A_C(\varphi, x) = [\max(m, M - L\|x-b\|),\ \min(M, m + L\|x-a\|)]",
    f"{PAPER}, section 4; the interval: {FVPROOF}",
)


@dataclass(frozen=True, slots=True)
class LipschitzUnknown(FreeClass):
    """All functions that are Lipschitz with some constant, which the decoder does not know.

    Feasible are all φ with a ≠ b or m = M. For x ∉ {a, b} and m < M::

        A(φ, x) = [m, M]        (m, M) with unique extrema

    Witness: a memorising ReLU network, whose constant is finite.

    Source
    ------
    Geirhos et al., ICML 2024, section 4, Theorems 1 and 2.

    Examples
    --------
    >>> phi = Visualization([0], [1], 0, 1)
    >>> print(LipschitzUnknown().ambiguity(phi, ["1/1000"]))
    [0, 1]
    """

    name: ClassVar[str] = "lipschitz-unknown"
    title: ClassVar[str] = "Lipschitz function of unknown constant"
    source: ClassVar[str] = "paper, section 4"
    statements: ClassVar[tuple[Statement, ...]] = (UNKNOWN_CONSTANT,)

    @override
    def contains(self, member: Member) -> bool:
        """Return True for networks and this package's witnesses, which are all Lipschitz on the cube."""
        return isinstance(member, Extension | Shepard) or network_of(member) is not None

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        return memorise(*observations(phi, (x, value)), base=phi.middle)


def constant_and_norm(pick: Pick, _dimension: int) -> dict[str, object]:
    """Return a constant L and a norm."""
    return {"lipschitz": pick(CONSTANTS), "norm": pick(list(Norm))}


def within_reach(phi: Visualization, lipschitz: Fraction, reach: Exact, least: Exact) -> Visualization:
    """Return φ with a maximum that L allows: `reach` is the distance of the extrema, `least` a fraction below it."""
    farthest = reach if isinstance(reach, Fraction) else exact(least, name="the distance")
    maximum = phi.minimum + lipschitz * farthest * min(phi.spread, Fraction(1))
    return Visualization(phi.argmin, phi.argmax, phi.minimum, maximum, phi.domain)


def _fitted(within: "Lipschitz", phi: Visualization) -> Visualization:
    """Return φ with a maximum that the constant allows."""
    reaches = (distance(phi.argmin, phi.argmax, norm) for norm in (within.norm, Norm.LINF))
    return within_reach(phi, within.lipschitz, *reaches)


@dataclass(frozen=True, slots=True, init=False)
class Lipschitz(CubeClass):
    """All functions with |f(x) − f(y)| ≤ L·‖x − y‖, the constant L and the norm known to the decoder.

    Feasible are the φ with M − m ≤ L·‖a − b‖. For x ∉ {a, b} and m < M::

        A(φ, x) = [max(m, M − L·‖x − b‖), min(M, m + L·‖x − a‖)]

    With unique extrema an end is open where it is m or M. Witness: the extension halfway between the least and the
    greatest L-Lipschitz function through the values at a, b and x; a ReLU network for ℓ1 and ℓ∞.

    f(x) ≤ f(y) for all such f if and only if ‖x − a‖ + ‖y − b‖ ≤ (M − m)/L, or x = a, y = b or x = y.

    Parameters
    ----------
    lipschitz
        L ≥ 0.
    norm
        ``"l1"``, ``"l2"`` or ``"linf"``.

    Source
    ------
    Geirhos et al., ICML 2024, section 4; the interval and the order are fvproof's.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> print(Lipschitz(1, "l1").ambiguity(phi, ["1/4", 0]))
    [0, 1/4]
    """

    name: ClassVar[str] = "lipschitz"
    title: ClassVar[str] = "Lipschitz function of known constant"
    source: ClassVar[str] = "paper, section 4"
    statements: ClassVar[tuple[Statement, ...]] = (KNOWN_CONSTANT,)
    examples: ClassVar[Examples] = Examples(parameters=constant_and_norm, fitted=_fitted)

    lipschitz: Fraction
    norm: Norm

    def __init__(self, lipschitz: object, norm: str = Norm.L2) -> None:
        object.__setattr__(self, "lipschitz", lipschitz_constant(lipschitz))
        object.__setattr__(self, "norm", norm_called(norm))

    @override
    def contains(self, member: Member) -> bool:
        """Decide by the steepest piece of a network; a Euclidean extension belongs by its construction."""
        if isinstance(member, Extension) and member.norm == Norm.L2 == self.norm and member.lipschitz <= self.lipschitz:
            return True
        steepest = max(piece.slope(self.norm) for piece in pieces(network_of(member)))
        return steepest <= (self.lipschitz**2 if self.norm == Norm.L2 else self.lipschitz)

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Return the values between the least and the greatest extension of the data."""
        return extended(self.title, known, x, lambda p, q: self.lipschitz * distance(p, q, self.norm))

    def separations(self, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
        """Yield the extension that is as high at x as possible, and then as low at y as possible."""
        highest, lowest = self.ambiguity(phi, x).high, self.ambiguity(phi, y).low
        low = max(lowest, highest - self.lipschitz * distance(y, x, self.norm))
        yield Extension(*observations(phi, (x, highest), (y, low)), self.lipschitz, self.norm)

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        reach = self.lipschitz * distance(phi.argmin, phi.argmax, self.norm)
        if phi.spread <= reach:
            return None
        limits = f"({self.norm}, L = {self.lipschitz})"
        return f"it rises by M − m = {phi.spread}, more than L·‖a − b‖ = {reach} allows {limits}"

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        descent = self.lipschitz * distance(x, phi.argmax, self.norm)
        rise = self.lipschitz * distance(phi.argmin, x, self.norm)
        return between(phi, descent, rise, unique_extrema=unique_extrema)

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        return Extension(*observations(phi, (x, value)), self.lipschitz, self.norm)

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        return False


def between(phi: Visualization, descent: Exact, rise: Exact, *, unique_extrema: bool) -> Interval:
    """Return [max(m, M − descent), min(M, m + rise)]; with unique extrema the ends m and M are open."""
    low_free, high_free = bool(descent >= phi.spread), bool(rise >= phi.spread)
    return Interval(
        phi.minimum if low_free else phi.maximum - descent,
        phi.maximum if high_free else phi.minimum + rise,
        low_closed=not (low_free and unique_extrema),
        high_closed=not (high_free and unique_extrema),
    )


def extended(title: str, known: Observations, x: Point, rise: Callable[[Point, Point], Exact]) -> Interval:
    """Return the values at x between the least and the greatest function through the data that rises no more."""
    data = list(zip(known.names, known.points, known.values, strict=True))
    for (p_name, p, u), (q_name, q, v) in permutations(data, 2):
        if v - u > rise(p, q):
            apart = f"from {u} at the {p_name} to {v} at the {q_name}"
            raise InfeasibleVisualization(f"no {title} rises {apart}: at most by {rise(p, q)}")
    return Interval(
        max([known.low, *(v - rise(x, z) for _, z, v in data)]),
        min([known.high, *(v + rise(z, x) for _, z, v in data)]),
    )


def lipschitz_constant(value: object) -> Fraction:
    """Return the constant as a fraction, or raise DomainError if it is no number ≥ 0."""
    constant = exact(value, name="the Lipschitz constant")
    if constant < 0:
        raise DomainError(f"the Lipschitz constant must not be negative, but is {constant}")
    return constant


def norm_called(name: str) -> Norm:
    """Return the norm of that name, or raise UnknownName."""
    if name not in [*Norm]:
        raise UnknownName("norm", str(name), Norm)
    return Norm(name)
