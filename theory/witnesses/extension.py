"""The Lipschitz function through given values, halfway between the least and the greatest one (McShane, Whitney)."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from fvproof.theory.errors import DomainError
from fvproof.theory.exact.norms import Norm, ascent, distance
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.exact.surds import Exact
from fvproof.theory.network import ReluNetwork, affine, combination, maximum, minimum, positive_part

HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Extension:
    """The function `f = (least + greatest)/2` through the values v_j at the points c_j.

    With s(p, q) = ‖q − p‖, or ‖(q − p)⁺‖ for a monotone extension::

        least(z)    = max_j (v_j − L·s(z, c_j)),  and at least min_j v_j
        greatest(z) = min_j (v_j + L·s(c_j, z)),  and at most max_j v_j

    If v_j − v_i ≤ L·s(c_i, c_j) for all i, j, then f is L-Lipschitz (and monotone), takes the values, and attains the
    least and the greatest of them at no further points when each is taken once and L > 0 (monotone: at the corners 0
    and 1).

    Parameters
    ----------
    points
        The c_j, all of one length d.
    values
        The v_j.
    lipschitz
        L ≥ 0.
    norm
        The norm of the Lipschitz condition.
    monotone
        Whether f shall be monotone too.

    Source
    ------
    McShane, Bull. AMS 40 (1934); the monotone form is fvproof's.

    Examples
    --------
    >>> f = Extension(((Fraction(0),), (Fraction(1),)), (Fraction(0), Fraction(1)), Fraction(2), Norm.L1)
    >>> f((Fraction(1, 4),)), f.network()((Fraction(1, 4),))
    (Fraction(1, 4), Fraction(1, 4))
    """

    points: tuple[Point, ...]
    values: tuple[Fraction, ...]
    lipschitz: Fraction
    norm: Norm
    monotone: bool = False

    @property
    def dimension(self) -> int:
        """The number d of inputs."""
        return len(self.points[0])

    def __call__(self, z: Point) -> Exact:
        """Return the exact value at z."""
        reach: Callable[[Point, Point, Norm], Exact] = ascent if self.monotone else distance
        data = list(zip(self.points, self.values, strict=True))
        least = max([min(self.values), *(v - self.lipschitz * reach(z, c, self.norm) for c, v in data)])
        greatest = min([max(self.values), *(v + self.lipschitz * reach(c, z, self.norm) for c, v in data)])
        return (least + greatest) / 2

    def network(self) -> ReluNetwork:
        """Return the same function as a ReLU network.

        Raises
        ------
        DomainError
            If the norm is ℓ2, whose balls are no polyhedra.
        """
        data = list(zip(self.points, self.values, strict=True))
        falling = [combination([-self.lipschitz], [self._reach(c, sign=-1)], v) for c, v in data]
        rising = [combination([self.lipschitz], [self._reach(c, sign=1)], v) for c, v in data]
        least = maximum([*falling, affine({}, min(self.values), dimension=self.dimension)])
        greatest = minimum([*rising, affine({}, max(self.values), dimension=self.dimension)])
        return combination([HALF, HALF], [least, greatest])

    def _reach(self, centre: Point, *, sign: int) -> ReluNetwork:
        """Return the network z ↦ s(centre, z) for sign 1 and z ↦ s(z, centre) for sign −1."""
        if self.norm == Norm.L2:
            raise DomainError("a ReLU network needs the norm l1 or linf: an l2 distance is not piecewise affine")
        signs = (sign,) if self.monotone else (1, -1)
        climbs = [
            positive_part(affine({i: Fraction(s)}, -s * c, dimension=self.dimension))
            for i, c in enumerate(fractions(centre))
            for s in signs
        ]
        return combination([Fraction(1)] * len(climbs), climbs) if self.norm == Norm.L1 else maximum(climbs)
