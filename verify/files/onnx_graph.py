"""ONNX graphs of affine operators and ReLU, as affine maps composed exactly, or as steps of a graph."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import AttributeProto, NodeProto, TensorProto, defs, helper, numpy_helper
from onnx.external_data_helper import load_external_data_for_tensor

from fvproof.theory.errors import DomainError, FvproofError, ShapeError
from fvproof.theory.texts import printable
from fvproof.verify.files.onnx_constants import EPSILON, rounded_factors
from fvproof.verify.files.onnx_operators import OPERATORS
from fvproof.verify.files.onnx_traced import Traced, given, steps_to
from fvproof.verify.files.onnx_unrolled import Unrolled
from fvproof.verify.files.onnx_values import Attribute, Operand, Shape, Tensor, constants_of, identity_map
from fvproof.verify.graphs.steps import NetworkStep
from fvproof.verify.layered import AffineMap

DOMAINS = ("", "ai.onnx")
"""The operators' names mean something else in other domains."""
FLOATS = {TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16}
SMALL_FLOATS = ("bfloat16",)
"""Types of real numbers that are none of numpy's own."""
CONSTANTS: Mapping[str, tuple[int, Callable[[Attribute], np.ndarray]]] = {
    "value": (AttributeProto.TENSOR, lambda value: value),
    "value_float": (AttributeProto.FLOAT, lambda value: np.array(value, dtype=np.float64)),
    "value_floats": (AttributeProto.FLOATS, lambda value: np.array(value, dtype=np.float64)),
    "value_int": (AttributeProto.INT, lambda value: np.array(value, dtype=np.int64)),
    "value_ints": (AttributeProto.INTS, lambda value: np.array(value, dtype=np.int64)),
}
"""How a `Constant` may state its value: the attribute, its type, and what is made of it."""


OPSETS = range(7, defs.onnx_opset_version() + 1)
"""Versions of the operators: before the seventh some meant something else."""


def onnx_maps(path: Path, data: bytes) -> tuple[Sequence[AffineMap], bytes, int]:
    """Return the affine maps of an ONNX file with one input and one output, and its weights that lie in other files.

    The third value is how many of its numbers are rounded: factors of batch norms that are irrational.

    A file whose batch is of any size is read for a batch of one. Weights in another file are read if that is an
    ordinary one in the same folder.

    Raises
    ------
    DomainError, ShapeError
        If the file is no ONNX, or a tensor or a node's operator is not supported: the message names it.
    """
    result, further, rounded = _result(path, data, Unrolled)
    assert isinstance(result, Unrolled)
    return _maps(result), further, rounded


def onnx_steps(path: Path, data: bytes) -> tuple[Sequence[NetworkStep], bytes, int, Shape]:
    """Return an ONNX file as steps of a graph, where `onnx_maps` returns matrices; and last the shape of one input.

    Raises
    ------
    DomainError, ShapeError
        If the file is no ONNX, or a tensor or a node's operator is not supported: the message names it.
    """
    shapes: list[Shape] = []
    result, further, rounded = _result(path, data, lambda shape: given((shapes.append(shape), shape)[1]))
    assert isinstance(result, Traced)
    return steps_to(result), further, rounded, shapes[0][1:]


def _result(path: Path, data: bytes, start: Callable[[Shape], Tensor]) -> tuple[Tensor, bytes, int]:
    """Return what the nodes make of the input, in the form that the input is given in."""
    try:
        model = onnx.load_model_from_string(data)
        check_operators(model)
        further = b"".join(from_another_file(tensor, path.parent) for tensor in model.graph.initializer)
        result, rounded = _followed(model.graph, start)
        if not isinstance(result, Tensor):
            raise DomainError("the output does not depend on the input")
        _check_whole(model, result)
    except (DecodeError, UnicodeDecodeError):
        raise DomainError("the file is cut short, or no ONNX file") from None
    return result, further, rounded


def check_operators(model: onnx.ModelProto) -> None:
    """Raise unless the operators of a file mean what is meant here."""
    if not all(isinstance(name, str) for name in _names(model.graph)):  # else protobuf gives the bytes
        raise DomainError("a name in the file is no UTF-8")
    if model.functions:
        raise DomainError("the file has functions of its own, which are not supported")
    for opset in model.opset_import:
        if opset.domain in DOMAINS and opset.version not in OPSETS:
            raise DomainError(f"the operators must be of version {OPSETS[0]} to {OPSETS[-1]}, not {opset.version}")
        if (
            opset.domain in DOMAINS
            and opset.version < 8
            and {"Max", "Min"} & {node.op_type for node in model.graph.node}
        ):
            raise DomainError("Max and Min are supported from version 8 of the operators on")


