"""The ONNX operators that are read: what each makes of a value on its way through the graph, in exact arithmetic."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np
from onnx import AttributeProto

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.files import onnx_shapes as shapes
from fvproof.verify.files.onnx_constants import EPSILON, arithmetic, cast, cast_like, over_root
from fvproof.verify.files.onnx_rectifiers import clip, leaky_relu, maximum, minimum, relu
from fvproof.verify.files.onnx_values import (
    Array,
    Attribute,
    Operand,
    Tensor,
    check_size,
    constants_of,
    doubles,
    multiple,
    sides_of,
    value_of,
)
from fvproof.verify.files.onnx_windows import average_pool, convolution, max_pool
from fvproof.verify.layered import compact, fractions_of

FLOAT, INT, INTS, STRING = AttributeProto.FLOAT, AttributeProto.INT, AttributeProto.INTS, AttributeProto.STRING
SIGNS = {"Add": 1, "Sub": -1}
Attributes = Mapping[str, Attribute]


@dataclass(frozen=True, slots=True)
class Operator:
    """What an operator does with its inputs and attributes, and which attributes of which types it may have."""

    apply: Callable[[Sequence[Operand], Attributes], Operand]
    attributes: Mapping[str, int] = field(default_factory=dict)


def _matmul(operands: Sequence[Operand], _attributes: Attributes) -> Tensor:
    """X·B or A·x, where a value may have further axes before the last two."""
    value, constant, first = sides_of(operands)
    if constant.ndim != 2 or not value.shape:
        raise ShapeError(f"the matrix must have two axes, not {constant.ndim}")
    matrix = doubles(constant)
    column = not first and len(value.shape) == 1
    inner = value.shape[-1 if first or column else len(value.shape) - 2]
    if inner != matrix.shape[0 if first else 1]:
        raise ShapeError(f"a value of shape {value.shape} does not fit a matrix of shape {constant.shape}")
    if first:
        rows = value.places.reshape(-1, inner)
        return value.products(matrix.T, rows, (*value.shape[:-1], matrix.shape[1]))
    places = value.places[..., None] if column else value.places
    columns = np.swapaxes(places, -1, -2)
    result = value.products(matrix, columns.reshape(-1, inner), (*columns.shape[:-1], len(matrix)))
    turned = result.selected(np.swapaxes(result.places, -1, -2))
    return turned.selected(turned.places[..., 0]) if column else turned


def _gemm(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """alpha·x·B + beta·C."""
    value, (matrix, *bias) = value_of(operands[0]), constants_of(operands[1:])
    if attributes.get("transA"):
        raise DomainError("the first input must not be transposed")
    if len(value.shape) != 2 or matrix.ndim != 2:
        raise ShapeError(f"a value of shape {value.shape} and a matrix of shape {matrix.shape} must have two axes")
    matrix = multiple(matrix.T if attributes.get("transB") else matrix, attributes.get("alpha", 1.0))
    product = _matmul([value, matrix], {})
    if not bias:
        return product
    constant = np.broadcast_to(multiple(bias[0], attributes.get("beta", 1.0)), product.shape)
    return product.scaled(None, constant.reshape(-1))


def _elementwise(
    operands: Sequence[Operand], scale: Callable[[Tensor, Array, bool], Tensor], name: str
) -> Tensor | Array:
    """Return a sum, difference, product or quotient, broadcast as ONNX has it."""
    if all(isinstance(operand, np.ndarray) for operand in operands):
        return arithmetic(name, constants_of(operands))
    one, other = operands
    if name in SIGNS and isinstance(one, Tensor) and isinstance(other, Tensor):
        return _joined(one, other, SIGNS[name])
    value, constant, first = sides_of(operands)
    try:
        shape = np.broadcast_shapes(value.shape, constant.shape)
    except ValueError:
        raise ShapeError(f"a constant of shape {constant.shape} does not fit a value of shape {value.shape}") from None
    check_size(prod(shape))
    moved = value.selected(np.broadcast_to(value.places, shape))
    return scale(moved, doubles(np.broadcast_to(constant, shape)).reshape(-1), first)


def _joined(one: Tensor, other: Tensor, sign: int) -> Tensor:
    """Return the sum or the difference of two values."""
    shape = np.broadcast_shapes(one.shape, other.shape)
    check_size(prod(shape))
    left, right = (value.selected(np.broadcast_to(value.places, shape)) for value in (one, other))
    return left.added(right, sign)


def _add(value: Tensor, constant: Array, _first: bool) -> Tensor:  # noqa: FBT001  which side the value is on
    """X + c."""
    return value.scaled(None, constant)


def _sub(value: Tensor, constant: Array, first: bool) -> Tensor:  # noqa: FBT001
    """X − c, or c − x."""
    return value.scaled(None, -constant) if first else value.scaled(-np.ones(constant.size), constant)


def _mul(value: Tensor, constant: Array, _first: bool) -> Tensor:  # noqa: FBT001
    """x·c."""
    return value.scaled(constant, np.zeros(constant.size))


def _div(value: Tensor, constant: Array, first: bool) -> Tensor:  # noqa: FBT001
    """x/c."""
    if not first or not np.all(constant):
        raise DomainError("only a quotient by a constant, none of whose numbers is 0, is affine")
    return value.scaled(compact(1 / fractions_of(constant)), np.zeros(constant.size))


def _neg(operands: Sequence[Operand], _attributes: Attributes) -> Tensor:
    """−x."""
    (operand,) = operands
    value = value_of(operand)
    return value.scaled(-np.ones(prod(value.shape)), np.zeros(prod(value.shape)))


def _batch_norm(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """Return scale·(x − mean)/sqrt(variance + epsilon) + bias, channel by channel; see `over_root` for the root."""
    value, (scale, bias, mean, variance) = value_of(operands[0]), constants_of(operands[1:])
    if attributes.get("training_mode") or not attributes.get("spatial", 1) or len(value.shape) < 2:
        raise DomainError("statistics of a batch are not supported, only those in the file, of each channel")
    channels = value.shape[1]
    if any(given.shape != (channels,) for given in (scale, bias, mean, variance)):
        raise ShapeError(f"there must be {channels} numbers in each of scale, bias, mean and variance")
    factors = over_root(scale, variance, attributes.get("epsilon", EPSILON))
    shift = compact(fractions_of(doubles(bias)) - fractions_of(factors) * fractions_of(doubles(mean)))
    channel = np.broadcast_to(np.arange(channels).reshape(-1, *[1] * (len(value.shape) - 2)), value.shape).reshape(-1)
    return value.scaled(factors[channel], shift[channel])


def _reduce_mean(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """Return the mean over some axes, by default all."""
    value, further = value_of(operands[0]), constants_of(operands[1:])
    axes = shapes.axes_of(further, attributes)
    if not axes and attributes.get("noop_with_empty_axes"):
        return value
    return _mean(value, axes or list(range(len(value.shape))), keep=bool(attributes.get("keepdims", 1)))


def _global_average(operands: Sequence[Operand], _attributes: Attributes) -> Tensor:
    """Return the mean over all axes but the first two."""
    (operand,) = operands
    value = value_of(operand)
    if len(value.shape) < 3:
        raise ShapeError(f"a value of shape {value.shape} has no axes but the first two")
    return _mean(value, list(range(2, len(value.shape))), keep=True)


def _mean(value: Tensor, axes: list[int], *, keep: bool) -> Tensor:
    """Return the mean over some axes, which are kept with length 1 or left out."""
    rank = len(value.shape)
    axes = sorted({range(rank)[axis] for axis in axes})
    count = prod(value.shape[axis] for axis in axes)
    rest = [axis for axis in range(rank) if axis not in axes]
    places = value.places.transpose(*rest, *axes).reshape(-1, count)
    shape = tuple(1 if axis in axes else n for axis, n in enumerate(value.shape) if keep or axis not in axes)
    return value.averaged(places, np.full(len(places), count), shape)


def _dropout(operands: Sequence[Operand], _attributes: Attributes) -> Operand:
    """X itself, unless a third input says that the network is in training."""
    if any(operand is not None for operand in operands[2:]):
        raise DomainError("the input 'training_mode' is not supported")
    return operands[0]


def _by_element(scale: Callable[[Tensor, Array, bool], Tensor], name: str) -> Operator:
    """Return an operator of two sides."""
    return Operator(lambda operands, _attributes: _elementwise(operands, scale, name))


AXES = dict.fromkeys(("dilations", "kernel_shape", "pads", "strides"), INTS) | {"auto_pad": STRING}
OPERATORS: Mapping[str, Operator] = {
    "MatMul": Operator(_matmul),
    "Gemm": Operator(_gemm, {"alpha": FLOAT, "beta": FLOAT, "transA": INT, "transB": INT}),
    "Add": _by_element(_add, "Add"),
    "Sub": _by_element(_sub, "Sub"),
    "Mul": _by_element(_mul, "Mul"),
    "Div": _by_element(_div, "Div"),
    "Neg": Operator(_neg),
    "Relu": Operator(relu),
    "Clip": Operator(clip, {"min": FLOAT, "max": FLOAT}),
    "Max": Operator(maximum),
    "Min": Operator(minimum),
    "BatchNormalization": Operator(
        _batch_norm, {"epsilon": FLOAT, "momentum": FLOAT, "training_mode": INT, "spatial": INT}
    ),
    "Conv": Operator(convolution, AXES | {"group": INT}),
    "AveragePool": Operator(average_pool, AXES | {"ceil_mode": INT, "count_include_pad": INT}),
    "MaxPool": Operator(max_pool, AXES | {"ceil_mode": INT, "storage_order": INT}),
    "LeakyRelu": Operator(leaky_relu, {"alpha": FLOAT}),
    "GlobalAveragePool": Operator(_global_average),
    "ReduceMean": Operator(_reduce_mean, {"axes": INTS, "keepdims": INT, "noop_with_empty_axes": INT}),
    "Flatten": Operator(shapes.moving(shapes.flatten), {"axis": INT}),
    "Reshape": Operator(shapes.moving(shapes.reshape), {"allowzero": INT}),
    "Transpose": Operator(shapes.moving(shapes.transpose), {"perm": INTS}),
    "Squeeze": Operator(shapes.moving(shapes.squeeze), {"axes": INTS}),
    "Unsqueeze": Operator(shapes.moving(shapes.unsqueeze), {"axes": INTS}),
    "Slice": Operator(shapes.moving(shapes.slice_)),
    "Gather": Operator(shapes.moving(shapes.gather), {"axis": INT}),
    "Expand": Operator(shapes.moving(shapes.expand)),
    "Tile": Operator(shapes.moving(shapes.tile)),
    "Pad": Operator(shapes.padded, {"mode": STRING}),
    "Identity": Operator(shapes.moving(shapes.same)),
    "Dropout": Operator(_dropout, {"ratio": FLOAT, "seed": INT}),
    "Cast": Operator(cast, {"to": INT, "saturate": INT}),
    "CastLike": Operator(cast_like),
    "Mod": Operator(lambda operands, _attributes: arithmetic("Mod", constants_of(operands)), {"fmod": INT}),
    "Shape": Operator(shapes.shape_of, {"start": INT, "end": INT}),
    "Concat": Operator(shapes.concatenated, {"axis": INT}),
    "ConstantOfShape": Operator(shapes.constant_of_shape, {"value": AttributeProto.TENSOR}),
}
