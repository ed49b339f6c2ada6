"""ONNX files, read with care: nothing in them is run, and what they take is bounded by their own size."""

from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import AttributeProto, NodeProto, TensorProto, helper, numpy_helper
from torch import Tensor

from fvproof.empirical.networks.graphs.building import Graph, build
from fvproof.empirical.networks.graphs.elementwise import is_float
from fvproof.empirical.networks.graphs.naming import scope_of
from fvproof.empirical.networks.graphs.network import GraphNetwork
from fvproof.empirical.networks.graphs.nodes import Array, GraphNode
from fvproof.empirical.shapes import KINDS, Shape, checked_shape, kind
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.texts import printable
from fvproof.verify.files.disk import contents
from fvproof.verify.files.onnx_graph import DOMAINS, check_operators, from_another_file

CONTROL = ("If", "Loop", "Scan", "SequenceMap")
"""Operators that hold graphs of their own."""

POINTER = b"version https://git-lfs.github.com/spec/"
"""How a file begins that stands for a large one."""

SIDE = 224
"""Rows and columns of an image where neither the file nor the user states them."""


def load_onnx(path: Path, shape: Sequence[int] | None = None) -> tuple[GraphNetwork, Shape]:
    """Return the network in an ONNX file, a layer of torch for each node, and the shape of one input.

    Parameters
    ----------
    path
        A file with one input of floats: images (N, C, H, W), signals (N, C, L) or volumes (N, C, D, H, W). Weights may
        lie in other files of its folder.
    shape
        Of one input; else what the file states, and 224 where it leaves rows and columns of images open.

    Returns
    -------
    network, shape
        The network in evaluation mode, its numbers float32. It takes as many images as one likes, of the file's own
        size; a file for one image at a time as well, if each count of images among its sizes can be told from others.

    Raises
    ------
    DomainError, ShapeError
        If there is no such file, it is damaged, it has control flow, functions of its own, several inputs or one of
        integers, or a node cannot be read: the sentence names the node.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from torch import nn
    >>> from fvproof.empirical.networks.model import Model
    >>> from fvproof.empirical.networks.sequential import sequential_onnx
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "net.onnx")
    ...     _ = file.write_bytes(sequential_onnx(Model("net", nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (1, 2, 2))))
    ...     network, size = load_onnx(file)
    >>> size, [name for name, _ in network.named_children()]
    ((1, 2, 2), ['0', '1'])
    """
    if not path.exists():
        raise DomainError(f"there is no model file {path}")
    data = contents(path)
    try:
        graph, stated = read_graph(data, path.parent)
        size = _shape(stated, shape)
        network = build(graph, size)
        if not any(True for _ in network.state_dict()):
            raise DomainError("it has no weights")
        if graph.single:
            _require_several(network, size)
    except (DomainError, ShapeError) as error:
        raise type(error)(f"{path.name}: {error}") from None
    return network, size


