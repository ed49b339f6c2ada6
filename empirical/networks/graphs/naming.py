"""What the layers of an ONNX network are called: as the modules that they were exported from, where the file tells.

torch's exporters note in which module a node was: in its name (`/layer1/layer1.0/conv1/Conv`), or beside it (the
modules' own names). A module of one node gives it its name, `layer1.0.conv1`; of several, each adds its operator
(`layer1.0.relu.Relu`, `layer1.0.relu.Relu_1`). Other nodes keep their names, with dots where slashes are.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, count

from torch import nn

from fvproof.empirical.networks.graphs.nodes import GraphNode

SCOPES = "pkg.torch.onnx.name_scopes"
"""Where torch's newer exporter notes the modules."""

UNNAMABLE = re.compile(r"\W+", re.ASCII)
"""What stands in no name of a layer: units are written after a colon, and places after an `@`."""


def scope_of(name: str, notes: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the modules around a node, the outermost first; none where the file does not tell.

    Examples
    --------
    >>> scope_of("/layer1/layer1.0/conv1/Conv", {})
    ('layer1', '0', 'conv1')
    >>> scope_of("node_conv2d", {SCOPES: "['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d']"})
    ('layer1', '0', 'conv1')
    """
    if SCOPES in notes:
        try:
            *around, _ = ast.literal_eval(notes[SCOPES])
            return _parts(str(around[-1])) if around else ()
        except (ValueError, SyntaxError, IndexError, TypeError, MemoryError, RecursionError):
            return ()
    found: list[str] = []
    for part in name.split("/")[:-1]:
        inner = part.removeprefix(f"{found[-1]}.") if found else part  # a Sequential is named twice: layer1/layer1.0
        found += [inner] if inner else []
    return tuple(piece for part in found for piece in _parts(part))


def _parts(name: str) -> tuple[str, ...]:
    """Return the parts of a name with dots, each of which can name a module."""
    return tuple(_namable(part) for part in name.split(".") if part)


def _namable(part: str) -> str:
    """Return a name that a module can have among others."""
    plain = UNNAMABLE.sub("_", part) or "_"
    return f"{plain}_" if hasattr(nn.Module(), plain) else plain


def layer_names(nodes: Sequence[GraphNode]) -> list[str]:
    """Return a name for the layer of each node, in their order, none of them twice.

    Examples
    --------
    >>> nodes = ("/a/Relu", "/b/Relu", "/b/Relu_1")
    >>> layer_names([GraphNode(name, "Relu", (), (), {}, scope_of(name, {})) for name in nodes])
    ['a', 'b.Relu', 'b.Relu_1']
    """
    wanted = [_wanted(node, alone) for node, alone in zip(nodes, _alone(nodes), strict=True)]
    taken = {part for name in wanted for part in accumulate(name.split(".")[:-1], lambda a, b: f"{a}.{b}")}
    found: list[str] = []
    for name in wanted:
        found.append(next(free for free in _further(name) if free not in taken))
        taken.add(found[-1])
    return found


def _alone(nodes: Sequence[GraphNode]) -> list[bool]:
    """Return for each node whether it is all that there is in the module that it was exported from."""
    counts = Counter(node.scope[:i] for node in nodes for i in range(1, len(node.scope) + 1))
    return [counts[node.scope] == 1 for node in nodes]


def _wanted(node: GraphNode, alone: bool) -> str:  # noqa: FBT001  whether its module is its alone
    """Return the name that a node would have if there were no other."""
    return ".".join(node.scope if alone else (*node.scope, *_own(node)))


def _own(node: GraphNode) -> tuple[str, ...]:
    """Return a node's name within its scope."""
    if node.scope and "/" not in node.name:
        return (node.op,)
    return _parts(node.name.rpartition("/")[2]) or (node.op,)


def _further(name: str) -> Iterator[str]:
    """Yield a name, and what it becomes if it is taken."""
    yield name
    for number in count(1):
        yield f"{name}_{number}"


def place(network: nn.Module, name: str, layer: nn.Module) -> None:
    """Put a layer into a network under a name with dots, and what it takes to hold it."""
    *around, last = name.split(".")
    for part in around:
        if part not in network._modules:
            network.add_module(part, nn.Module())
        network = network._modules[part]  # type: ignore[assignment]
    network.add_module(last, layer)
