"""Looking into a network and leaving it as it was found."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer
from torch.utils import checkpoint

from fvproof.empirical.networks.devices import same_settings
from fvproof.empirical.networks.model import Model
from fvproof.theory.errors import UnknownName


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
    """Hold the network in evaluation mode with fixed weights; at the end all is as before.

    That is: the training mode of each module, `requires_grad`, buffers, the global random states of Python, NumPy and
    torch, and torch's settings, whatever the network draws, counts or sets in its forward pass.
    """
    training = {module: module.training for module in network.modules()}
    learned = {parameter: parameter.requires_grad for parameter in network.parameters()}
    with same_settings(), same_randomness(network), _same_buffers(network), _without_checkpoints():
        try:
            network.eval()
            for parameter in learned:
                parameter.requires_grad = False
            yield
        finally:
            for module, mode in training.items():
                module.training = mode
            for parameter, mode in learned.items():
                parameter.requires_grad = mode


class _Plain:
    """Runs what is to be computed twice once: in place of torch's reentrant checkpoints."""

    @staticmethod
    def apply(function: Callable[..., Any], _preserve: object, *inputs: object) -> Any:  # noqa: ANN401  the function's
        """Return what the function gives."""
        return function(*inputs)


@contextmanager
def _without_checkpoints() -> Iterator[None]:
    """Have `checkpoint(.., use_reentrant=True)` keep what it computes: it allows no gradient of an input otherwise."""
    kept = checkpoint.CheckpointFunction
    checkpoint.CheckpointFunction = _Plain  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        checkpoint.CheckpointFunction = kept  # type: ignore[misc]


@contextmanager
def same_randomness(network: nn.Module) -> Iterator[None]:
    """Leave the global random states of Python, NumPy and torch as they are, whatever a network draws in the block."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002  what a network may draw from
    devices = {parameter.device for parameter in network.parameters() if parameter.is_cuda}
    with torch.random.fork_rng(devices=list(devices)):
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002


@contextmanager
def _same_buffers(network: nn.Module) -> Iterator[None]:
    """Leave the buffers of a network as they are; those that it makes in the block stay."""
    kept = [
        (module, name, buffer, buffer.clone(), buffer._version)
        for module in network.modules()
        for name, buffer in module._buffers.items()
        if buffer is not None
    ]
    try:
        yield
    finally:
        with torch.no_grad():
            for module, name, buffer, values, version in kept:
                module._buffers[name] = buffer
                if buffer._version != version:
                    buffer.copy_(values)


def resting(model: Model) -> Model:
    """Return the model with its network in evaluation mode: itself if it is, else a copy, so that it can stay as it is.

    Examples
    --------
    >>> model = Model("training", nn.Dropout(), (1, 2, 2))
    >>> resting(model).network.training, model.network.training
    (False, True)
    """
    if not any(module.training for module in model.network.modules()):
        return model
    return replace(model, network=copy_of(model.network).eval())


def copy_of(network: nn.Module) -> nn.Module:
    """Return a copy of a network, also of one that holds tensors that it computed, such as those of old weight norms.

    Examples
    --------
    >>> copy_of(nn.Linear(2, 3))
    Linear(in_features=2, out_features=3, bias=True)
    """
    held = (one for module in network.modules() for one in vars(module).values() if isinstance(one, Tensor))
    kept = {id(one): one.detach().clone() for one in held if not one.is_leaf}
    # torch copies parameters that have no numbers yet, but not buffers, of lazy batch norms
    lazy = [
        one for module in network.modules() for one in module._buffers.values() if isinstance(one, UninitializedBuffer)
    ]
    return deepcopy(network, kept | {id(one): UninitializedBuffer() for one in lazy})


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
