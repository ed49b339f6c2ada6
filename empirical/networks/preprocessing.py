"""How a network reads images: from RGB or grey in [0, 1] to its own range, order of channels, mean and deviation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite

import torch
from torch import Tensor
from typing_extensions import TypedDict

from fvproof.theory.errors import DomainError

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

UNIT = (0.0, 1.0)
"""The range in which images come."""


class Reads(TypedDict, total=False):
    """What a user may state of how a network reads images; see `Preprocessing`."""

    mean: Sequence[float] | None
    std: Sequence[float] | None
    value_range: Sequence[float] | None
    bgr: bool | None


def unchanged(images: Tensor) -> Tensor:
    """Return the images as they are: the network reads [0, 1] itself."""
    return images


def standardized(images: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Return (images − mean) / std, channel by channel.

    Examples
    --------
    >>> standardized(torch.ones(1, 1, 1, 1), (0.5,), (0.25,)).item()
    2.0
    """
    return (images - _channelwise(tuple(mean), images)) / _channelwise(tuple(std), images)


_KEPT: dict[tuple[object, ...], Tensor] = {}
"""Means and deviations on the devices that hold images: to copy them there for every batch would halt a GPU."""


def _channelwise(values: tuple[float, ...], images: Tensor) -> Tensor:
    """Return the numbers with the images' type and on their device, one per channel."""
    key = (values, images.dtype, images.device, images.dim())
    if key in _KEPT:
        return _KEPT[key]
    with torch.inference_mode(mode=False):
        found = torch.tensor(values, dtype=images.dtype, device=images.device).view(1, -1, *[1] * (images.dim() - 2))
    if type(found) is Tensor and not torch.compiler.is_compiling():  # neither traced nor a stand-in
        _KEPT[key] = found
    return found


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """(s(x) − mean) / std, where s brings images in [0, 1] to the network's range and order of channels.

    Parameters
    ----------
    mean, std
        One number per channel, of the network's range and in its order.
    value_range
        What black and white are to the network.
    bgr
        Whether it reads blue, green and red in this order.

    Examples
    --------
    >>> read = Preprocessing((104, 117, 123), (1, 1, 1), value_range=(0, 255), bgr=True)
    >>> read(torch.tensor([1.0, 0.5, 0.0]).view(1, 3, 1, 1)).flatten().tolist()
    [-104.0, 10.5, 132.0]
    """

    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    value_range: tuple[float, float] = UNIT
    bgr: bool = False

    def __call__(self, images: Tensor) -> Tensor:
        """Return float32 images in [0, 1], (N, C, H, W), as the network reads them."""
        images = images.flip(1) if self.bgr else images
        if self.value_range != UNIT:
            low, high = self.value_range
            images = images * (high - low) + low
        return images if self.mean is None or self.std is None else standardized(images, self.mean, self.std)


def preprocessing(reads: Reads, channels: int) -> Callable[[Tensor], Tensor]:
    """Return how a network of so many channels reads images: as they are, if nothing is stated.

    Raises
    ------
    DomainError
        If what is stated is not finite, does not belong together, or does not have one number per channel.

    Examples
    --------
    >>> preprocessing({}, 3) is unchanged, preprocessing({"value_range": (-1, 1)}, 1).value_range
    (True, (-1.0, 1.0))
    """
    mean, std, span, bgr = reads.get("mean"), reads.get("std"), reads.get("value_range"), reads.get("bgr")
    if bgr and channels != 3:
        raise DomainError(f"blue, green and red are three channels, the network has {channels}")
    low_high = span_of(span)
    if mean is None and std is None:
        return unchanged if span is None and not bgr else Preprocessing(value_range=low_high, bgr=bool(bgr))
    if mean is not None and std is None and span is not None:  # as Caffe's networks have it
        std = [1.0] * len(mean)
    if mean is None or std is None:
        raise DomainError("mean and std must be given together (with --range, a mean alone will do)")
    if len(mean) != len(std) or not all(0 < s < inf for s in std) or not all(map(isfinite, mean)):
        raise DomainError(
            f"mean and std must be finite, have one length, and std be positive, not {tuple(mean)} and {tuple(std)}"
        )
    if len(mean) not in (1, channels):
        raise DomainError(f"mean and std must be one number, or one for each of {channels} channels, not {len(mean)}")
    return Preprocessing(tuple(mean), tuple(std), low_high, bool(bgr))


def span_of(span: Sequence[float] | None) -> tuple[float, float]:
    """Return what black and white are: 255 is short for 0,255."""
    if span is None:
        return UNIT
    low, high = (0.0, *span) if len(span) == 1 else span if len(span) == 2 else (0.0, 0.0)
    if not (isfinite(low) and isfinite(high) and low < high):
        raise DomainError(f"the range must be HIGH or LOW,HIGH with LOW < HIGH, such as 255 or -1,1, not {tuple(span)}")
    return float(low), float(high)
