"""Pictures from folders, opened first and decoded one at a time, as the person sees them who opens them."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from fvproof.empirical.class_folders import Labelling, beyond, label_folders
from fvproof.empirical.pointers import require_itself
from fvproof.empirical.shapes import Shape, require_images
from fvproof.theory.errors import DomainError, FvproofError, ShapeError
from fvproof.verify.files.disk import require_regular

BITS, SAMPLE_FORMAT = 258, 339
"""Numbers of TIFF's tags."""

WHITE = (255, 255, 255, 255)
"""What is seen through a picture where it is transparent."""


@dataclass(slots=True)
class Notes:
    """What is seen of pictures while they are decoded."""

    animated: list[str] = field(default_factory=list)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the user has to know, in sentences."""
        count = len(self.animated)
        several = f"{count} pictures have several frames or pages, the first of each is taken"
        one = "1 picture has several frames or pages, the first is taken"
        return (one if count == 1 else several,)[:count]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Images not yet decoded: `read(i, shape, crop)` returns image i as (C, H, W), or raises OSError.

    `remarks` are sentences that the user has to know, and `notes` what becomes known while images are read.
    """

    read: Callable[[int, Shape, float], np.ndarray]
    names: tuple[str, ...]
    labels: np.ndarray | None
    class_names: dict[int, str] | None
    dtype: type[np.uint8] | type[np.float32] = np.uint8
    labelling: Labelling | None = None
    remarks: tuple[str, ...] = ()
    notes: Notes = field(default_factory=Notes)


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
    notes = Notes()
    named = sorted(path for path in folder.iterdir() if path.is_dir() and _seen(path) and any(_pictures(path)))
    if not named:
        files = sorted(_pictures(folder))
        if not files:
            raise DomainError(f"there are no images in {folder}")
        return Source(partial(_read_file, files, notes), tuple(file.name for file in files), None, None, notes=notes)
    found = label_folders([path.name for path in named], classes)
    pairs = [(file, label) for name, label in found.outputs.items() for file in sorted(_pictures(folder / name))]
    files = [file for file, _ in pairs]
    names = tuple(str(file.relative_to(folder)) for file in files)
    labels = np.array([label for _, label in pairs], dtype=np.int64)
    folders = {label: name for name, label in found.outputs.items()}
    remarks = (*found.remarks, *beyond(labels, classes), *_loose(folder))
    read = partial(_read_file, files, notes)
    return Source(read, names, labels, folders, labelling=found, remarks=remarks, notes=notes)


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


def _read_file(files: list[Path], notes: Notes, i: int, shape: Shape, crop: float) -> np.ndarray:
    """Return one image file as (C, H, W) bytes."""
    return decoded(files[i], shape, crop, notes)


def decoded(file: Path | io.BytesIO, shape: Shape, crop: float, notes: Notes | None = None) -> np.ndarray:
    """Return an encoded image as (C, H, W) bytes; whatever Pillow raises for a broken one becomes an OSError."""
    try:
        with Image.open(file) as image:
            if notes is not None and getattr(image, "is_animated", False):
                notes.animated.append(str(file))
            return fitted(image, shape, crop)
    except FvproofError:
        raise
    except Exception as error:
        raise OSError(f"not a readable image: {error}") from error


def read_picture(path: Path, shape: Shape, crop: float = 1.0) -> np.ndarray:
    """Return one picture from a file as float32 (C, H, W) in [0, 1].

    Raises
    ------
    DomainError
        If there is no such file, or it cannot be read.
    """
    require_regular(path)
    require_itself(path)
    try:
        return (decoded(path, shape, crop) / 255).astype(np.float32)
    except OSError as error:
        raise DomainError(f"{path} must be a picture: {error}") from None


def fitted(image: Image.Image, shape: Shape, crop: float) -> np.ndarray:
    """Return a picture as (C, H, W) bytes: resized so that the centre crop keeps the share `crop`.

    It is turned as its EXIF orientation says, and white where it is transparent.

    Raises
    ------
    ShapeError
        If the wanted shape has neither one channel nor three.

    Examples
    --------
    >>> fitted(Image.new("RGB", (320, 160)), (1, 8, 8), 1.0).shape
    (1, 8, 8)
    """
    channels, height, width = require_images(shape, "a picture")
    if channels not in (1, 3):
        raise ShapeError(f"pictures have 1 or 3 channels; a network of {channels} needs an .npz of arrays of its shape")
    image = _in_bytes(ImageOps.exif_transpose(image), unsigned=_is_unsigned(image))
    image = _on_white(image).convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        scale = max(height / image.height, width / image.width) / crop
        size = (max(width, round(image.width * scale)), max(height, round(image.height * scale)))
        left, top = (size[0] - width) // 2, (size[1] - height) // 2
        image = image.resize(size, Image.Resampling.BILINEAR).crop((left, top, left + width, top + height))
    pixels = np.asarray(image)
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def _on_white(image: Image.Image) -> Image.Image:
    """Return a picture as it looks on white paper; one without transparency as it is."""
    if not image.has_transparency_data:
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, WHITE), image.convert("RGBA"))


def _in_bytes(image: Image.Image, *, unsigned: bool) -> Image.Image:
    """Return a picture of one byte a channel: grey of 16 or 32 bits, or of fractions, would be cut off by Pillow."""
    if not image.mode.startswith(("I", "F")):
        return image
    numbers = np.asarray(image)
    if image.mode == "I" and unsigned:
        numbers = numbers.view(np.uint32)
    high = numbers.max()
    if not (numbers.min() >= 0 and high <= (65535 if image.mode == "F" else 2**32)):
        raise OSError("its numbers are neither in [0, 1], bytes, nor of 16 or 32 bits")
    if image.mode == "F" and high <= 1:
        numbers = np.rint(numbers * 255)
    elif high > 65535:
        numbers = numbers // 2**24
    elif high > 255 or image.mode.startswith("I;16"):
        numbers = numbers // 256
    return Image.fromarray(numbers.astype(np.uint8))


def _is_unsigned(image: Image.Image) -> bool:
    """Return whether the whole numbers of a TIFF have no sign, which Pillow passes over."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(SAMPLE_FORMAT, (1,))[0] == 1 and tags.get(BITS, (0,))[0] == 32
