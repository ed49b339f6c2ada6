"""Which networks are small enough for `verify`: chains of affine layers, convolutions and few ReLUs."""

from math import prod

import torch
from torch import nn

from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, find_layer, frozen
from fvproof.empirical.networks.sequential import sequential_onnx
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError

MOST_RELUS = 256
"""Below the layer. More can be certified too (`fvproof certify`), but not in passing."""

MOST_WEIGHTS = 10_000_000
"""Of an affine map between pixels and a layer."""


def is_small_chain(model: Model, layer: str) -> bool:
    """Return whether the network up to a layer can be read by `verify` and is small.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> model = load_model("digits")
    >>> is_small_chain(model, "conv1"), is_small_chain(model, "conv2")
    (True, False)
    """
    if not isinstance(model.network, nn.Sequential):
        return False
    names = [name for name, module in model.network.named_modules() if not list(module.children())]
    if layer not in names:
        return False
    relus = [name for name in names[: names.index(layer)] if isinstance(find_layer(model.network, name), nn.ReLU)]
    with frozen(model.network), torch.no_grad(), capturing(model, [*relus, layer]) as run:
        outputs = run(torch.zeros(1, *model.shape, device=device_of(model)))
    sizes = {name: output[0].numel() for name, output in outputs.items()}
    if sum(sizes[name] for name in relus) > MOST_RELUS or max(sizes.values()) * prod(model.shape) > MOST_WEIGHTS:
        return False
    try:
        return bool(sequential_onnx(model, Unit(layer, 0)))
    except DomainError:
        return False
