"""ONNX graphs of affine operators, convolutions and ReLU as affine maps, composed exactly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import NodeProto, helper, numpy_helper

from theory.errors import DomainError, FvproofError, ShapeError
from verify.certification.layered import AffineMap, fractions_of

MOST_ENTRIES = 1 << 26
"""A convolution that unrolls to more numbers is refused."""


@dataclass(slots=True)
class Tensor:
    """A value on the way through the graph: its shape, without the batch, and the maps that lead to it.

    Parameters
    ----------
    shape
        The shape of one example.
    maps
        The affine maps so far; a ReLU stands between each and the next.
    rectified
        Whether a ReLU follows the last one.
    """

    shape: tuple[int, ...]
    maps: list[AffineMap] = field(default_factory=list)
    rectified: bool = False

    def then(self, affine: AffineMap, shape: tuple[int, ...]) -> "Tensor":
        """Return the value after one more affine map, merged with the last one if no ReLU lies between them."""
        if self.rectified or not self.maps:
            return Tensor(shape, [*self.maps, affine])
        return Tensor(shape, [*self.maps[:-1], _merged(affine, self.maps[-1])])


def onnx_maps(path: Path, data: bytes) -> Sequence[AffineMap]:
    """Return the affine maps of an ONNX file with one input and one output.

    Raises
    ------
    DomainError
        If the file is no ONNX, or a node's operator is not supported: the message names both.
    """
    try:
        graph = onnx.load_model_from_string(data).graph
    except DecodeError:
        raise DomainError("the file is cut short, or no ONNX file") from None
    constants = {tensor.name: _array(tensor) for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise DomainError(f"{path.name} must have one input and one output, not {len(inputs)} and {len(graph.output)}")
    values = {inputs[0].name: Tensor(_shape(inputs[0]))}
    for node in graph.node:
        _apply(node, values, constants)
    result = values.get(graph.output[0].name)
    if result is None or not result.maps:
        raise DomainError("the output does not depend on the input by any affine operator")
    identity = AffineMap(np.eye(prod(result.shape)), np.zeros(prod(result.shape)))
    return [*result.maps, identity] if result.rectified else result.maps


def _array(tensor: onnx.TensorProto) -> np.ndarray:
    """Return the numbers of a tensor."""
    try:
        return numpy_helper.to_array(tensor)
    except (ValueError, TypeError, OSError) as error:
        raise DomainError(f"the tensor {tensor.name!r} is damaged: {error}") from None


def _shape(value: onnx.ValueInfoProto) -> tuple[int, ...]:
    """Return the shape of one example of the input: the first axis is the batch."""
    sizes = [axis.dim_value for axis in value.type.tensor_type.shape.dim]
    if len(sizes) < 2 or any(size < 1 for size in sizes[1:]) or sizes[0] > 1:
        raise ShapeError(f"the input {value.name!r} must have a batch of 1 and a fixed shape, not {sizes}")
    return tuple(sizes[1:])


def _apply(node: NodeProto, values: dict[str, Tensor], constants: dict[str, np.ndarray]) -> None:
    """Carry out one node."""
    name = f"node {node.name or node.output[0]} ({node.op_type})"
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    if node.op_type == "Constant":
        constants[node.output[0]] = _array(attributes["value"]) if "value" in attributes else np.array(0.0)
        return
    operator = OPERATORS.get(node.op_type)
    if operator is None:
        raise DomainError(f"{name}: the operator is not supported; supported are {', '.join(sorted(OPERATORS))}")
    if node.input and all(i in constants for i in node.input) and node.op_type in ("Identity",):
        constants[node.output[0]] = constants[node.input[0]]
        return
    operands = [values.get(i, constants.get(i)) for i in node.input if i]
    try:
        values[node.output[0]] = operator(operands, attributes)
    except FvproofError as error:
        raise type(error)(f"{name}: {error}") from None
    except (ValueError, IndexError, TypeError, AttributeError, KeyError) as error:
        raise ShapeError(f"{name}: its inputs do not fit together ({error})") from None


def _sides(operands: Sequence) -> tuple[Tensor, np.ndarray, bool]:
    """Return the value, the constant, and whether the value comes first."""
    first = isinstance(operands[0], Tensor)
    value, constant = operands if first else operands[::-1]
    if not isinstance(value, Tensor) or not isinstance(constant, np.ndarray):
        raise DomainError("one side must depend on the input, and the other must be constant")
    return value, constant, first


def _matmul(operands: Sequence, _attributes: dict) -> Tensor:
    """x·B, or A·x for a column x."""
    value, constant, first = _sides(operands)
    if constant.ndim != 2:
        raise ShapeError(f"the matrix must have two axes, not {constant.ndim}")
    weights = constant.T if first else constant
    if prod(value.shape) != weights.shape[1] or (first and value.shape[-1] != weights.shape[1]):
        raise ShapeError(f"a value of shape {value.shape} does not fit a matrix of shape {constant.shape}")
    shape = (*value.shape[:-1], weights.shape[0]) if first else (weights.shape[0], *value.shape[1:])
    return value.then(_doubles(weights, np.zeros(weights.shape[0])), shape)


def _gemm(operands: Sequence, attributes: dict) -> Tensor:
    """alpha·x·B + beta·C."""
    value, matrix = operands[:2]
    if not isinstance(value, Tensor) or not isinstance(matrix, np.ndarray) or attributes.get("transA"):
        raise DomainError(
            "the first input must depend on the network's input, untransposed, and the second be constant"
        )
    weights = matrix if attributes.get("transB") else matrix.T
    biases = np.zeros(weights.shape[0])
    if len(operands) == 3:
        biases = np.broadcast_to(operands[2].reshape(-1), (weights.shape[0],))
    alpha, beta = attributes.get("alpha", 1.0), attributes.get("beta", 1.0)
    if prod(value.shape) != weights.shape[1]:
        raise ShapeError(f"a value of shape {value.shape} does not fit a matrix of shape {matrix.shape}")
    affine = _doubles(_scaled(weights, alpha), _scaled(biases, beta))
    return value.then(affine, (weights.shape[0],))


def _scaled(array: np.ndarray, factor: float) -> np.ndarray:
    """Return the array times a factor, exactly."""
    return array if factor == 1 else fractions_of(array.astype(np.float64)) * fractions_of(np.array([factor]))[0]


def _add(operands: Sequence, _attributes: dict) -> Tensor:
    """X + c."""
    value, constant, _ = _sides(operands)
    return _shifted(value, constant)


def _sub(operands: Sequence, _attributes: dict) -> Tensor:
    """X − c."""
    value, constant, first = _sides(operands)
    if not first:
        raise DomainError("a constant less the value is not supported")
    return _shifted(value, -constant)


def _shifted(value: Tensor, constant: np.ndarray) -> Tensor:
    """Return the value plus a constant."""
    shift = np.broadcast_to(constant[0] if constant.ndim > len(value.shape) else constant, value.shape).reshape(-1)
    if not value.rectified and value.maps:
        last = value.maps[-1]
        return Tensor(value.shape, [*value.maps[:-1], AffineMap(last.weights, _sum(last.biases, shift))])
    if not shift.any():
        return value
    return value.then(_doubles(np.eye(shift.size), shift), value.shape)


def _sum(biases: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return the exact sum."""
    if not np.any(biases):
        return shift.astype(np.float64)
    return fractions_of(biases) + fractions_of(shift.astype(np.float64))


