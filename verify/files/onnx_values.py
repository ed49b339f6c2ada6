"""A value on its way through an ONNX graph: an array that is known, or numbers that depend on the network's input.

All arithmetic is exact. Shapes are whole ones, with the batch, which is one example.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.layered import AffineMap, Matrix, compact, fractions_of

MOST_ENTRIES = 1 << 26
"""A matrix of more numbers is refused."""
MOST_STEPS = 1 << 31
"""So many products of fractions take minutes."""
EXACT_INTEGERS = 1 << 53
"""Doubles hold every integer up to here."""

Shape = tuple[int, ...]
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Tensor:
    """Numbers that depend on the input.

    Parameters
    ----------
    shape
        The shape of the numbers.
    maps
        The affine maps that lead to them; a ReLU stands between each and the next. None at the input itself.
    rectified
        Whether a ReLU follows the last one.
    """

    shape: Shape
    maps: Sequence[AffineMap] = field(default_factory=tuple)
    rectified: bool = False

    @property
    def places(self) -> Array:
        """The number of each entry, in the shape."""
        return np.arange(prod(self.shape)).reshape(self.shape)

    def then(self, affine: AffineMap, shape: Shape) -> "Tensor":
        """Return the value after one more affine map, merged with the last one if no ReLU lies between them."""
        if self.rectified or not self.maps:
            return Tensor(shape, (*self.maps, affine))
        steps = affine.weights.size * self.maps[-1].weights.shape[1]
        if steps > MOST_STEPS:
            raise ShapeError(f"to put two affine maps without a ReLU between them together takes {steps} products")
        return Tensor(shape, (*self.maps[:-1], affine.after(self.maps[-1])))

    def selected(self, places: Array) -> "Tensor":
        """Return some entries in a new order and shape: where a place is −1 stands 0.

        Selecting commutes with ReLU, so that rows of the last map are selected.
        """
        flat = places.reshape(-1)
        if np.array_equal(flat, np.arange(prod(self.shape))):
            return Tensor(places.shape, self.maps, self.rectified)
        last = self.maps[-1] if self.maps else identity_map(flat.size and prod(self.shape))
        check_size(flat.size * last.weights.shape[1])
        rows = AffineMap(_rows(last.weights, flat), _rows(last.biases, flat))
        return Tensor(places.shape, (*self.maps[:-1], rows), self.rectified)

    def scaled(self, factors: Array | None, shift: Array) -> "Tensor":
        """Return `factors·x + shift`, entry by entry; no factors are factors of 1."""
        if factors is None and not shift.any():
            return self
        if self.rectified or not self.maps:
            matrix = identity_map(shift.size).weights
            return self.then(AffineMap(matrix if factors is None else _times(matrix, factors), shift), self.shape)
        last = self.maps[-1]
        weights, biases = last.weights, last.biases
        if factors is not None:
            weights, biases = _times(weights, factors), _times(biases[:, None], factors)[:, 0]
        return Tensor(self.shape, (*self.maps[:-1], AffineMap(weights, exact_sum(biases, shift))))

    def rectify(self) -> "Tensor":
        """Return max(x, 0)."""
        return Tensor(self.shape, self.maps or (identity_map(prod(self.shape)),), rectified=True)


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


def _rows(array: Matrix, places: Array) -> Matrix:
    """Return rows by their place, and zeros for the place −1."""
    found = array[np.maximum(places, 0)]
    found[places < 0] = 0
    return found


def _times(matrix: Matrix, factors: Array) -> Matrix:
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
