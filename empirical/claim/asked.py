"""A claim: this picture is what excites that unit most, or least."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps
from torch import Tensor

from fvproof.empirical.arrays import in_unit
from fvproof.empirical.decoding import read_picture
from fvproof.empirical.keeping.fingerprint import fingerprint
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.networks.objectives import Objective, identity
from fvproof.empirical.shapes import Shape
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.files.disk import contents, require_regular

End = Literal["max", "min"]

GREY = ("1", "L", "LA", "I", "F")
"""How Pillow names pictures without colours; those of 16 bits begin with I."""


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A picture, and the unit whose visualization it is said to be.

    Attributes
    ----------
    unit
        Of any layer.
    image
        Float32 (C, H, W) in [0, 1].
    end
        "max" if it is said to excite the unit most, "min" if least.
    name
        Of the picture, for people.
    """

    unit: Objective
    image: np.ndarray
    end: End = "max"
    name: str = "the picture"

    @property
    def sign(self) -> int:
        """1 if more activation is more of what is claimed, −1 if less is."""
        return 1 if self.end == "max" else -1

    @property
    def key(self) -> str:
        """What tells the claim from others: a digest of unit, end and pixels."""
        return fingerprint(identity(self.unit), self.end, self.image)


Picture = np.ndarray | Tensor | Run | str | Path
"""What a picture is given as: (C, H, W), a visualization, a picture file, or a .npy file of (C, H, W)."""


def picture_of(given: Picture, shape: Shape) -> np.ndarray:
    """Return a picture as float32 (C, H, W) in [0, 1], which must have a network's shape as it is.

    Nothing is resized, cropped or coloured: what a unit answers to a picture would be changed with it.

    Raises
    ------
    DomainError
        If it cannot be read, or its numbers are not those of an image.
    ShapeError
        If it has another shape.

    Examples
    --------
    >>> picture_of(np.full((1, 8, 8), 255, np.uint8), (1, 8, 8)).max()
    np.float32(1.0)
    """
    if isinstance(given, str | Path):
        return _read(Path(given), shape)
    if isinstance(given, Run):
        return _fitting(given.image, shape, "the picture")
    array = given.detach().cpu().float().numpy() if isinstance(given, Tensor) else np.asarray(given)
    if isinstance(given, Tensor) and not given.is_floating_point():
        array = given.detach().cpu().numpy()
    return _fitting(array, shape, "the picture")


def _fitting(array: np.ndarray, shape: Shape, where: str) -> np.ndarray:
    """Return an array as a picture of this shape."""
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        raise DomainError(f"{where} must be uint8 or floating point, not {array.dtype}")
    if array.shape != tuple(shape):
        wanted = "×".join(map(str, shape))
        raise ShapeError(f"{where} must be {wanted}, as the network reads it, not {'×'.join(map(str, array.shape))}")
    if array.dtype == np.uint8:
        return array.astype(np.float32) / 255
    return in_unit(array, where)


def _read(path: Path, shape: Shape) -> np.ndarray:
    """Return the picture in a file."""
    require_regular(path)
    if path.suffix == ".npy":
        contents(path)
        try:
            array = np.load(path, allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise DomainError(f"{path} must be an array (C, H, W): {error}") from error
        return _fitting(array, shape, str(path))
    _require_alike(path, shape)
    return read_picture(path, shape)


def _require_alike(path: Path, shape: Shape) -> None:
    """Raise an error if a picture file would have to be resized, cropped or coloured to be read."""
    try:
        with Image.open(path) as found:
            grey = found.mode in GREY or found.mode.startswith("I;")
            turned = ImageOps.exif_transpose(found)
            (width, height), coloured = turned.size, not grey and _has_colours(turned)
    except Exception as error:
        raise DomainError(f"{path} must be a picture: {error}") from error
    if len(shape) != 3 or shape[0] not in (1, 3):
        raise ShapeError(f"{path} must be a .npy file of {'×'.join(map(str, shape))}: the network reads no pictures")
    if (height, width) != tuple(shape[1:]):
        wanted = f"{shape[1]}×{shape[2]}"
        raise ShapeError(f"{path} must be {wanted} pixels, as the network reads it, not {height}×{width}")
    if grey and shape[0] == 3:
        raise ShapeError(f"{path} is grey, and the network reads red, green and blue")
    if coloured and shape[0] == 1:
        raise ShapeError(f"{path} is coloured, and the network reads grey")


def _has_colours(picture: Image.Image) -> bool:
    """Return whether some pixel is not grey."""
    pixels = np.asarray(picture.convert("RGB")).astype(np.int16)
    return bool((pixels != pixels[..., :1]).any())
