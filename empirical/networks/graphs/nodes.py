"""Nodes of an ONNX graph: what a file says of them, and what is made of one with its inputs at hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.theory.errors import DomainError, ShapeError

Array = np.ndarray
Value = Tensor | Array | None
"""What a node takes: a tensor that depends on the images, an array of sizes or constants, or nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class GraphNode:
    """A node as it stands in the file.

    Attributes
    ----------
    name
        That of the node, or of its first output.
    op
        Name of its operator.
    inputs, outputs
        Names of tensors; empty where one is left out.
    attributes
        Their values.
    scope
        Names of the modules that it was exported from, the outermost first, where the exporter notes them.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class NodeCall:
    """A node with what comes into it for one image.

    Attributes
    ----------
    node
        The node.
    opset
        Version of the operators: some mean something else, or are written otherwise, in another.
    values
        Its inputs.
    constants
        Which of them are constants of the file.
    single
        Whether the file is for one image at a time, so that the sizes in it are those for one.
    """

    node: GraphNode
    opset: int
    values: Sequence[Value]
    constants: Sequence[bool]
    single: bool = False
    read: set[str] = field(default_factory=set)

    def attribute(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  whatever attributes hold
        """Return an attribute, and note that it counts."""
        self.read.add(name)
        return self.node.attributes.get(name, default)

    def has(self, place: int) -> bool:
        """Return whether there is an input at this place."""
        return place < len(self.values) and self.values[place] is not None

    def array(self, place: int) -> Array:
        """Return an input that must be constant: a weight, or a setting."""
        value = self.values[place] if place < len(self.values) else None
        if not isinstance(value, np.ndarray) or not self.constants[place]:
            raise DomainError(f"its input {place} must be a constant of the file, such as a weight")
        return value

    def weight(self, place: int) -> Tensor:
        """Return a constant input as a tensor of float32."""
        return torch.from_numpy(np.ascontiguousarray(self.array(place), dtype=np.float32).copy())

    def tensor(self, place: int = 0) -> Tensor:
        """Return an input that must depend on the images."""
        value = self.values[place] if place < len(self.values) else None
        if not isinstance(value, Tensor):
            raise DomainError(f"its input {place} must depend on the images")
        return value

    def require_all_read(self) -> None:
        """Raise DomainError if an attribute was not looked at: it may say that something else is meant."""
        if unread := sorted(set(self.node.attributes) - self.read):
            raise DomainError(f"the attribute {unread[0]!r} is not supported")


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A module for a node, and which of the node's inputs it is called with."""

    module: nn.Module
    inputs: tuple[int, ...] = (0,)


Maker = Callable[[NodeCall], Made]


class NodeFunction(nn.Module):
    """An operator that torch has as a function and not as a module.

    Parameters
    ----------
    kind
        Its name in ONNX, which is shown as the kind of the layer.
    function
        Of all inputs of the node, and settings by name.
    constants
        The inputs that are constants of the file, by place. Floats become buffers.
    settings
        See `function`.
    """

    def __init__(
        self, kind: str, function: Callable[..., Any], constants: Mapping[int, Value], settings: Mapping[str, Any]
    ) -> None:
        super().__init__()
        self.kind, self.function, self.settings = kind, function, dict(settings)
        self.arrays = {place: value for place, value in constants.items() if not _is_float(value)}
        self.floats = [place for place, value in constants.items() if _is_float(value)]
        for place in self.floats:
            self.register_buffer(f"constant_{place}", torch.from_numpy(np.array(constants[place], dtype=np.float32)))

    @override
    def forward(self, *given: Value) -> Any:
        """Return what the function makes of the inputs given, and of the constants at their places."""
        kept = self.arrays | {place: getattr(self, f"constant_{place}") for place in self.floats}
        rest = iter(given)
        return self.function(
            *(kept[i] if i in kept else next(rest) for i in range(len(kept) + len(given))), **self.settings
        )

    @override
    def extra_repr(self) -> str:
        return ", ".join([self.kind, *(f"{name}={value}" for name, value in self.settings.items())])


def _is_float(value: Value) -> bool:
    """Return whether an input holds floating point numbers."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def operator(call: NodeCall, function: Callable[..., Any], **settings: Any) -> Made:  # noqa: ANN401  whatever it takes
    """Return a function of all inputs of a node as a module."""
    constants = {
        i: value
        for i, (value, kept) in enumerate(zip(call.values, call.constants, strict=True))
        if kept or value is None
    }
    rest = tuple(i for i in range(len(call.values)) if i not in constants)
    return Made(NodeFunction(call.node.op, function, constants, settings), rest)


def as_tensor(value: Value, like: Tensor) -> Tensor:
    """Return an array as a tensor beside another one."""
    if isinstance(value, Tensor):
        return value
    if value is None:
        raise ShapeError("an input is missing")
    return torch.from_numpy(np.array(value, dtype=np.int64 if value.dtype == object else value.dtype)).to(like.device)


def as_float(value: Value) -> Value:
    """Return an array of floats as a tensor; whatever else as it is."""
    return torch.from_numpy(np.array(value, dtype=np.float32)) if _is_float(value) else value


def integers(value: Value) -> list[int]:
    """Return a list of whole numbers; a size that torch only knows by name is one."""
    if value is None or isinstance(value, Tensor):
        raise DomainError("sizes and places must not depend on what is in the image")
    return np.asarray(value).reshape(-1).tolist()
