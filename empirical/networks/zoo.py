"""The network that is looked at: embedded, from torchvision or timm, or from the user's own file or torch export."""

import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from math import inf, isfinite
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn

from empirical.networks.devices import named_device
from empirical.networks.exports import load_export
from empirical.networks.libraries import from_timm, from_torchvision
from empirical.networks.memory import out_of_memory
from theory.errors import DomainError, ShapeError, UnknownName

DEFAULT_SHAPE = (3, 224, 224)

EMBEDDED = ("digits", "digits-small", "digits-plain", "digits-cosine", "digits-prototype")
"""The networks of `empirical.networks.digits`."""


def unchanged(images: Tensor) -> Tensor:
    """Return the images as they are: the network reads [0, 1] itself."""
    return images


def standardized(images: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Return (images − mean) / std, channel by channel.

    Examples
    --------
    >>> standardized(torch.ones(1, 1, 1, 1), (0.5,), (0.25,)).item()
    2.0
    """
    return (images - _channelwise(tuple(mean), images)) / _channelwise(tuple(std), images)


_KEPT: dict[tuple[object, ...], Tensor] = {}
"""Means and deviations on the devices that hold images: to copy them there for every batch would halt a GPU."""


def _channelwise(values: tuple[float, ...], images: Tensor) -> Tensor:
    """Return the numbers with the images' type and on their device, one per channel."""
    key = (values, images.dtype, images.device)
    if key in _KEPT:
        return _KEPT[key]
    with torch.inference_mode(mode=False):
        found = torch.tensor(values, dtype=images.dtype, device=images.device).view(1, -1, 1, 1)
    if type(found) is Tensor and not torch.compiler.is_compiling():  # neither traced nor a stand-in
        _KEPT[key] = found
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A network and how it reads images.

    Parameters
    ----------
    name
        As the user gave it.
    network
        In evaluation mode.
    shape
        Channels, height and width of an input image.
    class_names
        One per output, where known.
    normalize
        From float32 images in [0, 1], (N, C, H, W), to what the network reads.
    axes
        For layers by name: along which dimension of the output the units lie, where `empirical.networks.layouts` is
        overruled.
    """

    name: str
    network: nn.Module
    shape: tuple[int, int, int]
    class_names: tuple[str, ...] | None = None
    normalize: Callable[[Tensor], Tensor] = unchanged
    axes: Mapping[str, int] = field(default_factory=dict)

    def __call__(self, images: Tensor) -> Tensor:
        """Return the network's output for float32 images in [0, 1], (N, C, H, W)."""
        return self.network(self.normalize(images))


def load_model(
    spec: str,
    *,
    weights: Path | str | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    shape: tuple[int, int, int] | None = None,
    device: str = "cpu",
) -> Model:
    """Return the network that a user names, in evaluation mode, ready to read images in [0, 1].

    Parameters
    ----------
    spec
        `digits`, `digits-small`, `torchvision:NAME`, `timm:NAME`, a torch export `FILE.pt2`, or `FILE.py:FUNCTION`, a
        function without arguments that returns a `torch.nn.Module`, which may state its `input_shape` and
        `class_names`.
    weights
        A file that `empirical.networks.weights.load_weights` reads.
    mean, std
        One number per channel, applied to images in [0, 1]; without them the module is taken to do this itself
        (torchvision's and timm's state their own).
    shape
        Channels, height, width; else what the network states, else 3, 224, 224.
    device
        What holds the network and computes, see `empirical.networks.devices.named_device`.

    Raises
    ------
    UnknownName
        If there is no such model or function; near names are listed.
    DomainError, ShapeError
        If the file cannot be run, returns no module, or the weights or images do not fit.

    Examples
    --------
    >>> load_model("digits-small").shape
    (1, 8, 8)
    """
    where = named_device(device)
    model = _found(spec, where, pretrained=weights is None)
    if weights is not None:
        from empirical.networks.weights import load_weights  # its libraries are needed for files of weights alone

        load_weights(model.network, weights)
    if mean is not None or std is not None:
        model = replace(model, normalize=_normalization(mean, std))
    if shape is not None:
        model = replace(model, shape=tuple(shape))
    model.network.eval()
    _move(model, where)
    _require_output(model)
    return model


def _found(spec: str, device: torch.device, *, pretrained: bool) -> Model:
    """Return the model that the specification names."""
    if spec in EMBEDDED:
        from empirical.networks import digits  # its libraries are needed for these networks alone

        return Model(spec, digits.trained(spec), digits.SHAPE, tuple(map(str, range(10))))
    source, separator, name = spec.rpartition(":")
    if source in ("torchvision", "timm"):
        found = (from_torchvision if source == "torchvision" else from_timm)(name, pretrained=pretrained)
        return Model(spec, found.network, found.shape, found.class_names, _normalization(found.mean, found.std))
    if spec.endswith(".pt2"):
        network, shape = load_export(Path(spec), device)
        return Model(spec, network, shape or DEFAULT_SHAPE)
    if separator and source.endswith(".py"):
        network = _from_file(Path(source), name)
        stated = getattr(network, "class_names", None)
        return Model(spec, network, _stated_shape(network), tuple(map(str, stated)) if stated else None)
    if spec.endswith(".py"):
        raise DomainError(f"{spec} needs the name of the function that builds the network: {spec}:FUNCTION")
    forms = ("torchvision:NAME", "timm:NAME", "FILE.py:FUNCTION", "FILE.pt2")
    raise UnknownName("model", spec, [*EMBEDDED, *forms])


def _from_file(path: Path, function: str) -> nn.Module:
    """Return the module that a function in a user's file builds."""
    if not path.is_file():
        raise DomainError(f"there is no model file {path}")
    module = _imported(path)
    build = getattr(module, function, None)
    if not callable(build):
        own = (name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__)
        names = [name for name in own if callable(getattr(module, name)) and not name.startswith("_")]
        raise UnknownName(f"function in {path}", function, names)
    try:
        network = build()
    except (Exception, SystemExit) as error:
        raise DomainError(f"{path}:{function} raised {type(error).__name__}: {error}") from error
    if not isinstance(network, nn.Module):
        raise DomainError(f"{path}:{function} must return a torch.nn.Module, not {type(network).__name__}")
    return network


def _imported(path: Path) -> ModuleType:
    """Return the user's file as a module; its folder can be imported from, as when Python runs the file."""
    name = f"fvproof_model_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if (folder := str(path.resolve().parent)) not in sys.path:
        sys.path.append(folder)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise DomainError(f"the model file {path} raised {type(error).__name__}: {error}") from error
    return module


def _stated_shape(network: nn.Module) -> tuple[int, int, int]:
    """Return the module's own `input_shape`, or 3, 224, 224."""
    channels, height, width = getattr(network, "input_shape", DEFAULT_SHAPE)
    return int(channels), int(height), int(width)


def _normalization(mean: Sequence[float] | None, std: Sequence[float] | None) -> Callable[[Tensor], Tensor]:
    """Return the function that standardizes channels."""
    if mean is None or std is None:
        raise DomainError("mean and std must be given together")
    if len(mean) != len(std) or not all(0 < s < inf for s in std) or not all(map(isfinite, mean)):
        raise DomainError(
            f"mean and std must be finite, have one length, and std be positive, not {tuple(mean)} and {tuple(std)}"
        )
    return partial(standardized, mean=tuple(mean), std=tuple(std))


def _move(model: Model, device: torch.device) -> None:
    """Have the device hold the network."""
    try:
        model.network.to(device)
    except (RuntimeError, TypeError) as error:
        raise DomainError(f"{model.name} cannot be moved to the device {device}: {error}") from error


def _require_output(model: Model) -> None:
    """Raise an error unless the network turns one image of the stated shape into one row of outputs."""
    if any(size < 1 for size in model.shape):
        raise ShapeError(f"the input shape must be three positive numbers, not {model.shape}")
    tensor = next(chain(model.network.parameters(), model.network.buffers()), None)
    try:
        with torch.inference_mode():
            output = model(torch.zeros(1, *model.shape, device=None if tensor is None else tensor.device))
    except (Exception, SystemExit) as error:
        if out_of_memory(error):
            raise DomainError(
                f"out of memory: there must be room for {model.name} and one image {model.shape}"
            ) from error
        raise ShapeError(f"{model.name} does not take images of shape {model.shape} (see --shape): {error}") from error
    if not isinstance(output, Tensor) or output.ndim < 2 or len(output) != 1:
        raise DomainError(f"{model.name} must return one tensor with a row per image, not {type(output).__name__}")
