"""The network that is looked at: embedded, from torchvision or timm, or from a file of the user's own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import index
from pathlib import Path

import torch
from torch import Tensor, nn
from typing_extensions import Unpack

from fvproof.empirical.networks.devices import named_device
from fvproof.empirical.networks.exports import load_export
from fvproof.empirical.networks.libraries import LibraryModel, from_timm, from_torchvision
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.model_files import module_from_file
from fvproof.empirical.networks.openness import bare, require_layers, unwrapped
from fvproof.empirical.networks.preprocessing import Preprocessing, Reads, preprocessing
from fvproof.empirical.networks.soundness import materialize, ready, require_sound
from fvproof.theory.errors import DomainError, ShapeError, UnknownName

DEFAULT_SHAPE = (3, 224, 224)

EMBEDDED = ("digits", "digits-small", "digits-plain", "digits-cosine", "digits-prototype")
"""The networks of `fvproof.empirical.networks.digits`."""

STATED = ("mean", "std", "value_range", "bgr")
"""What `fvproof.empirical.networks.preprocessing.Reads` states."""


def load_model(
    spec: str,
    *,
    weights: Path | str | None = None,
    shape: tuple[int, int, int] | None = None,
    device: str = "cpu",
    **reads: Unpack[Reads],
) -> Model:
    """Return the network that a user names, in evaluation mode, ready to read images in [0, 1].

    Parameters
    ----------
    spec
        `digits`, `digits-small`, `torchvision:NAME`, `timm:NAME`, a torch export `FILE.pt2`, an ONNX file `FILE.onnx`,
        or `FILE.py:FUNCTION`, a function without arguments that returns a `torch.nn.Module`, which may state its
        `input_shape` and `class_names`.
    weights
        A file that `fvproof.empirical.networks.weights.load_weights` reads.
    shape
        Channels, height, width; else what the network states, else 3, 224, 224.
    device
        What holds the network and computes, see `fvproof.empirical.networks.devices.named_device`.
    **reads
        How the network reads images: `mean` and `std`, one number per channel; `value_range`, what black and white are
        to it, such as `(0, 255)`; `bgr`, whether it reads blue, green and red. See
        `fvproof.empirical.networks.preprocessing.Preprocessing`. Without them the module is taken to read RGB in [0,
        1], and to do the rest itself (torchvision's and timm's state their own).

    Raises
    ------
    UnknownName
        If there is no such model or function; near names are listed.
    DomainError, ShapeError
        If the file cannot be run, returns no module, the weights or images do not fit, or nothing can be measured on
        the network; see `fvproof.empirical.networks.soundness.require_sound`.

    Examples
    --------
    >>> load_model("digits-small").shape
    (1, 8, 8)
    """
    where = named_device(device)
    model = _found(spec, where, pretrained=weights is None, shape=shape)
    model = replace(model, network=bare(model.network), shape=model.shape if shape is None else tuple(shape))
    if any(size < 1 for size in model.shape):
        raise ShapeError(f"the input shape must be three positive numbers, not {model.shape}")
    if any(reads.get(name) not in (None, False) for name in STATED):
        model = replace(model, normalize=_stated(model, reads))
    require_layers(model)
    _rest(model)
    materialize(model)
    if weights is not None:
        from fvproof.empirical.networks.weights import (
            load_weights,  # its libraries are needed for files of weights alone
        )

        load_weights(model.network, weights)
    _move(model, where)
    require_sound(model)
    return model


def model_of(
    network: nn.Module,
    *,
    shape: Sequence[int] | None = None,
    name: str | None = None,
    class_names: Sequence[str] | None = None,
    **reads: Unpack[Reads],
) -> Model:
    """Return a module in memory as a network to be looked at. It stays where it is, and as it is.

    Parameters
    ----------
    network
        In any mode: whatever looks at it holds it in evaluation mode, and gives it back as it was. One in another
        precision than float32, or with layers that have not seen an image yet, is copied.
    shape
        Channels, height, width of an input image; else what the network states (`input_shape`), else 3, 224, 224.
    name
        What it is called; by default its class.
    class_names
        One per output; else what the network states.
    **reads
        How it reads images, as for `load_model`.

    Raises
    ------
    DomainError, ShapeError
        If it does not take images of this shape, or nothing can be measured on it.

    Examples
    --------
    >>> model_of(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), shape=(1, 2, 2)).name
    'Sequential'
    """
    names = _stated_names(network) if class_names is None else tuple(map(str, class_names))
    size = _stated_shape(network) if shape is None else tuple(map(int, shape))
    if len(size) != 3 or any(length < 1 for length in size):
        raise ShapeError(f"the input shape must be three positive numbers, not {size}")
    network = unwrapped(network)
    model = Model(name or type(network).__name__, network, size, names)
    if any(reads.get(one) not in (None, False) for one in STATED):
        model = replace(model, normalize=preprocessing(reads, size[0]))
    require_layers(model)
    model = ready(model)
    require_sound(model)
    return model


def _rest(model: Model) -> None:
    """Put the network in evaluation mode."""
    try:
        model.network.eval()
    except Exception as error:
        raise DomainError(
            f"{model.name} must go into evaluation mode, its eval() or train() raises: {error}"
        ) from error


def _stated(model: Model, reads: Reads) -> Callable[[Tensor], Tensor]:
    """Return how a network reads images if the user says so; that of a library's then has to be said in full."""
    if isinstance(model.normalize, Preprocessing) and reads.get("mean") is None:
        raise DomainError(f"{model.name} states how it reads images: give its mean and std with --range or --bgr")
    return preprocessing(reads, model.shape[0])


