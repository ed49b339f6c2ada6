"""From the nodes of an ONNX graph to a network: each becomes a layer while one image goes through them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from fvproof.empirical.networks.graphs.constants import FOLDS, foldable
from fvproof.empirical.networks.graphs.elementwise import ELEMENTWISE
from fvproof.empirical.networks.graphs.layers import WEIGHTED
from fvproof.empirical.networks.graphs.naming import layer_names, place
from fvproof.empirical.networks.graphs.network import GraphNetwork, OperatorStep, with_done
from fvproof.empirical.networks.graphs.nodes import Array, GraphNode, Made, Maker, NodeCall, Value, as_float
from fvproof.empirical.networks.graphs.room import require_room
from fvproof.empirical.networks.graphs.shaping import SHAPING
from fvproof.empirical.networks.graphs.windows import WINDOWS
from fvproof.theory.errors import DomainError, FvproofError, ShapeError
from fvproof.theory.texts import printable

MAKERS: Mapping[str, Maker] = {**WEIGHTED, **ELEMENTWISE, **WINDOWS, **SHAPING}
"""The operators that are read, by name, and what makes a layer of each."""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """An ONNX graph with one input.

    Attributes
    ----------
    nodes
        In an order in which they can run.
    constants
        Weights and other constants by name.
    entry, exits
        Names of the input and of the outputs.
    opset
        Version of the operators.
    single
        Whether it is for one image at a time.
    """

    nodes: Sequence[GraphNode]
    constants: Mapping[str, Array]
    entry: str
    exits: Sequence[str]
    opset: int
    single: bool


def build(graph: Graph, shape: Sequence[int]) -> GraphNetwork:
    """Return a graph as a network for images of a shape.

    Raises
    ------
    DomainError, ShapeError
        If a node's operator cannot be read, or what comes into it does not fit: the sentence names the node.
    """
    values: dict[str, Value] = {**graph.constants, graph.entry: torch.full((1, *shape), 0.5)}
    constants = set(graph.constants)
    steps: list[tuple[OperatorStep, nn.Module | None]] = []
    for node in _with_biases(graph):
        try:
            with torch.no_grad():
                step = _made(node, graph, values, constants)
        except FvproofError as error:
            raise type(error)(f"{_called(node)}: {error}") from None
        except (ValueError, IndexError, TypeError, AttributeError, KeyError, RuntimeError, MemoryError) as error:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise ShapeError(f"{_called(node)}: what comes into it does not fit ({reason})") from None
        steps += [] if step is None else [step]
    for name in graph.exits:
        if not isinstance(values.get(name), Tensor):
            raise DomainError(f"its output {printable(name)!r} does not depend on the image")
    return _network(graph, steps, {name: values[name] for name in constants})


def _called(node: GraphNode) -> str:
    return f"node {printable(node.name)} ({printable(node.op)})"


def _network(
    graph: Graph, steps: Sequence[tuple[OperatorStep, nn.Module | None]], constants: Mapping[str, Value]
) -> GraphNetwork:
    """Return the network of the steps, the layers under their names, with the constants that no layer has itself."""
    names = iter(layer_names([step.call.node for step, layer in steps if layer is not None]))
    named = [(replace(step, layer=None if layer is None else next(names)), layer) for step, layer in steps]
    wanted = {name for step, _ in named for name in step.inputs}
    kept: dict[str, Any] = {name: value for name, value in constants.items() if name in wanted}
    ordered = with_done([step for step, _ in named], graph.exits)
    network = GraphNetwork(ordered, kept, graph.entry, graph.exits)
    for step, layer in named:
        if step.layer is not None and layer is not None:
            place(network, step.layer, layer)
    return network.eval()


def _made(
    node: GraphNode, graph: Graph, values: dict[str, Value], constants: set[str]
) -> tuple[OperatorStep, nn.Module | None] | None:
    """Carry out one node; return how it goes on from here, and its layer. A node of constants is done with."""
    if missing := [name for name in node.inputs if name and name not in values]:
        raise DomainError(f"its input {printable(missing[0])!r} is not computed before it")
    if doubled := [name for name in node.outputs if name in values]:
        raise DomainError(f"its output {printable(doubled[0])!r} is there already")
    given = [values[name] if name else None for name in node.inputs]
    kept = [name in constants for name in node.inputs]
    if not foldable(node.op, given) and not any(isinstance(value, Tensor) for value in given):
        given[:1], kept[:1] = [as_float(value) for value in given[:1]], [False]  # such as a resized table of places
    call = NodeCall(node, graph.opset, given, kept, graph.single)
    if foldable(node.op, given):
        found, made = FOLDS[node.op](call), None
    else:
        made = _layer(call)
        found = _run(made, call)
    call.require_all_read()
    several = found if isinstance(found, tuple) else (found,)
    if any(name for name in node.outputs[len(several) :]):
        raise DomainError(f"only its first {len(several)} outputs are supported")
    values.update({name: value for name, value in zip(node.outputs, several, strict=False) if name})
    if made is None and all(call.constants):
        constants.update(name for name in node.outputs if name)
        return None
    inputs = node.inputs if made is None else tuple(node.inputs[i] for i in made.inputs)
    rest = replace(call, values=(), read=set())
    return OperatorStep(None, rest, inputs, node.outputs), None if made is None else made.module


def _layer(call: NodeCall) -> Made:
    """Return the layer for a node."""
    make = MAKERS.get(call.node.op)
    if make is None:
        raise DomainError(f"the operator is not supported{_instead(call.node.op)}")
    made = make(call)
    made.module.eval()
    return made


def _instead(op: str) -> str:
    """Return what to do where an operator is one of a known kind."""
    if op.startswith(("Quantize", "Dequantize", "DynamicQuantize", "QLinear")) or op.endswith("Integer"):
        return ": it is quantized, which has no gradients; give the network as it was before"
    return ""


def _run(made: Made, call: NodeCall) -> Any:  # noqa: ANN401  one tensor or several
    """Return what a layer gives for one image, if that is not too large."""
    require_room(call, made.module)
    return made.module(*(call.values[i] for i in made.inputs))


def _with_biases(graph: Graph) -> list[GraphNode]:
    """Return the nodes, each product with a matrix and the sum with a vector after it as one: a linear layer."""
    used = Counter(name for node in graph.nodes for name in node.inputs) + Counter(graph.exits)
    sums = {
        name: (node, node.inputs[1 - i])
        for node in graph.nodes
        if node.op == "Add" and len(node.inputs) == 2
        for i, name in enumerate(node.inputs)
    }
    found, gone = [], set()
    for node in graph.nodes:
        if node.name in gone and node.op == "Add":
            continue
        if node.op == "MatMul" and len(node.inputs) == 2 and node.outputs and used[node.outputs[0]] == 1:
            after, bias = sums.get(node.outputs[0], (None, ""))
            if after is not None and _fits(graph.constants.get(node.inputs[1]), graph.constants.get(bias)):
                gone.add(after.name)
                node = replace(node, inputs=(*node.inputs, bias), outputs=after.outputs)
        found.append(node)
    return found


def _fits(weight: Array | None, bias: Array | None) -> bool:
    """Return whether a product with a weight and a sum with a bias is what a linear layer computes."""
    return weight is not None and bias is not None and weight.ndim == 2 and np.shape(bias) == weight.shape[1:]
