"""What a certificate of silent units and the files beside it hold, read with care: nothing in them is run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from fvproof.empirical.fooling.windows import Geometry, windows
from fvproof.theory.errors import DomainError
from fvproof.verify.files.beside import file_beside
from fvproof.verify.files.records import check_fields, check_head, field, read_json

FORMAT, VERSION = "fvproof-silent-units", 1
CLAIM = "⟨w', h⟩ + b' ≤ 0 for every feature vector h in the file, hence on their convex hull"
SAYS = ("claim", "layer", "channels", "geometry", "network", "features", "filters", "bounds")
LARGEST = 1 << 12
"""No kernel, stride, padding or dilation is larger."""


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """What a certificate of silent units and the files beside it hold, of sizes that fit together.

    Attributes
    ----------
    layer, channels
        The units.
    maps, filters, biases
        Float32: the features, (N, ...), the filters, (K, n), and the biases, (K,); all finite.
    where
        The windows of the features that the filters see.
    bounds
        Float64 (K,), as stated.
    """

    layer: str
    channels: tuple[int, ...]
    maps: np.ndarray
    filters: np.ndarray
    biases: np.ndarray
    where: Geometry | None
    bounds: np.ndarray


def read_stated(path: Path) -> Stated:
    """Return what a certificate and the files beside it hold.

    Raises
    ------
    DomainError
        As for `recheck_hull`.
    """
    record = read_record(path)
    maps, filters, biases = _arrays(path, record)
    where, channels = _geometry(record["geometry"]), tuple(field(record, "channels", list))
    bounds = field(record, "bounds", list)
    if not all(type(n) is int and n >= 0 for n in channels) or len(set(channels)) != len(channels):
        raise DomainError("the channels must be different numbers from 0 on")
    if not all(type(bound) in (int, float) for bound in bounds):
        raise DomainError("the bounds must be numbers")
    width = windows(np.zeros((1, *maps.shape[1:]), np.float32), where).shape[1:] if maps.ndim > 1 and len(maps) else ()
    sizes = {len(channels), len(bounds), len(filters), len(biases)}
    if sizes != {len(filters)} or not len(filters) or width[1:] != filters.shape[1:] or not all(width):
        raise DomainError(f"features, filters, biases, channels and bounds of {path} do not fit together")
    finite = all(np.isfinite(part).all() for part in (filters, biases, *maps))
    if not finite:
        raise DomainError(f"features, filters and biases beside {path} must be finite")
    doubles = np.array([float(bound) for bound in bounds])
    return Stated(field(record, "layer", str), channels, maps, filters, biases, where, doubles)


def read_record(path: Path) -> dict[str, Any]:
    """Return a certificate as it stands there, with all its fields and no other."""
    record = read_json(path)
    check_head(record, FORMAT, VERSION)
    check_fields(record, ("format", "version", *SAYS), name=str(path))
    assert isinstance(record, dict)
    if record["claim"] != CLAIM:
        raise DomainError(f"the claim of such a certificate is: {CLAIM}")
    if record["network"] is not None:
        field(record, "network", str)
    return record


def _arrays(path: Path, record: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, filters and biases from the files beside a certificate; nothing in them is run."""
    files = [file_beside(path, field(record, name, dict)) for name in ("features", "filters")]
    try:
        maps = np.load(files[0], mmap_mode="r", allow_pickle=False)
        with np.load(files[1], allow_pickle=False) as arrays:
            names, (filters, biases) = set(arrays.files), (arrays["filters"], arrays["biases"])
    except (ValueError, KeyError, OSError, EOFError, BadZipFile, AttributeError, TypeError):
        raise DomainError(f"{files[0]} or {files[1]} is damaged") from None
    if names != {"filters", "biases"} or filters.ndim != 2 or biases.ndim != 1 or not isinstance(maps, np.ndarray):
        raise DomainError(f"{files[1]} must hold filters, one per row, and biases, and {files[0]} an array")
    if not all(array.dtype == np.float32 for array in (maps, filters, biases)):
        raise DomainError(f"features, filters and biases beside {path} must be float32")
    return maps, filters, biases


def _geometry(record: object) -> Geometry | None:
    """Return the geometry that a certificate states."""
    if record is None:
        return None
    names = ("kernel", "stride", "padding", "dilation")
    check_fields(record, names, name="the geometry")
    pairs = [tuple(field(record, name, list)) for name in names]
    for name, pair in zip(names, pairs, strict=True):
        least = 0 if name == "padding" else 1
        if len(pair) != 2 or not all(type(n) is int and least <= n <= LARGEST for n in pair):
            raise DomainError(f"the {name} of a geometry must be two numbers from {least} to {LARGEST}")
    return Geometry(*pairs)
