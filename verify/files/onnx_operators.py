"""The ONNX operators that are read: what each makes of a value on its way through the graph, as an exact affine map."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from onnx import AttributeProto

from theory.errors import DomainError, ShapeError
from verify.certification.layered import AffineMap, fractions_of

MOST_ENTRIES = 1 << 26
"""A matrix of more numbers is refused."""
EXACT_INTEGERS = 1 << 53
"""Doubles hold every integer up to here."""

FLOAT, INT = AttributeProto.FLOAT, AttributeProto.INT
AXES = ("dilations", "kernel_shape", "pads", "strides")
"""Attributes of a convolution with numbers for each axis."""

Attribute = Any
"""What the `onnx` package makes of an attribute."""


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
        return Tensor(shape, [*self.maps[:-1], affine.after(self.maps[-1])])

    def reshaped(self, shape: tuple[int, ...]) -> "Tensor":
        """Return the same numbers in another shape."""
        return Tensor(shape, self.maps, self.rectified)


Operand = Tensor | np.ndarray | None
"""A value, a constant, or an optional input that was left out."""
Attributes = Mapping[str, Attribute]


@dataclass(frozen=True, slots=True)
class Operator:
    """What an operator does with its inputs and attributes, and which attributes of which types it may have."""

    apply: Callable[[Sequence[Operand], Attributes], Operand]
    attributes: Mapping[str, int] = field(default_factory=dict)


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


def _sides(operands: Sequence[Operand]) -> tuple[Tensor, np.ndarray, bool]:
    """Return the value, the constant, and whether the value comes first."""
    one, other = operands
    if isinstance(one, Tensor) and isinstance(other, np.ndarray):
        return one, other, True
    if isinstance(one, np.ndarray) and isinstance(other, Tensor):
        return other, one, False
    raise DomainError("one side must depend on the input, and the other must be constant")


def _value(operand: Operand) -> Tensor:
    """Return an operand that must depend on the input."""
    if not isinstance(operand, Tensor):
        raise DomainError("the first input must depend on the network's input")
    return operand


def _constants(operands: Sequence[Operand]) -> list[np.ndarray]:
    """Return operands that must be constant; optional ones may be left out at the end."""
    given = [operand for operand in operands if operand is not None]
    constants = [operand for operand in given if isinstance(operand, np.ndarray)]
    if len(constants) < len(given):
        raise DomainError("all inputs but the first must be constant")
    return constants


def _matmul(operands: Sequence[Operand], _attributes: Attributes) -> Tensor:
    """x·B, or A·x for a column x."""
    value, constant, first = _sides(operands)
    if constant.ndim != 2:
        raise ShapeError(f"the matrix must have two axes, not {constant.ndim}")
    weights, axis = (constant.T, value.shape[-1:]) if first else (constant, value.shape[-2:-1])
    if axis != weights.shape[1:] or prod(value.shape) != weights.shape[1]:
        raise ShapeError(f"a value of shape {value.shape} does not fit a matrix of shape {constant.shape}")
    shape = (*value.shape[:-1], len(weights)) if first else (*value.shape[:-2], len(weights), 1)
    return value.then(_affine(weights, np.zeros(len(weights))), shape)


def _gemm(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """alpha·x·B + beta·C."""
    value, (matrix, *bias) = _value(operands[0]), _constants(operands[1:])
    if attributes.get("transA"):
        raise DomainError("the first input must not be transposed")
    weights = matrix if attributes.get("transB") else matrix.T
    if value.shape != weights.shape[1:]:
        raise ShapeError(f"a value of shape {value.shape} does not fit a matrix of shape {matrix.shape}")
    alpha, beta = attributes.get("alpha", 1.0), attributes.get("beta", 1.0)
    constant = np.broadcast_to(bias[0] if bias else np.zeros(1), (1, len(weights)))[0]
    return value.then(_affine(_scaled(weights, alpha), _scaled(constant, beta)), (len(weights),))


def _scaled(array: np.ndarray, factor: float) -> np.ndarray:
    """Return the array times a factor, exactly."""
    return array if factor == 1 else fractions_of(_doubles(array)) * Fraction(factor)


def _add(operands: Sequence[Operand], _attributes: Attributes) -> Tensor:
    """X + c."""
    value, constant, _ = _sides(operands)
    return _shifted(value, _doubles(constant))


def _sub(operands: Sequence[Operand], _attributes: Attributes) -> Tensor:
    """X − c."""
    value, constant, first = _sides(operands)
    if not first:
        raise DomainError("a constant less the value is not supported")
    return _shifted(value, -_doubles(constant))


def _shifted(value: Tensor, constant: np.ndarray) -> Tensor:
    """Return the value plus a constant, which is repeated along its axes of length 1."""
    whole = (1, *value.shape)
    if np.broadcast_shapes(constant.shape, whole) != whole:
        raise ShapeError(f"a constant of shape {constant.shape} does not fit one value of shape {value.shape}")
    shift = np.broadcast_to(constant, whole).reshape(-1)
    if not value.rectified and value.maps:
        last = value.maps[-1]
        return Tensor(value.shape, [*value.maps[:-1], AffineMap(last.weights, _sum(last.biases, shift))])
    return value.then(AffineMap(identity_map(shift.size).weights, shift), value.shape) if shift.any() else value


def _sum(biases: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return the exact sum."""
    return fractions_of(biases) + fractions_of(shift) if np.any(biases) else shift


