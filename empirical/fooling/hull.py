"""The certificate of silent units: they are 0 on the convex hull of the natural feature vectors, checked from files.

A unit ReLU(⟨w', h⟩ + b') is 0 wherever ⟨w', h⟩ + b' ≤ 0; a half-space that holds a set of vectors holds its hull too.
So it is enough to look at each vector once. The check bounds every ⟨w', h⟩ from above by float64 sums with their
largest possible rounding error, and evaluates the largest of each filter once more in fractions. It reads the files
alone, computes with numpy, and does not believe what the certificate says of its outcome.
"""

import json
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import AttributeProto, helper, numpy_helper

from fvproof.empirical.fooling.hull_files import CLAIM, FORMAT, VERSION, Stated, read_record, read_stated
from fvproof.empirical.fooling.windows import Geometry, responses, windows
from fvproof.empirical.keeping.store import write_atomically
from fvproof.theory.errors import DomainError
from fvproof.theory.texts import printable
from fvproof.verify.files.beside import file_record, named_beside
from fvproof.verify.files.disk import writing
from fvproof.verify.refutation.checks import Check

if TYPE_CHECKING:
    from fvproof.empirical.fooling.silent import Silenced  # it needs torch, and the check does not

FEATURES, FILTERS, CERTIFICATE = "features.npy", "filters.npz", "hull.json"


def write_hull(found: "Silenced", folder: Path, network: str | None = None, mark: str = "") -> dict[str, Any]:
    """Write the certificate of silent units, with the natural feature vectors and the filters; return it.

    Parameters
    ----------
    found
        From `silence`; the features are written unless they already lie in the folder.
    folder
        That exists.
    network
        The name of an ONNX file in the folder that holds the filters.
    mark
        Put into the names of the files, see `marked`, where a folder holds several certificates.

    Raises
    ------
    DomainError
        If a file cannot be written.
    """
    features, filters = folder / marked(FEATURES, mark), folder / marked(FILTERS, mark)
    with writing(features):
        if isinstance(found.maps, np.memmap):
            found.maps.flush()
        else:
            np.save(features, found.maps)
    with writing(filters):
        np.savez(filters, filters=found.filters, biases=found.biases)
    record = {
        "format": FORMAT,
        "version": VERSION,
        "claim": CLAIM,
        "layer": found.layer,
        "channels": list(found.channels),
        "geometry": None if found.geometry is None else asdict(found.geometry),
        "network": network,
        "features": file_record(features),
        "filters": file_record(filters),
        "bounds": [float(bound) for bound in found.bound],
    }
    write_atomically(folder / marked(CERTIFICATE, mark), json.dumps(record, indent=1).encode())
    return record


