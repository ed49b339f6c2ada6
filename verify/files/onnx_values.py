"""A value on its way through an ONNX graph: an array that is known, or numbers that depend on the network's input.

All arithmetic is exact. Shapes are whole ones, with the batch, which is one example.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.graphs.operations import Window
from fvproof.verify.layered import AffineMap, Matrix, compact, fractions_of

MOST_ENTRIES = 1 << 26
"""A matrix of more numbers is refused."""
EXACT_INTEGERS = 1 << 53
"""Doubles hold every integer up to here."""

Shape = tuple[int, ...]
Array = np.ndarray


class Tensor(ABC):
    """Numbers that depend on the input: how they are kept is the business of the form that is read into.

    An operator is written with these methods alone, and so serves every form: chains of matrices
    (`fvproof.verify.files.onnx_unrolled`) and graphs (`fvproof.verify.files.onnx_traced`).
    """

    __slots__ = ()
    shape: Shape
    rectified: bool
    """Whether a ReLU has just made them: none is negative."""

    @property
    def places(self) -> Array:
        """The number of each entry, in the shape."""
        return np.arange(prod(self.shape)).reshape(self.shape)

    @abstractmethod
    def selected(self, places: Array) -> "Tensor":
        """Return some entries in a new order and shape: where a place is −1 stands 0."""

    @abstractmethod
    def scaled(self, factors: Array | None, shift: Array) -> "Tensor":
        """Return `factors·x + shift`, entry by entry; both are flat, and no factors are factors of 1."""

    @abstractmethod
    def rectify(self) -> "Tensor":
        """Return max(x, 0)."""

    @abstractmethod
    def products(self, weights: Matrix, rows: Array, shape: Shape) -> "Tensor":
        """Return a matrix times each of some rows of places, one result after another, in a shape."""

    @abstractmethod
    def averaged(self, places: Array, counts: Array, shape: Shape) -> "Tensor":
        """Return for each row of places, −1 for none, the sum of the entries over a count, in a shape."""

    @abstractmethod
    def convolved(self, weights: Matrix, window: Window, groups: int) -> "Tensor":
        """Return the convolution of an image of shape `(1, channels, *axes)`, without a bias."""

    @abstractmethod
    def added(self, other: "Tensor", sign: int) -> "Tensor":
        """Return `self + sign·other`, a value of the same shape."""

    @abstractmethod
    def beside(self, other: "Tensor") -> "Tensor":
        """Return the numbers of both in one row."""


Operand = Tensor | Array | None
"""A value, a constant, or an optional input that was left out."""
Attribute = Any
"""What the `onnx` package makes of an attribute."""


def check_size(entries: int) -> None:
    """Raise a ShapeError if an array would have more than 2^26 numbers."""
    if entries > MOST_ENTRIES:
        raise ShapeError(f"an array of {entries} numbers would be needed, more than {MOST_ENTRIES}")


def identity_map(size: int) -> AffineMap:
    """Return the map that changes nothing.

    Raises
    ------
    ShapeError
        If its matrix would have more than 2^26 numbers.
    """
    if size * size > MOST_ENTRIES:
        raise ShapeError(f"a matrix of {size} rows of {size} numbers would be needed, more than {MOST_ENTRIES} in all")
    return AffineMap(np.eye(size), np.zeros(size))


def value_of(operand: Operand) -> Tensor:
    """Return an operand that must depend on the input."""
    if not isinstance(operand, Tensor):
        raise DomainError("the first input must depend on the network's input")
    return operand


def sides_of(operands: Sequence[Operand]) -> tuple[Tensor, Array, bool]:
    """Return the value, the constant, and whether the value comes first."""
    one, other = operands
    if isinstance(one, Tensor) and isinstance(other, np.ndarray):
        return one, other, True
    if isinstance(one, np.ndarray) and isinstance(other, Tensor):
        return other, one, False
    raise DomainError("one side must depend on the input, and the other must be constant")


def constants_of(operands: Sequence[Operand]) -> list[Array]:
    """Return operands that must be constant; optional ones may be left out at the end."""
    given = [operand for operand in operands if operand is not None]
    constants = [operand for operand in given if isinstance(operand, np.ndarray)]
    if len(constants) < len(given):
        raise DomainError("all inputs but the first must be constant")
    return constants


def doubles(array: Array) -> Matrix:
    """Return numbers in doubles, which hold every smaller float; fractions are left as they are."""
    if array.dtype.kind in "iu" and array.size and max(int(array.max()), -int(array.min())) > EXACT_INTEGERS:
        raise DomainError(f"integers must lie within ±{EXACT_INTEGERS}")
    return array if array.dtype == object else array.astype(np.float64)


def multiple(array: Array, factor: float) -> Matrix:
    """Return the array times a factor, exactly."""
    return doubles(array) if factor == 1 else compact(fractions_of(doubles(array)) * Fraction(factor))


def rows_at(array: Matrix, places: Array) -> Matrix:
    """Return rows by their place, and zeros for the place −1."""
    found = array[np.maximum(places, 0)]
    found[places < 0] = 0
    return found


def row_multiples(matrix: Matrix, factors: Array) -> Matrix:
    """Return the matrix with each row times a factor, exactly; zeros, of which there are many, stay as they are."""
    rows, columns = np.nonzero(matrix)
    factors = fractions_of(doubles(factors))
    products = [Fraction(w) * factors[i] for w, i in zip(matrix[rows, columns].tolist(), rows, strict=True)]
    found = compact(np.array(products, dtype=object))
    result = np.zeros(matrix.shape, dtype=found.dtype)
    result[rows, columns] = found
    return result


def exact_sum(one: Matrix, other: Matrix) -> Matrix:
    """Return the exact sum of two arrays, in doubles where these hold it: where adding leaves no rounding error.

    Source
    ------
    Knuth, The Art of Computer Programming 2, section 4.2.2, Theorem B: the error of a sum of doubles is a double.
    """
    if object not in (one.dtype, other.dtype):
        with np.errstate(over="ignore", invalid="ignore"):
            found = one + other
            part = found - one
            error = (one - (found - part)) + (other - part)
        if np.isfinite(found).all() and not error.any():
            return found
    return compact(fractions_of(one) + fractions_of(other))
