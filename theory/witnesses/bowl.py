"""The convex (or concave) function between the lowest and the highest one that a visualization allows."""

from dataclasses import dataclass
from fractions import Fraction

from fvproof.theory.exact.faces import distance_to_face, fixed
from fvproof.theory.exact.points import Point, fractions, gauge
from fvproof.theory.network import ReluNetwork, affine, combination, maximum, positive_part

ONE = Fraction(1)


@dataclass(frozen=True, slots=True, eq=False)
class Bowl:
    """The function `f(z) = v_c + (v_r − v_c)·((1 − λ)·max(0, 1 − k·δ(z)) + λ·t_c(z))`.

    t_c is the gauge of I − c, 0 at the centre c and 1 on the border of the cube; δ(z) is the ℓ1 distance to the
    smallest face G that holds the rim point r, affine on the cube. Both terms are maxima of affine functions: f is
    convex if v_c ≤ v_r, concave if v_c ≥ v_r. It is v_c at c when k·δ(c) ≥ 1, v_r on G, and between them elsewhere.

    Parameters
    ----------
    centre, rim
        c and r, where c does not lie on G.
    centre_value, rim_value
        v_c and v_r.
    sharpness
        k ≥ 1/δ(c).
    share
        λ in [0, 1].

    Source
    ------
    fvproof.

    Examples
    --------
    >>> half, one = (Fraction(1, 2),), (Fraction(1),)
    >>> f = Bowl(half, one, Fraction(0), Fraction(1), sharpness=Fraction(4), share=Fraction(1, 2))
    >>> f((Fraction(0),)), f((Fraction(3, 4),)), f.network()((Fraction(3, 4),))
    (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4))
    """

    centre: Point
    rim: Point
    centre_value: Fraction
    rim_value: Fraction
    sharpness: Fraction
    share: Fraction

    @property
    def dimension(self) -> int:
        """The number d of inputs."""
        return len(self.centre)

    def __call__(self, z: Point) -> Fraction:
        """Return the exact value at z."""
        spike = max(1 - self.sharpness * distance_to_face(self.rim, z), Fraction(0))
        height = (1 - self.share) * spike + self.share * gauge(self.centre, z)
        return self.centre_value + (self.rim_value - self.centre_value) * height

    def network(self) -> ReluNetwork:
        """Return the same function as a ReLU network."""
        rise = self.rim_value - self.centre_value
        return combination(
            [rise * (1 - self.share), rise * self.share], [self._spike(), self._gauge()], self.centre_value
        )

    def _spike(self) -> ReluNetwork:
        """Return the network z ↦ max(0, 1 − k·δ(z)); on the cube |z_i − 1| = 1 − z_i and |z_i − 0| = z_i."""
        rim = fractions(self.rim)
        ends = {int(i): rim[int(i)] for i in fixed(self.rim)}
        weights = {i: self.sharpness * (1 if end else -1) for i, end in ends.items()}
        return positive_part(affine(weights, 1 - self.sharpness * sum(ends.values()), dimension=self.dimension))

    def _gauge(self) -> ReluNetwork:
        """Return the network z ↦ t_c(z), a maximum of at most 2d affine maps."""
        ways = [(i, c, end) for i, c in enumerate(fractions(self.centre)) for end in (0, 1) if c != end]
        return maximum([affine({i: ONE / (end - c)}, -c / (end - c), dimension=self.dimension) for i, c, end in ways])


def bowl(centre: tuple[Point, Fraction], rim: tuple[Point, Fraction], x: Point, value: Fraction) -> Bowl:
    """Return the bowl with the given value at x: between v_c and v_c + t_c(x)·(v_r − v_c), or v_r if x lies on G.

    It attains v_c only at c if the value is not v_c, and v_r only at r if r is a corner and the value is below the
    highest possible one, or x lies between c and r.
    """
    (c, v_c), (r, v_r) = centre, rim
    height, highest = (value - v_c) / (v_r - v_c), gauge(c, x)
    blunt = 1 / distance_to_face(r, c)
    at_x = distance_to_face(r, x)
    sharpness = max(blunt, 1 / at_x) if at_x and height < highest else blunt
    lowest = max(1 - sharpness * at_x, Fraction(0))
    share = (height - lowest) / (highest - lowest) if lowest < highest else Fraction(1, 2)
    return Bowl(c, r, v_c, v_r, sharpness, share)
