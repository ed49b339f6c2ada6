"""Certificates as data: what is claimed of which network, and the multipliers and splits that let anyone check it.

A certificate is a JSON file. Integers that come by the thousand (multipliers, trees) are packed: 64-bit little-endian,
deflated, base64. Everything else is readable text, numbers as exact fractions. The last field is the SHA-256 of the
rest, so that no change goes unnoticed; what the numbers prove is computed from them
(`fvproof.verify.certificates.checker`), never believed.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from fvproof.theory.errors import DomainError, FvproofError
from fvproof.theory.texts import printable
from fvproof.verify.certificates.meaning import property_digest
from fvproof.verify.certificates.packing import check_sizes, packed, unpacked
from fvproof.verify.certificates.parts import BoxSplits, Certificate, GraphSplits, ProvenBound, SignSplits, Splits
from fvproof.verify.files.disk import writing
from fvproof.verify.files.records import check_fields, check_head, field, number, read_json, value_text
from fvproof.verify.linear_forms import BallDomain, BoxDomain, ClippedBall, Domain, LinearForm

FORMAT = "fvproof-certificate"
VERSION = 1
DEPTHS = {
    "tree": 0,
    "refined": 0,
    "leaf_slopes": 0,
    "betas": 0,
    "shares": 0,
    "neurons": 1,
    "slopes": 1,
    "mu": 1,
    "used": 1,
    "bound_mu": 2,
    "bound_used": 2,
}
"""How deeply the packed integers of a proof are nested in lists."""
KINDS = ("maximum", "minimum", "property", "reading")
FIELDS = ("format", "version", "kind", "network", "network_sha256", "point", "value", "about", "parts", "sha256")
ABOUT = ("model", "unit", "command", "property", "tolerance")
"""What a certificate may say of itself, as free text."""
INDEX = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


def write_certificate(certificate: Certificate, path: Path) -> None:
    """Write a certificate as JSON."""
    with writing(path):
        path.write_text(json.dumps(certificate_record(certificate)) + "\n", encoding="utf-8")


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
        "point": None if certificate.point is None else [value_text(x) for x in certificate.point],
        "value": None if certificate.value is None else value_text(certificate.value),
        "about": dict(certificate.about or {}),
        "parts": [_part_record(part) for part in certificate.parts],
    }
    if certificate.kind == "property":
        ways = certificate.alternatives
        record["property"] = {"sha256": property_digest(ways), "alternatives": list(ways)}
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
        raise DomainError(f"the kind must be one of {', '.join(KINDS)}, not {printable(kind)!r}")
    check_fields(record, (*FIELDS, *(("property",) if kind == "property" else ())), name="the certificate")
    check_sizes(record)
    point, value = record["point"], record["value"]
    return Certificate(
        kind,
        field(record, "network", str),
        field(record, "network_sha256", str),
        tuple(_part(part) for part in field(record, "parts", list)),
        None if point is None else _numbers(point, "the point"),
        None if value is None else number(value, "the value"),
        _about(field(record, "about", dict)),
        _alternatives(record["property"]) if kind == "property" else (),
    )


def _about(record: Mapping[str, object]) -> dict[str, str]:
    """Return free text, which must be text."""
    if unknown := [key for key in record if key not in ABOUT]:
        raise DomainError(f"a certificate can say of itself {', '.join(ABOUT)}, not {printable(unknown[0])!r}")
    return {key: field(record, key, str) for key in record}


def _alternatives(record: object) -> tuple[str, ...]:
    """Return the digests of a property's ways to be unsafe, whose own digest must fit."""
    check_fields(record, ("sha256", "alternatives"), name="the property")
    ways = tuple(field(record, "alternatives", list))
    if not all(isinstance(way, str) and DIGEST.fullmatch(way) for way in ways) or list(ways) != sorted(set(ways)):
        raise DomainError("the alternatives of a property must be SHA-256 in order, each once")
    if property_digest(ways) != field(record, "sha256", str):
        raise DomainError("the SHA-256 of the property is not that of its alternatives")
    return ways


