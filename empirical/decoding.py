"""Where images come from: folders and arrays, each opened first and decoded one image at a time."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from fvproof.empirical.class_folders import Labelling, beyond, disagreement, label_folders
from fvproof.theory.errors import DomainError, FvproofError, ShapeError
from fvproof.verify.files.disk import require_regular

Shape = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Images not yet decoded: `read(i, shape, crop)` returns image i as (C, H, W), or raises OSError.

    `remarks` are sentences that the user has to know.
    """

    read: Callable[[int, Shape, float], np.ndarray]
    names: tuple[str, ...]
    labels: np.ndarray | None
    class_names: dict[int, str] | None
    dtype: type[np.uint8] | type[np.float32] = np.uint8
    labelling: Labelling | None = None
    remarks: tuple[str, ...] = ()


def open_folder(folder: Path, classes: Sequence[str] | int | None = None) -> Source:
    """Return the images of a folder of class folders, or of a flat folder without labels; hidden ones are passed over.

    Parameters
    ----------
    folder
        Its class folders are labelled as `fvproof.empirical.class_folders.label_folders` says.
    classes
        The name of each output of the network, or how many there are.

    Raises
    ------
    DomainError
        If there is no image, or a class folder could stand for several outputs.
    """
    Image.init()
    named = sorted(path for path in folder.iterdir() if path.is_dir() and _seen(path) and any(_pictures(path)))
    if not named:
        files = sorted(_pictures(folder))
        if not files:
            raise DomainError(f"there are no images in {folder}")
        return Source(partial(_read_file, files), tuple(file.name for file in files), None, None)
    found = label_folders([path.name for path in named], classes)
    pairs = [(file, label) for name, label in found.outputs.items() for file in sorted(_pictures(folder / name))]
    files = [file for file, _ in pairs]
    names = tuple(str(file.relative_to(folder)) for file in files)
    labels = np.array([label for _, label in pairs], dtype=np.int64)
    folders = {label: name for name, label in found.outputs.items()}
    remarks = (*found.remarks, *beyond(labels, classes), *_loose(folder))
    return Source(partial(_read_file, files), names, labels, folders, labelling=found, remarks=remarks)


def _pictures(folder: Path) -> Iterable[Path]:
    """Return the files below a folder whose names end like those of images, and that are not hidden."""
    return (
        path for path in folder.rglob("*") if _is_picture(path) and all(map(_seen, path.relative_to(folder).parents))
    )


def _is_picture(path: Path) -> bool:
    """Return whether a path is a file whose name ends like that of an image, and that is not hidden."""
    return path.suffix.lower() in Image.EXTENSION and _seen(path) and path.is_file()


def _seen(path: Path) -> bool:
    """Return whether a user sees a file or folder: it is not hidden, as .ipynb_checkpoints is."""
    return not path.name.startswith(".") and path.name != "__MACOSX"


def _loose(folder: Path) -> tuple[str, ...]:
    """Return, in a sentence, how many images lie beside the class folders."""
    count = sum(map(_is_picture, folder.iterdir()))
    one = f"1 image of {folder} is in no class folder, and is left out"
    return (one if count == 1 else f"{count} images of {folder} are in no class folder, and are left out",)[:count]


