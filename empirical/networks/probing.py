"""Looking into a network and leaving it as it was found: layers' outputs, forward passes that stop there."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from empirical.networks.zoo import Model
from theory.errors import DomainError, ShapeError, UnknownName

Read = Callable[[Tensor], Tensor]


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


class Stopped(BaseException):
    """Raised by a hook, to stop the forward pass: no error, so that a network that catches errors lets it pass."""


@contextmanager
def capturing(
    model: Model, layers: Sequence[str], read: Read | Mapping[str, Read] = lambda output: output
) -> Iterator[Callable[[Tensor], dict[str, Tensor]]]:
    """Give a function from images to the layers' outputs that stops the forward pass at the last of these layers.

    The hooks that it needs are gone at the end of the `with` block. A module that is called several times in one pass
    counts by its first call; of an output with several tensors the first is taken.

    Parameters
    ----------
    model
        The network.
    layers
        Dotted names of its modules.
    read
        Applied to each output at once, before a later layer can change it in place; one function, or one per layer.

    Raises
    ------
    UnknownName
        A layer that the network does not have.
    DomainError
        A layer that the forward pass does not run, when the function is called.
    ShapeError
        A layer whose output is no tensor with one entry, row or map per image.

    Examples
    --------
    >>> model = Model("two", nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.Softmax(1)), (1, 2, 2))
    >>> with capturing(model, ["1"]) as run:
    ...     run(torch.zeros(3, 1, 2, 2))["1"].shape
    torch.Size([3, 2])
    """
    found: dict[str, Tensor] = {}

    def hook_for(layer: str) -> Callable[[nn.Module, Any, Any], None]:
        reader = read[layer] if isinstance(read, Mapping) else read

        def hook(_module: nn.Module, _inputs: object, output: object) -> None:
            if layer not in found:
                found[layer] = reader(_first_tensor(output, layer))
            if len(found) == len(layers):
                raise Stopped

        return hook

    def run(images: Tensor) -> dict[str, Tensor]:
        found.clear()
        if not layers:
            return {}
        _pass(model, images, lambda: len(found) == len(layers))
        for missing in (layer for layer in layers if layer not in found):
            raise DomainError(f"a unit's layer must be run in a forward pass, {missing!r} is not")
        _check_rows(found, len(images))  # also where the network caught everything and went on
        return dict(found)

    modules = {layer: find_layer(model.network, layer) for layer in layers}
    handles = [module.register_forward_hook(hook_for(layer)) for layer, module in modules.items()]
    try:
        yield run
    finally:
        found.clear()
        for handle in handles:
            handle.remove()


def _pass(model: Model, images: Tensor, done: Callable[[], bool]) -> None:
    """Run a forward pass until it stops; once it is done, what a network that catches everything raises is no error."""
    try:
        model(images)
    except Stopped:
        return
    except Exception:
        if not done():
            raise


def _first_tensor(output: object, layer: str) -> Tensor:
    """Return the output, or the first of several, if it is a tensor."""
    first = output[0] if isinstance(output, (tuple, list)) and output else output
    if not isinstance(first, Tensor):
        raise ShapeError(f"a unit's layer gives a tensor, {layer!r} gives {type(first).__name__}")
    return first


def _check_rows(found: dict[str, Tensor], images: int) -> None:
    """Raise ShapeError unless every output has one row per image."""
    for layer, output in found.items():
        if output.dim() == 0 or len(output) != images:
            raise ShapeError(
                f"a unit's layer gives one row per image, {layer!r} gives {tuple(output.shape)} for {images} images"
            )


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Hold the network in evaluation mode with fixed weights; at the end all is as before.

    That is: the training mode of each module, `requires_grad`, buffers, and the global random states of Python, NumPy
    and torch, whatever the network draws or counts in its forward pass.
    """
    training = {module: module.training for module in network.modules()}
    learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
    with same_randomness(network), _same_buffers(network):
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
    return replace(model, network=deepcopy(model.network).eval())


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
