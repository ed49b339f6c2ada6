"""ONNX values as one chain of affine maps with ReLUs between them: everything unrolled into matrices."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod

import numpy as np
from typing_extensions import override

from fvproof.theory.errors import ShapeError
from fvproof.verify.files.onnx_joins import Chain, added, stacked
from fvproof.verify.files.onnx_values import (
    Array,
    Shape,
    Tensor,
    check_size,
    exact_sum,
    identity_map,
    row_multiples,
    rows_at,
)
from fvproof.verify.files.onnx_windows import check_windows, window_places
from fvproof.verify.graphs.operations import Window
from fvproof.verify.layered import AffineMap, Matrix

MOST_STEPS = 1 << 31
"""So many products of fractions take minutes."""


@dataclass(frozen=True, slots=True)
class Unrolled(Tensor):
    """Numbers as a chain of affine maps makes them.

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

    def then(self, affine: AffineMap, shape: Shape) -> "Unrolled":
        """Return the value after one more affine map, merged with the last one if no ReLU lies between them."""
        if self.rectified or not self.maps:
            return Unrolled(shape, (*self.maps, affine))
        steps = affine.weights.size * self.maps[-1].weights.shape[1]
        if steps > MOST_STEPS:
            raise ShapeError(f"to put two affine maps without a ReLU between them together takes {steps} products")
        return Unrolled(shape, (*self.maps[:-1], affine.after(self.maps[-1])))

    @override
    def selected(self, places: Array) -> "Unrolled":
        """Return some entries in a new order and shape: where a place is −1 stands 0.

        Selecting commutes with ReLU, so that rows of the last map are selected.
        """
        flat = places.reshape(-1)
        if np.array_equal(flat, np.arange(prod(self.shape))):
            return Unrolled(places.shape, self.maps, self.rectified)
        last = self.maps[-1] if self.maps else identity_map(flat.size and prod(self.shape))
        check_size(flat.size * last.weights.shape[1])
        rows = AffineMap(rows_at(last.weights, flat), rows_at(last.biases, flat))
        return Unrolled(places.shape, (*self.maps[:-1], rows), self.rectified)

    @override
    def scaled(self, factors: Array | None, shift: Array) -> "Unrolled":
        """Return `factors·x + shift`, entry by entry; no factors are factors of 1."""
        if factors is None and not shift.any():
            return self
        if self.rectified or not self.maps:
            matrix = identity_map(shift.size).weights
            return self.then(
                AffineMap(matrix if factors is None else row_multiples(matrix, factors), shift), self.shape
            )
        last = self.maps[-1]
        weights, biases = last.weights, last.biases
        if factors is not None:
            weights, biases = row_multiples(weights, factors), row_multiples(biases[:, None], factors)[:, 0]
        return Unrolled(self.shape, (*self.maps[:-1], AffineMap(weights, exact_sum(biases, shift))))

    @override
    def rectify(self) -> "Unrolled":
        """Return max(x, 0)."""
        return Unrolled(self.shape, self.maps or (identity_map(prod(self.shape)),), rectified=True)

    @override
    def products(self, weights: Matrix, rows: Array, shape: Shape) -> "Unrolled":
        """Return a matrix times each of some rows of places."""
        return self.then(_each(weights, rows), shape)

    @override
    def averaged(self, places: Array, counts: Array, shape: Shape) -> "Unrolled":
        """Return for each row of places the sum of the entries over a count."""
        check_size(len(places) * prod(self.shape))
        return self.then(mean_map(places, counts, prod(self.shape)), shape)

    @override
    def convolved(self, weights: Matrix, window: Window, groups: int) -> "Unrolled":
        """Return the convolution, as a matrix."""
        places = window.places(self.shape[2:])
        check_windows(len(weights) * prod(places), self.shape, window)
        matrix = _unrolled(self.shape, weights, window, groups)
        return self.then(AffineMap(matrix, np.zeros(len(matrix))), (1, len(weights), *places))

    @override
    def added(self, other: Tensor, sign: int) -> "Unrolled":
        """Return `self + sign·other`."""
        assert isinstance(other, Unrolled)
        return Unrolled(self.shape, tuple(added(self._chain, other._chain, sign)))

    @override
    def beside(self, other: Tensor) -> "Unrolled":
        """Return the numbers of both in one row."""
        assert isinstance(other, Unrolled)
        maps = tuple(stacked(self._chain, other._chain))
        return Unrolled((len(maps[-1].biases),), maps)

    @property
    def _chain(self) -> Chain:
        return Chain(prod(self.shape), self.maps, self.rectified)


def _each(weights: Array, rows: Array) -> AffineMap:
    """Return the map that applies a matrix to each of some rows of places."""
    if len(rows) == 1 and np.array_equal(rows[0], np.arange(rows.size)):
        return AffineMap(weights, np.zeros(len(weights)))
    check_size(len(weights) * len(rows) * rows.size)
    matrix = np.zeros((len(rows), len(weights), rows.size), dtype=weights.dtype)
    for i, row in enumerate(rows):
        matrix[i][:, row] = weights
    return AffineMap(matrix.reshape(-1, rows.size), np.zeros(len(weights) * len(rows)))


def mean_map(places: Array, counts: Array, inputs: int) -> AffineMap:
    """Return the map that adds up the inputs at some places, −1 for none, and divides by a count."""
    if not counts.all():
        raise ShapeError("a window lies in the padding alone")
    halved = not (counts & (counts - 1)).any()
    shares = 1.0 / counts if halved else np.array([Fraction(1, int(count)) for count in counts], dtype=object)
    matrix = np.zeros((len(places), inputs + 1), dtype=shares.dtype)
    np.put_along_axis(matrix, places % (inputs + 1), np.broadcast_to(shares[:, None], places.shape), axis=1)
    return AffineMap(matrix[:, :-1], np.zeros(len(places)))


def _unrolled(shape: Shape, kernel: Array, window: Window, groups: int) -> Array:
    """Return the matrix of a convolution."""
    filters, channels = kernel.shape[0] // groups, kernel.shape[1]
    places, count = window_places(shape, window), prod(window.places(shape[2:]))
    matrix = np.zeros((kernel.shape[0], count, prod(shape) + 1), dtype=kernel.dtype)
    row = np.arange(count)[:, None]
    for f, c in np.ndindex(kernel.shape[:2]):
        matrix[f, row, places[f // filters * channels + c]] = kernel[f, c].reshape(-1)
    return matrix[:, :, :-1].reshape(-1, prod(shape))