def _relu(operands: Sequence, _attributes: dict) -> Tensor:
    """max(x, 0)."""
    (value,) = operands
    size = prod(value.shape)
    return Tensor(value.shape, value.maps or [AffineMap(np.eye(size), np.zeros(size))], rectified=True)


def _flatten(operands: Sequence, attributes: dict) -> Tensor:
    """All axes but the batch in a row."""
    if attributes.get("axis", 1) != 1:
        raise DomainError(f"the axis must be 1, not {attributes['axis']}")
    return Tensor((prod(operands[0].shape),), operands[0].maps, operands[0].rectified)


def _reshape(operands: Sequence, _attributes: dict) -> Tensor:
    """Return the same numbers in another shape, the batch first."""
    value, sizes = operands
    shape = [value.shape[i - 1] if i and n == 0 else int(n) for i, n in enumerate(sizes)][1:]
    rest = prod(value.shape) // max(1, prod(n for n in shape if n > 0))
    shape = tuple(rest if n == -1 else n for n in shape)
    if prod(shape) != prod(value.shape):
        raise ShapeError(f"{value.shape} cannot be brought into the shape {shape}")
    return Tensor(shape, value.maps, value.rectified)


def _identity(operands: Sequence, _attributes: dict) -> Tensor:
    """X itself."""
    return operands[0]


def _conv(operands: Sequence, attributes: dict) -> Tensor:
    """Return a two-dimensional convolution, unrolled."""
    value, kernel = operands[:2]
    if len(value.shape) != 3 or kernel.ndim != 4 or attributes.get("auto_pad", b"NOTSET") != b"NOTSET":
        raise DomainError("only two-dimensional convolutions with explicit padding are supported")
    groups, strides, dilations = (
        attributes.get("group", 1),
        attributes.get("strides", [1, 1]),
        attributes.get("dilations", [1, 1]),
    )
    top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    (channels, height, width), (filters, per_group, rows, columns) = value.shape, kernel.shape
    if per_group * groups != channels or filters % groups:
        raise ShapeError(f"a kernel of shape {kernel.shape} does not fit {channels} channels in {groups} groups")
    tall = (height + top + bottom - dilations[0] * (rows - 1) - 1) // strides[0] + 1
    wide = (width + left + right - dilations[1] * (columns - 1) - 1) // strides[1] + 1
    if filters * tall * wide * prod(value.shape) > MOST_ENTRIES or min(tall, wide) < 1:
        raise ShapeError(f"unrolled, it would have {filters * tall * wide} rows of {prod(value.shape)} numbers")
    matrix = np.zeros((filters, tall, wide, *value.shape))
    f, c, r, s, i, j = np.indices((filters, per_group, rows, columns, tall, wide)).reshape(6, -1)
    y, x = i * strides[0] + r * dilations[0] - top, j * strides[1] + s * dilations[1] - left
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    f, c, r, s, i, j, y, x = (index[inside] for index in (f, c, r, s, i, j, y, x))
    matrix[f, i, j, c + per_group * (f // (filters // groups)), y, x] = kernel[f, c, r, s]
    bias = operands[2] if len(operands) == 3 else np.zeros(filters)
    shape = (filters, tall, wide)
    return value.then(_doubles(matrix.reshape(prod(shape), -1), np.repeat(bias, tall * wide)), shape)


def _doubles(weights: np.ndarray, biases: np.ndarray) -> AffineMap:
    """Return an affine map in doubles, which hold every smaller float."""
    return AffineMap(*(array if array.dtype == object else array.astype(np.float64) for array in (weights, biases)))


def _merged(outer: AffineMap, inner: AffineMap) -> AffineMap:
    """Return the composition, exact."""
    return outer.after(inner)


OPERATORS: dict[str, Callable[[Sequence, dict], Tensor]] = {
    "MatMul": _matmul,
    "Gemm": _gemm,
    "Add": _add,
    "Sub": _sub,
    "Relu": _relu,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Identity": _identity,
    "Dropout": _identity,
    "Conv": _conv,
}