def open_arrays(path: Path, classes: Sequence[str] | int | None = None) -> Source:
    """Return the images of an .npz file.

    Parameters
    ----------
    path
        The file; what its arrays must be says `fvproof.empirical.images.load_images`.
    classes
        The name of each output of the network, to be compared with the names in the file.

    Raises
    ------
    DomainError, ShapeError
        If it is no .npz file of images, or its arrays do not fit together.
    """
    require_regular(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: np.asarray(file[key]) for key in file.files if key in _KEYS}
    except (ValueError, TypeError, AttributeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DomainError(f"{path} is neither a folder of images nor an .npz file of arrays") from error
    if "images" in arrays:
        images = _checked(arrays["images"], path)
        count, dtype = len(images), np.uint8 if images.dtype == np.uint8 else np.float32
        read = partial(_read_array, images)
    elif {"jpeg_bytes", "offsets"} <= arrays.keys():
        encoded, offsets = _checked_bytes(arrays["jpeg_bytes"], arrays["offsets"], path)
        count, dtype = len(offsets) - 1, np.uint8
        read = partial(_read_bytes, encoded, offsets)
    else:
        raise DomainError(f"{path} must hold `images`, or `jpeg_bytes` and `offsets`; it holds {sorted(arrays)}")
    if count < 1:
        raise DomainError(f"there are no images in {path}")
    labels = _labels(arrays.get("labels"), count, path)
    files = arrays.get("file_names")
    names = tuple(map(str, files if files is not None and files.shape == (count,) else range(count)))
    stated = _names_of_labels(arrays.get("class_names"), labels, path)
    remarks = (*disagreement(stated or {}, classes), *beyond(labels, classes))
    return Source(read, names, labels, stated, dtype, remarks=remarks)


_KEYS = {"images", "jpeg_bytes", "offsets", "labels", "class_names", "file_names"}


def _checked(images: np.ndarray, path: Path) -> np.ndarray:
    """Return the array as (N, H, W, C), uint8 or floating point in [0, 1]."""
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.dtype.kind not in "uf":
        raise ShapeError(
            f"`images` in {path} must be (N, H, W, C) of bytes or floats, not {images.shape} {images.dtype}"
        )
    if images.dtype != np.uint8 and not ((images >= 0) & (images <= 1)).all():
        raise DomainError(f"`images` in {path} must be bytes, or numbers in [0, 1]; some are not, or are NaN")
    if len(images) and not images.size:
        raise ShapeError(f"`images` in {path} must have a pixel or more, not {images.shape}")
    return images


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


def _read_file(files: list[Path], i: int, shape: Shape, crop: float) -> np.ndarray:
    """Return one image file as (C, H, W) bytes."""
    return _decoded(files[i], shape, crop)


def _read_bytes(jpeg: np.ndarray, offsets: np.ndarray, i: int, shape: Shape, crop: float) -> np.ndarray:
    """Return one encoded image as (C, H, W) bytes."""
    return _decoded(io.BytesIO(jpeg[offsets[i] : offsets[i + 1]].tobytes()), shape, crop)


def _decoded(file: Path | io.BytesIO, shape: Shape, crop: float) -> np.ndarray:
    """Return an encoded image as (C, H, W) bytes; whatever Pillow raises for a broken one becomes an OSError."""
    try:
        with Image.open(file) as image:
            return fitted(image, shape, crop)
    except FvproofError:
        raise
    except Exception as error:
        raise OSError(f"not a readable image: {error}") from error


def _read_array(images: np.ndarray, i: int, shape: Shape, crop: float) -> np.ndarray:
    """Return one image of an array as (C, H, W): as it is where it fits."""
    image = images[i]
    if image.shape == (shape[1], shape[2], shape[0]):
        return image.transpose(2, 0, 1)
    if image.dtype != np.uint8 or image.shape[2] not in (1, 3):
        raise ShapeError(f"images must have height, width and channels {(*shape[1:], shape[0])}, not {image.shape}")
    return fitted(Image.fromarray(image.squeeze(2) if image.shape[2] == 1 else image), shape, crop)


def read_picture(path: Path, shape: Shape, crop: float = 1.0) -> np.ndarray:
    """Return one picture from a file as float32 (C, H, W) in [0, 1].

    Raises
    ------
    DomainError
        If there is no such file, or it cannot be read.
    """
    require_regular(path)
    try:
        return (_decoded(path, shape, crop) / 255).astype(np.float32)
    except OSError as error:
        raise DomainError(f"{path} must be a picture: {error}") from None


def fitted(image: Image.Image, shape: Shape, crop: float) -> np.ndarray:
    """Return a picture as (C, H, W) bytes: resized so that the centre crop keeps the share `crop`.

    Raises
    ------
    ShapeError
        If the wanted shape has neither one channel nor three.

    Examples
    --------
    >>> fitted(Image.new("RGB", (320, 160)), (1, 8, 8), 1.0).shape
    (1, 8, 8)
    """
    channels, height, width = shape
    if channels not in (1, 3):
        raise ShapeError(f"pictures have 1 or 3 channels; a network of {channels} needs an .npz of arrays of its shape")
    image = _in_bytes(image).convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        scale = max(height / image.height, width / image.width) / crop
        size = (max(width, round(image.width * scale)), max(height, round(image.height * scale)))
        left, top = (size[0] - width) // 2, (size[1] - height) // 2
        image = image.resize(size, Image.Resampling.BILINEAR).crop((left, top, left + width, top + height))
    pixels = np.asarray(image)
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def _in_bytes(image: Image.Image) -> Image.Image:
    """Return a picture of one byte a channel: grey of sixteen bits, or of fractions, would be cut off by Pillow."""
    if not image.mode.startswith(("I", "F")):
        return image
    numbers = np.asarray(image)
    high = numbers.max()
    if not (numbers.min() >= 0 and high <= 65535):
        raise OSError("its numbers are neither in [0, 1], bytes, nor of sixteen bits")
    if image.mode == "F" and high <= 1:
        numbers = np.rint(numbers * 255)
    elif high > 255 or image.mode.startswith("I;16"):
        numbers = numbers // 256
    return Image.fromarray(numbers.astype(np.uint8))
