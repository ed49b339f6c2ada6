"""Ridge functions with an increasing link: the order of any two inputs is known, their values are not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import FunctionClass, Member, anything, no_rule
from fvproof.theory.domains import UNIT_BALL, Ball, Domain
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point
from fvproof.theory.examples import DISC, Examples, Setting
from fvproof.theory.interval import Interval, point
from fvproof.theory.network import ReluNetwork
from fvproof.theory.observations import Observations
from fvproof.theory.statement import FVPROOF, Statement
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.profile import RidgeFunction, alignment, interpolated

ROW = Statement(
    "ridge",
    "Ridge units",
    "g(⟨w, x⟩) on a sphere, g strictly increasing",
    ("w ≠ 0",),
    "b = w/‖w‖, so that f(x) ≤ f(y) iff ⟨b, x⟩ ≤ ⟨b, y⟩: the order of any two points is known. With g unknown "
    "f(x) takes every value in (m, M) at x ≠ ±b; with g known f is known.",
    r"f(x) \le f(y) \iff \langle b, x\rangle \le \langle b, y\rangle",
    FVPROOF,
)


@dataclass(frozen=True, slots=True, init=False)
class Ridge(FunctionClass):
    """All functions f(z) = g(⟨w, z − c⟩/ρ) on a ball of radius ρ around c, ‖w‖₂ = 1, g strictly increasing.

    The argmax is c + ρ·w, the argmin opposite: feasible are the φ with m < M and opposite points of the border. With
    ``t(x) = ⟨b − c, x − c⟩/ρ²``::

        A(φ, x) = (m, M) for x ∉ {a, b} if g is unknown;  {g(t(x))} if g is known
        f(x) ≤ f(y) if and only if t(x) ≤ t(y)

    All extrema are unique.

    Parameters
    ----------
    ball
        The ball.
    link
        g, a function from fractions to numbers that the caller knows to be strictly increasing, or the pairs (t, g(t))
        that straight lines join, from t = −1 to 1; None if unknown.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> phi = Visualization(["-3/5", "-4/5"], ["3/5", "4/5"], 0, 1, UNIT_BALL)
    >>> print(Ridge().ambiguity(phi, [1, 0]), Ridge().at_most(phi, [1, 0], [0, 1]))
    (0, 1) True
    """

    name: ClassVar[str] = "ridge"
    title: ClassVar[str] = "ridge function"
    source: ClassVar[str] = "fvproof"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)
    examples: ClassVar[Examples] = Examples((Setting("ball", DISC),))

    ball: Ball
    link: Callable[[Fraction], object] | None

    def __init__(
        self,
        ball: Ball = UNIT_BALL,
        link: Callable[[Fraction], object] | Iterable[tuple[object, object]] | None = None,
    ) -> None:
        object.__setattr__(self, "ball", ball)
        object.__setattr__(self, "link", link if link is None or callable(link) else _link(link))

    @property
    @override
    def domain(self) -> Domain:
        """The ball."""
        return self.ball

    @override
    def contains(self, member: Member) -> bool:
        """Decide for this package's ridge functions by their knots, and for affine functions if no link is known."""
        if isinstance(member, ReluNetwork) and (member.flat or (len(member.layers) == 1 and self.link is None)):
            return not member.flat
        if not isinstance(member, RidgeFunction):
            raise DomainError(f"membership is decided for ridge functions, not for {type(member).__name__}")
        values = [value for _, value in member.knots]
        rises = member.ball == self.ball and all(u < v for u, v in pairwise(values))
        return rises and (self.link is None or all(self._known(t) == value for t, value in member.knots))

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Refuse: no rule is known."""
        raise no_rule(self)

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        if phi.spread == 0:
            return f"a strictly increasing link rises, but minimum and maximum are both {phi.minimum}"
        ends = (phi.minimum, phi.maximum)
        if self.link and (known := (self._known(Fraction(-1)), self._known(Fraction(1)))) != ends:
            return f"the link runs from {known[0]} to {known[1]}, not from {phi.minimum} to {phi.maximum}"
        return self.ball.slope_obstacle(phi.argmin, phi.argmax)

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        if self.link is None:
            return anything(phi, unique_extrema=True)
        return point(self._known(alignment(self.ball, phi.argmax, x)))

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        knots = {Fraction(-1): phi.minimum, alignment(self.ball, phi.argmax, x): value, Fraction(1): phi.maximum}
        return RidgeFunction(self.ball, phi.argmax, tuple(sorted(knots.items())))

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        return alignment(self.ball, phi.argmax, x) <= alignment(self.ball, phi.argmax, y)

    def _known(self, t: Fraction) -> Fraction:
        """Return the known link's value."""
        assert self.link is not None
        return exact(self.link(t), name="the link's value")


def _link(pairs: Iterable[tuple[object, object]]) -> Callable[[Fraction], Fraction]:
    """Return the piecewise linear function through pairs (t, value), if it rises from t = −1 to t = 1."""
    try:
        knots = tuple((exact(t, name="a place of the link"), exact(v, name="a value of the link")) for t, v in pairs)
    except (TypeError, ValueError) as error:
        if isinstance(error, DomainError):
            raise
        raise DomainError(f"the link must be pairs of numbers, not {pairs!r}") from None
    rises = all(s < t and u < v for (s, u), (t, v) in pairwise(knots))
    if len(knots) < 2 or (knots[0][0], knots[-1][0]) != (-1, 1) or not rises:
        shown = ", ".join(f"{t}:{v}" for t, v in knots)
        raise DomainError(f"the link must rise from t = -1 to t = 1, from pair to pair, not go through {shown}")
    return lambda t: interpolated(knots, t)
