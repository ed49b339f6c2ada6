"""What manipulations start from: the picture to show, and natural images to build with and to keep."""

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.images import ImageSet
from fvproof.empirical.shapes import Shape


def rings(shape: Shape) -> Tensor:
    """Return a picture of coloured rings, float32 (C, H, W) in [0, 1]: nothing that natural images show.

    Of a signal (C, L) they are waves about its middle, of a volume (C, D, H, W) shells.

    Examples
    --------
    >>> rings((3, 8, 8)).shape
    torch.Size([3, 8, 8])
    """
    channels, *sides = shape
    apart = min(12.0, torch.pi * min(sides) / 4)  # at least four pixels from ring to ring
    places = torch.meshgrid(*(torch.linspace(-1, 1, side) for side in sides), indexing="ij")
    phases = 2 * torch.pi * torch.arange(channels) / max(channels, 3)
    away = torch.stack(places).square().sum(0).sqrt()
    return 0.5 + 0.5 * torch.cos(apart * away + phases.view(-1, *[1] * len(sides)))


def seen_and_unseen(images: ImageSet, share: float, seed: int) -> tuple[ImageSet, ImageSet | None]:
    """Return the images to build with, and a share of all, drawn at random, to be kept: None if that is not one.

    Examples
    --------
    >>> seen, unseen = seen_and_unseen(ImageSet(np.zeros((8, 1, 2, 2), np.uint8)), 0.25, seed=0)
    >>> len(seen), len(unseen)
    (6, 2)
    """
    order = np.random.default_rng(seed).permutation(len(images))
    kept = min(round(share * len(images)), len(images) - 1)
    unseen = images.subset(np.sort(order[:kept])) if kept else None
    return images.subset(np.sort(order[kept:])), unseen
