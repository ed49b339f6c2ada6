"""What ONNX operators make of sizes and constants: arrays of numpy, beside the layers.

Exporters leave the computation of sizes in the graph: the shape of a tensor, of which one entry is multiplied by
another to give the shape of the next. Sizes are arrays of whole numbers, or of what stands for one where torch exports
a network (dtype object).
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np
from onnx import helper
from torch import Tensor

from fvproof.empirical.networks.graphs.nodes import Array, NodeCall, Value, integers
from fvproof.theory.errors import DomainError
from fvproof.verify.files.onnx_values import check_size

Fold = Callable[[NodeCall], Any]

FLOATS = ("float16", "bfloat16", "float32", "float64")


def shape_of(call: NodeCall) -> Array:
    """Return the sizes of a tensor, or some of them."""
    value = call.values[0]
    if value is None:
        raise DomainError("an input is missing")
    sizes = list(value.shape)[call.attribute("start", 0) : call.attribute("end")]
    return np.array(sizes, dtype=np.int64 if all(type(size) is int for size in sizes) else object)


def size_of(call: NodeCall) -> Array:
    """Return how many numbers a tensor has."""
    return np.array(prod(shape_of(call).tolist()))


def axes_of(call: NodeCall, place: int, rank: int) -> list[int] | None:
    """Return the axes that an attribute or, from a later version on, an input names; None where none does."""
    axes = call.attribute("axes")
    if axes is None and call.has(place):
        axes = integers(call.values[place])
    return None if axes is None else [axis % rank if -rank <= axis < rank else _no_axis(axis, rank) for axis in axes]


def _no_axis(axis: int, rank: int) -> int:
    raise DomainError(f"there is no axis {axis} of {rank}")


def slices_of(call: NodeCall, rank: int) -> tuple[list[int], list[int], list[int], list[int]]:
    """Return starts, ends, axes and steps of a `Slice`, of equal lengths."""
    if call.opset < 10:
        stated = [call.attribute(name) for name in ("starts", "ends", "axes", "steps")]
    else:
        stated = [integers(call.values[i]) if call.has(i) else None for i in range(1, 5)]
    starts, ends, axes, steps = (None if given is None else list(given) for given in stated)
    if starts is None or ends is None:
        raise DomainError("it must say where to start and to end")
    places = list(range(len(starts))) if axes is None else [axis % rank for axis in axes]
    return starts, ends, places, steps or [1] * len(starts)


def cast_array(value: Array, to: int) -> Array:
    """Return an array of another type: of floats, float32 is the only one here."""
    kind = np.dtype(helper.tensor_dtype_to_np_dtype(to)).name
    if kind in FLOATS:
        return np.asarray(value, dtype=np.float32)
    return value if value.dtype == object and kind.startswith("int") else np.asarray(value).astype(kind)


def _arrays(call: NodeCall) -> list[Array]:
    return [value for value in call.values if isinstance(value, np.ndarray)]


def _each(function: Callable[..., Any]) -> Fold:
    """Return an operator that works number by number; of one type with what comes in, unless it compares."""

    def fold(call: NodeCall) -> Array:
        values = _arrays(call)
        check_size(prod(np.broadcast_shapes(*(value.shape for value in values))))
        with np.errstate(all="ignore"):
            return np.asarray(function(*values))

    return fold


def _quotient(one: Array, other: Array) -> Array:
    """Return a quotient, that of whole numbers cut off."""
    if one.dtype.kind == "f" or other.dtype.kind == "f":
        return one / other
    if "O" in (one.dtype.kind, other.dtype.kind):  # sizes, which are not below 0
        return one // other
    return (np.sign(one) * np.sign(other) * (abs(one) // np.maximum(abs(other), 1))).astype(one.dtype)


def _reduced(function: Callable[..., Any]) -> Fold:
    def fold(call: NodeCall) -> Array:
        (value, *_), keep = _arrays(call), bool(call.attribute("keepdims", 1))
        axes, idle = axes_of(call, 1, value.ndim), call.attribute("noop_with_empty_axes", 0)
        if not axes and idle:
            return value
        found = function(value, axis=tuple(axes) if axes else None, keepdims=keep)
        return np.asarray(found, dtype=value.dtype)

    return fold


def _constant_of_shape(call: NodeCall) -> Array:
    shape, value = integers(call.values[0]), call.attribute("value")
    check_size(prod(shape))
    return np.full(shape, 0.0 if value is None else value.reshape(-1)[0], np.float32 if value is None else value.dtype)


def _range(call: NodeCall) -> Array:
    start, limit, delta = (value.reshape(-1)[0] for value in _arrays(call))
    check_size(int(max(0, (limit - start) / delta)))
    return np.arange(start, limit, delta)


def reshaped_sizes(call: NodeCall, shape: list[int], sizes: list[int]) -> list[int]:
    """Return the sizes that a `Reshape` asks for; 0 stands for the size that is there."""
    if call.attribute("allowzero", 0):
        return sizes
    return [shape[i] if size == 0 else size for i, size in enumerate(sizes)]


def _reshape(call: NodeCall) -> Array:
    value, sizes = _arrays(call)
    return value.reshape(reshaped_sizes(call, list(value.shape), integers(sizes)))


def _expand(call: NodeCall) -> Array:
    value, sizes = _arrays(call)
    shape = np.broadcast_shapes(value.shape, tuple(integers(sizes)))
    check_size(prod(shape))
    return np.broadcast_to(value, shape)


def _tile(call: NodeCall) -> Array:
    value, repeats = _arrays(call)
    check_size(value.size * prod(integers(repeats)))
    return np.tile(value, integers(repeats))


def _squeeze(call: NodeCall) -> Array:
    value = _arrays(call)[0]
    axes = axes_of(call, 1, value.ndim)
    return np.squeeze(value, None if axes is None else tuple(axes))


def _unsqueeze(call: NodeCall) -> Array:
    value = _arrays(call)[0]
    count = len(call.attribute("axes", ()) or integers(call.values[1]))
    return np.expand_dims(value, tuple(axes_of(call, 1, value.ndim + count) or ()))


def _slice(call: NodeCall) -> Array:
    value = _arrays(call)[0]
    places = [slice(None)] * value.ndim
    for start, end, axis, step in zip(*slices_of(call, value.ndim), strict=True):
        places[axis] = slice(start, None if step < 0 and end < -value.shape[axis] else end, step)
    return value[tuple(places)]


def _split(call: NodeCall) -> tuple[Array, ...]:
    value, axis = _arrays(call)[0], call.attribute("axis", 0)
    return tuple(np.split(value, np.cumsum(split_sizes(call, value.shape[axis]))[:-1], axis))


def split_sizes(call: NodeCall, size: int) -> list[int]:
    """Return how long the parts of a `Split` are: stated, or as equal as can be, the last one shorter."""
    sizes = call.attribute("split")
    if sizes is None and call.has(1):
        sizes = integers(call.values[1])
    if sizes is not None:
        return list(sizes)
    parts = call.attribute("num_outputs", len(call.node.outputs))
    longest = -(-size // parts)
    return [min(longest, size - i * longest) for i in range(parts)]


def _concat(call: NodeCall) -> Array:
    return np.concatenate(_arrays(call), call.attribute("axis"))


def _gather(call: NodeCall) -> Array:
    value, places = _arrays(call)
    return np.asarray(np.take(value, places.astype(np.int64), call.attribute("axis", 0)))


def _where(call: NodeCall) -> Array:
    condition, one, other = _arrays(call)
    return np.where(condition.astype(bool), one, other)


def _flatten(call: NodeCall) -> Array:
    value = _arrays(call)[0]
    return value.reshape(prod(value.shape[: call.attribute("axis", 1)]), -1)


def _scattered(call: NodeCall) -> Array:
    """Return an array with other entries at some places, such as the windows of a mask."""
    value, places, updates = _arrays(call)
    if call.attribute("reduction", b"none") != b"none":
        raise DomainError("only a plain ScatterND is supported")
    found = value.copy()
    found[tuple(np.moveaxis(places.astype(np.int64), -1, 0))] = updates
    return found


def _triangle(call: NodeCall) -> Array:
    value, *rest = _arrays(call)
    offset = int(rest[0]) if rest else 0
    return np.triu(value, offset) if call.attribute("upper", 1) else np.tril(value, offset)


FOLDS: Mapping[str, Fold] = {
    "Shape": shape_of,
    "Size": size_of,
    "Identity": lambda call: call.values[0],
    "Cast": lambda call: cast_array(_arrays(call)[0], call.attribute("to")),
    "Add": _each(np.add),
    "Sub": _each(np.subtract),
    "Mul": _each(np.multiply),
    "Div": _each(_quotient),
    "Mod": lambda call: _each(np.fmod if call.attribute("fmod", 0) else np.mod)(call),
    "Pow": _each(lambda one, other: np.power(one, other).astype(one.dtype)),
    "Sqrt": _each(np.sqrt),
    "Neg": _each(np.negative),
    "Abs": _each(np.abs),
    "Exp": _each(np.exp),
    "Log": _each(np.log),
    "Sin": _each(np.sin),
    "Cos": _each(np.cos),
    "Floor": _each(np.floor),
    "Ceil": _each(np.ceil),
    "Reciprocal": _each(np.reciprocal),
    "Equal": _each(np.equal),
    "Greater": _each(np.greater),
    "GreaterOrEqual": _each(np.greater_equal),
    "Less": _each(np.less),
    "LessOrEqual": _each(np.less_equal),
    "And": _each(np.logical_and),
    "Or": _each(np.logical_or),
    "Not": _each(np.logical_not),
    "Min": _each(lambda *values: np.minimum.reduce(np.broadcast_arrays(*values))),
    "Max": _each(lambda *values: np.maximum.reduce(np.broadcast_arrays(*values))),
    "ReduceProd": _reduced(np.prod),
    "ReduceSum": _reduced(np.sum),
    "ReduceMax": _reduced(np.max),
    "ReduceMin": _reduced(np.min),
    "ReduceMean": _reduced(np.mean),
    "ConstantOfShape": _constant_of_shape,
    "Range": _range,
    "Reshape": _reshape,
    "Expand": _expand,
    "Tile": _tile,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Transpose": lambda call: np.transpose(_arrays(call)[0], call.attribute("perm")),
    "Slice": _slice,
    "Split": _split,
    "Concat": _concat,
    "Gather": _gather,
    "Where": _where,
    "Flatten": _flatten,
    "ScatterND": _scattered,
    "Trilu": _triangle,
    "NonZero": lambda call: np.array(np.nonzero(_arrays(call)[0])),
}
"""What each operator makes of sizes and constants."""


def foldable(op: str, values: list[Value]) -> bool:
    """Return whether a node only works on sizes and constants; the shape of a tensor is one."""
    return op in FOLDS and (op in ("Shape", "Size") or not any(isinstance(value, Tensor) for value in values))
