"""Radial (prototype) functions: the order of any two inputs is known, their values are not."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

import numpy as np
from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, Member, anything, no_rule
from fvproof.theory.classes.lipschitz import norm_called
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.norms import Norm
from fvproof.theory.exact.points import Point
from fvproof.theory.examples import HALVES, Examples, Pick, Setting
from fvproof.theory.interval import Interval, point
from fvproof.theory.network import ReluNetwork
from fvproof.theory.observations import Observations
from fvproof.theory.statement import FVPROOF, Statement
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.profile import RadialFunction, size

ROW = Statement(
    "radial",
    "Radial (prototype) units",
    "h(‖x − p‖), h strictly decreasing",
    ("the prototype p lies in the domain",),
    "b = p, so that f(x) ≥ f(y) iff ‖x−b‖ ≤ ‖y−b‖: the order of any two points is known. With h unknown f(x) "
    "takes every value in (m, M) for 0 < ‖x−b‖ < ‖a−b‖; with h known f is known.",
    r"f(x) \ge f(y) \iff \|x-b\| \le \|y-b\|",
    FVPROOF,
)


def _norm(pick: Pick, _dimension: int) -> dict[str, object]:
    """Return a norm, the default first."""
    return {"norm": pick([Norm.L2, Norm.L1, Norm.LINF])}


def _opposite(_within: object, phi: Visualization) -> Visualization:
    """Return φ with the corner that is farthest from the argmax for the argmin."""
    return Visualization(_farthest(phi.argmax), phi.argmax, phi.minimum, phi.maximum, phi.domain)


@dataclass(frozen=True, slots=True, init=False)
class Radial(CubeClass):
    """All functions f(z) = h(‖z − p‖) with a prototype p in the cube and h strictly decreasing.

    The argmax is p, and a is a point of the cube farthest from it: feasible are the φ with m < M and such an a. If h is
    known, so is f; if not::

        A(φ, x) = {m} if ‖x − b‖ = ‖a − b‖;  else (m, M) for x ≠ b
        f(x) ≤ f(y) if and only if ‖x − b‖ ≥ ‖y − b‖

    The argmin is unique if no coordinate of b is 1/2 (in ℓ∞, if moreover d = 1).

    Parameters
    ----------
    norm
        ``"l1"``, ``"l2"`` or ``"linf"``.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> phi = Visualization([1, 0], ["1/4", "3/4"], 0, 1)
    >>> print(Radial().ambiguity(phi, [0, 1]), Radial().at_most(phi, [0, 0], [0, 1]))
    (0, 1) True
    """

    name: ClassVar[str] = "radial"
    title: ClassVar[str] = "radial function"
    source: ClassVar[str] = "fvproof"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)
    examples: ClassVar[Examples] = Examples((Setting("cube", HALVES),), _norm, _opposite)

    norm: Norm

    def __init__(self, norm: str = Norm.L2) -> None:
        object.__setattr__(self, "norm", norm_called(norm))

    @override
    def contains(self, member: Member) -> bool:
        """Decide for this package's radial functions: the profile must fall from knot to knot; constants do not."""
        if isinstance(member, ReluNetwork) and member.flat:
            return False
        if not isinstance(member, RadialFunction):
            raise DomainError(f"membership is decided for radial functions, not for {type(member).__name__}")
        return member.norm == self.norm and all(v < u for (_, u), (_, v) in pairwise(member.knots))

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Refuse: no rule is known."""
        raise no_rule(self)

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        if phi.spread == 0:
            return f"a strictly decreasing profile falls, but minimum and maximum are both {phi.minimum}"
        found, farthest = (size(phi.argmax, z, self.norm) for z in (phi.argmin, _farthest(phi.argmax)))
        squared = " squared" if self.norm == Norm.L2 else ""
        if found != farthest:
            return (
                f"the argmin is {found} away from the argmax (in {self.norm}{squared}), the farthest point {farthest}"
            )
        if unique_extrema and ((self.norm == Norm.LINF and phi.dimension > 1) or _halves(phi.argmax)):
            return f"several points of the cube are farthest from the argmax in {self.norm}"
        return None

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        if size(phi.argmax, x, self.norm) == size(phi.argmax, phi.argmin, self.norm):
            return point(phi.minimum)
        return anything(phi, unique_extrema=True)

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        at_x, at_a = (size(phi.argmax, z, self.norm) for z in (x, phi.argmin))
        knots = {Fraction(0): phi.maximum, at_x: value, at_a: phi.minimum}
        return RadialFunction(phi.argmax, self.norm, tuple(sorted(knots.items())))

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        return size(phi.argmax, x, self.norm) >= size(phi.argmax, y, self.norm)


def _farthest(p: Point) -> Point:
    """Return the corner of the cube that is farthest from p, in every norm."""
    if isinstance(p, np.ndarray):
        return (p < 0.5).astype(np.float64)
    return tuple(Fraction(t < Fraction(1, 2)) for t in p)


def _halves(p: Point) -> bool:
    """Return whether some coordinate is 1/2."""
    return bool((p == 0.5).any()) if isinstance(p, np.ndarray) else Fraction(1, 2) in p
