"""Units of a network: their names and their activations.

A *unit* is one channel of one layer. Its activation of an image is one number: the channel's mean over all positions
(or its value at the centre) where the layer's output is `(N, C, H, W)`, its mean over the tokens (or the middle one)
where it is `(N, T, C)`, its entry where it is `(N, C)`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from typing_extensions import override

from empirical.networks.probing import capturing, device_of, frozen
from empirical.networks.response_norm import quick_norms
from empirical.networks.zoo import Model
from theory.errors import DomainError, ShapeError

Position = Literal["mean", "center"]


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """One channel of one layer, the layer under its own dotted name.

    Examples
    --------
    >>> str(Unit("layer3.2.conv2", 7))
    'layer3.2.conv2:7'
    """

    layer: str
    channel: int

    @override
    def __str__(self) -> str:
        return f"{self.layer}:{self.channel}"


def parse_units(text: str, model: Model) -> list[Unit]:
    """Return the units that a text names, in its order and each once.

    Parameters
    ----------
    text
        `LAYER:CHANNELS`, several of them separated by commas; `CHANNELS` is a number (`fc:3`), a range with both ends
        (`fc:0-7`), or left out with its colon for all units of the layer (`fc`).
    model
        The network that must have the layers.

    Raises
    ------
    UnknownName
        A layer that the network does not have; the message lists the near names.
    DomainError
        A channel that the layer does not have; the message says which it has.

    Examples
    --------
    >>> from torch import nn
    >>> model = Model("tiny", nn.Sequential(nn.Flatten(), nn.Linear(64, 4)), (1, 8, 8))
    >>> [str(unit) for unit in parse_units("1:0-1,1:3", model)]
    ['1:0', '1:1', '1:3']
    """
    named = [_split(part) for part in text.split(",") if part.strip()]
    if not named:
        raise DomainError(f"units are written LAYER:CHANNELS (conv1:0-7,fc:3), received {text!r}")
    counts = channel_counts(model, dict.fromkeys(layer for layer, _ in named))
    units = [Unit(layer, channel) for layer, channels in named for channel in channels or range(counts[layer])]
    check_units(units, counts)
    return list(dict.fromkeys(units))


def _split(part: str) -> tuple[str, range | None]:
    """Return the layer and the channels of one `LAYER:CHANNELS`."""
    layer, colon, channels = part.strip().partition(":")
    first, _, last = channels.partition("-")
    if not colon:
        return layer, None
    if not first.strip().isdecimal() or not (last.strip() or first.strip()).isdecimal():
        raise DomainError(f"channels are a number or a range (3 or 0-7), received {channels!r} for layer {layer!r}")
    selected = range(int(first), int(last or first) + 1)
    if not selected:
        raise DomainError(f"a range of channels goes upwards, received {channels!r} for layer {layer!r}")
    return layer, selected


def check_units(units: Iterable[Unit], counts: dict[str, int]) -> None:
    """Raise DomainError for a unit beyond its layer's number of channels, `counts`."""
    for unit in units:
        if not 0 <= unit.channel < counts[unit.layer]:
            raise DomainError(f"layer {unit.layer!r} has units 0 to {counts[unit.layer] - 1}, received {unit.channel}")


def channel_counts(model: Model, layers: Iterable[str]) -> dict[str, int]:
    """Return how many units each layer has, found by running one grey image."""
    with frozen(model.network), torch.no_grad(), capturing(model, list(layers), responses) as run:
        image = torch.full((1, *model.shape), 0.5, device=device_of(model))
        return {layer: output.shape[1] for layer, output in run(image).items()}


def responses(output: Tensor, position: Position = "mean") -> Tensor:
    """Return the activations of all units of a layer, one row per image.

    Parameters
    ----------
    output
        The layer's output, `(N, C)`, `(N, T, C)` or `(N, C, H, W)`.
    position
        "mean" over all positions or tokens, or "center" for the middle one.

    Returns
    -------
    Tensor
        Of shape `(N, C)`.

    Raises
    ------
    ShapeError
        An output of any other number of dimensions.

    Examples
    --------
    >>> responses(torch.arange(8.0).reshape(1, 2, 2, 2)).tolist()
    [[1.5, 5.5]]
    """
    match output.dim(), position:
        case 2, _:
            return output
        case 3, "mean":
            return output.mean(dim=1)
        case 3, "center":
            return output[:, output.shape[1] // 2]
        case 4, "mean":
            return output.mean(dim=(2, 3))
        case 4, "center":
            return output[:, :, output.shape[2] // 2, output.shape[3] // 2]
        case _:
            raise ShapeError(f"a unit's layer gives (N, C), (N, T, C) or (N, C, H, W), received {tuple(output.shape)}")


def activations(
    model: Model, units: Sequence[Unit], batches: Iterable[Tensor], *, position: Position = "mean"
) -> dict[Unit, np.ndarray]:
    """Return each unit's activation of every image, in the images' order.

    Parameters
    ----------
    model
        The network; layers above the last unit's are not run.
    units
        Units of any layers; all are read in the same forward pass.
    batches
        Images as float32 `(n, C, H, W)` in [0, 1], a batch at a time.
    position
        "mean" or "center", see `responses`.

    Returns
    -------
    dict
        For each unit a float32 array of shape `(number of images,)`.

    Examples
    --------
    >>> from torch import nn
    >>> model = Model("sum", nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (1, 2, 2))
    >>> found = activations(model, [Unit("1", 0)], [torch.zeros(3, 1, 2, 2)])
    >>> found[Unit("1", 0)].shape
    (3,)
    """
    layers = dict.fromkeys(unit.layer for unit in units)
    check_units(units, channel_counts(model, layers))
    parts: dict[Unit, list[Tensor]] = {unit: [] for unit in units}
    device = device_of(model)
    with (
        frozen(model.network),
        quick_norms(model.network),
        torch.no_grad(),
        capturing(model, list(layers), lambda output: responses(output, position)) as run,
    ):
        for batch in batches:
            images = batch.to(device).contiguous(memory_format=torch.channels_last)
            found = {layer: output.float().cpu() for layer, output in run(images).items()}
            for unit, values in parts.items():
                values.append(found[unit.layer][:, unit.channel])
    return {unit: torch.cat(values).numpy() for unit, values in parts.items()}
