"""What one input of a network is, by its shape: a signal (C, L), an image (C, H, W) or a volume (C, D, H, W)."""

from collections.abc import Sequence
from operator import index

import torch
from torch import Tensor

from fvproof.theory.errors import ShapeError

Shape = tuple[int, ...]
"""Channels, then one, two or three sides."""

KINDS = {2: "signals (C, L)", 3: "images (C, H, W)", 4: "volumes (C, D, H, W)"}
"""What inputs of so many dimensions are called."""


def checked_shape(given: object, what: str = "the input shape") -> Shape:
    """Return a shape as whole numbers.

    Raises
    ------
    ShapeError
        If it is none of a signal, an image or a volume.

    Examples
    --------
    >>> checked_shape([1, 400])
    (1, 400)
    """
    try:
        sizes = tuple(map(index, given))  # type: ignore[call-overload]  whatever is given
    except (TypeError, ValueError):
        sizes = ()
    if len(sizes) not in KINDS or min(sizes) < 1:
        raise ShapeError(f"{what} must be whole positive numbers C, L or C, H, W or C, D, H, W, not {given!r}")
    return sizes


ONE = {2: "a signal", 3: "an image", 4: "a volume"}


def kind(shape: Sequence[int]) -> str:
    """Return what inputs of this shape are called.

    Examples
    --------
    >>> kind((1, 400)), kind((3, 224, 224))
    ('signals (C, L)', 'images (C, H, W)')
    """
    return KINDS.get(len(shape), "inputs")


def require_images(shape: Sequence[int], what: str) -> tuple[int, int, int]:
    """Return the shape of an image, or say that something is for images alone.

    Raises
    ------
    ShapeError
        If it is that of a signal or a volume.
    """
    if len(shape) != 3:
        raise ShapeError(f"{what} is for networks of images (C, H, W), this one takes {kind(shape)} of {tuple(shape)}")
    return shape[0], shape[1], shape[2]


def laid_out(batch: Tensor) -> Tensor:
    """Return a batch with the channels of each pixel together in memory, as convolutions read it fastest.

    Signals and volumes stay as they are.

    Examples
    --------
    >>> laid_out(torch.zeros(2, 3, 4, 4)).stride()
    (48, 1, 12, 3)
    """
    return batch.contiguous(memory_format=torch.channels_last) if batch.dim() == 4 else batch.contiguous()
