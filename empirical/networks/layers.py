"""The layers of a network in the order in which they run: which there are, how large, and which gives the output."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from fvproof.empirical.networks.layouts import Layout, layouts
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.views import attentions, view
from fvproof.theory.errors import DomainError

LEARNED = (_ConvNd, nn.Linear)
"""Kinds of layers that have learned filters: convolutions of any dimension, transposed ones too, and linear layers."""

ACTIVATION = re.compile("[gscr]elu|silu|swish|mish|tanh|softplus|^elu")
"""In the names of classes of activations: torch's own and those of libraries."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """An output in one forward pass, held so that its memory is not given to another, and the layers that gave it."""

    names: list[str]
    output: Tensor
    version: int

    @property
    def name(self) -> str:
        """The first layer, or the outermost container that ends with it."""
        return min((name for name in self.names if f"{self.names[0]}.".startswith(f"{name}.")), key=len)

    def holds(self, other: Tensor) -> bool:
        """Return whether a tensor is this output, unchanged: itself or a view of all of it."""
        same = (self.output.data_ptr(), self.output.numel()) == (other.data_ptr(), other.numel())
        return same and self.version == other._version

    @property
    def size(self) -> int:
        """How many numbers it gives for one image."""
        return self.output.numel()


def layer_sizes(model: Model) -> dict[str, int]:
    """Return how many numbers each layer gives for one image, in the order in which the layers finish.

    A layer whose output is that of an earlier one unchanged (a container, a flattening) does not count twice: a
    container stands for its last layer, every other one is left out. Layers that give no tensor with a row per image,
    or only one number, are left out too.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> layer_sizes(load_model("digits-small"))
    {'flatten': 64, 'hidden1': 16, 'relu1': 16, 'hidden2': 16, 'relu2': 16, 'logits': 10}
    """
    seen, _ = _observed(model)
    return {layer.name: layer.size for layer in seen if layer.size > 1}


def output_layer(model: Model) -> str:
    """Return the name of the layer whose output is the network's own, such as its logits.

    Raises
    ------
    DomainError
        If the network computes its output outside any layer.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> output_layer(load_model("digits"))
    'logits'
    """
    seen, output = _observed(model)
    for layer in seen:
        if layer.holds(output):
            return layer.name
    raise DomainError(f"the output of {model.name} must come from one of its layers, so that it has units")


def learned_layers(model: Model) -> list[str]:
    """Return the names of all convolutional and linear layers that run, in the order in which they finish.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> learned_layers(load_model("digits"))
    ['conv1', 'conv2', 'hidden', 'logits']
    """
    modules = dict(model.network.named_modules())
    names = (name for one in _observed(model)[0] for name in one.names)
    return [name for name in names if isinstance(modules[name], LEARNED)]


@dataclass(frozen=True, slots=True)
class Listed:
    """A layer as it is listed.

    Attributes
    ----------
    name, kind
        Its dotted name, and its module's class, or what the module itself calls its `kind`.
    shape
        Of its output for one image; None of a layer without units for each image, as are the next two.
    axis, units
        Along which of these its units lie, counted from 0, and how many there are.
    source
        Whether the axis is "known", "assumed" or "given", see `fvproof.empirical.networks.layouts`; "no units" without
        one.
    """

    name: str
    kind: str
    shape: tuple[int, ...] | None
    axis: int | None
    units: int | None
    source: str


def listed(model: Model) -> list[Listed]:
    r"""Return every layer: those that run and have units in the order in which they finish, then the others.

    Attention has one more row before its own, or that of its projection: its heads side by side
    (`fvproof.empirical.networks.views`).

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> print(*listed(load_model("digits"))[:2], sep="\n")
    Listed(name='conv1', kind='Conv2d', shape=(1, 16, 8, 8), axis=1, units=16, source='known')
    Listed(name='relu1', kind='ReLU', shape=(1, 16, 8, 8), axis=1, units=16, source='known')
    """
    modules = [(name, module) for name, module in model.network.named_modules() if name and _can_run(module)]
    kinds = {name: getattr(module, "kind", type(module).__name__) for name, module in modules}
    heads = {own.view.owner: (name, own) for name, own in attentions(model.network)}
    known, found = layouts(model), list[Listed]()
    for name, one in known.items():
        if name in heads and (seen := heads[name][1].view.layout(model)) is not None:
            owner, own = heads[name]
            found.append(_listed(f"{owner}.heads", f"{own.count} heads of {own.width}", seen))
        found.append(_listed(name, kinds[name], one))
    return [*found, *(Listed(name, kinds[name], None, None, None, "no units") for name in kinds if name not in known)]


