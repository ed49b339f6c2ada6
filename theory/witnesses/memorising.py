"""Memorising networks: spikes at chosen points, in memory proportional to the points (Lemma 2 of the paper)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import floor

from fvproof.theory.errors import DomainError
from fvproof.theory.exact.norms import l1
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point, as_point
from fvproof.theory.network import ReluNetwork, affine, combination, spike


@dataclass(frozen=True, slots=True, eq=False)
class Memorising:
    """The ReLU network `f(z) = β + Σ_j (v_j − β)·ReLU(1 − k·‖z − c_j‖₁)`, kept as its centres, for images too.

    The spikes have disjoint supports, so f(c_j) = v_j, f = β off the spikes, and the extrema of f over the cube are the
    least and the greatest of β and the v_j.

    Parameters
    ----------
    base
        β, the value off the spikes.
    centres
        The points c_j, distinct, all of one length d.
    values
        The values v_j.
    sharpness
        k > 2 / min ‖c_i − c_j‖₁.

    Source
    ------
    Geirhos et al., ICML 2024, Lemmas 1 and 2.
    """

    base: Fraction
    centres: tuple[Point, ...]
    values: tuple[Fraction, ...]
    sharpness: Fraction

    @property
    def dimension(self) -> int:
        """The number d of inputs."""
        return len(self.centres[0])

    def __call__(self, x: Point) -> Fraction:
        """Return the exact value at x."""
        gaps = [l1(x, c) for c in self.centres]
        heights = [max(1 - self.sharpness * gap, Fraction(0)) for gap in gaps]
        return self.base + sum(((v - self.base) * s for v, s in zip(self.values, heights, strict=True)), Fraction(0))

    def network(self) -> ReluNetwork:
        """Return the same function as a `ReluNetwork`, unit by unit: (2d + 1)·n units for n centres."""
        if not self.centres:
            return affine({}, self.base, dimension=self.dimension)
        spikes = [spike(centre, self.sharpness) for centre in self.centres]
        return combination([value - self.base for value in self.values], spikes, self.base)


def memorise(points: Sequence[Iterable[object]], values: Sequence[object], *, base: object) -> Memorising:
    """Return the memorising network that takes each value at its point, and `base` away from all of them.

    The sharpness is the least integer above `2 / min ‖c_i − c_j‖₁`, which makes the spikes' supports disjoint.

    Raises
    ------
    DomainError
        If a point is given twice, or the numbers of points and values differ.

    Examples
    --------
    >>> f = memorise([[0, 0], [1, 1], ["1/2", 0]], [0, 1, "9/10"], base="1/2")
    >>> f(as_point([0, 0])), f(as_point(["1/2", 0])), f(as_point([0, 1])), f.sharpness
    (Fraction(0, 1), Fraction(9, 10), Fraction(1, 2), Fraction(5, 1))
    """
    centres = tuple(as_point(p, name=f"point {i}") for i, p in enumerate(points))
    if len(centres) != len(values):
        raise DomainError(f"every point needs one value, but there are {len(centres)} points and {len(values)} values")
    heights = tuple(exact(value, name=f"value {i}") for i, value in enumerate(values))
    return Memorising(exact(base, name="the base"), centres, heights, sharpness(centres))


def sharpness(centres: Sequence[Point]) -> Fraction:
    """Return the least integer k > 2 / min ‖c_i − c_j‖₁, and at least 1."""
    gaps = {l1(p, q) for p, q in combinations(centres, 2)}
    if 0 in gaps:
        raise DomainError("the points of a memorising network must be distinct, but one is given twice")
    return Fraction(floor(2 / min(gaps)) + 1) if gaps else Fraction(1)
