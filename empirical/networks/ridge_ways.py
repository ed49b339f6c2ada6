"""The operators from the image to the units of a layer, as far as they are weighted sums and, after them, bends.

They are read off what `torch.export` makes of the network: a list of operators that no image changes.
"""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import getitem
from typing import Any

import torch
from torch import Tensor, nn
from torch.fx import Node
from typing_extensions import override

from fvproof.empirical.networks.layouts import layouts
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, find_layer
from fvproof.empirical.networks.readout import responses
from fvproof.empirical.networks.ridge_rules import LINEAR, REARRANGED, SUMS, LinearPart, Moving, Refused, bend

IMAGE = Moving(torch.Size())


@dataclass(frozen=True, slots=True)
class Link:
    """One operator of the way from the image to a layer: what goes in, by name, and its linear part."""

    name: str
    sources: tuple[str, ...]
    step: LinearPart


@dataclass(frozen=True, slots=True)
class Way:
    """All of them, in order, and the bends after the last that computes."""

    image: str
    links: tuple[Link, ...]
    bends: tuple[str, ...]
    output: str


class _UpTo(nn.Module):
    """A network up to a layer, for one image: the responses of the layer's units."""

    def __init__(self, model: Model, layer: str) -> None:
        super().__init__()
        self.network, self.normalize = model.network, model.normalize
        self.layer, self.layout = layer, layouts(model).get(layer)
        self.found: list[Tensor] = []

    @override
    def forward(self, images: Tensor) -> Tensor:
        self.found.clear()
        with self._watching():
            self.network(self.normalize(images))
        if not self.found:
            raise Refused(f"the network does not run {self.layer}, or its units are not known")
        return self.found[0]

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Keep what the layer gives, when it is first run, as it is then."""

        def hook(_module: nn.Module, _inputs: object, output: object) -> None:
            if isinstance(output, Tensor) and self.layout is not None and not self.found:
                self.found.append(responses(self.layout.read(output, 1)).clone())

        handle = find_layer(self.network, self.layer).register_forward_hook(hook)
        try:
            yield
        finally:
            handle.remove()


def way_to(model: Model, layer: str) -> Way:
    """Return the way from an image to the responses of a layer's units, or raise `Refused`.

    Examples
    --------
    >>> model = Model("one", nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.ELU()), (1, 2, 2))
    >>> way = way_to(model, "2")
    >>> len(way.links), way.bends
    (4, ('ELU',))
    """
    return _read(_exported(_UpTo(model, layer), model))


def _exported(network: nn.Module, model: Model) -> torch.export.ExportedProgram:
    """Return the operators that the network consists of, for one image, whatever is in it."""
    image = torch.full((1, *model.shape), 0.5, device=device_of(model))
    try:
        with warnings.catch_warnings(action="ignore"):
            return torch.export.export(network, (image,), strict=False).run_decompositions({})
    except Refused:
        raise
    except Exception as error:  # noqa: BLE001  whatever torch's tracer does not take
        raise Refused(f"torch.export cannot read the network: {str(error).splitlines()[0]}") from None


def _read(program: torch.export.ExportedProgram) -> Way:
    """Return the way from the image to the output, or raise `Refused`."""
    signature = program.graph_signature
    if signature.buffers_to_mutate or len(signature.user_inputs) != 1:
        raise Refused("the network changes its own buffers")
    held = {**program.state_dict, **program.constants}
    known: dict[str, Any] = {}
    for spec in signature.input_specs:
        known[str(spec.arg.name)] = IMAGE if spec.target is None else _constant(held[spec.target])
    return _followed(program.graph.nodes, known, str(next(iter(signature.user_inputs))))


def _constant(held: Any) -> Any:  # noqa: ANN401  a tensor, or whatever else an export holds
    """Return a constant of the network where it can be computed with."""
    return held.detach().cpu() if isinstance(held, Tensor) else held


def _followed(nodes: Iterable[Node], known: dict[str, Any], image: str) -> Way:
    """Follow operators in their order from the image to the output."""
    links: list[Link] = []
    (output,) = (one.all_input_nodes[0].name for one in nodes if one.op == "output")
    for node in _needed(nodes):
        if any(isinstance(known[one.name], Moving) for one in node.all_input_nodes):
            step, bends = _step(node, known)
            links.append(Link(node.name, tuple(_sources(node, known)), step))
            known[node.name] = Moving(_value(node).shape, bends)
        else:
            known[node.name] = _computed(node, known)
    if not isinstance(known[output], Moving):
        raise Refused("its units do not depend on the image")
    return Way(image, tuple(links), known[output].bends, output)


def _sources(node: Node, known: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the arguments that depend on the image, one twice if it is there twice."""
    for one in node.args:
        if isinstance(one, Node) and isinstance(known[one.name], Moving):
            yield one.name


