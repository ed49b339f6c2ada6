"""ONNX operators with windows: convolutions and average pooling over any number of axes, unrolled into matrices."""

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.files.onnx_rectifiers import larger
from fvproof.verify.files.onnx_values import (
    MOST_ENTRIES,
    Array,
    Attribute,
    Operand,
    Shape,
    Tensor,
    check_size,
    constants_of,
    doubles,
    value_of,
)
from fvproof.verify.graphs.operations import Window

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
    made = value.convolved(doubles(kernel), window, groups)
    return made.scaled(None, np.repeat(doubles(bias), prod(made.shape[2:])))


def average_pool(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """Return the mean over each window."""
    value, window = _pooled(operands, attributes)
    places = window_places(value.shape, window).reshape(-1, prod(window.size))
    counts = (places >= 0).sum(axis=1)
    if attributes.get("count_include_pad"):
        counts[:] = prod(window.size)
    return value.averaged(places, counts, (*value.shape[:2], *window.places(value.shape[2:])))


def max_pool(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """Return the largest entry of each window: a tournament of max(a, b) = b + ReLU(a − b)."""
    value, window = _pooled(operands, attributes)
    places = window_places(value.shape, window).reshape(-1, prod(window.size))
    # An entry in the padding is none: some entry of the same window plays twice in its place.
    places = np.where(places < 0, places.max(axis=1, keepdims=True), places)
    shape = (*value.shape[:2], *window.places(value.shape[2:]))
    players = [value.selected(column.reshape(shape)) for column in places.T]
    while len(players) > 1:
        pairs = zip(players[::2], players[1::2], strict=False)
        players = [larger(a, b) for a, b in pairs] + players[len(players) // 2 * 2 :]
    return players[0]


def _pooled(operands: Sequence[Operand], attributes: Attributes) -> tuple[Tensor, Window]:
    """Return what is pooled, and the window."""
    (operand,) = operands
    value = value_of(operand)
    _image(value.shape)
    if attributes.get("ceil_mode"):
        raise DomainError("the attribute 'ceil_mode' is not supported")
    window = _window(value.shape, tuple(attributes.get("kernel_shape", ())), attributes)
    if any(max(pad) >= n for pad, n in zip(window.pads, window.size, strict=True)):
        raise DomainError("pads must be smaller than the window")
    return value, window


def _image(shape: Shape) -> Shape:
    """Return the shape of one image, its channels first."""
    if len(shape) < 3 or shape[0] != 1:
        raise ShapeError(f"a value of shape {shape} is no image, or more than one")
    return shape[1:]


def _window(shape: Shape, size: Shape, attributes: Attributes) -> Window:
    """Return how a window is moved over a value, if both fit."""
    axes = len(shape) - 2
    strides, dilations = (attributes.get(name, [1] * axes) for name in ("strides", "dilations"))
    if len(size) != axes or {len(strides), len(dilations)} != {axes} or min(*size, *strides, *dilations) < 1:
        raise DomainError(f"strides and dilations must be at least 1, one for each of {axes} axes, and the kernel too")
    reach = [d * (n - 1) + 1 for d, n in zip(dilations, size, strict=True)]
    pads = _pads(shape[2:], reach, strides, attributes)
    spans = [n + sum(pad) - r for n, pad, r in zip(shape[2:], pads, reach, strict=True)]
    if min(spans) < 0:
        places = (max(0, span // stride + 1) for span, stride in zip(spans, strides, strict=True))
        raise ShapeError(f"unrolled, it would have {' by '.join(map(str, places))} places")
    return Window(size, tuple(strides), tuple(dilations), tuple(pads))


def _pads(sizes: Shape, reach: Sequence[int], strides: Sequence[int], attributes: Attributes) -> list[tuple[int, int]]:
    """Return the padding before and after each axis."""
    mode, axes = attributes.get("auto_pad", b"NOTSET"), len(sizes)
    if mode in (b"SAME_UPPER", b"SAME_LOWER"):
        if max(attributes.get("dilations", [1])) > 1:
            raise DomainError("auto_pad and dilations do not go together")
        needed = [(-(-n // s) - 1) * s + r - n for n, s, r in zip(sizes, strides, reach, strict=True)]
        if min(needed) < 0:
            raise DomainError("auto_pad would have to cut the value")
        less = [(n // 2, n - n // 2) for n in needed]
        return less if mode == b"SAME_UPPER" else [(after, before) for before, after in less]
    pads = [0] * (2 * axes) if mode == b"VALID" else attributes.get("pads", [0] * (2 * axes))
    if mode not in (b"NOTSET", b"VALID") or len(pads) != 2 * axes or min(pads) < 0:
        raise DomainError("pads must be at least 0, two for each axis, and auto_pad one of ONNX's own")
    return list(zip(pads[:axes], pads[axes:], strict=True))


def check_windows(rows: int, shape: Shape, window: Window) -> None:
    """Raise if a matrix of so many rows would be too large."""
    if rows * (prod(shape) + 1) > MOST_ENTRIES:
        places = " by ".join(map(str, window.places(shape[2:])))
        raise ShapeError(f"unrolled, it would have {places} places, and {rows} rows of {prod(shape)} numbers")


def window_places(shape: Shape, window: Window) -> Array:
    """Return the numbers of the entries below each window, −1 in the padding, as (channels, places, kernel)."""
    axes, places = range(1, len(shape) - 1), window.places(shape[2:])
    padded_size = prod(n + sum(pad) for n, pad in zip(shape[2:], window.pads, strict=True)) * shape[1]
    check_size(max(padded_size, shape[1] * prod(places) * prod(window.size)))
    reach = [d * (n - 1) + 1 for d, n in zip(window.dilations, window.size, strict=True)]
    padded = np.pad(np.arange(prod(shape)).reshape(shape[1:]), [(0, 0), *window.pads], constant_values=-1)
    views = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=tuple(axes))  # type: ignore[call-overload]
    steps = (slice(None, None, step) for step in (*window.strides, *window.dilations))
    return views[(slice(None), *steps)].reshape(shape[1], prod(places), prod(window.size))
