"""What `fv.certify` asks the search for, and what that proves: an extremum, a verdict, or a reading radius."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fvproof.theory.domains import CUBE
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import as_vector
from fvproof.verbs.given import read_point
from fvproof.verify.certificates.certificate import Certificate
from fvproof.verify.files.records import value_text
from fvproof.verify.files.vnnlib import read_property
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.linear_forms import BoxDomain
from fvproof.verify.search.extremum import certified_extremum
from fvproof.verify.search.property import decide
from fvproof.verify.search.reading import certified_reading
from fvproof.verify.search.search import SearchEffort

MOST_TOLERANT = 10**30
"""A larger tolerance says no more."""

TOLERANCE = "1e-5"


@dataclass(frozen=True, slots=True)
class CertifyQuestion:
    """What is to be certified; the settings are those of `fv.certify`."""

    output: int
    vnnlib: str | Path | None
    around: object
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Certified:
    """What was proven: as plain text and numbers, and as a certificate; reached if it is as good as was asked for."""

    record: dict[str, Any]
    certificate: Certificate | None
    reached: bool


def certified(network: LayeredNetwork, asked: CertifyQuestion, effort: SearchEffort) -> Certified:
    """Return what the search proves.

    Raises
    ------
    FvproofError
        If what is asked for does not go together, or is out of range.
    """
    share = asked.settings.get("reading_radius")
    if (asked.around is None) != (share is None) or (asked.vnnlib is not None and asked.around is not None):
        raise DomainError("around and reading-radius belong together, and not with a property")
    if asked.around is not None:
        return _reading(network, asked, effort)
    return _extremum(network, asked, effort) if asked.vnnlib is None else _property(network, asked, effort)


def _extremum(network: LayeredNetwork, asked: CertifyQuestion, effort: SearchEffort) -> Certified:
    """Return an extremum over a box."""
    stated, minimize = asked.settings.get("tolerance", TOLERANCE), asked.settings.get("minimize", False)
    tolerance = exact(stated, name="the tolerance")
    width = float(max(min(tolerance, MOST_TOLERANT), -1))
    box = BoxDomain(
        *(_end(asked.settings.get(name, i), network.dimension, name) for i, name in enumerate(("low", "high")))
    )
    found = certified_extremum(network, asked.output, box, minimize=minimize, tolerance=width, effort=effort)
    record = {
        "kind": "minimum" if minimize else "maximum",
        "low": value_text(found.low),
        "high": value_text(found.high),
        "point": [value_text(x) for x in found.point],
        "nodes": found.nodes,
    }
    certificate = replace(found.certificate, about={"tolerance": str(stated)})
    return Certified(record, certificate, found.high - found.low <= tolerance)


def _property(network: LayeredNetwork, asked: CertifyQuestion, effort: SearchEffort) -> Certified:
    """Return a verdict on a property."""
    assert asked.vnnlib is not None
    found = decide(network, read_property(Path(asked.vnnlib)), effort=effort)
    point = None if found.point is None else [value_text(x) for x in found.point]
    record = {"kind": "property", "verdict": found.verdict, "point": point, "nodes": found.nodes}
    about = {"property": str(asked.vnnlib)}
    named = None if found.certificate is None else replace(found.certificate, about=about)
    return Certified(record, named, found.verdict != "unknown")


def _reading(network: LayeredNetwork, asked: CertifyQuestion, effort: SearchEffort) -> Certified:
    """Return a reading radius."""
    coordinates, _ = read_point(asked.around, "around", "the point")
    centre = as_vector(list(CUBE.read(coordinates, name="the point")), name="the point")
    found = certified_reading(network, asked.output, centre, asked.settings["reading_radius"], effort=effort)
    if found is None:
        return Certified({"kind": "reading", "radius": None}, None, reached=False)
    record = {"radius": value_text(found.radius), "deviation": value_text(found.deviation), "complete": found.complete}
    return Certified({"kind": "reading", **record}, found.certificate, found.complete)


def _end(given: object, dimension: int, name: str) -> tuple[Any, ...]:
    """Return one corner of the box: one number for all coordinates, or one for each."""
    parts = given.split(",") if isinstance(given, str) else np.ravel(np.asarray(given, object)).tolist()
    numbers = tuple(exact(part, name=name) for part in parts)
    _ = [value_text(number) for number in numbers]  # what could not be written is refused before the search
    if len(numbers) not in (1, dimension):
        raise DomainError(f"{name} must be one number or {dimension}, not {len(numbers)}")
    return numbers * dimension if len(numbers) == 1 else numbers
