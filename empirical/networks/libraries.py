"""Networks from torchvision and timm, which are optional: imported when asked for."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from torch import nn

from fvproof.theory.errors import DomainError, UnknownName


@dataclass(frozen=True, slots=True, eq=False)
class LibraryModel:
    """A library's network with what the library states about its inputs and outputs."""

    network: nn.Module
    shape: tuple[int, int, int]
    mean: Sequence[float]
    std: Sequence[float]
    class_names: tuple[str, ...] | None


def from_torchvision(name: str, *, pretrained: bool) -> LibraryModel:
    """Return a classifier of torchvision, with its default weights or none.

    Raises
    ------
    DomainError
        If torchvision is not installed, or the weights cannot be had.
    UnknownName
        If it has no such model; near names are listed.
    """
    models = _library("torchvision.models", "torchvision")
    if name not in (known := models.list_models(module=models)):
        raise UnknownName("torchvision model", name, known)
    weights = models.get_model_weights(name).DEFAULT
    network = _built(models.get_model, name, weights=weights if pretrained else None)
    if hasattr(network, "transform_input"):  # what every published GoogLeNet and Inception was trained with
        setattr(network, "transform_input", True)  # noqa: B010  a plain attribute, not a parameter
    preset = weights.transforms()
    size = int(preset.crop_size[0])
    names = weights.meta.get("categories")
    return LibraryModel(network, (3, size, size), preset.mean, preset.std, tuple(names) if names else None)


def from_timm(name: str, *, pretrained: bool) -> LibraryModel:
    """Return a model of timm, with its default weights or none.

    Raises
    ------
    DomainError
        If timm is not installed, or the weights cannot be had.
    UnknownName
        If it has no such model; near names are listed.
    """
    timm = _library("timm", "timm")
    if not timm.is_model(name):
        raise UnknownName("timm model", name, timm.list_models())
    network = _built(timm.create_model, name, pretrained=pretrained)
    stated = timm.data.resolve_model_data_config(network)
    return LibraryModel(network, tuple(stated["input_size"]), stated["mean"], stated["std"], None)


def _library(module: str, package: str) -> ModuleType:
    """Return an optional package."""
    try:
        return importlib.import_module(module)
    except (ImportError, RuntimeError) as error:
        raise DomainError(f"{package} cannot be imported ({error}): pip install 'fvproof[{package}]'") from error


def _built(build: Callable[..., nn.Module], name: str, **options: Any) -> nn.Module:  # noqa: ANN401  the library's own
    """Return the network; weights that cannot be downloaded are an error that says what to do."""
    try:
        return build(name, **options)
    except (OSError, RuntimeError) as error:
        raise DomainError(f"the weights of {name} cannot be had ({error}); give a file with --weights") from error
