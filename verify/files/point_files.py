"""Points and points with values as a user gives them: as text, as arrays, as image files."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from fvproof.theory.domains import CUBE, Domain
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.points import Point
from fvproof.verify.files.disk import reading
from fvproof.verify.files.json_lines import json_lines

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")

Shape = tuple[int, ...]
Coordinates = list[Any] | np.ndarray
"""What `fvproof.theory.exact.points` makes a point of."""


def read_point(given: str, name: str, domain: Domain = CUBE) -> tuple[Point, Shape]:
    """Return the point that a user names, and its shape: see `read_coordinates`.

    Parameters
    ----------
    given, name
        As for `read_coordinates`.
    domain
        Where it must lie.

    Raises
    ------
    DomainError, ShapeError
        If the file cannot be read, or the point is not in the domain.

    Examples
    --------
    >>> read_point("0,1/2", "the query")
    ((Fraction(0, 1), Fraction(1, 2)), (2,))
    """
    coordinates, shape = read_coordinates(given, name)
    return domain.read(coordinates, name=name), shape


def read_coordinates(given: str, name: str) -> tuple[Coordinates, Shape]:
    """Return the coordinates that a user names, not yet looked at, and their shape.

    Parameters
    ----------
    given
        Numbers with commas between them (``0,1/2,0.9``); an .npy file with an array of any shape;
        or a picture, which becomes (C, H, W) with C = 1 if it is grey and 3 if it is coloured. Pixels 0..255 are
        divided by 255 in single precision, as networks get them.
    name
        What the point is, for the error message.

    Raises
    ------
    DomainError
        If the file cannot be read.
    """
    suffix = Path(given).suffix.lower()
    if suffix == ".npy" or suffix in PICTURES:
        array = (_array if suffix == ".npy" else _picture)(Path(given), name)
        return array, array.shape
    texts = given.split(",")
    return texts, (len(texts),)


def one_shape(shapes: Sequence[Shape]) -> Shape:
    """Return the shape that all points have which have one, that is, are not just so many numbers; else ().

    Raises
    ------
    ShapeError
        If two have different ones.
    """
    found = {shape for shape in shapes if len(shape) > 1}
    if len(found) > 1:
        raise ShapeError(f"argmin, argmax and query must have one shape, not {' and '.join(map(str, sorted(found)))}")
    return found.pop() if found else ()


def read_labelled(path: Path) -> list[tuple[Coordinates, Any]]:
    """Return the points with values in a file: a training set, or exemplars.

    Parameters
    ----------
    path
        A text file with one JSON object ``{"at": ["0", "1/2"], "value": "1/4"}`` per line, where the point may also be
        a text as for `read_coordinates`; or an .npz file with the arrays ``points`` (N, ...) and ``values`` (N,).

    Raises
    ------
    DomainError
        If the file cannot be read, or is not of this form.
    """
    if path.suffix.lower() != ".npz":
        return labelled(json_lines(path), f"{path}")
    try:
        with reading(path), np.load(path, allow_pickle=False) as archive:
            return list(zip(archive["points"], archive["values"].tolist(), strict=True))
    except DomainError:
        raise
    except (ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise DomainError(f"{path} holds no points with values: {error}") from None


def labelled(entries: object, name: str) -> list[tuple[Coordinates, Any]]:
    """Return the points with values in a list of objects that were read from JSON."""
    if not isinstance(entries, list) or not all(isinstance(e, dict) and set(e) == {"at", "value"} for e in entries):
        raise DomainError(f'{name}: points with values must be objects {{"at": POINT, "value": VALUE}}')
    return [(_coordinates(entry["at"], f"{name}, point {i}"), entry["value"]) for i, entry in enumerate(entries)]


def _coordinates(given: object, name: str) -> Coordinates:
    """Return a point's coordinates from a list or a text."""
    if isinstance(given, str):
        return read_coordinates(given, name)[0]
    if not isinstance(given, list):
        raise DomainError(f"{name} must be a list of numbers, or a text that names them, not {given!r}")
    return given


def _array(path: Path, name: str) -> np.ndarray:
    """Return the array in an .npy file; nothing in it is run."""
    try:
        with reading(path, name):
            return np.load(path, allow_pickle=False)
    except DomainError:
        raise
    except (ValueError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise DomainError(f"{name}: {path} holds no array of numbers: {error}") from None


def _picture(path: Path, name: str) -> np.ndarray:
    """Return a picture as (C, H, W) in [0, 1], in single precision."""
    try:
        with reading(path, name), _opened(path, name) as image:
            if image.mode[0] in "IF":
                raise DomainError(f"{name}: {path} must have 8 bits per channel, not the mode {image.mode}")
            pixels = np.asarray(image.convert("L" if image.mode in ("1", "L", "LA") else "RGB"))
    except DomainError:
        raise
    except (ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DomainError(f"{name}: {path} cannot be read: {error}") from None
    pixels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    return pixels.astype(np.float32) / np.float32(255)


def _opened(path: Path, name: str) -> Image.Image:
    """Return the picture in a file, not yet decoded."""
    try:
        return Image.open(path)
    except UnidentifiedImageError:
        raise DomainError(f"{name}: {path} is no picture") from None
