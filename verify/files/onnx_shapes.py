"""ONNX operators that move numbers about and compute with none: they do to a value's places what they do to arrays."""

from collections.abc import Callable, Mapping, Sequence
from math import prod

import numpy as np

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.files.onnx_values import Array, Attribute, Operand, Tensor, check_size, constants_of, doubles

Attributes = Mapping[str, Attribute]
Move = Callable[[Array, list[Array], Attributes], Array]
"""What an operator makes of an array, further inputs and attributes."""


def moving(move: Move) -> Callable[[Sequence[Operand], Attributes], Operand]:
    """Return the operator that carries out a move, on constants and on values."""

    def apply(operands: Sequence[Operand], attributes: Attributes) -> Operand:
        first, further = operands[0], constants_of(operands[1:])
        if isinstance(first, Tensor):
            return first.selected(_filled(move(first.places, further, attributes)))
        if first is None:
            raise DomainError("the first input must not be left out")
        return move(first, further, attributes)

    return apply


def _filled(places: Array) -> Array:
    """Return places, of which there must be some."""
    if not places.size:
        raise ShapeError(f"a value of shape {places.shape} holds no numbers")
    return places


def flatten(array: Array, _further: list[Array], attributes: Attributes) -> Array:
    """Return two axes: those before the attribute `axis` as one, and those from there on."""
    axis = attributes.get("axis", 1)
    if not -array.ndim <= axis <= array.ndim:
        raise ShapeError(f"the axis {axis} does not exist in the shape {array.shape}")
    before = prod(array.shape[:axis]) if axis else 1
    return array.reshape(before, array.size // before)


def reshape(array: Array, further: list[Array], attributes: Attributes) -> Array:
    """Return the same numbers in another shape: −1 stands for what is left, 0 for the axis as it was."""
    stated = sizes(further[0])
    shape = list(stated)
    if not attributes.get("allowzero"):
        shape = [array.shape[i] if size == 0 else size for i, size in enumerate(stated)]
    if shape.count(-1) == 1:
        rest = prod(size for size in shape if size != -1)
        shape[shape.index(-1)] = array.size // rest if rest else 0
    if prod(shape) != array.size or min(shape, default=1) < 1:
        raise ShapeError(f"one value of shape {array.shape} cannot be brought into the shape {stated}")
    return array.reshape(shape)


def transpose(array: Array, _further: list[Array], attributes: Attributes) -> Array:
    """Return the axes in another order, by default the reverse one."""
    return np.transpose(array, attributes.get("perm"))


def squeeze(array: Array, further: list[Array], attributes: Attributes) -> Array:
    """Return the array without some axes of length 1, by default all."""
    axes = axes_of(further, attributes)
    return np.squeeze(array) if axes is None else np.squeeze(array, tuple(axes))


def unsqueeze(array: Array, further: list[Array], attributes: Attributes) -> Array:
    """Return the array with new axes of length 1."""
    return np.expand_dims(array, tuple(axes_of(further, attributes) or ()))


def slice_(array: Array, further: list[Array], _attributes: Attributes) -> Array:
    """Return a part along some axes, from starts to ends in steps."""
    starts, ends, *others = (sizes(given) for given in further)
    axes = others[0] if others else range(len(starts))
    steps = others[1] if len(others) > 1 else [1] * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps) == len({axis % array.ndim for axis in axes}):
        raise ShapeError("starts, ends, axes and steps must be as many, and every axis there once")
    cuts = [slice(None)] * array.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        if not -array.ndim <= axis < array.ndim or not step:
            raise ShapeError(f"there is no axis {axis}, or the step is 0")
        backwards = step < 0 and end < -array.shape[axis]
        cuts[axis] = slice(start, None if backwards else end, step)
    return array[tuple(cuts)]