def _require_several(network: GraphNetwork, shape: Sequence[int]) -> None:
    """Raise unless a network made from a file for one image at a time gives several what it gives each of them.

    The sizes in such a file are those for one image; which of them counts images is found by `shaping`, and tried here.
    """
    images = torch.rand(2, *shape, generator=torch.Generator().manual_seed(0))
    way_out = "export it for any number of them, with torch's dynamic_shapes or dynamic_axes"
    try:
        with torch.no_grad():
            alone, among = network(images[:1]), network(images)
        pairs = zip(*([one] if isinstance(one, Tensor) else one.values() for one in (alone, among)), strict=True)
        same = all(torch.allclose(one, both[:1], rtol=1e-3, atol=1e-3 * float(one.abs().max())) for one, both in pairs)
    except (RuntimeError, ShapeError, ValueError, IndexError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise DomainError(
            f"the file is for one image at a time, several do not go through ({reason}): {way_out}"
        ) from None
    if not same:
        raise DomainError(f"the file is for one image at a time, and mixes several: {way_out}")


def read_graph(data: bytes, folder: Path) -> tuple[Graph, list[int]]:
    """Return the graph in a file's contents, and the shape of its input: 0 where it is open."""
    if data.startswith(POINTER):
        raise DomainError("it is a pointer to a file of Git LFS, and not that file: git lfs pull fetches it")
    try:
        model = onnx.load_model_from_string(data)
        check_operators(model)
    except (DecodeError, UnicodeDecodeError):
        raise DomainError("the file is cut short, or no ONNX file") from None
    if not model.graph.node:
        raise DomainError("the file holds no network")
    if model.graph.sparse_initializer:
        raise DomainError("sparse weights are not supported")
    _require_apart(model.graph, folder)
    constants = dict(_constants(model.graph, folder))
    inputs = [value for value in model.graph.input if value.name not in constants]
    if len(inputs) != 1:
        names = ", ".join(printable(value.name) for value in inputs) or "none"
        raise DomainError(f"it must have one input, an image, not {len(inputs)}: {names}")
    stated = _stated(inputs[0])
    nodes = [_node(node, i) for i, node in enumerate(model.graph.node) if node.op_type != "Constant"]
    opset = next((one.version for one in model.opset_import if one.domain in DOMAINS), 0)
    exits = [value.name for value in model.graph.output]
    if not opset or not exits:
        raise DomainError("it does not say which operators it uses" if exits else "it has no output")
    return Graph(nodes, constants, inputs[0].name, exits, opset, stated[0] == 1), stated


def _require_apart(graph: onnx.GraphProto, folder: Path) -> None:
    """Raise DomainError if weights that lie in other files take more than these files hold."""
    outside = [tensor for tensor in graph.initializer if tensor.data_location == TensorProto.EXTERNAL]
    names = {entry.value for tensor in outside for entry in tensor.external_data if entry.key == "location"}
    held = sum((folder / name).stat().st_size for name in names if (folder / name).is_file())
    taken = sum(prod(tensor.dims) * _width(tensor.data_type) for tensor in outside)
    if taken > held and all((folder / name).is_file() for name in names):
        raise DomainError(f"its weights take {taken} bytes, the files that they lie in have {held}")


def _width(kind: int) -> int:
    """Return how many bytes a number of a type takes."""
    try:
        return int(np.dtype(helper.tensor_dtype_to_np_dtype(kind)).itemsize)
    except (KeyError, TypeError):
        return 1


def _constants(graph: onnx.GraphProto, folder: Path) -> Iterator[tuple[str, Array]]:
    """Yield weights and other constants by name."""
    seen: set[str] = set()
    for tensor in graph.initializer:
        from_another_file(tensor, folder)
        if tensor.name in seen:
            raise DomainError(f"the tensor {printable(tensor.name)!r} is there twice")
        seen.add(tensor.name)
        yield tensor.name, _array(tensor)
    for node in graph.node:
        if node.op_type == "Constant" and node.domain in DOMAINS:
            yield _stated_constant(node)


def _stated_constant(node: NodeProto) -> tuple[str, Array]:
    """Return what a `Constant` states in one of several ways."""
    if len(node.attribute) != 1 or len(node.output) != 1:
        raise DomainError(f"node {printable(node.name)} (Constant) must state one value")
    (stated,) = node.attribute
    value = helper.get_attribute_value(stated)
    if stated.name == "value":
        return node.output[0], _array(value)
    if stated.name in ("value_float", "value_floats", "value_int", "value_ints"):
        return node.output[0], np.array(value, dtype=np.float32 if "float" in stated.name else np.int64)
    raise DomainError(
        f"node {printable(node.name)} (Constant): the attribute {printable(stated.name)!r} is not supported"
    )


def _array(tensor: TensorProto) -> Array:
    """Return the numbers of a tensor: floats of any precision as float32, in which everything is measured."""
    name = f"the tensor {printable(tensor.name)!r}"
    if tensor.data_location == TensorProto.EXTERNAL:
        raise DomainError(f"{name} lies in another file, where only the weights may be")
    try:
        array = numpy_helper.to_array(tensor)
        if is_float(tensor.data_type):
            with np.errstate(over="ignore", invalid="ignore"):
                return array.astype(np.float32)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise DomainError(f"{name} is damaged: {error}") from None
    if array.dtype.kind not in "iub":
        raise DomainError(f"{name} must hold real numbers, not the type {array.dtype.name}")
    return array.astype(np.int64) if array.dtype.kind in "iu" else array


def _stated(value: onnx.ValueInfoProto) -> list[int]:
    """Return the shape of the input as the file states it, 0 where it is open."""
    kind, name = value.type.tensor_type, printable(value.name)
    if not value.type.HasField("tensor_type") or not kind.elem_type or not is_float(kind.elem_type):
        of = TensorProto.DataType.Name(kind.elem_type).lower() if kind.elem_type else "no tensor"
        raise DomainError(f"the input {name!r} must hold floating-point numbers, not {of}: nothing else has gradients")
    sizes = [max(axis.dim_value, 0) for axis in kind.shape.dim] if kind.HasField("shape") else [0] * 4
    if not sizes:
        raise ShapeError(f"the input {name!r} must have a row for each image, and is one number")
    if sizes[0] > 1:
        raise ShapeError(f"the file is for batches of exactly {sizes[0]} images: export it for any number, or for one")
    return sizes


def _shape(stated: Sequence[int], given: Sequence[int] | None) -> Shape:
    """Return the shape of one input, as the user and the file state it."""
    own = stated[1:]
    if len(own) not in KINDS:
        raise ShapeError(
            f"it must take signals (N, C, L), images (N, C, H, W) or volumes (N, C, D, H, W), not {_sizes(stated)}"
        )
    if given is None and len(own) == 3:
        given = [size or usual for size, usual in zip(own, (3, SIDE, SIDE), strict=True)]
    if given is None:
        given = own
    if 0 in given:
        raise ShapeError(f"it takes {kind(own)} of {_sizes(own)}: say how many where it leaves that open")
    if len(given) != len(own) or any(size not in (0, wanted) for size, wanted in zip(own, given, strict=True)):
        raise ShapeError(f"it takes {kind(own)} of {_sizes(own)}, not {'×'.join(map(str, given))}")
    return checked_shape(given)


def _sizes(stated: Sequence[int]) -> str:
    """Return sizes, those that are open as such."""
    return "×".join(str(size or "any") for size in stated)


def _node(node: NodeProto, number: int) -> GraphNode:
    """Return a node, if it holds no graph and is none of another library's."""
    name = node.name or next(iter(node.output), "") or str(number)
    called = f"node {printable(name)} ({printable(node.op_type)})"
    kinds = (AttributeProto.GRAPH, AttributeProto.GRAPHS)
    if node.op_type in CONTROL or any(attribute.type in kinds for attribute in node.attribute):
        raise DomainError(f"{called}: control flow is not supported, export the network without")
    if node.domain not in DOMAINS:
        raise DomainError(f"{called}: the operators of {printable(node.domain)} are not supported")
    notes = {entry.key: entry.value for entry in node.metadata_props}
    attributes = {one.name: _attribute(one, called) for one in node.attribute}
    return GraphNode(name, node.op_type, tuple(node.input), tuple(node.output), attributes, scope_of(name, notes))


def _attribute(attribute: AttributeProto, called: str) -> object:
    """Return the value of an attribute."""
    try:
        value = helper.get_attribute_value(attribute)
    except ValueError as error:
        raise DomainError(f"{called}: {error}") from None
    return _array(value) if isinstance(value, TensorProto) else value
