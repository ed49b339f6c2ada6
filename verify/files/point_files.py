"""Points and training sets as a user gives them: as text, as arrays, as image files."""

import json
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from theory.domains import CUBE, Domain
from theory.errors import DomainError, FvproofError
from theory.points import Point, as_point

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")

Shape = tuple[int, ...]


def read_point(given: str, name: str, domain: Domain = CUBE) -> tuple[Point, Shape]:
    """Return the point that a user names, and its shape.

    Parameters
    ----------
    given
        Numbers with commas between them (``0,1/2,0.9``); an .npy file with an array of any shape;
        or a picture, which becomes (C, H, W) with C = 1 if it is grey and 3 if it is coloured. Pixels 0..255 are
        divided by 255 in single precision, as networks get them.
    name
        What the point is, for the error message.
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
    suffix = Path(given).suffix.lower()
    if suffix == ".npy":
        array = _array(Path(given), name)
    elif suffix in PICTURES:
        array = _picture(Path(given), name)
    else:
        point = domain.read(given.split(","), name=name)
        return point, (len(point),)
    return domain.read(array, name=name), array.shape


def read_training(path: Path) -> list[tuple[Point, object]]:
    """Return the labelled points in a training file.

    Parameters
    ----------
    path
        A text file with one JSON object ``{"at": ["0", "1/2"], "value": "1/4"}`` per line, or an .npz file with the
        arrays ``points`` (N, ...) in [0, 1] and ``values`` (N,).

    Raises
    ------
    DomainError, ShapeError
        If the file cannot be read, or is not of this form.
    """
    try:
        if path.suffix.lower() == ".npz":
            with np.load(path, allow_pickle=False) as archive:
                points, values = archive["points"], archive["values"]
            return [
                (as_point(p, name=f"training point {i}"), v)
                for i, (p, v) in enumerate(zip(points, values, strict=True))
            ]
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        entries = [json.loads(line, parse_float=str) for line in lines]
    except OSError as error:
        raise DomainError(f"{path} cannot be read: {error.strerror}") from None
    except FvproofError:
        raise
    except (ValueError, KeyError) as error:
        raise DomainError(f"{path} is no training set: {error}") from None
    return [_labelled(entry, i) for i, entry in enumerate(entries)]


def _labelled(entry: object, i: int) -> tuple[Point, object]:
    """Return the point and the label of one line."""
    if not isinstance(entry, dict) or set(entry) != {"at", "value"} or not isinstance(entry["at"], list):
        raise DomainError(f'training point {i} must be {{"at": [...], "value": ...}}')
    return as_point(entry["at"], name=f"training point {i}"), entry["value"]


def _array(path: Path, name: str) -> np.ndarray:
    """Return the array in an .npy file; nothing in it is run."""
    try:
        return np.load(path, allow_pickle=False)
    except OSError as error:
        raise DomainError(f"{name}: {path} cannot be read: {error.strerror or error}") from None
    except (ValueError, EOFError) as error:
        raise DomainError(f"{name}: {path} holds no array of numbers: {error}") from None


def _picture(path: Path, name: str) -> np.ndarray:
    """Return a picture as (C, H, W) in [0, 1], in single precision."""
    try:
        with Image.open(path) as image:
            if image.mode[0] in "IF":
                raise DomainError(f"{name}: {path} must have 8 bits per channel, not the mode {image.mode}")
            pixels = np.asarray(image.convert("L" if image.mode in ("1", "L", "LA") else "RGB"))
    except DomainError:
        raise
    except UnidentifiedImageError:
        raise DomainError(f"{name}: {path} is no picture") from None
    except (OSError, ValueError, SyntaxError) as error:
        raise DomainError(f"{name}: {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    pixels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    return pixels.astype(np.float32) / np.float32(255)