def gather(array: Array, further: list[Array], attributes: Attributes) -> Array:
    """Return the entries along an axis that the indices name."""
    (indices,) = further
    if indices.dtype.kind not in "iu":
        raise DomainError("indices must be integers")
    check_size(indices.size * array.size // max(1, array.shape[attributes.get("axis", 0)]))
    return np.take(array, indices, axis=attributes.get("axis", 0))


def expand(array: Array, further: list[Array], _attributes: Attributes) -> Array:
    """Return the array repeated along its axes of length 1, up to a shape."""
    shape = np.broadcast_shapes(array.shape, tuple(sizes(further[0])))
    check_size(prod(shape))
    return np.broadcast_to(array, shape)


def tile(array: Array, further: list[Array], _attributes: Attributes) -> Array:
    """Return the array repeated so many times along each axis."""
    times = sizes(further[0])
    if len(times) != array.ndim or min(times, default=1) < 0:
        raise ShapeError(f"there must be a number of times, not negative, for each of {array.ndim} axes")
    check_size(array.size * prod(times))
    return np.tile(array, times)


def pad(array: Array, further: list[Array], attributes: Attributes) -> Array:
    """Return places with −1, for a zero, around them; constants are not padded."""
    pads, *others = further
    before_and_after, axes = sizes(pads), sizes(others[1]) if len(others) > 1 else range(array.ndim)
    if attributes.get("mode", b"constant") != b"constant" or (others and np.any(others[0])):
        raise DomainError("only padding with zeros is supported")
    ends = [(0, 0)] * array.ndim
    for axis, before, after in zip(axes, before_and_after[: len(axes)], before_and_after[len(axes) :], strict=True):
        ends[axis] = (before, after)
    if min(before_and_after, default=0) < 0:
        raise DomainError("pads must be at least 0")
    check_size(prod(n + before + after for n, (before, after) in zip(array.shape, ends, strict=True)))
    return np.pad(array, ends, constant_values=-1)


def padded(operands: Sequence[Operand], attributes: Attributes) -> Operand:
    """Return a value with zeros around it."""
    if not isinstance(operands[0], Tensor):
        raise DomainError("the first input must depend on the network's input")
    given = [operand for operand in operands if operand is not None]
    return moving(pad)([*given[:2], *(operands[2:] if len(given) == len(operands) else given[2:])], attributes)


def same(array: Array, _further: list[Array], _attributes: Attributes) -> Array:
    """Return the array."""
    return array


def shape_of(operands: Sequence[Operand], attributes: Attributes) -> Array:
    """Return the shape, or a part of it, of one example."""
    (operand,) = operands
    if operand is None:
        raise DomainError("the first input must not be left out")
    return np.array(operand.shape[attributes.get("start", 0) : attributes.get("end")], dtype=np.int64)


def concatenated(operands: Sequence[Operand], attributes: Attributes) -> Operand:
    """Return constants or values one after another along an axis; constants beside a value become values."""
    if len(operands) == 1:
        return operands[0]
    values = [operand for operand in operands if isinstance(operand, Tensor)]
    if not values:
        return np.concatenate(constants_of(operands), axis=attributes["axis"])
    parts = [operand if isinstance(operand, Tensor) else _still(values[0], operand) for operand in operands]
    starts = np.cumsum([0, *(prod(part.shape) for part in parts)])
    places = [part.places + start for part, start in zip(parts, starts, strict=False)]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.beside(part)
    return joined.selected(np.concatenate(places, axis=attributes["axis"]))


def _still(value: Tensor, operand: Operand) -> Tensor:
    """Return a constant in the form of a value that depends on the input."""
    (constant,) = constants_of([operand])
    return value.selected(np.full(constant.shape, -1)).scaled(None, doubles(constant).reshape(-1))


def constant_of_shape(operands: Sequence[Operand], attributes: Attributes) -> Array:
    """Return an array of one number."""
    (shape,) = constants_of(operands)
    check_size(prod(sizes(shape)))
    value = attributes.get("value")
    return np.full(sizes(shape), 0.0 if value is None else value.reshape(-1)[0])


def sizes(array: Array) -> list[int]:
    """Return the integers in an array of one axis."""
    if array.ndim > 1 or array.dtype.kind not in "iu":
        raise DomainError("sizes, places and axes must be integers in one row")
    return [int(size) for size in array.reshape(-1)]


def axes_of(further: list[Array], attributes: Attributes) -> list[int] | None:
    """Return the axes that an attribute states, or in later versions of ONNX an input."""
    return sizes(further[0]) if further else attributes.get("axes")
