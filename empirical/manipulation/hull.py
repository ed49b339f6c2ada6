"""The certificate of silent units: they are 0 on the convex hull of the natural feature vectors, checked from files.

A unit ReLU(⟨w', h⟩ + b') is 0 wherever ⟨w', h⟩ + b' ≤ 0; a half-space that holds a set of vectors holds its hull too.
So it is enough to look at each vector once. The check bounds every ⟨w', h⟩ from above by float64 sums with their
largest possible rounding error, and evaluates the largest of each filter once more in fractions. It reads the files
alone, computes with numpy, and does not believe what the certificate says of its outcome.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from empirical.manipulation.silent import Silenced
from empirical.manipulation.twin_files import file_record
from empirical.manipulation.windows import Geometry, responses, windows
from empirical.store import write_atomically
from theory.errors import DomainError
from verify.checks import Check
from verify.files.records import check_head, field, read_json

FORMAT, VERSION = "fvproof-silent-units", 1

FEATURES, FILTERS, CERTIFICATE = "features.npy", "filters.npz", "hull.json"


def write_hull(found: Silenced, folder: Path, network: str | None = None) -> dict[str, Any]:
    """Write the certificate of silent units, with the natural feature vectors and the filters; return it.

    Parameters
    ----------
    found
        From `silence`; the features are written unless they already lie in the folder.
    folder
        That exists.
    network
        The name of an ONNX file in the folder that holds the filters.

    Raises
    ------
    DomainError
        If a file cannot be written.
    """
    try:
        if isinstance(found.maps, np.memmap):
            found.maps.flush()
        else:
            np.save(folder / FEATURES, found.maps)
        np.savez(folder / FILTERS, filters=found.filters, biases=found.biases)
    except OSError as error:
        raise DomainError(f"{folder} cannot be written to: {error.strerror}") from None
    record = {
        "format": FORMAT,
        "version": VERSION,
        "claim": "⟨w', h⟩ + b' ≤ 0 for every feature vector h in the file, hence on their convex hull",
        "layer": found.layer,
        "channels": list(found.channels),
        "geometry": None if found.geometry is None else asdict(found.geometry),
        "network": network,
        "features": file_record(folder / FEATURES),
        "filters": file_record(folder / FILTERS),
        "bounds": [float(bound) for bound in found.bound],
    }
    write_atomically(folder / CERTIFICATE, json.dumps(record, indent=1).encode())
    return record


def recheck_hull(path: Path) -> list[Check]:
    """Return the checks of a certificate, made anew from the files beside it.

    Parameters
    ----------
    path
        The certificate, `hull.json`.

    Raises
    ------
    DomainError
        If a file is missing, damaged, or not the one that the certificate is about.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from empirical.manipulation.silent import silence
    >>> from empirical.networks.digits import digits_images
    >>> from empirical.networks.units import Unit
    >>> from empirical.networks.zoo import load_model
    >>> with TemporaryDirectory() as folder:
    ...     _ = write_hull(silence(load_model("digits"), [Unit("conv2", 0)], digits_images()), Path(folder))
    ...     [check.holds for check in recheck_hull(Path(folder, "hull.json"))]
    [True, True]
    """
    record = read_json(path)
    check_head(record, FORMAT, VERSION)
    assert isinstance(record, dict)
    maps = np.load(_beside(path, field(record, "features", dict)), mmap_mode="r")
    with np.load(_beside(path, field(record, "filters", dict))) as arrays:
        filters, biases = arrays["filters"], arrays["biases"]
    if not all(array.dtype == np.float32 for array in (maps, filters, biases)):
        raise DomainError(f"features, filters and biases beside {path} must be float32")
    where = _geometry(record.get("geometry"))
    bounds, largest = _bounds(maps, where, filters, biases)
    exact = max(_exact(maps, where, place, filters[i], biases[i]) for i, place in enumerate(largest))
    checks = [
        Check(
            "silent on the hull: every feature vector, rounding bounded",
            bool((bounds <= 0).all()),
            f"{len(filters)} units, {len(maps)} images, largest bound {bounds.max():.6g}",
        ),
        Check("silent at each unit's nearest vector, in fractions", exact <= 0, f"largest value {float(exact):.6g}"),
    ]
    network = record.get("network")
    return checks if network is None else [*checks, _same_filters(path.with_name(str(network)), filters, biases)]


def _bounds(
    maps: np.ndarray, where: Geometry | None, filters: np.ndarray, biases: np.ndarray
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Return for each filter an upper bound of ⟨w', h⟩ + b', and the (image, position) of the largest as computed."""
    bounds, best = np.full(len(filters), -np.inf), np.full(len(filters), -np.inf)
    largest, start = [(0, 0)] * len(filters), 0
    for found in responses(maps, where, filters):
        flat = found.values.reshape(-1, len(filters))
        top, rows = flat.max(0), flat.argmax(0)
        # nextafter: the additions of error and bias round as well
        bounds = np.maximum(bounds, np.nextafter(np.nextafter(top + found.error, np.inf) + biases, np.inf))
        for i in np.flatnonzero(top > best):
            image, position = divmod(int(rows[i]), found.values.shape[1])
            best[i], largest[i] = top[i], (start + image, position)
        start += len(found.values)
    return bounds, largest


def _exact(
    maps: np.ndarray, where: Geometry | None, place: tuple[int, int], weights: np.ndarray, bias: np.floating
) -> Fraction:
    """Return ⟨w', h⟩ + b' at one image and position, without rounding."""
    image, position = place
    vector = windows(np.asarray(maps[image : image + 1]), where)[0, position]
    products = (Fraction(float(w)) * Fraction(float(h)) for w, h in zip(weights, vector, strict=True) if h)
    return sum(products, Fraction(float(bias)))


def _same_filters(path: Path, filters: np.ndarray, biases: np.ndarray) -> Check:
    """Return whether a network's file holds these filters and biases, bit for bit; other channels' are 0."""
    if not path.is_file():
        raise DomainError(f"there is no network {path}")
    held = [numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer]
    rows = any(_among(filters, array) for array in held if array.ndim >= 2)
    numbers = any(_among(biases[:, None], array[:, None]) for array in held if array.ndim == 1)
    return Check("the network's file holds these filters and biases", rows and numbers, path.name)


def _among(rows: np.ndarray, array: np.ndarray) -> bool:
    """Return whether an array's rows that are not 0 are these, in this order."""
    flat = array.reshape(len(array), -1)
    flat = flat[(flat != 0).any(1)]
    return flat.shape == rows.shape and bool((flat == rows).all())


def _beside(path: Path, record: Mapping[str, Any]) -> Path:
    """Return a file beside the certificate, if it is the one that was written."""
    file = path.with_name(str(record.get("file")))
    if not file.is_file():
        raise DomainError(f"there is no file {file}, which the certificate {path} is about")
    if file_record(file) != dict(record):
        raise DomainError(f"{file} is not the file that the certificate {path} is about: its sha256 differs")
    return file


def _geometry(record: Mapping[str, Sequence[int]] | None) -> Geometry | None:
    """Return the geometry that a certificate states."""
    if record is None:
        return None
    kernel, stride, padding, dilation = (
        (int(record[name][0]), int(record[name][1])) for name in ("kernel", "stride", "padding", "dilation")
    )
    return Geometry(kernel, stride, padding, dilation)
