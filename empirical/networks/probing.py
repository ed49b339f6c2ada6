"""Looking into a network and leaving it as it was found."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from empirical.networks.zoo import Model
from theory.errors import UnknownName


def find_layer(network: nn.Module, name: str) -> nn.Module:
    """Return the module with this dotted name, or raise UnknownName with the near names."""
    try:
        return network.get_submodule(name or ".")
    except AttributeError:
        raise UnknownName("layer", name, [key for key, _ in network.named_modules() if key]) from None


def device_of(model: Model) -> torch.device:
    """Return the device that holds the network's first parameter or buffer; the CPU if it has none."""
    for tensor in (*model.network.parameters(), *model.network.buffers()):
        return tensor.device
    return torch.device("cpu")


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Hold the network in evaluation mode with fixed weights; at the end all is as before, also global random state."""
    training = {module: module.training for module in network.modules()}
    learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
    devices = {parameter.device for parameter in network.parameters() if parameter.is_cuda}
    with torch.random.fork_rng(devices=list(devices)):
        try:
            network.eval()
            for parameter in learned:
                parameter.requires_grad = False
            yield
        finally:
            for module, mode in training.items():
                module.training = mode
            for parameter in learned:
                parameter.requires_grad = True


@contextmanager
def finite_weights(network: nn.Module) -> Iterator[None]:
    """Hold weights that are not finite at zero, and put them back at the end.

    An output that is finite does not depend on them, but its gradient, of which each is multiplied by 0, would be NaN.
    """
    weights = (*network.parameters(), *network.buffers())
    spoiled = {weight: weight.data for weight in weights if not torch.isfinite(weight.data).all()}
    try:
        for weight, values in spoiled.items():
            weight.data = torch.nan_to_num(values, 0.0, 0.0, 0.0)
        yield
    finally:
        for weight, values in spoiled.items():
            weight.data = values
