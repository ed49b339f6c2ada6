"""Intervals with open or closed ends: the sets of values that a unit can still take."""

from dataclasses import dataclass

from typing_extensions import override

from fvproof.theory.exact.surds import Exact


@dataclass(frozen=True, slots=True)
class Interval:
    """A nonempty interval of real numbers, its ends exact and each open or closed.

    Parameters
    ----------
    low, high
        The ends, low ≤ high: fractions, or surds where a Euclidean distance is irrational.
    low_closed, high_closed
        Whether the end belongs to the interval. A single point has both.

    Examples
    --------
    >>> from fractions import Fraction
    >>> half = Interval(Fraction(0), Fraction(1, 2), high_closed=False)
    >>> print(half, half.radius, half.midpoint, Fraction(1, 2) in half)
    [0, 1/2) 1/4 1/4 False
    """

    low: Exact
    high: Exact
    low_closed: bool = True
    high_closed: bool = True

    def __post_init__(self) -> None:
        assert self.low < self.high or (self.low == self.high and self.low_closed and self.high_closed), self

    @property
    def radius(self) -> Exact:
        """Half the length: the error that no decoder can avoid (minimax lemma)."""
        return (self.high - self.low) / 2

    @property
    def midpoint(self) -> Exact:
        """The value whose largest distance to the interval is the radius: the Chebyshev decoder's answer."""
        return (self.low + self.high) / 2

    def __contains__(self, value: Exact) -> bool:
        above = self.low < value or (self.low_closed and self.low == value)
        below = value < self.high or (self.high_closed and value == self.high)
        return bool(above and below)

    @override
    def __str__(self) -> str:
        if self.low == self.high:
            return f"{{{self.low}}}"
        return f"{'[' if self.low_closed else '('}{self.low}, {self.high}{']' if self.high_closed else ')'}"


def point(value: Exact) -> Interval:
    """Return the interval that holds one value: the visualization tells it exactly."""
    return Interval(value, value)