def _listed(name: str, kind: str, layout: Layout) -> Listed:
    """Return a layer with units as it is listed."""
    return Listed(name, kind, layout.shape, layout.axis, layout.units, layout.source)


def neuron_layers(model: Model) -> list[str]:
    """Return the activations between two linear layers at every place, the second back to the width that enters.

    These are the neurons of transformers and their kin, in order.

    Examples
    --------
    >>> mlp = nn.Sequential(nn.Conv2d(1, 4, 2, 2), nn.Flatten(2), nn.Linear(9, 8), nn.GELU(), nn.Linear(8, 9))
    >>> neuron_layers(Model("mixer", mlp, (1, 6, 6)))
    ['3']
    """
    modules, known = dict(model.network.named_modules()), layouts(model)
    found: list[str] = []
    before: Layout | None = None  # of the last linear layer
    width, neurons = 0, None  # what enters that, and the activation after it
    for name, layout in known.items():
        module = modules[name]
        if isinstance(module, nn.Linear):
            found += [neurons] if neurons and layout.positions and module.out_features == width else []
            before, width, neurons = layout if layout.positions else None, module.in_features, None
        elif layout == before and ACTIVATION.search(type(module).__name__.lower()):
            neurons = name
    return found


def _can_run(module: nn.Module) -> bool:
    """Return whether a module is more than what holds others."""
    return type(module).forward is not nn.Module.forward


def gives_output(model: Model, layer: str) -> bool:
    """Return whether the layer's output is the network's own.

    Raises
    ------
    UnknownName
        If the network has no layer of that name.
    """
    view(model.network, layer)
    seen, output = _observed(model)
    return any(layer in one.names and one.holds(output) for one in seen)


def chosen_layers(model: Model, layers: Sequence[str] | None) -> dict[str, int]:
    """Return the sizes of the named layers, in the order in which they run; of all layers where none are named.

    Raises
    ------
    UnknownName
        If the network has no layer of that name.
    DomainError
        If the layer does not run, or gives no tensor of several numbers for each image.
    """
    if layers is None:
        return layer_sizes(model)
    seen, _ = _observed(model)
    sizes = {name: one.size for one in seen for name in one.names if one.size > 1}
    for layer in layers:
        view(model.network, layer)
        if layer not in sizes:
            raise DomainError(f"layer {layer!r} must run, and give one tensor with several numbers for each image")
    return {layer: size for layer, size in sizes.items() if layer in layers}


def layer_with_positions(model: Model, layer: str) -> str | None:
    """Return this layer if its output has positions (maps or tokens), else the last before it that has; or None.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> layer_with_positions(load_model("digits"), "logits"), layer_with_positions(load_model("digits-small"), "logits")
    ('relu2', None)
    """
    seen, found, known = view(model.network, layer), None, layouts(model)
    if seen.owner != layer:
        own = seen.layout(model)
        return layer if own is not None and own.positions else layer_with_positions(model, seen.owner)
    for one in _observed(model)[0]:
        if known[layer if layer in one.names else one.name].positions:
            found = layer if layer in one.names else one.name
        if layer in one.names:
            break
    return found


def _observed(model: Model) -> tuple[list[_Seen], Tensor]:
    """Return the layers' outputs of one grey image, in order, and the network's."""
    seen: list[_Seen] = []
    known = layouts(model)

    def observe(name: str, given: object) -> None:
        output = given[0] if isinstance(given, (tuple, list)) and given else given
        if not isinstance(output, Tensor) or name not in known:
            return
        for earlier in seen:
            if name in earlier.names:
                return
            if earlier.holds(output):
                earlier.names.append(name)
                return
        seen.append(_Seen([name], output, output._version))

    def hook_for(name: str) -> Any:  # noqa: ANN401  torch's own type of hooks
        return lambda _module, _inputs, output: observe(name, output)

    named: list[tuple[str, nn.Module]] = [(name, module) for name, module in model.network.named_modules() if name]
    handles = [module.register_forward_hook(hook_for(name)) for name, module in named]
    try:
        with frozen(model.network), torch.no_grad():
            output = model(torch.full((1, *model.shape), 0.5, device=device_of(model)))
    finally:
        for handle in handles:
            handle.remove()
    return seen, output
