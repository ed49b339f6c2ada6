"""The natural spectrum: which colours, and how much of each frequency, a user's own images have on average.

Fel et al., "Unlocking Feature Visualization for Deeper Networks with MAgnitude Constrained Optimization" (NeurIPS
2023), hold the magnitude of an image's Fourier transform at the mean of natural images and optimize the phase alone.
Theirs is that of ImageNet; here it is measured.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from fvproof.theory.errors import DomainError

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet

EDGE = 1 / 512
"""Pixels are held so far from 0 and 1, half a step of 8 bits, where the logit is infinite."""

FLAT = 1e-6
"""Magnitudes no larger than this are rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """What natural images have in common.

    Attributes
    ----------
    magnitude
        `(C, H, W // 2 + 1)`, of other inputs `(C, .., last side // 2 + 1)`, the mean magnitude of the real Fourier
        transform (unitary) of the logits of the pixels, in principal colours. That of frequency 0, which is the mean
        colour, has its sign.
    colors
        `(C, C)`, the principal colours in rows, orthonormal.
    """

    magnitude: Tensor
    colors: Tensor


def sides_of(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the dimensions of a batch of such inputs along which their sides lie.

    Examples
    --------
    >>> sides_of((3, 224, 224))
    (2, 3)
    """
    return tuple(range(2, len(shape) + 1))


def measure_spectrum(images: "ImageSet") -> Spectrum:
    """Return the spectrum of a set of images.

    Parameters
    ----------
    images
        At least one that is not of one colour alone.

    Raises
    ------
    DomainError
        If all images are flat: their spectrum has no phase.

    Examples
    --------
    >>> import numpy as np
    >>> from fvproof.empirical.images import ImageSet
    >>> images = ImageSet(np.random.default_rng(0).random((5, 3, 8, 8), dtype=np.float32))
    >>> found = measure_spectrum(images)
    >>> found.magnitude.shape, found.colors.shape
    (torch.Size([3, 8, 5]), torch.Size([3, 3]))
    """
    colors = _principal_colors(images)
    total, middle = torch.zeros(()), torch.zeros(())
    for batch in _logits(images):
        coloured = torch.einsum("nc...,kc->nk...", batch, colors)
        waves = torch.fft.rfftn(coloured, dim=sides_of(images.shape), norm="ortho")
        total = total + waves.abs().sum(0)
        middle = middle + waves.flatten(2)[..., 0].real.sum(0)
    magnitude = total / len(images)
    magnitude.flatten(1)[:, 0] = middle / len(images)
    if not (magnitude.flatten(1)[:, 1:] > FLAT).any():
        raise DomainError("the images that a spectrum is measured on must not all be of one flat colour")
    return Spectrum(magnitude.float(), colors.float())


def _principal_colors(images: "ImageSet") -> Tensor:
    """Return the eigenvectors of the covariance of the channels' logits, in rows, the strongest first."""
    mean, square, pixels = torch.zeros(()), torch.zeros(()), 0
    for batch in _logits(images):
        columns = batch.movedim(1, 0).flatten(1)
        mean, square = mean + columns.sum(1), square + columns @ columns.T
        pixels += columns.shape[1]
    mean = mean / pixels
    _, vectors = torch.linalg.eigh(square / pixels - torch.outer(mean, mean))
    return vectors.T.flip(0)


def _logits(images: "ImageSet") -> Iterator[Tensor]:
    """Yield the logits of the pixels, float64 `(n, C, H, W)`."""
    for batch in images.batches():
        yield torch.logit(batch.double(), eps=EDGE)
