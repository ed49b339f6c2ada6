"""How often, and how strongly, silent units fire on images that they were not built from, margin by margin."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fvproof.empirical.fooling.features import entering
from fvproof.empirical.fooling.silent import Silenced
from fvproof.empirical.fooling.windows import responses
from fvproof.empirical.images import ImageSet

MARGINS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class Firing:
    """What silent units with one margin do on unseen images.

    Attributes
    ----------
    margin
        As a share of the range of the natural ⟨w', h⟩.
    images
        On which share of the images any unit fires, at any position.
    pairs
        In which share of the pairs of an image and a unit.
    strength
        The largest value that a silent unit takes, as a share of the range of its natural ⟨w', h⟩; 0 where none fires.
    """

    margin: float
    images: float
    pairs: float
    strength: float


def firing(found: Silenced, unseen: ImageSet, margins: Sequence[float] = MARGINS) -> tuple[Firing, ...]:
    """Return how silent units would fire on other images, for each margin.

    Parameters
    ----------
    found
        The network with silent units; up to their layer it is the original.
    unseen
        Images that it was not built from.
    margins
        Each at least 0.

    Examples
    --------
    >>> from fvproof.empirical.fooling.silent import silence
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.units import Unit
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> seen = digits_images()
    >>> [none, *_] = firing(silence(load_model("digits"), [Unit("conv2", 0)], seen), seen)
    >>> none.images, none.strength
    (0.0, 0.0)
    """
    reach = beyond(found, unseen)
    return tuple(
        Firing(
            margin,
            float((reach > margin).any(1).mean()),
            float((reach > margin).mean()),
            max(0.0, float(reach.max()) - margin),
        )
        for margin in margins
    )


def beyond(found: Silenced, unseen: ImageSet) -> np.ndarray:
    """Return how far each image drives each unit's ⟨w', h⟩ beyond its natural range, as a share of that range.

    Returns
    -------
    numpy.ndarray
        Float64 (images, units): the largest over positions of (⟨w', h⟩ − high) / (high − low); 0 or less where no
        margin is needed.
    """
    span = np.maximum(found.high - found.low, np.finfo(np.float64).tiny)
    parts = [
        (part.values.max(1) - found.high) / span
        for maps in entering(found.model, found.layer, unseen)
        for part in responses(maps, found.geometry, found.filters)
    ]
    return np.concatenate(parts)
