"""What a layer's name can stand for beside a module's output: what goes into it, and the heads of attention.

blocks.3.mlp.fc2.input    what goes into a layer: MLP neurons after an activation that is no module, for one
blocks.3.attn.heads       the heads' outputs side by side, before the projection that mixes them
blocks.3.attn.head2       those of one head

A module that has such a name itself goes before.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fvproof.empirical.networks.layouts import Layout, layouts, layouts_entering
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import find_layer
from fvproof.empirical.networks.substitution import substituted
from fvproof.theory.errors import DomainError

INPUT = ".input"
"""How the name of what goes into a layer ends."""

COUNTS = ("num_heads", "n_heads", "heads", "num_attention_heads", "n_head")
"""What libraries call the number of heads."""

PROJECTIONS = ("proj", "out_proj", "to_out", "c_proj", "o_proj", "projection", "dense")
"""What they call the layer that mixes the heads' outputs."""

OUTSIDE = ("query", "key", "value")
"""Parts of modules whose heads are mixed outside of them, as in transformers: their output is the heads'."""

OF_TORCH = 11
"""The place of the projection's weight among the arguments of `multi_head_attention_forward`; its bias is next."""

HEAD = re.compile(r"(.+)\.(heads|head([0-9]{1,6}))")


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Where the numbers of a name are seen.

    Attributes
    ----------
    module, owner
        The module whose call shows them, and its name.
    side
        Whether they are its "output", its "input", or the "heads" of torch's own attention, computed once more.
    channels
        Which of these channels; None for all.
    """

    module: nn.Module
    owner: str
    side: Literal["output", "input", "heads"]
    channels: slice | None = None

    def layout(self, model: Model) -> Layout | None:
        """Return how to read these numbers; None if they have no units for each image."""
        return (layouts_entering if self.side == "input" else layouts)(model).get(self.owner)


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """The heads of an attention layer: how many, of how many channels each, and where they lie side by side."""

    count: int
    width: int
    view: View

    def of(self, number: int) -> View:
        """Return where one head is seen."""
        return replace(self.view, channels=slice(number * self.width, (number + 1) * self.width))


def view(network: nn.Module, name: str) -> View:
    """Return where the numbers of a name are seen, or raise UnknownName with the near names.

    Raises
    ------
    DomainError
        A head that there is not, or heads of a layer whose heads cannot be reached.

    Examples
    --------
    >>> attention = nn.ModuleDict({"attn": nn.MultiheadAttention(8, 2)})
    >>> view(attention, "attn.head1").channels, view(attention, "attn.out_proj.input").side
    (slice(4, 8, None), 'input')
    """
    modules = dict(network.named_modules())
    found, owner = HEAD.fullmatch(name), name.removesuffix(INPUT)
    if name and name not in modules and found is not None and found[1] in modules:
        return _headed(modules[found[1]], found[1], found[3])
    if name not in modules and owner != name and owner in modules:
        return View(modules[owner], owner, "input")
    module = find_layer(network, name)
    if name not in modules and (first := [key for key, one in modules.items() if one is module and key]):
        raise DomainError(
            f"layer {name!r} is the module {first[0]!r} once more: name that, which counts by its first call"
        )
    return View(module, name, "output")


def _headed(module: nn.Module, name: str, number: str | None) -> View:
    """Return where the outputs of one head, or of all, are seen."""
    heads = heads_of(module, name)
    if heads is None:
        why = f"layer {name!r} ({type(module).__name__}) shows no heads: it needs their number and a projection"
        raise DomainError(f"{why} among its parts; name what goes into a layer instead, LAYER.input")
    if number is None:
        return heads.view
    if int(number) >= heads.count:
        raise DomainError(f"layer {name!r} has heads 0 to {heads.count - 1}, received {number}")
    return heads.of(int(number))


def heads_of(module: nn.Module, name: str) -> Heads | None:
    """Return the heads of a module; None of one that has none, or whose heads cannot be reached.

    Examples
    --------
    >>> found = heads_of(nn.MultiheadAttention(8, 2), "attn")
    >>> found.count, found.view.side
    (2, 'heads')
    """
    count = next((found for one in COUNTS if isinstance(found := getattr(module, one, None), int)), 0)
    if count < 1:
        return None
    if isinstance(module, nn.MultiheadAttention):
        return Heads(count, module.embed_dim // count, View(module, name, "heads"))
    parts = dict(module.named_children())
    for own in (one for one in PROJECTIONS if one in parts):
        if (linear := _first_linear(parts[own])) is not None and linear.in_features % count == 0:
            seen = f"{name}.{own}"
            return Heads(count, linear.in_features // count, View(parts[own], seen, "input"))
    linear = [part for one in OUTSIDE if isinstance(part := parts.get(one), nn.Linear)]
    if len(linear) == len(OUTSIDE):
        return Heads(count, linear[-1].out_features // count, View(module, name, "output"))
    return None


def _first_linear(module: nn.Module) -> nn.Linear | None:
    """Return a linear layer, or the one that a sequence begins with."""
    if isinstance(module, nn.Sequential) and len(module):
        module = module[0]
    return module if isinstance(module, nn.Linear) else None


def attentions(network: nn.Module) -> Iterator[tuple[str, Heads]]:
    """Yield the names of all layers with heads that can be reached, and their heads."""
    for name, module in network.named_modules():
        if name and (found := heads_of(module, name)) is not None:
            yield name, found


def before_projection(attention: nn.MultiheadAttention, inputs: tuple[Any, ...], named: dict[str, Any]) -> Tensor:
    """Return the heads' outputs of torch's own attention, computed once more with the identity as its projection.

    The module calls neither its projection nor any other of its parts, so that no hook on them sees anything.
    """

    def unmixed(*given: Any, **options: Any) -> Any:  # noqa: ANN401  torch's own signature
        parts = list(given)
        parts[OF_TORCH] = torch.eye(attention.embed_dim, device=parts[0].device, dtype=parts[0].dtype)
        parts[OF_TORCH + 1] = None
        return F.multi_head_attention_forward(*parts, **options)

    with substituted({F.multi_head_attention_forward: unmixed}):
        return attention.forward(*inputs, **named)[0]


def owners(network: nn.Module, names: Iterable[str]) -> list[str]:
    """Return the modules at which names are seen, each once.

    Examples
    --------
    >>> network = nn.ModuleDict({"attn": nn.MultiheadAttention(8, 2)})
    >>> owners(network, ["attn.head1", "attn", "attn.out_proj.input"])
    ['attn', 'attn.out_proj']
    """
    return list(dict.fromkeys(view(network, name).owner for name in names))
