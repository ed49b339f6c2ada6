"""A network that runs the nodes of a graph in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.empirical.networks.graphs.constants import FOLDS
from fvproof.empirical.networks.graphs.nodes import Array, NodeCall, Value, as_float


@dataclass(frozen=True, slots=True, eq=False)
class OperatorStep:
    """One node in its turn.

    Attributes
    ----------
    layer
        Name of the layer that is called; None of what only works on sizes.
    call
        The node, without values.
    inputs, outputs
        Names of the tensors and arrays that the layer takes and gives.
    done
        Names of those that are not needed afterwards.
    """

    layer: str | None
    call: NodeCall
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    done: tuple[str, ...] = ()


class GraphNetwork(nn.Module):
    """A graph as a network: its layers are those of its nodes that compute something of the images.

    Parameters
    ----------
    steps
        The nodes in the order of the file.
    constants
        Sizes and constants by name, as far as they are no layer's own.
    entry, exits
        Names of the input and of the outputs.
    """

    def __init__(
        self, steps: Sequence[OperatorStep], constants: Mapping[str, Array], entry: str, exits: Sequence[str]
    ) -> None:
        super().__init__()
        self.steps, self.constants = list(steps), dict(constants)
        self.entry, self.exits = entry, tuple(exits)

    @override
    def forward(self, images: Tensor) -> Any:
        """Return the output; of a graph with several, all by name."""
        values: dict[str, Value] = {self.entry: images}
        layers = dict(self.named_modules())
        for step in self.steps:
            given = [values[name] if name in values else self.constants.get(name) for name in step.inputs]
            if step.layer is None:
                found = FOLDS[step.call.node.op](replace(step.call, values=given))
            else:
                found = layers[step.layer](*(_on_device(value, images) for value in given))
            several = found if isinstance(found, tuple) else (found,)
            values.update(zip(step.outputs, several, strict=False))
            for name in step.done:
                values.pop(name, None)
        found = {name: _tensor(values.get(name), images) for name in self.exits}
        return found if len(found) > 1 else found[self.exits[0]]


def _on_device(value: Value, images: Tensor) -> Value:
    """Return floats as a tensor beside the images."""
    found = as_float(value)
    return found.to(images.device) if isinstance(found, Tensor) else found


def _tensor(value: Value, images: Tensor) -> Tensor:
    """Return an output as a tensor, also one that does not depend on the images."""
    return value if isinstance(value, Tensor) else torch.as_tensor(value, device=images.device)


def with_done(steps: Sequence[OperatorStep], exits: Sequence[str]) -> list[OperatorStep]:
    """Return the steps, each with what is not needed after it."""
    needed, found = set(exits), []
    for step in reversed(steps):
        own = {*step.inputs, *step.outputs}
        found.append(replace(step, done=tuple(sorted(own - needed))))
        needed |= own
    return found[::-1]
