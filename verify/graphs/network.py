"""A network as a graph of linear operations and ReLUs whose numbers are exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import log2

import numpy as np

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.graphs.exact_values import exact_outputs
from fvproof.verify.graphs.operations import (
    Array,
    Dense,
    Given,
    Joined,
    Linear,
    Operation,
    Rectified,
    Shifted,
    Summed,
)
from fvproof.verify.graphs.steps import NetworkStep
from fvproof.verify.layered import MOST_BITS, LayeredNetwork


@dataclass(frozen=True, eq=False)
class NetworkGraph:
    """A network whose steps each read steps before them; the first is the input, and the last is the output.

    Parameters
    ----------
    steps
        In an order in which they can be computed.
    digest
        SHA-256 of the file that it was read from, in hexadecimal: what a certificate is about.
    rounded
        How many numbers of the file are irrational (factors of batch norms), and replaced by the nearest doubles.
    shape
        The shape of one input, where the file states one; values are flat all the same.

    Examples
    --------
    >>> both = Dense(np.array([[1.0], [-1.0]]))
    >>> signs = NetworkStep(Given(), (), 1), NetworkStep(both, (0,), 2), NetworkStep(Rectified(), (1,), 2)
    >>> net = NetworkGraph((*signs, NetworkStep(Dense(np.ones((1, 2))), (2,), 1)))
    >>> net.outputs([Fraction(-1, 3)]), net.values(np.array([[0.5]]))[-1].tolist()
    ((Fraction(1, 3),), [[0.5]])
    """

    steps: tuple[NetworkStep, ...]
    digest: str = ""
    rounded: int = 0
    shape: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for place, step in enumerate(self.steps):
            _check(self.steps, step, place)
        if self._bits > MOST_BITS:
            raise DomainError(f"the weights are too large: the network could take values beyond 2^{MOST_BITS}")

    @property
    def dimension(self) -> int:
        """The number of inputs."""
        return self.steps[0].size

    @property
    def outputs_count(self) -> int:
        """The number of outputs."""
        return self.steps[-1].size

    @cached_property
    def rectified(self) -> tuple[int, ...]:
        """The places of the ReLU steps."""
        return tuple(place for place, step in enumerate(self.steps) if isinstance(step.operation, Rectified))

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of ReLUs in each ReLU step."""
        return tuple(self.steps[place].size for place in self.rectified)

    def outputs(self, x: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return the outputs at a point, in exact arithmetic."""
        if len(x) != self.dimension:
            raise ShapeError(f"the network reads {self.dimension} numbers, not {len(x)}")
        return exact_outputs(self.steps, x)

    def values(self, x: Array) -> list[Array]:
        """Return what all steps make of a batch of points, shape (N, d), in its floating-point type."""
        found: list[Array] = []
        for step in self.steps:
            found.append(applied(step.operation, [found[i] for i in step.inputs], x))
        return found

    @cached_property
    def _bits(self) -> float:
        """The logarithm, to base 2, of a bound on the values that steps take where all inputs lie within ±1."""
        largest: list[float] = []
        for step in self.steps:
            largest.append(_grown(step.operation, [largest[i] for i in step.inputs]))
        return max(largest)


def applied(operation: Operation, inputs: Sequence[Array], x: Array) -> Array:
    """Return what an operation makes of its inputs, in floating point; x is the network's input."""
    match operation:
        case Given():
            return x
        case Shifted(constants):
            return inputs[0] + constants.astype(x.dtype)
        case Summed(signs):
            return sum(
                (value if sign > 0 else -value for sign, value in zip(signs, inputs, strict=True)), start=0 * inputs[0]
            )
        case Joined():
            return np.concatenate(inputs, axis=1)
        case Rectified():
            return np.maximum(inputs[0], 0)
        case _:
            return in_floats(operation, x.dtype).forward(inputs[0])


def in_floats(operation: Linear, dtype: np.dtype) -> Linear:
    """Return a linear operation with its numbers in a floating-point type."""
    weights = getattr(operation, "weights", None)
    return operation if weights is None or weights.dtype == dtype else operation.with_weights(weights.astype(dtype))  # type: ignore[union-attr]


def graph_of(network: LayeredNetwork) -> NetworkGraph:
    """Return a chain of affine maps and ReLUs as a graph."""
    steps = [NetworkStep(Given(), (), network.dimension)]
    for place, affine in enumerate(network.maps):
        rows = len(affine.biases)
        before = [NetworkStep(Rectified(), (len(steps) - 1,), steps[-1].size)] if place else []
        steps += before
        steps.append(NetworkStep(Dense(affine.weights), (len(steps) - 1,), rows))
        steps.append(NetworkStep(Shifted(affine.biases), (len(steps) - 1,), rows))
    return NetworkGraph(tuple(steps), network.digest, network.rounded)


def _check(steps: Sequence[NetworkStep], step: NetworkStep, place: int) -> None:
    """Raise unless a step reads steps before it, of the sizes that it needs, and all its numbers are finite."""
    if any(not 0 <= i < place for i in step.inputs) or (place == 0) != isinstance(step.operation, Given):
        raise ShapeError(f"step {place} must read steps before it, and the first alone be the input")
    given = tuple(steps[i].size for i in step.inputs)
    if not place:
        wanted, size = (), step.size
    else:
        wanted, size = _sizes(step.operation, step.size, len(given))
    if given != wanted or step.size != size or size < 1:
        raise ShapeError(f"step {place} puts out {step.size} numbers, and reads {given}, not {wanted}")
    for numbers in (getattr(step.operation, name, None) for name in ("weights", "constants")):
        if numbers is not None and numbers.dtype != object and not np.isfinite(numbers).all():
            raise DomainError(f"the numbers of step {place} must be finite, and hold NaN or infinity")


def _sizes(operation: Operation, size: int, count: int) -> tuple[tuple[int, ...], int]:
    """Return how many numbers an operation reads from each input, and how many it puts out."""
    match operation:
        case Shifted(constants):
            return (constants.size,), constants.size
        case Summed(signs):
            return (size,) * len(signs), size
        case Joined(sizes):
            return sizes, sum(sizes)
        case Rectified() | Given():
            return (size,) * count, size
        case _:
            return (operation.sizes[0],), operation.sizes[1]


def _grown(operation: Operation, inputs: Sequence[float]) -> float:
    """Return the logarithm of a bound on what an operation makes of values with such bounds, at least 0."""
    match operation:
        case Given():
            return 0.0
        case Shifted(constants):
            return max(inputs[0], _log(constants)) + 1
        case Summed():
            return max(inputs) + log2(len(inputs))
        case Joined() | Rectified():
            return max(inputs)
        case _:
            return inputs[0] + _gain(operation)


def _gain(operation: Linear) -> float:
    """Return the logarithm of the largest sum of absolute values of the weights of one output, at least 0."""
    weights = getattr(operation, "weights", None)
    if weights is None:
        return 0.0
    rows = np.abs(weights).reshape(len(weights), -1).sum(axis=1)
    return _log(rows)


def _log(numbers: Array) -> float:
    """Return the logarithm of the largest absolute value, at least 0."""
    if numbers.dtype != object:
        return max(0.0, float(np.log2(max(1.0, float(np.abs(numbers).max(initial=0))))))
    return float(max((int(abs(number)).bit_length() for number in numbers.flat), default=0))
