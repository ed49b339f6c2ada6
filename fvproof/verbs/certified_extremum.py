"""Extrema and verdicts as `fv.certify` tells them: as plain text and numbers, and as a certificate."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from fvproof.theory.errors import DomainError
from fvproof.theory.exact.numbers import exact
from fvproof.verify.certificates.certificate import Certificate
from fvproof.verify.files.records import value_text
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.linear_forms import BoxDomain, Domain, LinearForm
from fvproof.verify.search.extremum import Extremum, certified_extremum
from fvproof.verify.search.graph_extremum import certified_graph_extremum
from fvproof.verify.search.property import Decided
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

    @property
    def minimize(self) -> bool:
        """Whether the minimum is wanted."""
        return bool(self.settings.get("minimize", False))

    @property
    def tolerance(self) -> Fraction:
        """The width at which the search stops."""
        return exact(self.settings.get("tolerance", TOLERANCE), name="the tolerance")

    @property
    def width(self) -> float:
        """The same as a double."""
        return float(max(min(self.tolerance, MOST_TOLERANT), -1))


@dataclass(frozen=True, slots=True)
class Certified:
    """What was proven: as plain text and numbers, and as a certificate; reached if it is as good as was asked for."""

    record: dict[str, Any]
    certificate: Certificate | None
    reached: bool


def layered_extremum(
    network: LayeredNetwork, asked: CertifyQuestion, box: BoxDomain, effort: SearchEffort
) -> Certified:
    """Return the extremum of an output of a chain of matrices over a box."""
    found = certified_extremum(
        network, asked.output, box, minimize=asked.minimize, tolerance=asked.width, effort=effort
    )
    return extremum(found, asked)


def graph_extremum(network: NetworkGraph, asked: CertifyQuestion, domain: Domain, effort: SearchEffort) -> Certified:
    """Return the extremum of an output of a graph, or the difference of two, over a box or ball."""
    less = asked.settings.get("minus")
    if less == asked.output:
        raise DomainError(f"output {less} less itself is 0: minus must be another output")
    row = {asked.output: Fraction(1)} | ({} if less is None else {less: Fraction(-1)})
    found = certified_graph_extremum(
        network,
        LinearForm(row, {}),
        domain,
        minimize=asked.minimize,
        tolerance=asked.width,
        timeout_s=effort.timeout_s,
    )
    return extremum(found, asked)


def extremum(found: Extremum, asked: CertifyQuestion) -> Certified:
    """Return an extremum as it is told."""
    record = {
        "kind": "minimum" if asked.minimize else "maximum",
        "low": value_text(found.low),
        "high": value_text(found.high),
        "point": [value_text(x) for x in found.point],
        "nodes": found.nodes,
    }
    certificate = replace(found.certificate, about={"tolerance": str(asked.settings.get("tolerance", TOLERANCE))})
    return Certified(record, certificate, found.high - found.low <= asked.tolerance)


def verdict(found: Decided, asked: CertifyQuestion) -> Certified:
    """Return a verdict on a property as it is told."""
    point = None if found.point is None else [value_text(x) for x in found.point]
    record = {"kind": "property", "verdict": found.verdict, "point": point, "nodes": found.nodes}
    about = {"property": str(asked.vnnlib)}
    named = None if found.certificate is None else replace(found.certificate, about=about)
    return Certified(record, named, found.verdict != "unknown")


def box_of(asked: CertifyQuestion, dimension: int) -> BoxDomain:
    """Return the box that is asked for, by default the unit cube."""
    return BoxDomain(*(_end(asked.settings.get(name, i), dimension, name) for i, name in enumerate(("low", "high"))))


def _end(given: object, dimension: int, name: str) -> tuple[Any, ...]:
    """Return one corner of the box: one number for all coordinates, or one for each."""
    parts = given.split(",") if isinstance(given, str) else np.ravel(np.asarray(given, object)).tolist()
    numbers = tuple(exact(part, name=name) for part in parts)
    _ = [value_text(number) for number in numbers]  # what could not be written is refused before the search
    if len(numbers) not in (1, dimension):
        raise DomainError(f"{name} must be one number or {dimension}, not {len(numbers)}")
    return numbers * dimension if len(numbers) == 1 else numbers
