"""Certificates as data: what is claimed of which network, and the multipliers and splits that let anyone check it.

A certificate is a JSON file. Integers that come by the thousand (multipliers, trees) are packed: 64-bit little-endian,
deflated, base64. Everything else is readable text, numbers as exact fractions. The last field is the SHA-256 of the
rest, so that no change goes unnoticed; what the numbers prove is computed from them
(`verify.certification.checker`), never believed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from theory.errors import DomainError, FvproofError
from verify.certification.fixed import Grid
from verify.certification.packing import packed, unpacked
from verify.files.records import check_head, field, number, read_json

FORMAT = "fvproof-certificate"
VERSION = 1
DEPTHS = {"tree": 0, "neurons": 1, "slopes": 1, "mu": 1, "used": 1, "bound_mu": 2, "bound_used": 2}
"""How deeply the packed integers of a proof are nested in lists."""
LARGEST_NUMBER = 1 << 100
"""Larger coefficients and constants of a row are not searched with."""
KINDS = ("maximum", "minimum", "property", "reading")


@dataclass(frozen=True, slots=True)
class Row:
    """The function `Σ outputs_i·Y_i + Σ inputs_i·X_i + constant`, exact."""

    outputs: Mapping[int, Fraction]
    inputs: Mapping[int, Fraction]
    constant: Fraction = Fraction(0)

    def __call__(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
        """Return the value at an input and its output."""
        parts = [self.outputs[i] * y[i] for i in self.outputs] + [self.inputs[i] * x[i] for i in self.inputs]
        return sum(parts, start=self.constant)


@dataclass(frozen=True, slots=True)
class BoxDomain:
    """All x with low ≤ x ≤ high, exact."""

    low: tuple[Fraction, ...]
    high: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class BallDomain:
    """All x at a Euclidean distance of at most `radius` from the centre, exact."""

    centre: tuple[Fraction, ...]
    radius: Fraction


@dataclass(frozen=True, slots=True)
class BoxSplits:
    """Split the box at the middle of a coordinate, again and again; the leaves need no multipliers.

    Parameters
    ----------
    tree
        The nodes in preorder, lower half first: the coordinate that is split, or −1 for a leaf.
    """

    tree: Grid


@dataclass(frozen=True, slots=True)
class SignSplits:
    """Split on signs of ReLUs, with multipliers for the leaves and for the bounds that all leaves use.

    Parameters
    ----------
    neurons, slopes
        For each layer, its facets: which neuron, shape (C,), and the slopes, shape (C, inputs of the layer).
    bound_mu, bound_used
        For each layer k and each layer j < k, multipliers that bound the n_k inputs to ReLU and their negatives:
        shapes (2·n_k, n_j) and (2·n_k, C_j). Empty for a layer whose bounds need none.
    tree
        The nodes in preorder, silent side first: the number of the neuron (all layers in a row), or −1 for a leaf.
    mu, used
        For each layer, the leaves' multipliers: shapes (leaves, n_j) and (leaves, C_j).
    """

    neurons: tuple[Grid, ...]
    slopes: tuple[Grid, ...]
    bound_mu: tuple[tuple[Grid, ...], ...]
    bound_used: tuple[tuple[Grid, ...], ...]
    tree: Grid
    mu: tuple[Grid, ...]
    used: tuple[Grid, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The claim that over the domain the least of the rows is at most `upper`, with the splits that prove it."""

    rows: tuple[Row, ...]
    domain: BoxDomain | BallDomain
    upper: Fraction
    splits: BoxSplits | SignSplits


@dataclass(frozen=True, slots=True)
class Certificate:
    """Claims about one network.

    Parameters
    ----------
    kind
        `maximum` or `minimum` of one output over a box: one part (for a minimum, of the negative), and the point that
        attains the other end of the interval. `property`: no input of the domains makes all rows of a part at least
        0 (each part's upper is negative), or, with a point, this input makes them so. `reading`: on a ball, an output
        is so near to an affine function that its visualization there predicts it within a share of its range.
    network, digest
        The file's name, and its SHA-256.
    parts
        The upper bounds.
    point
        An exact point, or None.
    value
        The least row's exact value there (for a minimum, the output itself); for a reading, the share; or None.
    about
        Further fields for the reader: the property's file, the tolerance asked for. They are not checked.
    """

    kind: str
    network: str
    digest: str
    parts: tuple[Part, ...]
    point: tuple[Fraction, ...] | None = None
    value: Fraction | None = None
    about: Mapping[str, Any] | None = None


