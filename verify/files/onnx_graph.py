"""ONNX graphs of affine operators, convolutions and ReLU as affine maps, composed exactly."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import AttributeProto, NodeProto, TensorProto, helper, numpy_helper

from theory.errors import DomainError, FvproofError, ShapeError
from verify.certification.layered import AffineMap
from verify.files.onnx_operators import OPERATORS, Attribute, Operand, Tensor, identity_map

DOMAINS = ("", "ai.onnx")
"""The operators' names mean something else in other domains."""
FLOATS = {TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16}
SMALL_FLOATS = ("bfloat16",)
"""Types of real numbers that are none of numpy's own."""
CONSTANTS: Mapping[str, tuple[int, Callable[[Attribute], np.ndarray]]] = {
    "value": (AttributeProto.TENSOR, lambda value: _array(value)),
    "value_float": (AttributeProto.FLOAT, lambda value: np.array(value, dtype=np.float64)),
    "value_floats": (AttributeProto.FLOATS, lambda value: np.array(value, dtype=np.float64)),
    "value_int": (AttributeProto.INT, lambda value: np.array(value, dtype=np.int64)),
    "value_ints": (AttributeProto.INTS, lambda value: np.array(value, dtype=np.int64)),
}
"""How a `Constant` may state its value: the attribute, its type, and what is made of it."""


def onnx_maps(_path: Path, data: bytes) -> Sequence[AffineMap]:
    """Return the affine maps of an ONNX file with one input and one output.

    Raises
    ------
    DomainError, ShapeError
        If the file is no ONNX, or a tensor or a node's operator is not supported: the message names it.
    """
    try:
        graph = onnx.load_model_from_string(data).graph
        constants = {tensor.name: _array(tensor) for tensor in graph.initializer}
        inputs = [value for value in graph.input if value.name not in constants]
        if len(inputs) != 1 or len(graph.output) != 1:
            raise DomainError(f"there must be one input and one output, not {len(inputs)} and {len(graph.output)}")
        known: dict[str, Operand] = {**constants, inputs[0].name: Tensor(_shape(inputs[0]))}
        for place, node in enumerate(graph.node):
            _apply(node, place, known)
        return _maps(known.get(graph.output[0].name))
    except (DecodeError, UnicodeDecodeError):
        raise DomainError("the file is cut short, or no ONNX file") from None


def _maps(result: Operand) -> Sequence[AffineMap]:
    """Return the maps that lead to the output."""
    if not isinstance(result, Tensor) or not result.maps:
        raise DomainError("the output does not depend on the input by any affine operator")
    return [*result.maps, identity_map(prod(result.shape))] if result.rectified else result.maps


def _array(tensor: Attribute) -> np.ndarray:
    """Return the numbers of a tensor, which must be real and finite, and in the file."""
    name = f"the tensor {tensor.name!r}"
    if tensor.data_location == TensorProto.EXTERNAL:
        raise DomainError(f"{name} lies in another file: only networks in one file are read")
    try:
        array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise DomainError(f"{name} is damaged: {error}") from None
    if array.dtype.kind not in "fiu" and array.dtype.name not in SMALL_FLOATS:
        raise DomainError(f"{name} must hold real numbers, not the type {array.dtype.name}")
    with np.errstate(invalid="ignore"):  # a signalling NaN
        array = array if array.dtype.kind in "iu" else array.astype(np.float64)
    if not np.isfinite(array).all():
        raise DomainError(f"{name} must hold finite numbers, and holds NaN or infinity")
    return array


def _shape(value: onnx.ValueInfoProto) -> tuple[int, ...]:
    """Return the shape of one example of the input: the first axis is the batch."""
    kind, sizes = value.type.tensor_type, [axis.dim_value for axis in value.type.tensor_type.shape.dim]
    if kind.elem_type not in FLOATS:
        raise DomainError(f"the input {value.name!r} must hold floating-point numbers")
    if len(sizes) < 2 or any(size < 1 for size in sizes[1:]) or sizes[0] not in (0, 1):
        raise ShapeError(f"the input {value.name!r} must have a batch of 1 and a fixed shape, not {sizes}")
    return tuple(sizes[1:])


def _apply(node: NodeProto, place: int, known: dict[str, Operand]) -> None:
    """Carry out one node: its output is known from now on."""
    name = f"node {node.name or (node.output[0] if node.output else place)} ({node.op_type})"
    try:
        output = _output(node, known)
        known[output] = _constant(node) if node.op_type == "Constant" else _carried_out(node, known)
    except FvproofError as error:
        raise type(error)(f"{name}: {error}") from None
    except (ValueError, IndexError, TypeError, AttributeError, KeyError, OverflowError, MemoryError) as error:
        raise ShapeError(f"{name}: its inputs do not fit together ({error})") from None


def _output(node: NodeProto, known: Mapping[str, Operand]) -> str:
    """Return the name of a node's output, which must be new."""
    if not node.output or not node.output[0]:
        raise DomainError("the node has no output")
    if node.output[0] in known:
        raise DomainError(f"its output {node.output[0]!r} is there already")
    return node.output[0]


def _constant(node: NodeProto) -> np.ndarray:
    """Return the value of a `Constant`, which states it in one of several ways."""
    stated = list(node.attribute)
    if len(stated) != 1 or stated[0].name not in CONSTANTS:
        names = ", ".join(a.name for a in stated) or "none"
        raise DomainError(f"its value must be stated by one of {', '.join(CONSTANTS)}, not by {names}")
    kind, read = CONSTANTS[stated[0].name]
    return read(_attribute(stated[0], kind))


def _carried_out(node: NodeProto, known: Mapping[str, Operand]) -> Operand:
    """Return what a node's operator makes of its inputs."""
    operator = OPERATORS.get(node.op_type) if node.domain in DOMAINS else None
    if operator is None:
        raise DomainError(f"the operator is not supported; supported are {', '.join(sorted(OPERATORS))}, Constant")
    if unknown := [a.name for a in node.attribute if a.name not in operator.attributes]:
        raise DomainError(f"the attribute {unknown[0]!r} is not supported")
    attributes = {a.name: _attribute(a, operator.attributes[a.name]) for a in node.attribute}
    if missing := [i for i in node.input if i and i not in known]:
        raise DomainError(f"its input {missing[0]!r} is not computed before it")
    return operator.apply([known[i] if i else None for i in node.input], attributes)


def _attribute(attribute: AttributeProto, kind: int) -> Attribute:
    """Return an attribute's value, which must be of a type; numbers must be finite."""
    if attribute.type != kind:
        raise DomainError(
            f"the attribute {attribute.name!r} must be of the type {AttributeProto.AttributeType.Name(kind)}"
        )
    value = helper.get_attribute_value(attribute)
    if kind in (AttributeProto.FLOAT, AttributeProto.FLOATS) and not np.isfinite(value).all():
        raise DomainError(f"the attribute {attribute.name!r} must be finite, not {value}")
    return value
