"""The census of silence: which rectifier channels of a network no image of a set ever opens.

A channel that is shut on a whole set of images has no part in what the network does on them, and can be anything
elsewhere: it is the room that silent units and fooling circuits need. Trained networks have such channels too.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
import torch
from tqdm import tqdm

from fvproof.empirical.detecting.rectifiers import watching
from fvproof.empirical.images import AT_ONCE, ImageSet
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.response_norm import quick_norms
from fvproof.empirical.networks.soundness import require_fit, require_sound


@dataclass(frozen=True, slots=True, eq=False)
class Rectifier:
    """How one rectifier's channels behave on a set of images.

    Attributes
    ----------
    name
        The module in which it is computed, and its number there.
    opened
        Int (C,): on how many images each channel rises above the floor, at any position, or is not a number.
    high
        Float (C,): how far each rises above it at most; 0 or less where it is silent; NaN if it once is not a number.
    """

    name: str
    opened: np.ndarray
    high: np.ndarray

    @property
    def silent(self) -> np.ndarray:
        """Which channels no image opens, (C,) bool."""
        return self.opened == 0


def census(model: Model, images: ImageSet) -> tuple[Rectifier, ...]:
    """Return how often each channel of each rectifier opens on a set of images.

    Images are streamed: memory holds a few numbers for each channel, whatever the number of images. Only exact
    rectifiers count (see `fvproof.empirical.detecting.rectifiers`); smooth ones such as GELU have no silence.

    Parameters
    ----------
    model
        The network; left as it was.
    images
        Of its shape.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> [(found.name, len(found.opened)) for found in census(load_model("digits"), digits_images())]
    [('relu1#1', 16), ('relu2#1', 32), ('relu3#1', 32)]
    """
    opened: dict[str, torch.Tensor] = {}
    high: dict[str, torch.Tensor] = {}

    def look(name: str, heights: torch.Tensor) -> None:
        tops, counts = heights.amax(0).float(), (~(heights <= 0)).sum(0)  # what is not a number is not silent
        high[name] = torch.maximum(high[name], tops) if name in high else tops
        opened[name] = opened[name] + counts if name in opened else counts

    require_fit(model, images)
    require_sound(model)
    device = device_of(model)
    with frozen(model.network), quick_norms(model.network), torch.no_grad(), watching(model, look) as start:
        size = 1 if model.alone else AT_ONCE
        batches, total = images.batches(size), ceil(len(images) / size)
        for batch in tqdm(batches, total=total, desc="census", unit="batch", disable=None, leave=False):
            start(len(batch))
            model(batch.to(device))
    return tuple(Rectifier(name, opened[name].cpu().numpy(), high[name].cpu().numpy()) for name in opened)
