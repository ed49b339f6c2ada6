"""Affine functions on a convex body: exact in every dimension where the body is smooth and strictly convex."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
from typing_extensions import override

from fvproof.theory.classes.base import FunctionClass, Member, no_rule
from fvproof.theory.domains import UNIT_BALL, ConvexBody, Domain, dot
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.points import Point, alike, fractions
from fvproof.theory.examples import DISC, Examples, Setting
from fvproof.theory.interval import Interval
from fvproof.theory.network import ReluNetwork, affine
from fvproof.theory.observations import Observations
from fvproof.theory.statement import FVPROOF, Statement
from fvproof.theory.visualization import Visualization

ON_A_BODY = Statement(
    "affine-domain",
    "Affine units on any convex body",
    "affine on a convex body K",
    ("a, b ∈ K", "m < M", "N(a), N(b) normal cones of K"),
    "f(x) takes the values m + (M−m)·⟨w, x−a⟩ for w ∈ N(b) ∩ −N(a) with ⟨w, b−a⟩ = 1, and no others; where N(b) "
    "is a ray (smooth bodies), that is one value.",
    r"A(\varphi, x) = m + (M-m)\,\{\langle w, x-a\rangle : w \in N_K(b) \cap -N_K(a),\ \langle w, b-a\rangle = 1\}",
    FVPROOF,
)
ON_A_BALL = Statement(
    "affine-ball",
    "Affine units on a ball",
    "affine on the ball of radius ρ around x₀",
    ("m < M",),
    "The visualization determines f, in every dimension: f(x) = (M+m)/2 + (M−m)/2·⟨b−x₀, x−x₀⟩/ρ².",
    r"f(x) = \tfrac{M+m}{2} + \tfrac{M-m}{2} \cdot \tfrac{\langle b - x_0,\, x - x_0\rangle}{\rho^2}",
    FVPROOF,
)


@dataclass(frozen=True, slots=True)
class AffineOnBody(FunctionClass):
    """All functions f(z) = ⟨w, z⟩ + c on a convex body K that the decoder knows.

    Feasible are the φ with m = M, or with a direction in N_K(b) ∩ −N_K(a) along which b is beyond a: on a ball or an
    ellipsoid, opposite points of the border. For m < M::

        A(φ, x) = m + (M − m)·{ ⟨w, x − a⟩ : w ∈ N_K(b) ∩ −N_K(a), ⟨w, b − a⟩ = 1 }

    On a ball of radius ρ around c this is one point, ``(M + m)/2 + (M − m)/2·⟨b − c, x − c⟩/ρ²``: the visualization
    determines the function. Whether extrema are unique changes nothing there; on a polytope it is not decided.

    Parameters
    ----------
    body
        K: `fvproof.theory.domains.Ball`, `fvproof.theory.bodies.Ellipsoid` or `fvproof.theory.bodies.Polytope`.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> phi = Visualization(["-3/5", "-4/5"], ["3/5", "4/5"], 0, 1, UNIT_BALL)
    >>> print(AffineOnBody().ambiguity(phi, [1, 0]))
    {4/5}
    """

    name: ClassVar[str] = "affine-ball"
    title: ClassVar[str] = "affine function on a convex body"
    source: ClassVar[str] = "fvproof"
    statements: ClassVar[tuple[Statement, ...]] = (ON_A_BODY, ON_A_BALL)
    examples: ClassVar[Examples] = Examples((Setting("ball", DISC),))

    body: ConvexBody = UNIT_BALL

    @property
    @override
    def domain(self) -> Domain:
        """The body."""
        return self.body

    @override
    def contains(self, member: Member) -> bool:
        """Return True for networks without a hidden layer and for constants; others are not decided off the cube."""
        if isinstance(member, ReluNetwork) and (len(member.layers) == 1 or member.flat):
            return True
        raise DomainError("membership is decided for networks without a hidden layer on this domain")

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Refuse: no rule is known."""
        raise no_rule(self)

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        if phi.spread and unique_extrema and not self.body.smooth:
            raise DomainError(f"unique extrema are decided for smooth bodies, not for the {self.body}")
        return self.body.slope_obstacle(phi.argmin, phi.argmax) if phi.spread else None

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        shares = self.body.shares(phi.argmin, phi.argmax, x)
        return Interval(phi.minimum + shares.low * phi.spread, phi.minimum + shares.high * phi.spread)

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        slope = self.body.slope(phi.argmin, phi.argmax, x, (value - phi.minimum) / phi.spread)
        weights = tuple(phi.spread * w for w in slope)
        return affine(weights, phi.minimum - dot(weights, fractions(phi.argmin)), dimension=phi.dimension)

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        a, p, q = alike([phi.argmin, x, y])
        rounded = isinstance(a, np.ndarray)
        moved = a + p - q if rounded else tuple(r + s - t for r, s, t in zip(a, p, q, strict=True))
        return phi.spread == 0 or self.body.shares(phi.argmin, phi.argmax, moved).high <= 0