def _found(spec: str, device: torch.device, *, pretrained: bool, shape: tuple[int, int, int] | None) -> Model:
    """Return the model that the specification names."""
    if spec in EMBEDDED:
        from fvproof.empirical.networks import digits  # its libraries are needed for these networks alone

        return Model(spec, digits.trained(spec), digits.SHAPE, tuple(map(str, range(10))))
    source, separator, name = spec.rpartition(":")
    if source in ("torchvision", "timm"):
        return _of_library(
            spec, (from_torchvision if source == "torchvision" else from_timm)(name, pretrained=pretrained)
        )
    if spec.endswith(".pt2"):
        network, shape = load_export(Path(spec), device)
        return Model(spec, network, shape or DEFAULT_SHAPE)
    if spec.endswith(".onnx"):
        from fvproof.empirical.networks.graphs.files import load_onnx  # its libraries are needed for such files alone

        return Model(spec, *load_onnx(Path(spec), shape))
    if separator and source.endswith(".py"):
        network = module_from_file(Path(source), name)
        return Model(spec, network, _stated_shape(network), _stated_names(network))
    if spec.endswith(".py"):
        raise DomainError(f"{spec} needs the name of the function that builds the network: {spec}:FUNCTION")
    forms = ("torchvision:NAME", "timm:NAME", "FILE.py:FUNCTION", "FILE.pt2", "FILE.onnx")
    raise UnknownName("model", spec, [*EMBEDDED, *forms])


def _of_library(spec: str, found: LibraryModel) -> Model:
    """Return a library's network, which reads images as the library states."""
    reads: Reads = {"mean": found.mean, "std": found.std}
    return Model(spec, found.network, found.shape, found.class_names, preprocessing(reads, found.shape[0]))


def _stated_shape(network: nn.Module) -> tuple[int, int, int]:
    """Return the module's own `input_shape`, or 3, 224, 224."""
    stated = getattr(network, "input_shape", DEFAULT_SHAPE)
    try:
        channels, height, width = map(index, stated)
    except (TypeError, ValueError):
        raise ShapeError(f"the network's input_shape must be three whole numbers C, H, W, not {stated!r}") from None
    return channels, height, width


def _stated_names(network: nn.Module) -> tuple[str, ...] | None:
    """Return the module's own `class_names`: one for each output, or by the output's number; None without."""
    stated = getattr(network, "class_names", None)
    if stated is None:
        return None
    wrong = DomainError(f"the network's class_names must be a name for each output, not {stated!r}")
    if isinstance(stated, str) or not isinstance(stated, Iterable):
        raise wrong
    if isinstance(stated, Mapping):
        if set(stated) != set(range(len(stated))):
            raise wrong
        stated = [stated[i] for i in range(len(stated))]
    names = stated.tolist() if isinstance(stated, Tensor) else stated
    return tuple(map(str, names)) or None


def _move(model: Model, device: torch.device) -> None:
    """Have the device hold the network."""
    try:
        model.network.to(device)
    except (RuntimeError, TypeError) as error:
        raise DomainError(f"{model.name} cannot be moved to the device {device}: {error}") from error