def _part_record(part: ProvenBound) -> dict[str, Any]:
    """Return a part as an object that `json` can write."""
    return {
        "rows": [_row_record(row) for row in part.rows],
        "domain": _domain_record(part.domain),
        "upper": value_text(part.upper),
        "splits": _packed_fields(part.splits),
    }


def _domain_record(domain: Domain) -> dict[str, Any]:
    """Return a domain as an object that `json` can write."""
    numbers = ((name, getattr(domain, name)) for name in type(domain).__dataclass_fields__)
    return {
        name: value_text(given) if isinstance(given, Fraction) else [value_text(x) for x in given]
        for name, given in numbers
    }


def _domain(record: object) -> Domain:
    """Return the domain that an object describes."""
    stated: dict[str, Any] = record if isinstance(record, dict) else {}
    kind = ClippedBall if {"low", "centre"} <= set(stated) else BoxDomain if "low" in stated else BallDomain
    check_fields(record, tuple(kind.__dataclass_fields__), name="a domain")
    return kind(**{name: _ends(stated[name], name) for name in kind.__dataclass_fields__})


def _ends(record: object, name: str) -> Any:  # noqa: ANN401  a number or a tuple of them
    """Return the radius, or the coordinates of the centre or a corner."""
    return number(record, "the radius") if name == "radius" else _numbers(record, name)


def _row_record(row: LinearForm) -> dict[str, Any]:
    """Return a row as an object that `json` can write."""
    sides = [{str(i): value_text(c) for i, c in side.items()} for side in (row.outputs, row.inputs)]
    return {"outputs": sides[0], "inputs": sides[1], "constant": value_text(row.constant)}


def _part(record: object) -> ProvenBound:
    """Return the part that an object describes."""
    check_fields(record, ("rows", "domain", "upper", "splits"), name="a part")
    domain = _domain(field(record, "domain", dict))
    rows = tuple(_row(row) for row in field(record, "rows", list))
    splits = field(record, "splits", dict)
    kind = SignSplits if "mu" in splits else GraphSplits if "refined" in splits else BoxSplits
    check_fields(splits, tuple(kind.__dataclass_fields__), name="the splits of a part")
    fields = {name: _nested(unpacked(splits[name]), DEPTHS[name], name) for name in kind.__dataclass_fields__}
    return ProvenBound(rows, domain, number(field(record, "upper", str), "the upper bound"), kind(**fields))


def _nested(value: Any, depth: int, name: str) -> Any:  # noqa: ANN401  arrays, and tuples of them
    """Return arrays that are nested so deeply, after making sure that they are."""
    if depth == 0:
        if isinstance(value, tuple):
            raise DomainError(f"{name} must hold packed integers, not a list")
        return value
    if not isinstance(value, tuple):
        raise DomainError(f"{name} must be a list with an entry for each layer")
    return tuple(_nested(part, depth - 1, name) for part in value)


def _row(record: object) -> LinearForm:
    """Return the row that an object describes."""
    check_fields(record, ("outputs", "inputs", "constant"), name="a row")
    sides = [
        {_index(key): number(value, f"coefficient {key}") for key, value in field(record, side, dict).items()}
        for side in ("outputs", "inputs")
    ]
    return LinearForm(sides[0], sides[1], number(field(record, "constant", str), "the constant"))


def _index(text: str) -> int:
    """Return a number of an input or output."""
    if not INDEX.fullmatch(text):
        raise DomainError(f"an input or output must be a number from 0 on, not {printable(text)!r}")
    return int(text)


def _numbers(values: object, name: str) -> tuple[Fraction, ...]:
    """Return a list of exact numbers."""
    if not isinstance(values, list):
        raise DomainError(f"{name} must be a list of numbers")
    return tuple(number(value, f"{name}, entry {i}") for i, value in enumerate(values))


def _packed_fields(splits: Splits) -> dict[str, Any]:
    """Return all fields of a proof, packed."""
    return {name: packed(getattr(splits, name)) for name in type(splits).__dataclass_fields__}
