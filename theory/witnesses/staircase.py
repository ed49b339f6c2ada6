"""The monotone function through given values, halfway between a low and a high one."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from fvproof.theory.exact.faces import progress
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.network import ReluNetwork, affine, clamped, combination, maximum, minimum

ONE = Fraction(1)


@dataclass(frozen=True, slots=True, eq=False)
class Staircase:
    """The function `f = (low + high)/2` through the values v_j at the points c_j.

    Write up_{i→j}(z) for the progress of z from c_i to c_j in the coordinates that rise, down_{i→j}(z) in those that
    fall (`fvproof.theory.exact.faces.progress`), and m and M for the least and the greatest value::

        low(z)  = m + max_j (v_j − m)·min { up_{i→j}(z) : v_i < v_j }
        high(z) = M − max_j (M − v_j)·min { down_{i→j}(z) : v_i > v_j }

    If v_i ≤ v_j whenever c_i ≤ c_j, then f is monotone and takes the values. If moreover m is taken at the corner 0
    only and M at the corner 1 only, f attains them nowhere else.

    Parameters
    ----------
    points
        The c_j, all of one length d.
    values
        The v_j.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> f = Staircase(((Fraction(0),), (Fraction(1, 2),), (Fraction(1),)), (Fraction(0), Fraction(1), Fraction(1)))
    >>> f((Fraction(1, 4),)), f((Fraction(3, 4),)), f.network()((Fraction(1, 4),))
    (Fraction(1, 2), Fraction(1, 1), Fraction(1, 2))
    """

    points: tuple[Point, ...]
    values: tuple[Fraction, ...]

    @property
    def dimension(self) -> int:
        """The number d of inputs."""
        return len(self.points[0])

    def __call__(self, z: Point) -> Fraction:
        """Return the exact value at z."""
        return (self._reached(z, upward=True) + self._reached(z, upward=False)) / 2

    def _reached(self, z: Point, *, upward: bool) -> Fraction:
        """Return low(z), or high(z) when not upward."""
        base = min(self.values) if upward else max(self.values)
        steps = [
            (value - base) * min(progress(start, end, z, upward=upward) for start in starts)
            for end, value, starts in self._steps(upward=upward)
        ]
        return base + (max if upward else min)([Fraction(0), *steps])

    def _steps(self, *, upward: bool) -> Iterator[tuple[Point, Fraction, list[Point]]]:
        """Yield each point off the base value, its value, and the points with lower (or higher) values."""
        sign = 1 if upward else -1
        for end, value in zip(self.points, self.values, strict=True):
            starts = [p for p, v in zip(self.points, self.values, strict=True) if sign * v < sign * value]
            if starts:
                yield end, value, starts

    def network(self) -> ReluNetwork:
        """Return the same function as a ReLU network."""
        return combination([Fraction(1, 2)] * 2, [self._half(upward=True), self._half(upward=False)])

    def _half(self, *, upward: bool) -> ReluNetwork:
        """Return the network of low, or of high when not upward."""
        base = min(self.values) if upward else max(self.values)
        steps = [
            combination([value - base], [minimum([_progress_network(s, end, upward=upward) for s in starts])], base)
            for end, value, starts in self._steps(upward=upward)
        ]
        constant = affine({}, base, dimension=self.dimension)
        return (maximum if upward else minimum)([constant, *steps])


def _progress_network(start: Point, end: Point, *, upward: bool) -> ReluNetwork:
    """Return the network z ↦ progress(start, end, z)."""
    ratios = [
        affine({i: ONE / (e - s)}, -s / (e - s), dimension=len(start))
        for i, (s, e) in enumerate(zip(fractions(start), fractions(end), strict=True))
        if (e > s if upward else e < s)
    ]
    return clamped(minimum(ratios), Fraction(0), ONE)
