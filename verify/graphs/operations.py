"""What the steps of a graph do: linear operations on batches of flat values, each with its transpose, and ReLU.

A value is a row of numbers, whatever shape a file gives it; an operation knows the shape that it needs. `forward` maps
(N, inputs) to (N, outputs), and `backward` is its transpose, (N, outputs) to (N, inputs): what is multiplied with the
outputs is multiplied with the inputs then. Both work in the floating-point type that they are given, and add and
multiply nothing but the numbers of the operation and of the value: on integers that are small enough they are exact,
in any order of summation (`fvproof.verify.graphs.integers`).

An operator is added to the graph form here only if these do not express it: give it `sizes`, `forward` and `backward`,
both linear, and `weights` with `with_weights` if it has numbers of its own (an operation without them multiplies by
0, 1 and −1 alone). The reader is the other half: `fvproof.verify.files.onnx_traced` says how a node becomes steps.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Matrix = NDArray[Any]
"""Doubles, each taken as the binary fraction it is; or, where doubles do not hold them, `Fraction` objects."""
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """The matrix `weights`, of shape (outputs, inputs)."""

    weights: Matrix

    @property
    def sizes(self) -> tuple[int, int]:
        """How many numbers it reads, and puts out."""
        return self.weights.shape[1], self.weights.shape[0]

    def with_weights(self, weights: Matrix) -> "Dense":
        """Return the operation with other numbers."""
        return Dense(weights)

    def forward(self, x: Array) -> Array:
        """Return `weights·x` for each row."""
        return x @ self.weights.T

    def backward(self, v: Array) -> Array:
        """Return `v·weights` for each row."""
        return v @ self.weights


@dataclass(frozen=True, slots=True)
class Window:
    """How a kernel moves over an image: its steps, the distances of its entries, and pads before and after."""

    size: Shape
    strides: Shape
    dilations: Shape
    pads: tuple[tuple[int, int], ...]

    def places(self, image: Shape) -> Shape:
        """Return along each axis how often it fits."""
        spans = (
            n + sum(pad) - d * (k - 1) - 1
            for n, pad, d, k in zip(image, self.pads, self.dilations, self.size, strict=True)
        )
        return tuple(span // s + 1 for span, s in zip(spans, self.strides, strict=True))

    def slices(self, offset: Shape, places: Shape, first: Shape | None = None) -> tuple[slice, ...]:
        """Return where, in the padded image, the entries lie that one entry of the kernel meets, from some place on."""
        firsts = first or (0,) * len(places)
        starts = (o * d + f * s for o, d, f, s in zip(offset, self.dilations, firsts, self.strides, strict=True))
        return tuple(slice(a, a + s * (n - 1) + 1, s) for a, s, n in zip(starts, self.strides, places, strict=True))


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution of an image with zeros around it.

    Parameters
    ----------
    weights
        Shape `(filters, channels / groups, *kernel)`.
    image
        The shape of what it reads, `(channels, *axes)`.
    window
        How the kernel moves.
    groups
        In how many groups the channels lie, each with its own filters.
    """

    weights: Matrix
    image: Shape
    window: Window
    groups: int = 1

    @cached_property
    def places(self) -> Shape:
        """The axes of what it puts out."""
        return self.window.places(self.image[1:])

    @property
    def sizes(self) -> tuple[int, int]:
        """How many numbers it reads, and puts out."""
        return prod(self.image), len(self.weights) * prod(self.places)

    def with_weights(self, weights: Matrix) -> "Convolution":
        """Return the operation with other numbers."""
        return replace(self, weights=weights)

    @cached_property
    def _kernels(self) -> Array:
        """The weights as matrices: (groups, filters of a group, entries of the kernel)."""
        return self.weights.reshape(self.groups, len(self.weights) // self.groups, -1)

    @cached_property
    def _padded(self) -> Shape:
        return (self.image[0], *(n + sum(pad) for n, pad in zip(self.image[1:], self.window.pads, strict=True)))

    @property
    def _inside(self) -> tuple[slice, ...]:
        """Where the image lies in the padded one."""
        return tuple(slice(a, a + n) for (a, _), n in zip(self.window.pads, self.image[1:], strict=True))

    def forward(self, x: Array) -> Array:
        """Return the convolution of each row."""
        images, kernels = x.reshape(len(x), *self.image).swapaxes(0, 1), self._kernels
        padded = np.zeros((self.image[0], len(x), *self._padded[1:]), dtype=x.dtype)
        padded[:, :, *self._inside] = images
        size, places = self.window.size, self.places
        seen = np.empty((self.image[0], prod(size), len(x), *places), dtype=x.dtype)
        for place, offset in enumerate(np.ndindex(*size)):
            seen[:, place] = padded[:, :, *self.window.slices(offset, places)]
        # One large product of matrices is many times faster than one for each row.
        found = kernels @ seen.reshape(self.groups, kernels.shape[2], -1)
        return _rows_first(found.reshape(len(self.weights), len(x), -1))

    def backward(self, v: Array) -> Array:
        """Return the transposed convolution of each row.

        Only the smallest window of places is looked at outside of which all rows are 0: rows that begin at one neuron
        reach few places.
        """
        kernels, size = self._kernels, self.window.size
        given = v.reshape(len(v), len(self.weights), *self.places)
        low, places = _reached(given)
        given = given[:, :, *(slice(a, a + n) for a, n in zip(low, places, strict=True))]
        turned = np.ascontiguousarray(given.swapaxes(0, 1)).reshape(self.groups, kernels.shape[1], -1)
        columns = (kernels.transpose(0, 2, 1) @ turned).reshape(self.image[0], prod(size), len(v), *places)
        images = np.zeros((self.image[0], len(v), *self._padded[1:]), dtype=columns.dtype)
        for place, offset in enumerate(np.ndindex(*size)):
            images[:, :, *self.window.slices(offset, places, low)] += columns[:, place]
        return _rows_first(images[:, :, *self._inside].reshape(self.image[0], len(v), -1))


def _rows_first(values: Array) -> Array:
    """Return values of (channels, rows, places) as (rows, channels times places)."""
    return np.ascontiguousarray(values.swapaxes(0, 1)).reshape(values.shape[1], -1)


def _reached(rows: Array) -> tuple[Shape, Shape]:
    """Return where the smallest window begins that holds all entries that are not 0, along each axis, and its size."""
    touched = (rows != 0).any(axis=(0, 1))
    if not touched.any():
        return (0,) * touched.ndim, (1,) * touched.ndim
    axes = range(touched.ndim)
    found = [np.flatnonzero(touched.any(axis=tuple(other for other in axes if other != axis))) for axis in axes]
    return tuple(int(at[0]) for at in found), tuple(int(at[-1] - at[0]) + 1 for at in found)


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """Each number times a factor of its own: the factors are `weights`, of shape (n,)."""

    weights: Matrix

    @property
    def sizes(self) -> tuple[int, int]:
        """How many numbers it reads, and puts out."""
        return self.weights.size, self.weights.size

    def with_weights(self, weights: Matrix) -> "Scaled":
        """Return the operation with other numbers."""
        return Scaled(weights)

    def forward(self, x: Array) -> Array:
        """Return `weights·x`, entry by entry."""
        return x * self.weights

    backward = forward


@dataclass(frozen=True, eq=False)
class Moved:
    """Entries in a new order: where a place is −1 stands 0, and one entry may stand in several places.

    Parameters
    ----------
    places
        Shape (outputs,): which input stands there.
    inputs
        How many inputs there are.
    """

    places: NDArray[np.int64]
    inputs: int

    @property
    def sizes(self) -> tuple[int, int]:
        """How many numbers it reads, and puts out."""
        return self.inputs, self.places.size

    @cached_property
    def _turns(self) -> list[tuple[Array, Array]]:
        """Outputs and the inputs that stand there, in lists that name no input twice."""
        outputs = np.flatnonzero(self.places >= 0)
        inputs, turns = self.places[outputs], []
        while inputs.size:
            _, first = np.unique(inputs, return_index=True)
            turns.append((outputs[first], inputs[first]))
            left = np.ones(inputs.size, dtype=bool)
            left[first] = False
            outputs, inputs = outputs[left], inputs[left]
        return turns

    def forward(self, x: Array) -> Array:
        """Return the entries of each row in their new order."""
        found = x[:, np.maximum(self.places, 0)]
        found[:, self.places < 0] = 0
        return found

    def backward(self, v: Array) -> Array:
        """Return for each input the sum of what stands where it stands."""
        total = np.zeros((len(v), self.inputs), dtype=v.dtype)
        for outputs, inputs in self._turns:
            total[:, inputs] += v[:, outputs]
        return total


@dataclass(frozen=True, slots=True, eq=False)
class Shifted:
    """Numbers that are added: `constants`, of shape (n,), doubles or fractions."""

    constants: Matrix


@dataclass(frozen=True, slots=True)
class Summed:
    """The sum of two or more values of one size, each with the sign 1 or −1."""

    signs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Values one after another, of the sizes given."""

    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rectified:
    """max(x, 0), entry by entry."""


@dataclass(frozen=True, slots=True)
class Given:
    """The network's input."""


Linear = Dense | Convolution | Scaled | Moved
"""Operations of one value that are linear, with their transposes."""
Operation = Linear | Shifted | Summed | Joined | Rectified | Given