def _names(graph: onnx.GraphProto) -> Iterator[object]:
    """Yield all names in a graph."""
    yield from (value.name for value in (*graph.initializer, *graph.input, *graph.output))
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        yield from (attribute.name for attribute in node.attribute)


def _check_whole(model: onnx.ModelProto, result: Tensor) -> None:
    """Raise unless the file is valid: names, types and shapes that fit, as the `onnx` package knows them.

    What it says of values in between is not looked at; an output need not state its shape, as for every runtime.
    """
    del model.graph.value_info[:]
    stated = model.graph.output[0].type.tensor_type
    if not stated.HasField("shape"):
        stated.shape.SetInParent()
        for _ in result.shape:
            stated.shape.dim.add()
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, ValueError) as error:
        reason = next((line.strip() for line in str(error).split("\n") if line.strip()), "no reason is given")
        raise DomainError(f"the file is no valid ONNX: {printable(reason, len(reason))}") from None


def from_another_file(tensor: TensorProto, folder: Path) -> bytes:
    """Return the numbers of a tensor that lie in a file of the folder, now put into the tensor; else nothing."""
    if tensor.data_location != TensorProto.EXTERNAL:
        return b""
    try:
        load_external_data_for_tensor(tensor, str(folder))
    except (OSError, ValueError, RuntimeError, onnx.checker.ValidationError) as error:
        reason = str(error).split("\n")[0]
        raise DomainError(f"the tensor {tensor.name!r} lies in another file, which cannot be read: {reason}") from None
    tensor.data_location = TensorProto.DEFAULT
    del tensor.external_data[:]
    return tensor.raw_data


def _followed(graph: onnx.GraphProto, start: Callable[[Shape], Tensor]) -> tuple[Operand, int]:
    """Return what the nodes make of the input, and how many factors of batch norms are rounded."""
    constants: dict[str, Operand] = {}
    for tensor in graph.initializer:
        if tensor.name in constants:
            raise DomainError(f"the tensor {tensor.name!r} is there twice")
        constants[tensor.name] = _array(tensor)
    inputs = [value for value in graph.input if value.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise DomainError(f"there must be one input and one output, not {len(inputs)} and {len(graph.output)}")
    known: dict[str, Operand] = {**constants, inputs[0].name: start(_shape(inputs[0]))}
    for place, node in enumerate(graph.node):
        _apply(node, place, known)
    rounded = sum(_rounded(node, known) for node in graph.node if node.op_type == "BatchNormalization")
    return known.get(graph.output[0].name), rounded


def _rounded(node: NodeProto, known: Mapping[str, Operand]) -> int:
    """Return how many factors of a batch norm that was carried out are rounded."""
    scale, variance = constants_of([known[node.input[1]], known[node.input[4]]])
    epsilon = next((a.f for a in node.attribute if a.name == "epsilon"), EPSILON)
    return rounded_factors(scale, variance, epsilon)


def _maps(result: Unrolled) -> Sequence[AffineMap]:
    """Return the maps that lead to the output."""
    if result.rectified or not result.maps:
        return [*result.maps, identity_map(prod(result.shape))]
    return result.maps


def _array(tensor: Attribute) -> np.ndarray:
    """Return the numbers of a tensor, which must be real and finite, and in the file."""
    name = f"the tensor {tensor.name!r}"
    if tensor.data_location == TensorProto.EXTERNAL:
        raise DomainError(f"{name} lies in another file, where only the weights may be")
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
    """Return the shape of the input, whose first axis is the batch, for one example."""
    kind, sizes = value.type.tensor_type, [axis.dim_value for axis in value.type.tensor_type.shape.dim]
    if kind.elem_type not in FLOATS:
        raise DomainError(f"the input {value.name!r} must hold floating-point numbers")
    if len(sizes) < 2 or any(size < 1 for size in sizes[1:]) or sizes[0] not in (0, 1):
        raise ShapeError(f"the input {value.name!r} must have a batch of 1 and a fixed shape, not {sizes}")
    return (1, *sizes[1:])


def _apply(node: NodeProto, place: int, known: dict[str, Operand]) -> None:
    """Carry out one node: its output is known from now on."""
    name = f"node {printable(node.name or (node.output[0] if node.output else str(place)))} ({printable(node.op_type)})"
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
    if kind == AttributeProto.TENSOR:
        return _array(value)
    if kind in (AttributeProto.FLOAT, AttributeProto.FLOATS) and not np.isfinite(value).all():
        raise DomainError(f"the attribute {attribute.name!r} must be finite, not {value}")
    return value
