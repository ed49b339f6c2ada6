"""What a user states of a network: how it reads images, what its outputs are called, where its units lie."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from torch import Tensor

from fvproof.empirical.measurement.recognition import output_count
from fvproof.empirical.networks.layouts import layouts
from fvproof.empirical.networks.model import Model
from fvproof.theory.errors import DomainError, UnknownName


class HowItReads(TypedDict, total=False):
    """How a network reads images, and how images are read; see `fv.model`."""

    mean: "float | Sequence[float] | np.ndarray | Tensor | None"
    std: "float | Sequence[float] | np.ndarray | Tensor | None"
    value_range: float | Sequence[float] | None
    bgr: bool | None
    shape: Sequence[int] | None
    output: str | None
    axes: Mapping[str, int] | None
    weights: str | Path | None
    device: str
    limit: int | None
    per_class: int | None
    crop: float


OF_NETWORKS = ("mean", "std", "value_range", "bgr", "shape", "output")
OF_NAMES = ("weights", "device")
OF_IMAGES = ("limit", "per_class", "crop")


def require_known(given: Mapping[str, object], known: Iterable[str]) -> None:
    """Raise UnknownName for a setting that there is not; near names are listed."""
    for name in given:
        if name not in known:
            raise UnknownName("setting", name, known)


def numbers(name: str, value: object) -> tuple[Any, ...]:
    """Return one number or several as a tuple."""
    try:
        values = value.detach().cpu().numpy() if isinstance(value, Tensor) else np.asarray(value)
        kind = int if name == "shape" else float
        return tuple(kind(one) for one in values.reshape(-1).tolist())
    except (TypeError, ValueError) as error:
        raise DomainError(f"{name} must be numbers, not {value!r}") from error


def with_names(found: Model, class_names: Sequence[str] | None) -> Model:
    """Return the network with the names of its classes."""
    if class_names is None:
        return found
    count = output_count(found)
    if count is not None and count != len(class_names):
        raise DomainError(f"class_names must be one for each of {count} outputs, not {len(class_names)}")
    return replace(found, class_names=tuple(map(str, class_names)))


def with_axes(found: Model, axes: Mapping[str, int] | None) -> Model:
    """Return the network with the axes that are given; one that there is not is said at once."""
    if not axes:
        return found
    found = replace(found, axes=dict(axes))
    layouts(found)
    return found