def marked(name: str, mark: str) -> str:
    """Return the name of a file with a mark before its ending.

    Examples
    --------
    >>> marked("hull.json", ""), marked("hull.json", "layer3.1.conv2")
    ('hull.json', 'hull-layer3.1.conv2.json')
    """
    stem, dot, ending = name.rpartition(".")
    return f"{stem}-{mark}{dot}{ending}" if mark else name


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
    >>> from fvproof.empirical.fooling.silent import silence
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.units import Unit
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> with TemporaryDirectory() as folder:
    ...     _ = write_hull(silence(load_model("digits"), [Unit("conv2", 0)], digits_images()), Path(folder))
    ...     [check.holds for check in recheck_hull(Path(folder, "hull.json"))]
    [True, True]
    """
    record, stated = read_record(path), read_stated(path)
    bounds, errors, largest = _bounds(stated)
    exact = max(_exact(stated, place, i) for i, place in enumerate(largest))
    near = bool((np.abs(bounds - stated.bounds) <= 4 * (errors + np.spacing(np.abs(bounds)))).all())
    told = f"{len(stated.filters)} units, {len(stated.maps)} images, largest bound {bounds.max():.6g}"
    checks = [
        Check(
            "silent on the hull: every feature vector, rounding bounded",
            near and bool((bounds <= 0).all()),
            told if near else f"{told}; the bounds are not as stated",
        ),
        Check("silent at each unit's nearest vector, in fractions", exact <= 0, f"largest value {float(exact):.6g}"),
    ]
    network = record["network"]
    return checks if network is None else [*checks, _same_filters(named_beside(path, str(network)), stated)]


def claims_of_hull(path: Path) -> list[str]:
    """Return what a certificate of silent units claims, in words, a sentence per line."""
    stated, record = read_stated(path), read_record(path)
    channels = ", ".join(map(str, stated.channels[:16])) + (", …" if len(stated.channels) > 16 else "")
    features, filters = record["features"], record["filters"]
    return [
        f"{len(stated.channels)} silent units in {printable(stated.layer)}: {channels}",
        f"each is 0 on the hull of the feature vectors in {features['file']} (SHA-256 {features['sha256'][:16]}…)",
        f"filters and biases in {filters['file']} (SHA-256 {filters['sha256'][:16]}…)",
    ]


def unchecked_of_hull(path: Path) -> list[str]:
    """Return which parts of a certificate of silent units are free text."""
    stated, record = read_stated(path), read_record(path)
    features = f"that {record['features']['file']} holds what natural images bring to {printable(stated.layer)}"
    named = "that the filters are those of these units in this layer: no network is named"
    return [features, *([named] if record["network"] is None else [])]


def _bounds(stated: Stated) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """Return for each filter an upper bound of ⟨w', h⟩ + b', its rounding, and the (image, position) of the largest."""
    count = len(stated.filters)
    bounds, errors, best = np.full(count, -np.inf), np.zeros(count), np.full(count, -np.inf)
    largest, start = [(0, 0)] * count, 0
    for found in responses(stated.maps, stated.where, stated.filters):
        flat = found.values.reshape(-1, count)
        top, rows = flat.max(0), flat.argmax(0)
        # nextafter: the additions of error and bias round as well
        bound = np.nextafter(np.nextafter(top + found.error, np.inf) + stated.biases, np.inf)
        bounds, errors = np.maximum(bounds, bound), np.maximum(errors, found.error)
        for i in np.flatnonzero(top > best):
            image, position = divmod(int(rows[i]), found.values.shape[1])
            best[i], largest[i] = top[i], (start + image, position)
        start += len(found.values)
    return bounds, errors, largest


def _exact(stated: Stated, place: tuple[int, int], i: int) -> Fraction:
    """Return ⟨w', h⟩ + b' of a filter at one image and position, without rounding."""
    image, position = place
    vector = windows(np.asarray(stated.maps[image : image + 1]), stated.where)[0, position]
    pairs = zip(stated.filters[i], vector, strict=True)
    products = (Fraction(float(w)) * Fraction(float(h)) for w, h in pairs if h)
    return sum(products, Fraction(float(stated.biases[i])))


def _same_filters(path: Path, stated: Stated) -> Check:
    """Return whether a network's file holds these filters at these channels of this layer; other channels' are 0."""
    if not path.is_file():
        raise DomainError(f"there is no network {path}")
    try:
        graph = onnx.load_model_from_string(path.read_bytes()).graph
        held = {tensor.name: tensor for tensor in graph.initializer}
        names = [f"network.{stated.layer}.silent.{part}" for part in ("weight", "bias")]
        weights, biases = (numpy_helper.to_array(held[name]) for name in names)
        where = [_window(node) for node in graph.node if names[0] in node.input]
    except (DecodeError, KeyError, ValueError, TypeError):
        where, weights, biases = [], np.zeros(0), np.zeros(0)
    same = (
        where == [stated.where] and _placed(weights, stated.filters, stated) and _placed(biases, stated.biases, stated)
    )
    return Check("the network's file holds these filters and biases", same, path.name)


def _placed(held: np.ndarray, rows: np.ndarray, stated: Stated) -> bool:
    """Return whether an array has these rows at the channels, and zeros elsewhere."""
    if max(stated.channels) >= len(held) or held.size != len(held) * (rows.size // len(rows)):
        return False
    wanted = np.zeros((len(held), *rows.shape[1:]), np.float32)
    wanted[list(stated.channels)] = rows
    return bool((held.reshape(wanted.shape) == wanted).all())


def _window(node: onnx.NodeProto) -> Geometry | None:
    """Return the geometry of a node that computes a layer, None if it is no convolution."""
    if node.op_type != "Conv":
        return None
    given = {a.name: helper.get_attribute_value(a) for a in node.attribute if a.type == AttributeProto.INTS}
    kernel = given["kernel_shape"]
    sides = len(kernel)
    pads, stride, dilation = (
        given.get(name, usual)
        for name, usual in (("pads", [0] * 2 * sides), ("strides", [1] * sides), ("dilations", [1] * sides))
    )
    if pads[:sides] != pads[sides:]:
        raise ValueError("a convolution with padding on one side")
    alone = [[1], [1], [0], [1]] if sides == 1 else [[]] * 4  # a signal is an image of one row
    numbers = zip(alone, (kernel, stride, pads[:sides], dilation), strict=True)
    return Geometry(*((pair[0], pair[1]) for pair in (one + list(own) for one, own in numbers)))
