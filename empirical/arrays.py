"""Images, signals and volumes from files of arrays: .npz, .npy and .pt, each read one input at a time."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from fvproof.empirical.class_folders import beyond, disagreement
from fvproof.empirical.decoding import Notes, Source, decoded, fitted
from fvproof.empirical.pointers import require_itself
from fvproof.empirical.shapes import KINDS, Shape
from fvproof.empirical.unpickling import unpickled
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.files.disk import require_regular

UNIT = (0.0, 1.0)
"""The range in which images come."""

NEARLY = 0.01
"""Numbers that leave [0, 1] by less come from resizing or rounding."""

NUMBERS = ("images", "signals", "volumes", "inputs")
"""What the array is called, the first that there is."""

_KEYS = {*NUMBERS, "jpeg_bytes", "offsets", "labels", "class_names", "file_names"}


def open_arrays(
    path: Path,
    classes: Sequence[str] | int | None = None,
    value_range: tuple[float, float] = UNIT,
    *,
    signals: bool = False,
) -> Source:
    """Return the inputs in a file of arrays.

    Parameters
    ----------
    path
        The file; what its arrays must be says `fvproof.empirical.images.load_images`.
    classes
        The name of each output of the network, to be compared with the names in the file.
    value_range
        What the network reads black and white as, see `in_unit`.
    signals
        Whether signals or volumes are wanted.

    Raises
    ------
    DomainError, ShapeError
        If it is no such file, or its arrays do not fit together.
    """
    arrays = _arrays(path)
    notes, told = Notes(), list[str]()
    name = next((name for name in NUMBERS if name in arrays), None)
    if name is not None:
        where = f"`{name}` in {path}"
        images = _checked(arrays[name], where, value_range, told, signals=signals)
        count, dtype = len(images), np.uint8 if images.dtype == np.uint8 else np.float32
        read = partial(_read_array, images, path.suffix == ".npz")
    elif {"jpeg_bytes", "offsets"} <= arrays.keys():
        encoded, offsets = _checked_bytes(arrays["jpeg_bytes"], arrays["offsets"], path)
        count, dtype = len(offsets) - 1, np.uint8
        read = partial(_read_bytes, encoded, offsets, notes)
    else:
        raise DomainError(f"{path} must hold `images`, or `jpeg_bytes` and `offsets`; it holds {sorted(arrays)}")
    if count < 1:
        raise DomainError(f"there are no images in {path}")
    labels = _labels(arrays.get("labels"), count, path)
    files = arrays.get("file_names")
    names = tuple(map(str, files if files is not None and files.shape == (count,) else range(count)))
    stated = _names_of_labels(arrays.get("class_names"), labels, path)
    remarks = (*told, *disagreement(stated or {}, classes), *beyond(labels, classes))
    return Source(read, names, labels, stated, dtype, remarks=remarks, notes=notes)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a file by name, without running any code from it."""
    require_regular(path)
    require_itself(path)
    if path.suffix in (".pt", ".pth"):
        return _tensors(path)
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {"images": loaded}
        with loaded as file:
            return {key: np.asarray(file[key]) for key in file.files if key in _KEYS}
    except (ValueError, TypeError, AttributeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DomainError(f"{path} is neither a folder of images nor a file of arrays (.npz, .npy, .pt)") from error


def _tensors(path: Path) -> dict[str, np.ndarray]:
    """Return the tensors of a torch file: one, several by name, or inputs and labels."""
    loaded = unpickled(path, "tensors", "tensors")
    if isinstance(loaded, (tuple, list)) and len(loaded) == 2:
        loaded = dict(zip(("images", "labels"), loaded, strict=True))
    given: Mapping[str, Any] = loaded if isinstance(loaded, Mapping) else {"images": loaded}
    found = {name: one for name, one in given.items() if name in _KEYS}
    if not found or not all(isinstance(one, Tensor) for name, one in found.items() if name not in ("class_names",)):
        raise DomainError(f"{path} must hold one tensor, inputs and labels, or a dictionary with `images` and `labels`")
    return {name: _as_array(one) for name, one in found.items()}


def _as_array(one: object) -> np.ndarray:
    """Return a tensor, or a list of names, as an array."""
    if not isinstance(one, Tensor):
        return np.asarray(one)
    one = one.detach().to_dense() if one.is_sparse else one.detach()
    return (one.float() if one.dtype == torch.bfloat16 else one).numpy()


def _checked(
    images: np.ndarray, where: str, value_range: tuple[float, float], told: list[str], *, signals: bool
) -> np.ndarray:
    """Return the array with bytes, or with floats in [0, 1]; what was done to it is noted in `told`."""
    if images.ndim not in (2, *KINDS, 5) or images.dtype.kind not in "uif":
        wanted = "(N, C, L) of signals or (N, C, D, H, W) of volumes" if signals else "(N, H, W, C)"
        raise ShapeError(f"{where} must be {wanted} of bytes or floats, not {images.shape} {images.dtype}")
    if len(images) and not images.size:
        raise ShapeError(f"{where} must have a pixel or more, not {images.shape}")
    if images.dtype == np.uint8 or not len(images):
        return images
    found, remark = in_range(images, value_range, where, always=signals)
    told.extend(remark)
    return found


def in_range(
    images: np.ndarray, value_range: tuple[float, float], where: str = "images", *, always: bool
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return numbers as float32 in [0, 1], and in a sentence what was done.

    Parameters
    ----------
    images
        Numbers in [0, 1], or in the range that the network reads.
    value_range
        What the network reads black and white as.
    where
        What they are called.
    always
        Whether numbers in [0, 1] too are taken to be of the range: those of signals, not those of images.

    Examples
    --------
    >>> in_range(np.array([[[-1.0, 0.0]]]), (-1.0, 1.0), always=True)[0].tolist()
    [[[0.0, 0.5]]]
    """
    low, high = float(images.min()), float(images.max())
    if value_range == UNIT or (not always and low >= 0 and high <= 1):
        return in_unit(images, where, pictures=not always), ()
    black, white = value_range
    if not (low >= black and high <= white):
        _require_finite(images, where)
        stated = f"the range that the model reads ({black:g} to {white:g})"
        advice = f"state the whole one (--range={min(low, black):g},{max(high, white):g}; in Python, value_range=)"
        raise DomainError(f"{where} must lie in [0, 1] or in {stated}, not go from {low:.7g} to {high:.7g}: {advice}")
    scaled = (images.astype(np.float64) - black) / (white - black)
    return scaled.astype(np.float32), (f"{where} are numbers from {black:g} to {white:g}, as the model reads them",)


def in_unit(images: np.ndarray, where: str = "images", *, pictures: bool = True) -> np.ndarray:
    """Return floats as float32 in [0, 1], or say what is wrong with them and what to do.

    Raises
    ------
    DomainError
        If they are not finite, or leave [0, 1].
    """
    low, high = float(images.min()), float(images.max())
    if low >= 0 and high <= 1:
        return images.astype(np.float32, copy=False)
    _require_finite(images, where)
    advice = "give them before they were standardized, and mean and std to the model"
    if low > -NEARLY and high < 1 + NEARLY:
        advice = "clip them"
    elif not pictures:
        advice = f"state the range that the model reads (--range={low:.7g},{high:.7g}; in Python, value_range=)"
    elif low >= 0 and high <= 255:
        advice = "divide them by 255, or give uint8"
    raise DomainError(f"{where} must be floats in [0, 1], these go from {low:.7g} to {high:.7g}: {advice}")


def _require_finite(images: np.ndarray, where: str) -> None:
    """Raise DomainError if some number is NaN or infinite."""
    if not np.isfinite(images).all():
        raise DomainError(f"{where} must be finite, some numbers are NaN or infinite")


def _checked_bytes(encoded: np.ndarray, offsets: np.ndarray, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return bytes of files end to end, and where each begins and the last one ends."""
    if encoded.ndim != 1 or encoded.dtype != np.uint8 or offsets.ndim != 1 or offsets.dtype.kind not in "iu":
        raise ShapeError(f"`jpeg_bytes` in {path} must be bytes, and `offsets` whole numbers, in one row each")
    return encoded, offsets


def _labels(labels: np.ndarray | None, count: int, path: Path) -> np.ndarray | None:
    """Return the labels as whole numbers, one per image."""
    if labels is None:
        return None
    if labels.shape != (count,) or labels.dtype.kind not in "iu" or (labels < 0).any():
        raise ShapeError(f"`labels` in {path} must be {count} whole numbers ≥ 0, not {labels.shape} {labels.dtype}")
    return labels.astype(np.int64)


def _names_of_labels(names: np.ndarray | None, labels: np.ndarray | None, path: Path) -> dict[int, str] | None:
    """Return the name of each label, from one name per class or one per image."""
    if names is None or labels is None:
        return None
    if names.ndim != 1:
        raise ShapeError(f"`class_names` in {path} must be one per class or one per image, not of shape {names.shape}")
    per_class = len(set(names.tolist())) == len(names) and labels.max() < len(names)
    if per_class:
        return {int(label): str(names[label]) for label in np.unique(labels)}
    if len(names) != len(labels):
        raise ShapeError(f"`class_names` in {path} must be one per class or one per image, not {len(names)}")
    return {int(label): str(name) for label, name in zip(labels, names, strict=True)}


def _read_bytes(jpeg: np.ndarray, offsets: np.ndarray, notes: Notes, i: int, shape: Shape, crop: float) -> np.ndarray:
    """Return one encoded image as (C, H, W) bytes."""
    return decoded(io.BytesIO(jpeg[offsets[i] : offsets[i + 1]].tobytes()), shape, crop, notes)


def _read_array(images: np.ndarray, last: bool, i: int, shape: Shape, crop: float) -> np.ndarray:  # noqa: FBT001
    """Return one input of an array, channels first: as it is where it fits, with its channels first or `last`."""
    image = images[i]
    if image.shape == (*shape[1:], shape[0]) and (last or image.shape != shape):
        return np.moveaxis(image, -1, 0)
    if image.shape == shape:
        return image
    if image.shape == shape[1:] and shape[0] == 1:
        return image[None]
    picture = _picture(image)
    if picture is None or len(shape) != 3:
        sides = "height, width and channels" if len(shape) == 3 else KINDS[len(shape)].removesuffix(")") + "), of shape"
        wanted = (*shape[1:], shape[0]) if len(shape) == 3 else shape
        raise ShapeError(f"images must have {sides} {wanted}, not {image.shape}")
    return fitted(Image.fromarray(picture), shape, crop)


def _picture(image: np.ndarray) -> np.ndarray | None:
    """Return bytes as a picture that can be resized, grey (H, W) or (H, W, 3); None if they are none."""
    if image.dtype != np.uint8 or image.ndim not in (2, 3):
        return None
    if image.ndim == 3 and image.shape[2] not in (1, 3) and image.shape[0] in (1, 3):
        image = np.ascontiguousarray(np.moveaxis(image, 0, -1))
    if image.ndim == 3 and image.shape[2] == 1:
        return image[..., 0]
    return image if image.ndim == 2 or image.shape[2] == 3 else None
