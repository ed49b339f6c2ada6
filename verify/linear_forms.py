"""Linear forms of a network's inputs and outputs, and the domains over which they are bounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

LARGEST_NUMBER = 1 << 100
"""Of a coefficient, in absolute value: larger ones say nothing about a network of doubles."""


@dataclass(frozen=True, slots=True)
class LinearForm:
    """The function `Σ outputs_i·Y_i + Σ inputs_i·X_i + constant`, exact."""

    outputs: Mapping[int, Fraction]
    inputs: Mapping[int, Fraction]
    constant: Fraction = Fraction(0)

    def __call__(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
        """Return the value at an input and its output."""
        parts = [self.outputs[i] * y[i] for i in self.outputs] + [self.inputs[i] * x[i] for i in self.inputs]
        return sum(parts, start=self.constant)


@dataclass(frozen=True, slots=True)
class BoxDomain:
    """All x with low ≤ x ≤ high, exact."""

    low: tuple[Fraction, ...]
    high: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class BallDomain:
    """All x at a Euclidean distance of at most `radius` from the centre, exact."""

    centre: tuple[Fraction, ...]
    radius: Fraction


@dataclass(frozen=True, slots=True)
class ClippedBall:
    """All x with low ≤ x ≤ high at a Euclidean distance of at most `radius` from the centre, exact."""

    centre: tuple[Fraction, ...]
    radius: Fraction
    low: tuple[Fraction, ...]
    high: tuple[Fraction, ...]


Domain = BoxDomain | BallDomain | ClippedBall
