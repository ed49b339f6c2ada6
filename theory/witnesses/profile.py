"""Functions of one number read off the input: ridge functions and radial functions, with a piecewise linear profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from fvproof.theory.domains import Ball, dot
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.norms import Norm, distance, squared_l2
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.network import ReluNetwork, affine, combination, l1_distance, linf_distance, positive_part

ONE = Fraction(1)
Knots = tuple[tuple[Fraction, Fraction], ...]
"""The pairs (t, value) that a piecewise linear function joins, in order of t."""


@dataclass(frozen=True, slots=True, eq=False)
class RidgeFunction:
    """The function `f(z) = g(⟨b − c, z − c⟩/ρ²)` on a ball of radius ρ around c, with b on its border.

    Parameters
    ----------
    ball
        The ball.
    peak
        b.
    knots
        The piecewise linear link g on [−1, 1].

    Examples
    --------
    >>> link = ((-ONE, Fraction(0)), (Fraction(0), Fraction(1, 4)), (ONE, ONE))
    >>> f = RidgeFunction(Ball(), (Fraction(3, 5), Fraction(4, 5)), link)
    >>> f((Fraction(1), Fraction(0))), f.network()((Fraction(1), Fraction(0)))
    (Fraction(7, 10), Fraction(7, 10))
    """

    ball: Ball
    peak: Point
    knots: Knots

    @property
    def dimension(self) -> int:
        """The number d of inputs."""
        return len(self.peak)

    def __call__(self, z: Point) -> Fraction:
        """Return the exact value at z."""
        return interpolated(self.knots, alignment(self.ball, self.peak, z))

    def network(self) -> ReluNetwork:
        """Return the same function as a ReLU network."""
        weights = fractions(self.ball.normal(self.ball.offset(self.peak)))
        constant = -dot(weights, self.ball.centre) if self.ball.centre else Fraction(0)
        return _composed(self.knots, affine(weights, constant, dimension=self.dimension))


@dataclass(frozen=True, slots=True, eq=False)
class RadialFunction:
    """The function `f(z) = h(size(z − b))`, size being ‖·‖₁, ‖·‖_∞, or ‖·‖₂² where the norm is ℓ2.

    Parameters
    ----------
    prototype
        b.
    norm
        The norm.
    knots
        The piecewise linear profile h.

    Examples
    --------
    >>> f = RadialFunction((Fraction(0), Fraction(0)), Norm.L1, ((Fraction(0), ONE), (Fraction(2), Fraction(0))))
    >>> f((Fraction(1), Fraction(0))), f.network()((Fraction(1), Fraction(0)))
    (Fraction(1, 2), Fraction(1, 2))
    """

    prototype: Point
    norm: Norm
    knots: Knots

    @property
    def dimension(self) -> int:
        """The number d of inputs."""
        return len(self.prototype)

    def __call__(self, z: Point) -> Fraction:
        """Return the exact value at z."""
        return interpolated(self.knots, size(self.prototype, z, self.norm))

    def network(self) -> ReluNetwork:
        """Return the same function as a ReLU network.

        Raises
        ------
        DomainError
            If the norm is ℓ2, whose balls are no polyhedra.
        """
        match self.norm:
            case Norm.L1:
                return _composed(self.knots, l1_distance(self.prototype))
            case Norm.LINF:
                return _composed(self.knots, linf_distance(self.prototype))
            case Norm.L2:
                raise DomainError("a ReLU network needs the norm l1 or linf: an l2 distance is not piecewise affine")


def alignment(ball: Ball, peak: Point, z: Point) -> Fraction:
    """Return ⟨b − c, z − c⟩/ρ²: 1 at the peak b, −1 at the point opposite."""
    return dot(ball.normal(ball.offset(peak)), ball.offset(z))


def size(p: Point, z: Point, norm: Norm) -> Fraction:
    """Return ‖z − p‖ in ℓ1 or ℓ∞, its square in ℓ2: a fraction that grows with the distance."""
    if norm == Norm.L2:
        return squared_l2(p, z)
    found = distance(p, z, norm)
    assert isinstance(found, Fraction)
    return found


def interpolated(knots: Sequence[tuple[Fraction, Fraction]], t: Fraction) -> Fraction:
    """Return the value at t of the piecewise linear function through the knots."""
    (s, u), (r, v) = next((low, high) for low, high in pairwise(knots) if t <= high[0] or high is knots[-1])
    return u + (v - u) * (t - s) / (r - s)


def _composed(knots: Knots, inner: ReluNetwork) -> ReluNetwork:
    """Return z ↦ g(inner(z)): the first piece, continued, and a ReLU wherever the slope changes."""
    slopes = [(v - u) / (r - s) for (s, u), (r, v) in pairwise(knots)]
    bends = [later - earlier for earlier, later in pairwise(slopes)]
    ramps = [positive_part(combination([ONE], [inner], -t)) for t, _ in knots[1:-1]]
    start, value = knots[0]
    return combination([slopes[0], *bends], [inner, *ramps], value - slopes[0] * start)
