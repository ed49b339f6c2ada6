"""Exact networks in floating point: each number rounded to the nearest double, and whether any had to be."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import prod

import numpy as np
from numpy.typing import DTypeLike

from fvproof.theory.classes.base import Member
from fvproof.theory.classes.quadratic import QuadraticForm
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.norms import Norm
from fvproof.theory.exact.points import Point
from fvproof.theory.network import Layer, ReluNetwork
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.memorising import Memorising
from fvproof.theory.witnesses.profile import RadialFunction
from fvproof.theory.witnesses.shepard import Shepard

Network = ReluNetwork | Memorising
"""An exact network in a form that floats can follow number by number."""

MOST_WEIGHTS = 1 << 27
"""A dense matrix of more numbers (1 GiB of doubles) is refused."""


MOST_DIMENSIONS = 128
"""A witness that is no network by itself is written out as one, unit by unit, up to here."""


def as_network(member: Member) -> Network | None:
    """Return a function as an exact network, or None if it is none, or none of a reasonable size (`obstacle`)."""
    if isinstance(member, ReluNetwork | Memorising):
        return member
    return None if obstacle(member) else member.network()  # type: ignore[attr-defined]


def obstacle(member: Member) -> str | None:
    """Return why a function is not written as a network; None if it is.

    Examples
    --------
    >>> obstacle(Shepard(((Fraction(0),), (Fraction(1),)), (Fraction(0), Fraction(1))))
    'it is smooth, and no ReLU network is'
    """
    match member:
        case ReluNetwork() | Memorising():
            return None
        case Shepard():
            return "it is smooth, and no ReLU network is"
        case QuadraticForm():
            return "a quadratic form is not piecewise affine, and ReLU networks are"
        case Extension(norm=Norm.L2) | RadialFunction(norm=Norm.L2):
            return "Euclidean distances are not piecewise affine, and ReLU networks are"
        case _:
            large = member.dimension > MOST_DIMENSIONS
            size = f"it is written out unit by unit only up to {MOST_DIMENSIONS} inputs, and has {member.dimension}"
            return size if large else None


def rounded(values: Iterable[Fraction], dtype: DTypeLike = np.float64) -> np.ndarray:
    """Return the numbers as an array: each the nearest double, then the nearest number of the dtype.

    Raises
    ------
    DomainError
        If a number is too large for the dtype.

    Examples
    --------
    >>> rounded([Fraction(1, 2), Fraction(1, 3)])
    array([0.5       , 0.33333333])
    """
    numbers = list(values)
    try:
        with np.errstate(over="raise"):
            return np.array([float(value) for value in numbers]).astype(dtype)
    except (OverflowError, FloatingPointError):
        raise DomainError(
            f"a weight of {float_text(max(numbers, key=abs))} is too large for {np.dtype(dtype)}"
        ) from None


def float_text(value: Fraction) -> str:
    """Return the size of a number that may be too large for a double, such as 1e+400."""
    return f"1e+{len(str(abs(value.numerator // value.denominator))) - 1}"


def rounded_point(point: Point, dtype: DTypeLike = np.float64) -> np.ndarray:
    """Return a point as an array of the dtype."""
    return point.astype(dtype) if isinstance(point, np.ndarray) else rounded(point, dtype)


def rounded_layer(layer: Layer, inputs: int, dtype: DTypeLike = np.float64) -> tuple[np.ndarray, np.ndarray]:
    """Return an affine map's matrix, one row for each output, and its biases.

    Raises
    ------
    DomainError
        If the matrix would have more than 2^27 numbers, or one of them is too large for the dtype.
    """
    if len(layer.rows) * inputs > MOST_WEIGHTS:
        raise DomainError(
            f"a dense layer of {inputs} inputs and {len(layer.rows)} outputs has more than {MOST_WEIGHTS} weights"
        )
    matrix = np.zeros((len(layer.rows), inputs), dtype)
    for j, row in enumerate(layer.rows):
        matrix[j, list(row)] = rounded(row.values(), dtype)
    return matrix, rounded(layer.biases, dtype)


def is_exact(network: Network, dtype: DTypeLike = np.float64) -> bool:
    """Return whether every number that a file of the network holds is a number of the dtype, so that none is rounded.

    Examples
    --------
    >>> from fvproof.theory.network import spike
    >>> is_exact(spike((Fraction(1, 2),), Fraction(4))), is_exact(spike((Fraction(1, 3),), Fraction(4)))
    (True, False)
    """
    return all(_unrounded(point, dtype) for point in _numbers(network))


def _numbers(network: Network) -> Iterator[Point]:
    """Yield the numbers that a file of the network holds."""
    if isinstance(network, Memorising):
        yield from network.centres
        yield (network.base, network.sharpness, *(value - network.base for value in network.values))
        return
    for layer in network.layers:
        yield layer.biases
        yield from (tuple(row.values()) for row in layer.rows)


def _unrounded(numbers: Point, dtype: DTypeLike) -> bool:
    """Return whether all numbers are numbers of the dtype."""
    if isinstance(numbers, np.ndarray):
        return bool((numbers.astype(dtype) == numbers).all())
    return list(numbers) == [Fraction(value) for value in rounded(numbers, dtype).tolist()]


def checked_shape(dimension: int, shape: Sequence[int] | None) -> tuple[int, ...]:
    """Return the shape of one input, (d,) if none is given.

    Raises
    ------
    ShapeError
        If the shape has not d entries.
    """
    shape = (dimension,) if shape is None else tuple(shape)
    if prod(shape) != dimension:
        raise ShapeError(f"the network reads {dimension} numbers, which do not fill the shape {shape}")
    return shape