def _needed(nodes: Iterable[Node]) -> list[Node]:
    """Return the operators that the output depends on, in their order."""
    needed: set[Node] = set()
    for node in reversed(list(nodes)):
        if node.op == "output" or node in needed:
            needed.update(node.all_input_nodes)
    return [node for node in nodes if node in needed and node.op == "call_function"]


def _step(node: Node, known: dict[str, Any]) -> tuple[LinearPart, tuple[str, ...]]:
    """Return the linear part of an operator that depends on the image, and the bends after it."""
    value, target = _value(node), node.target
    try:
        if not isinstance(value, Tensor) or value.dtype != torch.float32:
            raise Refused("does not compute in float32")
        args = _arguments(node, known)
        moving = [one for one in args if isinstance(one, Moving)]
        bends = moving[0].bends if moving else ()
        if target is getitem and args[1] == 0:
            return LinearPart(_itself, _itself), bends
        if target in LINEAR and (target in REARRANGED or not any(one.bends for one in moving)):
            part = LINEAR[target](args, value.shape)
            if len(moving) > 1 and target not in SUMS:
                raise Refused("has weights that depend on the image")
            return part, bends
        more = bend(target, args)
        if value.shape != moving[0].shape:
            raise Refused("makes several of one unit")
    except Refused as refused:
        raise Refused(f"{node.name} ({target}) {refused}") from None
    return LinearPart(_itself, _itself), (*bends, more)


def _itself(x: Tensor) -> Tensor:
    """Return what is given."""
    return x


def _value(node: Node) -> Tensor:
    """Return what torch knows of an operator's output, the first of several."""
    value = node.meta["val"]
    return value[0] if isinstance(value, (tuple, list)) else value


def _arguments(node: Node, known: dict[str, Any]) -> tuple[Any, ...]:
    """Return all positional arguments of an operator with their defaults; refuse options that are not theirs."""
    given = list(torch.fx.map_arg(node.args, lambda one: known[one.name]))
    if node.target is getitem:
        return tuple(given)
    places = node.target._schema.arguments  # type: ignore[union-attr]  an operator's
    for one in places:
        if (
            one.kwarg_only
            and one.name != "memory_format"
            and node.kwargs.get(one.name) not in (None, one.default_value)
        ):
            raise Refused(f"has the option {one.name}")
    positional = [one for one in places if not one.kwarg_only]
    return (*given, *(node.kwargs.get(one.name, one.default_value) for one in positional[len(given) :]))


def _computed(node: Node, known: dict[str, Any]) -> Any:  # noqa: ANN401  whatever an operator gives
    """Return a constant of the network, as torch computes it."""
    operator: Any = node.target
    if torch.Tag.nondeterministic_seeded in getattr(operator, "tags", ()):
        raise Refused(f"{node.name} ({operator}) draws random numbers")
    args, kwargs = torch.fx.map_arg((node.args, node.kwargs), lambda one: known[one.name])
    with torch.no_grad():
        return operator(*args, **({**kwargs, "device": "cpu"} if "device" in kwargs else kwargs))
