"""Natural images as a verb takes them: in memory or in files, with their labels."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor
from typing_extensions import TypeAliasType, Unpack

from fvproof.empirical.arrays import UNIT, in_range
from fvproof.empirical.images import ImageSet, Which, load_images
from fvproof.empirical.measurement.recognition import output_count
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.preprocessing import Preprocessing
from fvproof.empirical.networks.zoo import EMBEDDED
from fvproof.theory.errors import DomainError, ShapeError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Images = TypeAliasType("Images", ImageSet | Tensor | np.ndarray | Sequence[Any] | str | Path)
"""What a verb takes as images: a set, (N, C, H, W) or so many (C, H, W) in memory, or a folder or a file of arrays."""


def natural_images(
    found: Model, images: Images | None, labels: "ArrayLike | None" = None, **taken: Unpack[Which]
) -> ImageSet | None:
    """Return the images that a network is measured on, brought to its shape if they are files.

    An embedded network brings the digits that it was not trained on. None where there are no images.

    Raises
    ------
    DomainError, ShapeError
        If they cannot be read, or images and labels do not fit.
    """
    if isinstance(images, str | Path):
        classes = found.class_names or output_count(found)
        span = range_read(found)
        read = load_images(images, found.shape, class_names=classes, value_range=span, **taken)
        return read if labels is None else in_memory(read, labels)
    if images is None and found.name not in EMBEDDED:
        if labels is not None:
            raise DomainError("labels are those of images: give images= too")
        return None
    given = in_memory(digits_images() if images is None else images, labels, range_read(found))
    each, most = taken.get("per_class"), taken.get("limit")
    given = given if each is None else given.per_class(each)
    return given if most is None else given.subset(range(min(most, len(given))))


def required(found: Model, images: ImageSet | None) -> ImageSet:
    """Return the images that a network is to be measured on.

    Raises
    ------
    DomainError
        If there are none.
    """
    if images is None:
        raise DomainError(f"{found.name} needs images to be measured on: give --images PATH (in Python, images=)")
    return images


def range_read(found: Model) -> tuple[float, float]:
    """Return what a network reads black and white as, as far as it was stated."""
    return found.normalize.value_range if isinstance(found.normalize, Preprocessing) else UNIT


def in_memory(
    images: ImageSet | Tensor | np.ndarray | Sequence[Any],
    labels: "ArrayLike | None" = None,
    value_range: tuple[float, float] = UNIT,
) -> ImageSet:
    """Return images in memory as a set, with these labels if some are given.

    Floats of signals and volumes, and those of images that leave [0, 1], are numbers of the range that the network
    reads.

    Examples
    --------
    >>> in_memory([np.zeros((1, 8, 8)), np.ones((1, 8, 8))], [3, 7]).labels
    array([3, 7])
    """
    if isinstance(images, ImageSet):
        return images if labels is None else replace(images, labels=labels)
    if not isinstance(images, Tensor | np.ndarray):
        images = _stacked(images)
    remarks: tuple[str, ...] = ()
    if value_range != UNIT:
        images, remarks = _brought(images, value_range)
    return ImageSet(images, labels, remarks=remarks)  # type: ignore[arg-type]  it makes arrays of both


def _brought(images: Tensor | np.ndarray, value_range: tuple[float, float]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return numbers of the range that the network reads in [0, 1], and in a sentence that it was done."""
    if isinstance(images, Tensor):
        images = images.detach().cpu()
        images = (images.float() if images.is_floating_point() else images).numpy()
    array = np.asarray(images)
    if array.dtype == np.uint8 or array.dtype.kind not in "uif" or not array.size:
        return array, ()
    return in_range(array, value_range, always=array.ndim != 4)


def _stacked(images: Sequence[Any]) -> np.ndarray:
    """Return single images as one array."""
    if isinstance(images, dict) or not hasattr(images, "__iter__"):
        raise DomainError(f"images are arrays, tensors, a folder or an .npz file, not {type(images).__name__}")
    parts = [one.detach().cpu().numpy() if isinstance(one, Tensor) else np.asarray(one) for one in images]
    if not parts:
        raise DomainError("there must be at least one image")
    shapes = list(dict.fromkeys(part.shape for part in parts))
    if len(shapes) > 1:
        raise ShapeError(f"images must have one shape (C, H, W), these have {shapes[0]} and {shapes[1]}")
    return np.stack(parts)
