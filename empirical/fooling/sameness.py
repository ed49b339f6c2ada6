"""How alike pictures are: in pixels, and to the network itself."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from torch import nn

from fvproof.empirical.fooling.features import entering
from fvproof.empirical.images import ImageSet
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import find_layer
from fvproof.theory.errors import DomainError


@dataclass(frozen=True, slots=True)
class Sameness:
    """The mean over all pairs of pictures.

    Attributes
    ----------
    pixels
        Pearson's correlation of the pixels, from −1 to 1. A pattern that is shifted by a few pixels counts as another.
    features
        Cosine, from −1 to 1, of what enters the layer, averaged over positions and taken from its mean over natural
        images: 1 if the layer cannot tell the pictures apart, 0 if they have nothing in common.
    """

    pixels: float
    features: float


def sameness(model: Model, layer: str, pictures: np.ndarray, natural: ImageSet) -> Sameness:
    """Return how alike pictures are.

    Parameters
    ----------
    model, layer
        Whose inputs are compared; of a network with silent units any, since they differ in nothing before them.
    pictures
        Float32 (k, C, H, W) in [0, 1], at least two.
    natural
        Images that give the mean.

    Raises
    ------
    DomainError
        If there are fewer than two pictures.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> natural = digits_images()
    >>> same = sameness(load_model("digits"), "conv2", natural.batch(0, 1).repeat(3, 1, 1, 1).numpy(), natural)
    >>> round(same.pixels, 3), round(same.features, 3)
    (1.0, 1.0)
    """
    if len(pictures) < 2:
        raise DomainError("at least two pictures are needed to compare them")
    mean = pooled_features(model, layer, natural).mean(0)
    shown = pooled_features(model, layer, ImageSet(pictures)) - mean
    flat = pictures.reshape(len(pictures), -1).astype(np.float64)
    return Sameness(mean_cosine(flat - flat.mean(1, keepdims=True)), mean_cosine(shown))


def pooled_features(model: Model, layer: str, images: ImageSet) -> np.ndarray:
    """Return what enters a layer, averaged over positions, float64 (N, C)."""
    return _pooled(find_layer(model.network, layer), entering(model, layer, images))


def mean_cosine(rows: np.ndarray) -> float:
    """Return the mean cosine of two different rows; a row of zeros has cosine 0 with every other.

    Examples
    --------
    >>> mean_cosine(np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0]]))
    0.3333333333333333
    """
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units = rows / np.where(lengths > 0, lengths, 1)
    total, own = np.square(units.sum(0)).sum(), np.square(units).sum()
    return float((total - own) / (len(rows) * (len(rows) - 1)))


def _pooled(layer: nn.Module, batches: Iterable[np.ndarray]) -> np.ndarray:
    """Return the mean over positions of what enters, (N, C): of (N, .., C) for a linear layer, else (N, C, H, W)."""
    last = isinstance(layer, nn.Linear)
    maps = (batch if last else np.moveaxis(batch, 1, -1) for batch in batches)
    return np.concatenate([one.astype(np.float64).mean(tuple(range(1, one.ndim - 1))) for one in maps])
