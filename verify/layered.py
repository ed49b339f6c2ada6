"""The one form in which networks are searched and checked: affine maps with a ReLU between each and the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf, lcm, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fvproof.theory.errors import DomainError, ShapeError

MOST_BITS = 800
"""A network whose values on the cube may have more binary digits before the point is refused, lest doubles overflow."""

Matrix = NDArray[Any]
"""Doubles, each taken as the binary fraction it is; or, where doubles do not hold them, `Fraction` objects."""


@dataclass(frozen=True, slots=True, eq=False)
class AffineMap:
    """The map `z ↦ weights·z + biases`.

    Parameters
    ----------
    weights
        Shape (outputs, inputs), float64 or fractions.
    biases
        Shape (outputs,), float64 or fractions.
    """

    weights: Matrix
    biases: Matrix

    def after(self, inner: "AffineMap") -> "AffineMap":
        """Return `self ∘ inner`, computed in fractions."""
        biases = exact_product(self.weights, inner.biases[:, None])[:, 0] + fractions_of(self.biases)
        return AffineMap(compact(exact_product(self.weights, inner.weights)), compact(biases))


@dataclass(frozen=True, eq=False)
class LayeredNetwork:
    """A network `map_n ∘ ReLU ∘ … ∘ ReLU ∘ map_1` whose numbers are exact.

    Parameters
    ----------
    maps
        At least one affine map; each reads what the one before puts out.
    digest
        SHA-256 of the file that it was read from (or of its numbers), in hexadecimal: what a certificate is about.
    rounded
        How many numbers of the file are irrational (factors of batch norms), and replaced by the nearest doubles.

    Examples
    --------
    >>> both_signs = AffineMap(np.array([[1.0], [-1.0]]), np.zeros(2))
    >>> net = LayeredNetwork((both_signs, AffineMap(np.ones((1, 2)), np.zeros(1))))
    >>> net.outputs([Fraction(-1, 3)]), net.widths
    ((Fraction(1, 3),), (2,))
    """

    maps: tuple[AffineMap, ...]
    digest: str = ""
    rounded: int = 0

    def __post_init__(self) -> None:
        sizes = [affine.weights.shape for affine in self.maps]
        for place, affine in enumerate(self.maps):
            _check(affine, place, self.maps[place - 1].weights.shape[0] if place else sizes[0][1])
        try:
            bits = _bits(self.doubles)
        except OverflowError:
            bits = inf
        if bits > MOST_BITS:
            raise DomainError(f"the weights are too large: the network could take values beyond 2^{MOST_BITS}")

    @property
    def dimension(self) -> int:
        """The number of inputs."""
        return self.maps[0].weights.shape[1]

    @property
    def outputs_count(self) -> int:
        """The number of outputs."""
        return self.maps[-1].weights.shape[0]

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of ReLUs in each hidden layer."""
        return tuple(affine.weights.shape[0] for affine in self.maps[:-1])

    def outputs(self, x: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return the outputs at a point, in exact arithmetic."""
        if len(x) != self.dimension:
            raise ShapeError(f"the network reads {self.dimension} numbers, not {len(x)}")
        values, below = _integers(np.array([Fraction(value) for value in x], dtype=object))
        for place, ((weights, scale), (biases, bias_scale)) in enumerate(self._integer_maps):
            inputs = np.maximum(values, 0) if place else values
            common = lcm(scale * below, bias_scale)
            values = (weights @ inputs) * (common // (scale * below)) + biases * (common // bias_scale)
            below = common
        return tuple(Fraction(int(value), below) for value in values)

    @cached_property
    def _integer_maps(self) -> list[tuple[tuple[Matrix, int], tuple[Matrix, int]]]:
        """The maps in integers: weights and biases, each with its denominator."""
        return [(_integers(affine.weights), _integers(affine.biases)) for affine in self.maps]

    @cached_property
    def doubles(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """The maps in doubles, for search; rounded where a number is no double."""
        return [(affine.weights.astype(np.float64), affine.biases.astype(np.float64)) for affine in self.maps]


def _check(affine: AffineMap, place: int, inputs: int) -> None:
    """Raise unless the map reads so many inputs and all its numbers are finite."""
    shape = affine.weights.shape
    if len(shape) != 2 or affine.biases.shape != shape[:1] or not shape[0]:
        raise ShapeError(
            f"affine map {place} must be a matrix and a bias for each row, not {shape}, {affine.biases.shape}"
        )
    if shape[1] != inputs:
        raise ShapeError(f"affine map {place} reads {shape[1]} numbers, and is given {inputs}")
    for name, array in (("weights", affine.weights), ("biases", affine.biases)):
        if array.dtype != object and not np.isfinite(array).all():
            raise DomainError(f"the {name} of affine map {place} must be finite, and hold NaN or infinity")


def _bits(maps: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> float:
    """Return the logarithm, to base 2, of a bound on the values that maps take where all inputs lie within ±1."""
    with np.errstate(over="ignore"):
        norms = [(np.abs(weights).sum(axis=1) + np.abs(biases)).max() for weights, biases in maps]
    return sum(log2(norm) for norm in norms if norm > 1)


def exact_product(a: Matrix, b: Matrix) -> Matrix:
    """Return the product of two matrices in fractions, computed with integers over a common denominator."""
    (left, one), (right, other) = _integers(a), _integers(b)
    product, denominator = left @ right, one * other
    return np.array([Fraction(value, denominator) for value in product.flat], dtype=object).reshape(product.shape)


def _integers(array: Matrix) -> tuple[Matrix, int]:
    """Return integers and a denominator for all of them."""
    ratios = [value.as_integer_ratio() for value in array.flat]
    denominator = lcm(*{below for _, below in ratios})
    return np.array([above * (denominator // below) for above, below in ratios], dtype=object).reshape(
        array.shape
    ), denominator


def fractions_of(array: Matrix) -> Matrix:
    """Return the array with every number as a fraction."""
    return np.array([Fraction(value) for value in array.flat], dtype=object).reshape(array.shape)


def compact(array: Matrix) -> Matrix:
    """Return fractions as doubles if doubles hold every one of them, else unchanged."""
    try:
        doubles = array.astype(np.float64)
    except OverflowError:
        return array
    same = np.isfinite(doubles).all() and all(Fraction(d) == f for d, f in zip(doubles.flat, array.flat, strict=True))
    return doubles if same else array
