"""Images to measure on: folders of class folders, or arrays, all brought to one network's shape."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm
from typing_extensions import TypedDict, Unpack

from fvproof.empirical.arrays import UNIT, in_unit, open_arrays
from fvproof.empirical.class_folders import Labelling
from fvproof.empirical.decoding import Source, open_folder
from fvproof.empirical.shapes import KINDS, Shape, require_images
from fvproof.theory.errors import DomainError, ShapeError

AT_ONCE = 64
"""Images in one forward pass, where nothing speaks for another number: hardly slower than more, in little memory."""

CROP = 0.875
"""The share of the short side that the centre crop keeps: 224 of 256 pixels, as ImageNet networks are evaluated."""

NAMED = 10
"""So many files that cannot be read are named."""


class Which(TypedDict, total=False):
    """Which images are taken, and how files are read; see `load_images`."""

    limit: int | None
    per_class: int | None
    crop: float


@dataclass(frozen=True, slots=True, eq=False)
class ImageSet:
    """Images of one shape in memory, with what is known about them.

    Parameters
    ----------
    images
        (N, C, H, W), an array or a tensor: uint8 in 0..255, or floats in [0, 1], which become float32. Signals are
        (N, C, L), volumes (N, C, D, H, W).
    labels
        (N,) whole numbers ≥ 0, the index of each image's output unit, kept as int64; None where unknown.
    class_names
        The name of each label that occurs.
    names
        One per image: its file, or its number.
    skipped
        Files that could not be read.
    labelling
        Which output each class folder stands for; None of images from elsewhere.
    remarks
        What the user has to know of them, in sentences.

    Raises
    ------
    ShapeError
        If images or labels have another shape or type.
    DomainError
        If there is no image, or numbers are not finite or outside [0, 1], or labels are below 0.
    """

    images: np.ndarray
    labels: np.ndarray | None = None
    class_names: Mapping[int, str] | None = None
    names: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    labelling: Labelling | None = None
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "images", _checked_images(self.images))
        if self.labels is not None:
            object.__setattr__(self, "labels", _checked_labels(self.labels, len(self.images)))
        if self.names and len(self.names) != len(self.images):
            raise ShapeError(f"there must be one name per image, not {len(self.names)} for {len(self.images)}")

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> Shape:
        """Channels, height and width; of signals and volumes channels and sides."""
        return self.images.shape[1:]

    @property
    def told(self) -> tuple[str, ...]:
        """What the user has to know: the remarks, and which files could not be read."""
        if not self.skipped:
            return self.remarks
        names = ", ".join(self.skipped[:NAMED]) + (", .." if len(self.skipped) > NAMED else "")
        return (*self.remarks, f"skipped {len(self.skipped)} images that cannot be read: {names}")

    def batch(self, start: int = 0, stop: int | None = None) -> Tensor:
        """Return images `start:stop` as float32 in [0, 1], shape (n, C, H, W)."""
        pixels = torch.tensor(self.images[start:stop])
        return pixels.float() / 255 if pixels.dtype == torch.uint8 else pixels

    def batches(self, size: int = AT_ONCE) -> Iterator[Tensor]:
        """Yield all images in their order, so many at a time, as `batch` gives them."""
        for start in range(0, len(self), size):
            yield self.batch(start, start + size)

    def subset(self, indices: Sequence[int] | np.ndarray) -> "ImageSet":
        """Return the images at these places, in this order."""
        labels = None if self.labels is None else self.labels[indices]
        names = tuple(self.names[i] for i in indices) if self.names else ()
        return replace(self, images=self.images[indices], labels=labels, names=names)

    def per_class(self, count: int) -> "ImageSet":
        """Return the first `count` images of each class."""
        if self.labels is None:
            raise DomainError("images must have labels (a folder of class folders) to be taken per class")
        return self.subset(first_per_class(self.labels, count))


def _checked_images(given: object) -> np.ndarray:
    """Return images as they are kept, or say what is wrong with them and what to do."""
    images = _as_array(given, "images")
    if images.ndim - 1 not in KINDS or images.dtype not in (np.uint8, np.float16, np.float32, np.float64):
        wanted = "uint8 in 0..255, or floats in [0, 1], of shape (N, C, H, W) (signals (N, C, L))"
        raise ShapeError(f"images must be {wanted}, not {images.dtype} of shape {images.shape}")
    if not images.size:
        raise DomainError(f"there must be at least one image, and of a pixel or more, not {images.shape}")
    if images.ndim == 4 and images.shape[3] in (1, 3) and images.shape[1] not in (1, 3):
        raise ShapeError(f"images must be (N, C, H, W), these are {images.shape}: move the channels to dimension 1")
    return images if images.dtype == np.uint8 else in_unit(images, pictures=images.ndim == 4)


def _as_array(given: object, what: str) -> np.ndarray:
    """Return an array or a tensor as an array of this machine's order of bytes, or say that it is none."""
    try:
        if isinstance(given, Tensor):
            given = given.detach().cpu()
            given = (given.float() if given.dtype == torch.bfloat16 else given).numpy()
        array = np.asarray(given)
    except (TypeError, ValueError, NotImplementedError, RuntimeError) as error:
        raise ShapeError(f"{what} must be one array or tensor: {str(error).partition(chr(10))[0]}") from error
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _checked_labels(given: object, count: int) -> np.ndarray:
    """Return labels as they are kept, or say what is wrong with them."""
    labels = _as_array(given, "labels")
    if labels.shape != (count,):
        raise ShapeError(f"there must be one label per image, not {labels.shape} for {count}")
    if labels.dtype.kind not in "iu" or (labels < 0).any() or (labels > np.iinfo(np.int64).max).any():
        raise DomainError(f"labels must be whole numbers ≥ 0, the numbers of outputs, not {labels.dtype}: {labels[:3]}")
    return labels.astype(np.int64)


