"""ONNX values as steps of a graph: convolutions stay convolutions, and two branches are added as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np
from typing_extensions import override

from fvproof.theory.errors import ShapeError
from fvproof.verify.files.onnx_values import Array, Shape, Tensor, check_size
from fvproof.verify.graphs.operations import (
    Convolution,
    Dense,
    Given,
    Joined,
    Moved,
    Operation,
    Rectified,
    Scaled,
    Shifted,
    Summed,
    Window,
)
from fvproof.verify.graphs.steps import NetworkStep
from fvproof.verify.layered import Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Traced(Tensor):
    """Numbers as a step of a graph makes them; shapes are the reader's business, and a graph's values are flat.

    An operator that the methods of `Tensor` express needs nothing here. One that they do not becomes another method of
    `Tensor`, which here is a line that appends an operation (`fvproof.verify.graphs.operations`) with `_then`, and in
    `fvproof.verify.files.onnx_unrolled` a matrix, or a ShapeError that says that only the graph form has it.

    Parameters
    ----------
    shape
        The shape of the numbers.
    steps
        The steps so far, of all values of the graph: a method appends to them.
    place
        Which of them it is.
    rectified
        Whether it is a ReLU.
    """

    shape: Shape
    steps: list[NetworkStep]
    place: int
    rectified: bool = False

    def _then(self, operation: Operation, shape: Shape, *others: "Traced") -> "Traced":
        """Return the value that an operation makes of this one, and others."""
        places = (self.place, *(other.place for other in others))
        self.steps.append(NetworkStep(operation, places, prod(shape)))
        return Traced(shape, self.steps, len(self.steps) - 1, isinstance(operation, Rectified))

    @override
    def selected(self, places: Array) -> "Traced":
        """Return some entries in a new order and shape; the same order takes no step."""
        flat, size = places.reshape(-1), prod(self.shape)
        check_size(flat.size)
        if np.array_equal(flat, np.arange(size)):
            return Traced(places.shape, self.steps, self.place, self.rectified)
        return self._then(Moved(flat.astype(np.int64), size), places.shape)

    @override
    def scaled(self, factors: Array | None, shift: Array) -> "Traced":
        """Return `factors·x + shift`."""
        times = self if factors is None else self._then(Scaled(factors), self.shape)
        return times._then(Shifted(shift), self.shape) if shift.any() else times

    @override
    def rectify(self) -> "Traced":
        """Return max(x, 0)."""
        return self._then(Rectified(), self.shape)

    @override
    def products(self, weights: Matrix, rows: Array, shape: Shape) -> "Traced":
        """Return a matrix times each of some rows of places: with several rows a convolution, moved over them."""
        moved, (count, inner) = self.selected(rows), rows.shape
        if count == 1:
            return moved._then(Dense(weights), shape)
        across = Convolution(weights.reshape(-1, 1, 1, inner), (1, count, inner), _whole((1, inner)))
        turned = np.arange(count * len(weights)).reshape(len(weights), count).T
        return moved._then(across, (len(weights), count)).selected(turned)._shaped(shape)

    @override
    def averaged(self, places: Array, counts: Array, shape: Shape) -> "Traced":
        """Return for each row of places the sum of the entries over a count."""
        if not counts.all():
            raise ShapeError("a window lies in the padding alone")
        rows, inner = places.shape
        ones = Convolution(np.ones((1, 1, 1, inner)), (1, rows, inner), _whole((1, inner)))
        halved = not (counts & (counts - 1)).any()
        shares = 1.0 / counts if halved else np.array([Fraction(1, int(count)) for count in counts], dtype=object)
        return self.selected(places)._then(ones, (rows,)).scaled(shares, np.zeros(rows))._shaped(shape)

    @override
    def convolved(self, weights: Matrix, window: Window, groups: int) -> "Traced":
        """Return the convolution."""
        operation = Convolution(weights, self.shape[1:], window, groups)
        check_size(operation.sizes[1])
        return self._then(operation, (1, len(weights), *operation.places))

    @override
    def added(self, other: Tensor, sign: int) -> "Traced":
        """Return `self + sign·other`."""
        assert isinstance(other, Traced)
        return self._then(Summed((1, sign)), self.shape, other)

    @override
    def beside(self, other: Tensor) -> "Traced":
        """Return the numbers of both in one row."""
        assert isinstance(other, Traced)
        sizes = prod(self.shape), prod(other.shape)
        return self._then(Joined(sizes), (sum(sizes),), other)

    def _shaped(self, shape: Shape) -> "Traced":
        """Return the same numbers in another shape."""
        return Traced(shape, self.steps, self.place, self.rectified)


def given(shape: Shape) -> Traced:
    """Return the input of a graph."""
    return Traced(shape, [NetworkStep(Given(), (), prod(shape))], 0)


def steps_to(value: Traced) -> tuple[NetworkStep, ...]:
    """Return the steps that a value needs, which is the last of them."""
    needed, stack = {0}, [value.place]
    while stack:
        place = stack.pop()
        if place not in needed:
            needed.add(place)
            stack += value.steps[place].inputs
    order = sorted(needed)
    number = {place: i for i, place in enumerate(order)}
    steps = [value.steps[place] for place in order]
    return tuple(NetworkStep(step.operation, tuple(number[i] for i in step.inputs), step.size) for step in steps)


def _whole(size: Shape) -> Window:
    """Return a window that moves in single steps, without padding."""
    return Window(size, (1,) * len(size), (1,) * len(size), ((0, 0),) * len(size))


def is_large(steps: Sequence[NetworkStep]) -> bool:
    """Return whether steps are better kept as they are: unrolled into matrices they would have millions of entries."""
    return sum(_entries(step.operation) for step in steps if not isinstance(step.operation, Dense)) > LARGE


def _entries(operation: Operation) -> int:
    """Return how many entries the matrix of an operation has."""
    match operation:
        case Convolution():
            return operation.sizes[0] * operation.sizes[1]
        case _:
            return 0


LARGE = 1 << 22
"""Convolutions whose matrices have more entries together are not unrolled."""
