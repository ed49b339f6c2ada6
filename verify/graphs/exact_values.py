"""What a graph makes of a point, in exact arithmetic: integers over one denominator, step by step."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np

from fvproof.verify.graphs.integers import Integers, exact_operation, integer_ratios
from fvproof.verify.graphs.operations import Given, Joined, Linear, Operation, Rectified, Shifted, Summed
from fvproof.verify.graphs.steps import NetworkStep

Ratio = tuple[Integers, int]
"""Integers of one row, and the denominator of all of them."""


def exact_outputs(steps: Sequence[NetworkStep], x: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return what the last step makes of a point."""
    point = np.empty(len(x), dtype=object)
    point[:] = [Fraction(value) for value in x]
    last = {i: place for place, step in enumerate(steps) for i in step.inputs}
    known: dict[int, Ratio] = {}
    for place, step in enumerate(steps):
        known[place] = _made(step.operation, [known[i] for i in step.inputs], point)
        for i in [i for i in set(step.inputs) if last[i] == place]:
            del known[i]
    numbers, denominator = known[len(steps) - 1]
    return tuple(Fraction(int(number), denominator) for number in numbers)


def _made(operation: Operation, inputs: Sequence[Ratio], point: Integers) -> Ratio:
    """Return what an operation makes of its inputs."""
    match operation:
        case Given():
            return integer_ratios(point)
        case Shifted(constants):
            sides, below = _common([inputs[0], integer_ratios(constants)])
            return sides[0] + sides[1], below
        case Summed(signs):
            sides, below = _common(inputs)
            return sum((sign * side for sign, side in zip(signs, sides, strict=True)), start=0 * sides[0]), below
        case Joined():
            sides, below = _common(inputs)
            return np.concatenate(sides), below
        case Rectified():
            return np.maximum(inputs[0][0], 0), inputs[0][1]
        case _:
            return _linear(operation, *inputs[0])


def _linear(operation: Linear, numbers: Integers, below: int) -> Ratio:
    """Return a linear operation's value."""
    integers, denominator = exact_operation(operation)
    return integers.forward(numbers[None])[0].astype(object), below * denominator


def _common(sides: Sequence[Ratio]) -> tuple[list[Integers], int]:
    """Return values over one denominator."""
    below = lcm(*(denominator for _, denominator in sides))
    return [numbers * (below // denominator) for numbers, denominator in sides], below
