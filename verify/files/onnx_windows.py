"""ONNX operators with windows: convolutions and average pooling over any number of axes, unrolled into matrices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.files.onnx_values import (
    MOST_ENTRIES,
    Array,
    Attribute,
    Operand,
    Shape,
    Tensor,
    constants_of,
    doubles,
    value_of,
)
from fvproof.verify.layered import AffineMap

Attributes = Mapping[str, Attribute]


def convolution(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """Return a convolution, unrolled."""
    value, (kernel, *given) = value_of(operands[0]), constants_of(operands[1:])
    groups, size = attributes.get("group", 1), kernel.shape[2:]
    channels, *_ = _image(value.shape)
    fits = groups >= 1 and kernel.ndim > 2 and kernel.shape[1] * groups == channels and not kernel.shape[0] % groups
    if not fits or tuple(attributes.get("kernel_shape", size)) != size:
        raise ShapeError(f"a kernel of shape {kernel.shape} does not fit {channels} channels in {groups} groups")
    window = _window(value.shape, size, attributes)
    filters = kernel.shape[0]
    bias = given[0] if given else np.zeros(filters)
    if bias.shape != (filters,):
        raise ShapeError(f"the bias must have {filters} numbers, not the shape {bias.shape}")
    _check(filters * prod(window.places), value.shape, window)
    matrix = _unrolled(value.shape, doubles(kernel), window, groups)
    biases = np.repeat(doubles(bias), prod(window.places))
    return value.then(AffineMap(matrix, biases), (1, filters, *window.places))


def average_pool(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """Return the mean over each window."""
    (operand,) = operands
    value = value_of(operand)
    channels, size = _image(value.shape)[0], tuple(attributes.get("kernel_shape", ()))
    if attributes.get("ceil_mode"):
        raise DomainError("the attribute 'ceil_mode' is not supported")
    window = _window(value.shape, size, attributes)
    if any(max(pad) >= n for pad, n in zip(window.pads, size, strict=True)):
        raise DomainError("pads must be smaller than the window")
    _check(channels * prod(window.places), value.shape, window)
    places = _windows(value.shape, window).reshape(-1, prod(size))
    counts = (places >= 0).sum(axis=1)
    if attributes.get("count_include_pad"):
        counts[:] = prod(size)
    return value.then(mean_map(places, counts, prod(value.shape)), (1, channels, *window.places))


def mean_map(places: Array, counts: Array, inputs: int) -> AffineMap:
    """Return the map that adds up the inputs at some places, −1 for none, and divides by a count."""
    if not counts.all():
        raise ShapeError("a window lies in the padding alone")
    halved = not (counts & (counts - 1)).any()
    shares = 1.0 / counts if halved else np.array([Fraction(1, int(count)) for count in counts], dtype=object)
    matrix = np.zeros((len(places), inputs + 1), dtype=shares.dtype)
    np.put_along_axis(matrix, places % (inputs + 1), np.broadcast_to(shares[:, None], places.shape), axis=1)
    return AffineMap(matrix[:, :-1], np.zeros(len(places)))


@dataclass(frozen=True, slots=True)
class _Window:
    """How a window of a size moves: its steps, the distance of its entries, pads before and after, and its places."""

    size: Shape
    strides: Sequence[int]
    dilations: Sequence[int]
    pads: Sequence[tuple[int, int]]
    places: Shape

    @property
    def reach(self) -> Shape:
        """How far it reaches along each axis."""
        return tuple(d * (n - 1) + 1 for d, n in zip(self.dilations, self.size, strict=True))


def _image(shape: Shape) -> Shape:
    """Return the shape of one image, its channels first."""
    if len(shape) < 3 or shape[0] != 1:
        raise ShapeError(f"a value of shape {shape} is no image, or more than one")
    return shape[1:]


def _window(shape: Shape, size: Shape, attributes: Attributes) -> _Window:
    """Return how a window is moved over a value, if both fit."""
    axes = len(shape) - 2
    strides, dilations = (attributes.get(name, [1] * axes) for name in ("strides", "dilations"))
    if len(size) != axes or {len(strides), len(dilations)} != {axes} or min(*size, *strides, *dilations) < 1:
        raise DomainError(f"strides and dilations must be at least 1, one for each of {axes} axes, and the kernel too")
    window = _Window(size, strides, dilations, (), ())
    pads = _pads(shape[2:], window, attributes)
    spans = [n + sum(pad) - reach for n, pad, reach in zip(shape[2:], pads, window.reach, strict=True)]
    places = tuple(span // stride + 1 for span, stride in zip(spans, strides, strict=True))
    if min(spans) < 0:
        raise ShapeError(f"unrolled, it would have {' by '.join(str(max(0, p)) for p in places)} places")
    return _Window(size, strides, dilations, pads, places)


def _pads(sizes: Shape, window: _Window, attributes: Attributes) -> list[tuple[int, int]]:
    """Return the padding before and after each axis."""
    mode, axes = attributes.get("auto_pad", b"NOTSET"), len(sizes)
    if mode in (b"SAME_UPPER", b"SAME_LOWER"):
        if max(window.dilations) > 1:
            raise DomainError("auto_pad and dilations do not go together")
        needed = [
            (-(-n // s) - 1) * s + reach - n for n, s, reach in zip(sizes, window.strides, window.reach, strict=True)
        ]
        if min(needed) < 0:
            raise DomainError("auto_pad would have to cut the value")
        less = [(n // 2, n - n // 2) for n in needed]
        return less if mode == b"SAME_UPPER" else [(after, before) for before, after in less]
    pads = [0] * (2 * axes) if mode == b"VALID" else attributes.get("pads", [0] * (2 * axes))
    if mode not in (b"NOTSET", b"VALID") or len(pads) != 2 * axes or min(pads) < 0:
        raise DomainError("pads must be at least 0, two for each axis, and auto_pad one of ONNX's own")
    return list(zip(pads[:axes], pads[axes:], strict=True))


def _check(rows: int, shape: Shape, window: _Window) -> None:
    """Raise if a matrix of so many rows, or the windows, would be too large."""
    padded = prod(n + sum(pad) for n, pad in zip(shape[2:], window.pads, strict=True)) * shape[1]
    looked_at = shape[1] * prod(window.places) * prod(window.size)
    if max(rows * (prod(shape) + 1), looked_at, padded) > MOST_ENTRIES:
        places = " by ".join(map(str, window.places))
        raise ShapeError(f"unrolled, it would have {places} places, and {rows} rows of {prod(shape)} numbers")


def _windows(shape: Shape, window: _Window) -> Array:
    """Return the numbers of the entries below each window, −1 in the padding, as (channels, places, kernel)."""
    axes = range(1, len(shape) - 1)
    padded = np.pad(np.arange(prod(shape)).reshape(shape[1:]), [(0, 0), *window.pads], constant_values=-1)
    views = np.lib.stride_tricks.sliding_window_view(padded, window.reach, axis=tuple(axes))  # type: ignore[call-overload]
    steps = (slice(None, None, step) for step in (*window.strides, *window.dilations))
    return views[(slice(None), *steps)].reshape(shape[1], prod(window.places), prod(window.size))


def _unrolled(shape: Shape, kernel: Array, window: _Window, groups: int) -> Array:
    """Return the matrix of a convolution."""
    filters, channels = kernel.shape[0] // groups, kernel.shape[1]
    places = _windows(shape, window)
    matrix = np.zeros((kernel.shape[0], prod(window.places), prod(shape) + 1), dtype=kernel.dtype)
    row = np.arange(prod(window.places))[:, None]
    for f, c in np.ndindex(kernel.shape[:2]):
        matrix[f, row, places[f // filters * channels + c]] = kernel[f, c].reshape(-1)
    return matrix[:, :, :-1].reshape(-1, prod(shape))
