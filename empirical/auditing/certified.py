"""The exact visualizations of a unit, beside what gradient ascent found: its extrema over all images, certified.

They are computed where `verify` can read the network up to the unit, and it is small. The interval around each extremum
holds for the exact numbers in the weights; the certificate goes beside the report, where `fvproof check` confirms it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import inf, nan, nextafter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from fvproof.empirical.auditing.findings import CertifiedEnd
from fvproof.empirical.keeping.records import job_for
from fvproof.empirical.keeping.store import open_store, write_atomically
from fvproof.empirical.keeping.workspace import Job, Workspace
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.networks.chains import is_small_chain
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.sequential import sequential_onnx
from fvproof.empirical.networks.units import Unit
from fvproof.verify.certificates.certificate import certificate_from, certificate_record, write_certificate
from fvproof.verify.files.readers import read_layered
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.linear_forms import BoxDomain
from fvproof.verify.search.extremum import certified_extremum
from fvproof.verify.search.search import SearchEffort

CERTIFICATES = "certificates"
"""The folder, in that of the report, of certificates and of the networks that they are about."""

TOLERANCE = 1e-4
"""Width of the interval around an extremum, in units of the activation."""


@dataclass(frozen=True, slots=True)
class CertifiedExtremum:
    """A certified extremum of a unit over all images.

    Attributes
    ----------
    low, high
        It lies between them: doubles, rounded outwards. Wider than `TOLERANCE` where the time ran out.
    pixels
        An image that attains the inner end of the interval, its numbers in a row.
    certificate
        What `fvproof check` needs, as JSON.
    """

    low: float
    high: float
    pixels: tuple[float, ...]
    certificate: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Extrema:
    """The certified minimum and maximum of a unit."""

    minimum: CertifiedExtremum
    maximum: CertifiedExtremum


def certifiable(model: Model, units: Sequence[Unit]) -> list[Unit]:
    """Return the units below which the network can be read and is small.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> [str(unit) for unit in certifiable(load_model("digits"), [Unit("conv1", 0), Unit("conv2", 0)])]
    ['conv1:0']
    """
    small = {layer: is_small_chain(model, layer) for layer in dict.fromkeys(unit.layer for unit in units)}
    return [unit for unit in units if small[unit.layer]]


def certify_jobs(units: Sequence[Unit], limit_s: float) -> list[Job]:
    """Return the work of certifying both extrema of units, each within so many seconds; the findings are `Extrema`."""
    return [job_for([f"extrema of {unit} in {limit_s:g} s"], partial(_extrema, unit, limit_s)) for unit in units]


def _extrema(unit: Unit, limit_s: float, work: Workspace) -> list[Extrema]:
    """Return both extrema of a unit."""
    with TemporaryDirectory() as folder:
        path = Path(folder, f"{_stem(unit)}.onnx")
        path.write_bytes(sequential_onnx(work.model, unit))
        network = read_layered(path)
    about = {"model": work.model.name, "unit": str(unit)}
    both = (_extremum(network, path.name, about, limit_s, minimize=minimize) for minimize in (True, False))
    return [Extrema(*both)]


def _extremum(
    network: LayeredNetwork, name: str, about: Mapping[str, str], limit_s: float, *, minimize: bool
) -> CertifiedExtremum:
    """Return one extremum, certified."""
    cube = BoxDomain((Fraction(0),) * network.dimension, (Fraction(1),) * network.dimension)
    found = certified_extremum(network, 0, cube, minimize=minimize, tolerance=TOLERANCE, effort=SearchEffort(limit_s))
    told = {**(found.certificate.about or {}), **about}
    record = certificate_record(replace(found.certificate, network=name, about=told))
    return CertifiedExtremum(_below(found.low), 0.0 - _below(-found.high), tuple(map(float, found.point)), record)


def _below(value: Fraction) -> float:
    """Return the largest double that is not above a number."""
    near = float(value)
    return near if Fraction(near) <= value else nextafter(near, -inf)


def write_certificates(folder: Path, model: Model, unit: Unit, extrema: Extrema) -> None:
    """Write the certificates of a unit, and the network that they are about.

    Parameters
    ----------
    folder
        That of the report.
    model, unit
        Of which the extrema are.
    extrema
        Both of them.

    Raises
    ------
    DomainError
        If a file cannot be written.
    """
    stem = open_store(folder / CERTIFICATES) / _stem(unit)
    write_atomically(stem.with_name(f"{stem.name}.onnx"), sequential_onnx(model, unit))
    for found, minimize in ((extrema.minimum, True), (extrema.maximum, False)):
        write_certificate(certificate_from(found.certificate), folder / certificate_file(unit, minimize=minimize))


def certificate_file(unit: Unit, *, minimize: bool) -> str:
    """Return where the certificate of an extremum is, in the folder of the report.

    Examples
    --------
    >>> certificate_file(Unit("logits", 3), minimize=True)
    'certificates/logits-3-min.json'
    """
    return f"{CERTIFICATES}/{_stem(unit)}-{'min' if minimize else 'max'}.json"


def _stem(unit: Unit) -> str:
    """Return a unit's name as that of a file."""
    return f"{unit.layer}-{unit.channel}"


def beside(run: Run, extrema: Extrema) -> CertifiedEnd:
    """Return a certified extremum beside the visualization that gradient ascent found for this end."""
    found = extrema.minimum if run.end == "min" else extrema.maximum
    image = np.array(found.pixels, np.float32).reshape(run.image.shape)
    missed = run.activation - found.high if run.end == "min" else found.low - run.activation
    spread = extrema.maximum.low - extrema.minimum.high
    return CertifiedEnd(
        low=found.low,
        high=found.high,
        image=image,
        gap=missed / spread if spread > 0 else nan,
        distance=float(np.linalg.norm(image - run.image) / np.sqrt(image.size)),
        file=certificate_file(run.unit, minimize=run.end == "min"),
    )