def first_per_class(labels: np.ndarray, count: int) -> np.ndarray:
    """Return the places of the first `count` images of each label, in order.

    Examples
    --------
    >>> first_per_class(np.array([7, 7, 3, 7, 3]), 2)
    array([0, 1, 2, 4])
    """
    places = [np.flatnonzero(labels == label)[:count] for label in np.unique(labels)]
    return np.sort(np.concatenate(places))


def spread(count: int, wanted: int) -> list[int]:
    """Return so many of `count` places, or all, evenly spread.

    Examples
    --------
    >>> spread(10, 4), spread(2, 4)
    ([0, 3, 6, 9], [0, 1])
    """
    return [round(place) for place in np.linspace(0, count - 1, min(count, wanted))]


def load_images(
    path: Path | str,
    shape: Shape,
    *,
    class_names: Sequence[str] | int | None = None,
    value_range: tuple[float, float] = UNIT,
    **which: Unpack[Which],
) -> ImageSet:
    """Return the images of a folder or of a file of arrays, brought to a network's input shape.

    An image that does not have the shape is resized (bilinear, antialiased) so that the centre crop keeps the share
    `crop` of its short side. Images become grey where one channel is wanted, and coloured where three are.

    Parameters
    ----------
    path
        A folder of class folders (or of images, then without labels); or an .npz with `images` (N, H, W, C) or
        (N, H, W), uint8 or floating point in [0, 1], or with `jpeg_bytes` and `offsets`, each with optional `labels`,
        `class_names` (one per class or one per image) and `file_names`. An .npy or .pt file holds one array, (N, C, H,
        W); a .pt file also a dictionary like an .npz, or a pair of arrays and labels.
        Arrays of signals (N, C, L) and volumes (N, C, D, H, W) have their channels first or last, or none if there is
        one.
    shape
        Of one input of the network.
    class_names
        The network's classes, or how many there are. Class folders with these names get their index, whatever their
        case and punctuation, and whatever else there is; see `fvproof.empirical.class_folders.label_folders`.
    value_range
        What the network reads black and white as. Floats of signals and volumes are numbers of this range; those of
        images are, if some leave [0, 1].
    **which
        `limit`, `per_class`: at most so many images in all, or of each class, the first ones; `limit` takes the classes
        in turn. `crop` (0.875), in (0, 1].

    Raises
    ------
    DomainError
        If the path does not exist, holds no image or none that can be read, or pixels are not finite or outside [0, 1].
    ShapeError
        If arrays do not have the shape of images.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(Path(folder) / "images.npz", images=np.zeros((5, 40, 60, 3), np.uint8), labels=np.arange(5))
    ...     found = load_images(Path(folder) / "images.npz", (3, 32, 32), limit=4)
    >>> found.images.shape, found.labels
    ((4, 3, 32, 32), array([0, 1, 2, 3]))
    """
    path, taken = Path(path), _Chosen(**which)
    if not path.exists():
        raise DomainError(f"there is no image folder or file {path}")
    if path.is_dir():
        require_images(shape, f"a folder of pictures ({path})")
        source = open_folder(path, class_names)
    else:
        source = open_arrays(path, class_names, value_range, signals=len(shape) != 3)
    return _read(source, taken.places(source), shape, taken.crop)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Which images are taken, checked; see `load_images`."""

    limit: int | None = None
    per_class: int | None = None
    crop: float = CROP

    def __post_init__(self) -> None:
        if not 0 < self.crop <= 1:
            raise DomainError(f"the crop must lie in (0, 1], not {self.crop}")
        for name, number in (("limit", self.limit), ("number per class", self.per_class)):
            if number is not None and number < 1:
                raise DomainError(f"the {name} must be at least 1, not {number}")

    def places(self, source: Source) -> np.ndarray:
        """Return the places of the images to read."""
        return _chosen(source, self.limit, self.per_class)


def _chosen(source: Source, limit: int | None, per_class: int | None) -> np.ndarray:
    """Return the places of the first images, or of the first of each class."""
    labels = source.labels
    if per_class is not None:
        if labels is None:
            raise DomainError("images must have labels (a folder of class folders) to be taken per class")
        return first_per_class(labels, per_class)[:limit]
    if limit is None or labels is None:
        return np.arange(len(source.names))[:limit]
    ranks = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        places = labels == label
        ranks[places] = np.arange(places.sum())
    return np.sort(np.argsort(ranks, kind="stable")[:limit])


def _read(source: Source, chosen: np.ndarray, shape: Shape, crop: float) -> ImageSet:
    """Return the chosen images; those that cannot be read are skipped and named."""
    kept, skipped = [], []
    images = np.empty((len(chosen), *shape), dtype=source.dtype)
    for i in tqdm(chosen, desc="reading images", disable=None, leave=False):
        try:
            images[len(kept)] = source.read(int(i), shape, crop)
        except OSError:
            skipped.append(source.names[i])
        else:
            kept.append(int(i))
    if not kept:
        raise DomainError(f"none of the {len(chosen)} images can be read, the first is {skipped[0]}")
    labels = None if source.labels is None else source.labels[kept]
    names = tuple(source.names[i] for i in kept)
    found = ImageSet(images[: len(kept)], labels, source.class_names, names, tuple(skipped))
    return replace(found, labelling=source.labelling, remarks=(*source.remarks, *source.notes.remarks))
