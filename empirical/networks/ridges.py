"""Which units rise with one weighted sum of pixels, wherever they are looked at, and with which: read off the network.

A *ridge function* is g(⟨w, x⟩ + b) with g strictly increasing. That a unit is one follows from its operators: from the
image on they are affine (convolutions, averages, normalization by fixed statistics, samples at fixed places, ...), and
then functions of one number that rise strictly (`fvproof.empirical.networks.ridge_rules`). What does not depend on the
image is a constant of the network, as torch computes it in float32.

So much is exact: it holds for the function that the constants define in real numbers. The weights w are computed in
doubles, with the running error bound of Higham (2002, 3.3): if a value has the magnitude m = Σ|w| along all ways to it
and the error e, n products of it with weights W, added in any order, have the magnitude |W|·m and an error of at most

    |W|·e + γₙ·|W|·(m + e),    γₙ = n·u / (1 − n·u),    u = 2⁻⁵³.

A network that runs in float32 rounds more; responses that are that near to one another may come out in another order.
"""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from operator import getitem
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.fx import Node
from typing_extensions import override

from fvproof.empirical.networks.layouts import layouts
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, find_layer, frozen
from fvproof.empirical.networks.readout import responses
from fvproof.empirical.networks.ridge_rules import LINEAR, REARRANGED, Moving, Refused, Step, bend, gamma

MOST_PIXELS = 1 << 14
"""Of an image: each is sent through the network by itself."""

AT_ONCE = 64
"""Pixels sent through the network at once."""

TINY = 1e-290
"""More than underflow can cost in a product."""

IMAGE = Moving(torch.Size())


@dataclass(frozen=True, slots=True, eq=False)
class Ridges:
    """Units of a layer that are g(⟨w, x⟩ + b), g strictly increasing, for x in pixels of [0, 1].

    Attributes
    ----------
    layer
        Its name.
    weights
        (units, d), w in doubles.
    error
        (units,), an upper bound of Σ|w − weights|.
    link
        What makes up g, in order; empty if the units are affine.
    """

    layer: str
    weights: np.ndarray
    error: np.ndarray
    link: tuple[str, ...]

    @property
    def certified(self) -> np.ndarray:
        """Which units surely depend on the image, (units,) bool: those that do not are constant, or not known to."""
        return np.abs(self.weights).max(1) > self.error


