"""Units of a network: their names and their activations.

A *unit* is one channel of one layer, wherever the layer has its channels (`fvproof.empirical.networks.layouts`). Its
activation of an image is one number: the channel's mean over all positions, such as rows and columns, tokens or time
steps (or its value in the middle); its entry where the layer has no positions.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.memory import Capacity
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective, Unit, Wanted
from fvproof.empirical.networks.places import responses
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.readout import check_objectives, reading
from fvproof.empirical.networks.response_norm import quick_norms
from fvproof.empirical.shapes import laid_out
from fvproof.theory.errors import DomainError
from fvproof.theory.texts import BLANKS

__all__ = ["Position", "Unit", "activations", "channel_counts", "check_units", "parse_units", "responses", "within"]

Position = Literal["mean", "center"]

NUMBER = re.compile("[0-9]{1,18}")
"""A channel as it is written."""


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
    named = [split_channels(part) for part in text.split(",") if part.strip(BLANKS)]
    if not named:
        raise DomainError(f"units are written LAYER:CHANNELS (conv1:0-7,fc:3), received {text!r}")
    counts = channel_counts(model, dict.fromkeys(layer for layer, _ in named))
    chosen = [(layer, within(layer, channels or range(counts[layer]), counts[layer])) for layer, channels in named]
    return list(dict.fromkeys(Unit(layer, channel) for layer, channels in chosen for channel in channels))


def split_channels(part: str) -> tuple[str, range | None]:
    """Return the layer and the channels of one `LAYER:CHANNELS`."""
    layer, colon, channels = part.strip(BLANKS).partition(":")
    first, dash, last = channels.partition("-")
    if not colon:
        return layer, None
    if not all(NUMBER.fullmatch(number.strip(BLANKS)) for number in (first, last if dash else first)):
        raise DomainError(f"channels are a number or a range (3 or 0-7), received {channels!r} for layer {layer!r}")
    selected = range(int(first), int(last or first) + 1)
    if not selected:
        raise DomainError(f"a range of channels goes upwards, received {channels!r} for layer {layer!r}")
    return layer, selected


def check_units(units: Iterable[Unit], counts: dict[str, int]) -> None:
    """Raise DomainError for a unit beyond its layer's number of channels, `counts`."""
    for unit in units:
        within(unit.layer, range(unit.channel, unit.channel + 1), counts[unit.layer])


def within(layer: str, channels: range, count: int) -> range:
    """Return the channels, or raise DomainError if the layer has only so many."""
    if channels.start < 0 or channels.stop > count:
        first = channels.start if channels.start < 0 else max(channels.start, count)
        raise DomainError(f"layer {layer!r} has units 0 to {count - 1}, received {first}")
    return channels


def channel_counts(model: Model, layers: Iterable[str]) -> dict[str, int]:
    """Return how many units each layer has, found by running one grey image."""
    with frozen(model.network), torch.no_grad(), capturing(model, list(layers), responses) as run:
        image = torch.full((1, *model.shape), 0.5, device=device_of(model))
        return {layer: output.shape[1] for layer, output in run(image).items()}


def activations(
    model: Model,
    units: Sequence[Wanted],
    batches: Iterable[Tensor],
    *,
    position: Position = "mean",
    capacity: Capacity | None = None,
) -> dict[Wanted, np.ndarray]:
    """Return each unit's activation of every image, in the images' order.

    Parameters
    ----------
    model
        The network; layers above the last unit's are not run.
    units
        Units of any layers, or other objectives; all are read in the same forward pass.
    batches
        Images as float32 `(n, C, H, W)` in [0, 1], a batch at a time; one too large for the memory is halved.
    position
        "mean" or "center", see `responses`.
    capacity
        How many images there is room for.

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
    values = [torch.zeros(0, len(units)), *_values(model, units, batches, position, capacity or Capacity())]
    return dict(zip(units, torch.cat(values).T.contiguous().numpy(), strict=True))


def ranges(
    model: Model, units: Sequence[Objective], batches: Iterable[Tensor], *, position: Position, capacity: Capacity
) -> np.ndarray:
    """Return each unit's smallest and largest finite activation, float32 `(units, 2)`; NaN where there is none.

    See `activations`, whose memory grows with the number of images; here it does not.

    Examples
    --------
    >>> from torch import nn
    >>> model, images = Model("itself", nn.Sequential(nn.Flatten()), (1, 1, 2)), torch.tensor([[[[1.0, 5.0]]]])
    >>> ranges(model, [Unit("0", 1)], [images, images - 3], position="mean", capacity=Capacity())
    array([[2., 5.]], dtype=float32)
    """
    low, high = torch.full((len(units),), torch.inf), torch.full((len(units),), -torch.inf)
    for values in _values(model, units, batches, position, capacity):
        finite = values.isfinite()
        low = low.minimum(values.where(finite, torch.inf).amin(dim=0))
        high = high.maximum(values.where(finite, -torch.inf).amax(dim=0))
    found = torch.stack([low, high], dim=1)
    return found.where(found.isfinite(), torch.nan).numpy()


def _values(
    model: Model, units: Sequence[Objective], batches: Iterable[Tensor], position: Position, capacity: Capacity
) -> Iterator[Tensor]:
    """Yield the units' activations, `(images, units)`, a batch of images at a time."""
    check_objectives(model, units)
    device = device_of(model)
    with (
        frozen(model.network),
        quick_norms(model.network),
        torch.no_grad(),
        reading(model, units, position) as read,
    ):

        def seen(images: Tensor) -> Tensor:
            return read(laid_out(images.to(device)), None).cpu()

        for batch in batches if units else ():
            yield from capacity.parts(seen, batch)