def _relu(operands: Sequence[Operand], _attributes: Attributes) -> Tensor:
    """max(x, 0)."""
    (operand,) = operands
    value = _value(operand)
    return Tensor(value.shape, value.maps or [identity_map(prod(value.shape))], rectified=True)


def _flatten(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """All axes but the batch in a row."""
    (operand,) = operands
    if attributes.get("axis", 1) != 1:
        raise DomainError(f"the axis must be 1, not {attributes['axis']}")
    return _value(operand).reshaped((prod(_value(operand).shape),))


def _reshape(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """Return the same numbers in another shape, the batch first."""
    value, (sizes,) = _value(operands[0]), _constants(operands[1:])
    if attributes.get("allowzero"):
        raise DomainError("the attribute 'allowzero' is not supported")
    whole, stated = (1, *value.shape), [int(size) for size in sizes]
    shape = [whole[i] if size == 0 else size for i, size in enumerate(stated)]
    if shape.count(-1) == 1:
        shape[shape.index(-1)] = prod(whole) // max(1, prod(size for size in shape if size != -1))
    if prod(shape) != prod(whole) or min(shape) < 1 or shape[0] != 1:
        raise ShapeError(f"one value of shape {value.shape} cannot be brought into the shape {stated}, the batch first")
    return value.reshaped(tuple(shape[1:]))


def _identity(operands: Sequence[Operand], _attributes: Attributes) -> Operand:
    """X itself."""
    (operand,) = operands
    return operand


def _dropout(operands: Sequence[Operand], _attributes: Attributes) -> Tensor:
    """X itself, unless a third input says that the network is in training."""
    if any(operand is not None for operand in operands[2:]):
        raise DomainError("the input 'training_mode' is not supported")
    return _value(operands[0])


def _conv(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """Return a two-dimensional convolution, unrolled."""
    value, (kernel, *given) = _value(operands[0]), _constants(operands[1:])
    window = _window(value.shape, kernel.shape, attributes)
    filters, (tall, wide) = kernel.shape[0], window.places
    bias = given[0] if given else np.zeros(filters)
    if bias.shape != (filters,):
        raise ShapeError(f"the bias must have {filters} numbers, not the shape {bias.shape}")
    matrix = _unrolled(value.shape, _doubles(kernel), window)
    return value.then(_affine(matrix, np.repeat(bias, tall * wide)), (filters, tall, wide))


@dataclass(frozen=True, slots=True)
class Window:
    """How a convolution moves its kernel: pads above, left, below, right; places down and across."""

    groups: int
    strides: Sequence[int]
    dilations: Sequence[int]
    pads: Sequence[int]
    places: tuple[int, int]


def _window(shape: tuple[int, ...], kernel: tuple[int, ...], attributes: Attributes) -> Window:
    """Return how a kernel of a shape is moved over a value of a shape, if both fit."""
    if len(shape) != 3 or len(kernel) != 4 or attributes.get("auto_pad", b"NOTSET") != b"NOTSET":
        raise DomainError("only two-dimensional convolutions with explicit padding are supported")
    strides, dilations = (attributes.get(name, [1, 1]) for name in ("strides", "dilations"))
    groups, pads = attributes.get("group", 1), attributes.get("pads", [0, 0, 0, 0])
    if min(groups, *strides, *dilations) < 1 or min(pads) < 0 or (len(strides), len(dilations), len(pads)) != (2, 2, 4):
        raise DomainError(
            "group, strides and dilations must be at least 1, and pads at least 0, two numbers to an axis"
        )
    if (
        kernel[1] * groups != shape[0]
        or kernel[0] % groups
        or tuple(attributes.get("kernel_shape", kernel[2:])) != kernel[2:]
    ):
        raise ShapeError(f"a kernel of shape {kernel} does not fit {shape[0]} channels in {groups} groups")
    reach = [dilations[a] * (kernel[2 + a] - 1) + 1 for a in range(2)]
    tall, wide = ((shape[1 + a] + pads[a] + pads[a + 2] - reach[a]) // strides[a] + 1 for a in range(2))
    rows, longest = kernel[0] * tall * wide, max(prod(shape), prod(kernel[1:]))
    if min(tall, wide) < 1 or rows * longest > MOST_ENTRIES:
        raise ShapeError(f"unrolled, it would have {tall} by {wide} places, and {rows} rows of {prod(shape)} numbers")
    return Window(groups, strides, dilations, pads, (tall, wide))


def _unrolled(shape: tuple[int, ...], kernel: np.ndarray, window: Window) -> np.ndarray:
    """Return the matrix of a convolution."""
    filters, per_group, *_ = kernel.shape
    f, c, r, s, i, j = np.indices((*kernel.shape, *window.places)).reshape(6, -1)
    y = i * window.strides[0] + r * window.dilations[0] - window.pads[0]
    x = j * window.strides[1] + s * window.dilations[1] - window.pads[1]
    inside = (y >= 0) & (y < shape[1]) & (x >= 0) & (x < shape[2])
    f, c, r, s, i, j, y, x = (index[inside] for index in (f, c, r, s, i, j, y, x))
    matrix = np.zeros((filters, *window.places, *shape))
    matrix[f, i, j, c + per_group * (f // (filters // window.groups)), y, x] = kernel[f, c, r, s]
    return matrix.reshape(-1, prod(shape))


def _affine(weights: np.ndarray, biases: np.ndarray) -> AffineMap:
    """Return an affine map."""
    return AffineMap(_doubles(weights), _doubles(biases))


def _doubles(array: np.ndarray) -> np.ndarray:
    """Return numbers in doubles, which hold every smaller float; fractions are left as they are."""
    if array.dtype.kind in "iu" and array.size and max(int(array.max()), -int(array.min())) > EXACT_INTEGERS:
        raise DomainError(f"integers must lie within ±{EXACT_INTEGERS}")
    return array if array.dtype == object else array.astype(np.float64)


OPERATORS: Mapping[str, Operator] = {
    "MatMul": Operator(_matmul),
    "Gemm": Operator(_gemm, {"alpha": FLOAT, "beta": FLOAT, "transA": INT, "transB": INT}),
    "Add": Operator(_add),
    "Sub": Operator(_sub),
    "Relu": Operator(_relu),
    "Flatten": Operator(_flatten, {"axis": INT}),
    "Reshape": Operator(_reshape, {"allowzero": INT}),
    "Identity": Operator(_identity),
    "Dropout": Operator(_dropout, {"ratio": FLOAT, "seed": INT}),
    "Conv": Operator(
        _conv, {"auto_pad": AttributeProto.STRING, "group": INT} | dict.fromkeys(AXES, AttributeProto.INTS)
    ),
}