def write_certificate(certificate: Certificate, path: Path) -> None:
    """Write a certificate as JSON."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(certificate_record(certificate)) + "\n", encoding="utf-8")
    except OSError as error:
        raise DomainError(f"{path} cannot be written: {error.strerror}") from None


def read_certificate(path: Path) -> Certificate:
    """Return the certificate in a file.

    Raises
    ------
    DomainError
        If the file is cut short, was changed, or holds no certificate.
    """
    record = read_json(path)
    try:
        return certificate_from(record)
    except FvproofError as error:
        raise DomainError(f"{path} holds no certificate: {error}") from None


def certificate_record(certificate: Certificate) -> dict[str, Any]:
    """Return a certificate as an object that `json` can write, sealed."""
    record = {
        "format": FORMAT,
        "version": VERSION,
        "kind": certificate.kind,
        "network": certificate.network,
        "network_sha256": certificate.digest,
        "point": None if certificate.point is None else [str(x) for x in certificate.point],
        "value": None if certificate.value is None else str(certificate.value),
        "about": dict(certificate.about or {}),
        "parts": [_part_record(part) for part in certificate.parts],
    }
    return {**record, "sha256": seal(record)}


def seal(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a record's canonical text, without its own field `sha256`."""
    text = json.dumps({key: record[key] for key in record if key != "sha256"}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def certificate_from(record: object) -> Certificate:
    """Return the certificate that an object read by `json` describes.

    Raises
    ------
    DomainError
        If the object is no certificate, or its seal does not fit.
    """
    check_head(record, FORMAT, VERSION)
    if not isinstance(record, dict) or field(record, "sha256", str) != seal(record):
        raise DomainError("its contents do not fit its SHA-256: the file was changed")
    kind = field(record, "kind", str)
    if kind not in KINDS:
        raise DomainError(f"the kind must be one of {', '.join(KINDS)}, not {kind!r}")
    point, value = record.get("point"), record.get("value")
    return Certificate(
        kind,
        field(record, "network", str),
        field(record, "network_sha256", str),
        tuple(_part(part) for part in field(record, "parts", list)),
        None if point is None else _numbers(point, "the point"),
        None if value is None else number(value, "the value"),
        field(record, "about", dict),
    )


def _part_record(part: Part) -> dict[str, Any]:
    """Return a part as an object that `json` can write."""
    domain = part.domain
    where = (
        {"low": [str(x) for x in domain.low], "high": [str(x) for x in domain.high]}
        if isinstance(domain, BoxDomain)
        else {"centre": [str(x) for x in domain.centre], "radius": str(domain.radius)}
    )
    return {
        "rows": [_row_record(row) for row in part.rows],
        "domain": where,
        "upper": str(part.upper),
        "splits": _packed_fields(part.splits),
    }


def _row_record(row: Row) -> dict[str, Any]:
    """Return a row as an object that `json` can write."""
    coefficients = {name: {str(i): str(c) for i, c in part.items()} for name, part in _sides(row)}
    return {**coefficients, "constant": str(row.constant)}


def _sides(row: Row) -> list[tuple[str, Mapping[int, Fraction]]]:
    """Return the row's coefficients with their names."""
    return [("outputs", row.outputs), ("inputs", row.inputs)]


def _part(record: object) -> Part:
    """Return the part that an object describes."""
    where = field(record, "domain", dict)
    domain = (
        BoxDomain(_numbers(where.get("low"), "low"), _numbers(where.get("high"), "high"))
        if "low" in where
        else BallDomain(_numbers(where.get("centre"), "the centre"), number(where.get("radius"), "the radius"))
    )
    rows = tuple(_row(row) for row in field(record, "rows", list))
    splits = field(record, "splits", dict)
    kind = SignSplits if "mu" in splits else BoxSplits
    fields = {name: _nested(unpacked(splits.get(name)), DEPTHS[name], name) for name in kind.__dataclass_fields__}
    return Part(rows, domain, number(field(record, "upper", str), "the upper bound"), kind(**fields))


def _nested(value: Any, depth: int, name: str) -> Any:  # noqa: ANN401  arrays, and tuples of them
    """Return arrays that are nested so deeply, after making sure that they are."""
    if depth == 0:
        if isinstance(value, tuple):
            raise DomainError(f"{name} must hold packed integers, not a list")
        return value
    if not isinstance(value, tuple):
        raise DomainError(f"{name} must be a list with an entry for each layer")
    return tuple(_nested(part, depth - 1, name) for part in value)


def _row(record: object) -> Row:
    """Return the row that an object describes."""
    sides = [
        {_index(key): number(value, f"coefficient {key}") for key, value in field(record, side, dict).items()}
        for side in ("outputs", "inputs")
    ]
    return Row(sides[0], sides[1], number(field(record, "constant", str), "the constant"))


def _index(text: str) -> int:
    """Return a number of an input or output."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise DomainError(f"an input or output must be a number from 0 on, not {text!r}")
    return int(text)


def _numbers(values: object, name: str) -> tuple[Fraction, ...]:
    """Return a list of exact numbers."""
    if not isinstance(values, list):
        raise DomainError(f"{name} must be a list of numbers")
    return tuple(number(value, f"{name}, entry {i}") for i, value in enumerate(values))


def _packed_fields(splits: BoxSplits | SignSplits) -> dict[str, Any]:
    """Return all fields of a proof, packed."""
    return {name: packed(getattr(splits, name)) for name in type(splits).__dataclass_fields__}
