"""An infinitely smooth function through given values, between the least and the greatest of them (Shepard)."""

from dataclasses import dataclass
from fractions import Fraction
from math import prod

from fvproof.theory.exact.norms import squared_l2
from fvproof.theory.exact.points import Point


@dataclass(frozen=True, slots=True, eq=False)
class Shepard:
    """The rational function that averages the values v_j by the inverse squared distances to the points c_j.

    ::

        f(z) = Σ_j v_j·p_j(z) / Σ_j p_j(z),    p_j(z) = Π_{i ≠ j} ‖z − c_i‖₂²

    The denominator is positive everywhere when the points are distinct, so f is C^∞ (indeed analytic). Off the points
    every p_j is positive: f lies strictly between the least and the greatest value there, if they differ.

    Source
    ------
    Shepard, ACM National Conference 1968.

    Examples
    --------
    >>> f = Shepard(((Fraction(0),), (Fraction(1),)), (Fraction(0), Fraction(1)))
    >>> f((Fraction(1, 4),))
    Fraction(1, 10)
    """

    points: tuple[Point, ...]
    values: tuple[Fraction, ...]

    @property
    def dimension(self) -> int:
        """The number d of inputs."""
        return len(self.points[0])

    def __call__(self, z: Point) -> Fraction:
        """Return the exact value at z."""
        squares = [squared_l2(z, c) for c in self.points]
        weights = [prod(squares[:j] + squares[j + 1 :], start=Fraction(1)) for j in range(len(squares))]
        return sum((v * w for v, w in zip(self.values, weights, strict=True)), Fraction(0)) / sum(weights)
