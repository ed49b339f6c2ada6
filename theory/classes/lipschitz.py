"""Lipschitz functions: open while the constant is unknown, less and less so the smaller a known one is."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, FreeClass, Member, observations
from fvproof.theory.errors import DomainError, UnknownName
from fvproof.theory.exact.norms import Norm, distance
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point
from fvproof.theory.exact.surds import Exact
from fvproof.theory.interval import Interval
from fvproof.theory.pieces import network_of, pieces
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.memorising import memorise
from fvproof.theory.witnesses.shepard import Shepard


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

    @override
    def contains(self, member: Member) -> bool:
        """Return True for networks and this package's witnesses, which are all Lipschitz on the cube."""
        return isinstance(member, Extension | Shepard) or network_of(member) is not None

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        return memorise(*observations(phi, x, value), base=phi.middle)


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
        points, values = observations(phi, x, value)
        return Extension(tuple(points), tuple(values), self.lipschitz, self.norm)

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