@dataclass(frozen=True, slots=True)
class NoRidges:
    """Why units could not be shown to be ridge functions; that they are none is not claimed."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Link:
    """One operator of the way from the image to a layer: what goes in, by name, and its linear part."""

    name: str
    sources: tuple[str, ...]
    step: Step


@dataclass(frozen=True, slots=True)
class _Way:
    """All of them, in order, and the bends after the last that computes."""

    image: str
    links: tuple[_Link, ...]
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


def ridges(model: Model, layer: str) -> Ridges | NoRidges:
    """Return the weighted sums of pixels that the units of a layer rise with, or why they cannot be read off.

    Parameters
    ----------
    model
        The network.
    layer
        A unit with positions is read by their mean.

    Source: fvproof; the error bound is that of N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2002.

    Examples
    --------
    >>> linear = nn.Linear(4, 2, bias=False)
    >>> found = ridges(Model("one", nn.Sequential(nn.Flatten(), linear, nn.ELU()), (1, 2, 2)), "2")
    >>> bool((found.weights == linear.weight.detach().double().numpy()).all()), found.link
    (True, ('ELU',))
    >>> ridges(Model("two", nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.ReLU()), (1, 2, 2)), "2").reason
    'relu (aten.relu.default) does not rise strictly on the whole line'
    """
    if prod(model.shape) > MOST_PIXELS:
        return NoRidges(f"images of more than {MOST_PIXELS} numbers are not tried")
    try:
        with frozen(model.network):
            way = _read(_exported(_UpTo(model, layer), model))
    except Refused as refused:
        return NoRidges(str(refused))
    with torch.no_grad(), torch.backends.mkldnn.flags(enabled=False):  # plain sums of products, no fast transforms
        _, error = _bounded(way, torch.ones(1, *model.shape, dtype=torch.double))
        rows = [values.numpy() for values in _impulses(way, model.shape)]
    weights = np.ascontiguousarray(np.concatenate(rows).T)
    return Ridges(layer, weights, 1.0001 * error.reshape(-1).numpy() + TINY, way.bends)


def _exported(network: nn.Module, model: Model) -> torch.export.ExportedProgram:
    """Return the operators that the network consists of, for one image, whatever is in it."""
    image = torch.full((1, *model.shape), 0.5, device=device_of(model))
    try:
        with warnings.catch_warnings(action="ignore"):
            return torch.export.export(network, (image,), strict=False).run_decompositions({})
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"torch.export cannot read the network: {str(error).splitlines()[0]}") from None


def _read(program: torch.export.ExportedProgram) -> _Way:
    """Return the way from the image to the output, or raise `Refused`."""
    signature = program.graph_signature
    if signature.buffers_to_mutate or len(signature.user_inputs) != 1:
        raise Refused("the network changes its own buffers")
    held = {**program.state_dict, **program.constants}
    known: dict[str, Any] = {}
    for spec in signature.input_specs:
        known[str(spec.arg.name)] = IMAGE if spec.target is None else _constant(held[spec.target])
    return _followed(program.graph.nodes, known, str(signature.user_inputs[0]))


def _constant(held: Any) -> Any:  # noqa: ANN401  a tensor, or whatever else an export holds
    """Return a constant of the network where it can be computed with."""
    return held.detach().cpu() if isinstance(held, Tensor) else held


def _followed(nodes: Iterable[Node], known: dict[str, Any], image: str) -> _Way:
    """Follow operators in their order from the image to the output."""
    links: list[_Link] = []
    (output,) = (one.all_input_nodes[0].name for one in nodes if one.op == "output")
    for node in _needed(nodes):
        sources = tuple(one.name for one in node.all_input_nodes if isinstance(known[one.name], Moving))
        if sources:
            step, bends = _step(node, known)
            links.append(_Link(node.name, sources, step))
            known[node.name] = Moving(_value(node).shape, bends)
        else:
            known[node.name] = _computed(node, known)
    if not isinstance(known[output], Moving):
        raise Refused("its units do not depend on the image")
    return _Way(image, tuple(links), known[output].bends, output)


def _needed(nodes: Iterable[Node]) -> list[Node]:
    """Return the operators that the output depends on, in their order."""
    needed: set[Node] = set()
    for node in reversed(list(nodes)):
        if node.op == "output" or node in needed:
            needed.update(node.all_input_nodes)
    return [node for node in nodes if node in needed and node.op == "call_function"]


def _step(node: Node, known: dict[str, Any]) -> tuple[Step, tuple[str, ...]]:
    """Return the linear part of an operator that depends on the image, and the bends after it."""
    value, target = _value(node), node.target
    try:
        if not isinstance(value, Tensor) or value.dtype != torch.float32:
            raise Refused("does not compute in float32")
        args = _arguments(node, known)
        moving = [one for one in args if isinstance(one, Moving)]
        bends = moving[0].bends if moving else ()
        if target is getitem and args[1] == 0:
            return Step(_itself, _itself), bends
        if target in LINEAR and (target in REARRANGED or not any(one.bends for one in moving)):
            return LINEAR[target](args, value.shape), bends
        more = bend(target, args)
        if value.shape != moving[0].shape:
            raise Refused("makes several of one unit")
    except Refused as refused:
        raise Refused(f"{node.name} ({target}) {refused}") from None
    return Step(_itself, _itself), (*bends, more)


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


def _bounded(way: _Way, image: Tensor) -> tuple[Tensor, Tensor]:
    """Return the magnitudes and the errors of the units' weights, each summed over all pixels."""
    found = {way.image: (image, torch.zeros_like(image))}
    for link in way.links:
        sizes, errors = zip(*(found[name] for name in link.sources), strict=True)
        step, both = link.step, [size + error for size, error in zip(sizes, errors, strict=True)]
        size, error, most = step.bound(*sizes), step.bound(*errors), step.bound(*both)
        stray = step.stray(both[0]) if step.stray else torch.zeros_like(size)
        up = 1 + 2 * gamma(step.terms + 3)  # these numbers are computed with roundings too
        found[link.name] = (up * (size + stray), up * (error + gamma(step.terms) * most + stray) + TINY)
    return found[way.output]


def _impulses(way: _Way, shape: tuple[int, int, int]) -> Iterator[Tensor]:
    """Yield what the units' linear parts give for each pixel alone, (pixels, units), some pixels at a time."""

    def through(image: Tensor) -> Tensor:
        found = {way.image: image[None]}
        for link in way.links:
            found[link.name] = link.step.run(*(found[name] for name in link.sources))
        return found[way.output].reshape(-1)

    count = prod(shape)
    for start in range(0, count, AT_ONCE):
        pixels = torch.arange(start, min(start + AT_ONCE, count))
        images = torch.zeros(len(pixels), count, dtype=torch.double)
        images[torch.arange(len(pixels)), pixels] = 1
        yield torch.vmap(through)(images.reshape(-1, *shape))
