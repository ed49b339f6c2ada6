"""The symbolic witnesses of `theory` as JSON, with the fields that their docstrings explain, written by their type."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from fractions import Fraction
from itertools import pairwise
from typing import Any, get_type_hints

from fvproof.theory.classes.base import Member
from fvproof.theory.classes.quadratic import QuadraticForm
from fvproof.theory.domains import CUBE, Ball, Domain, Vector, dot
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.norms import Norm
from fvproof.theory.exact.points import Point
from fvproof.theory.exact.surds import Exact
from fvproof.theory.texts import printable
from fvproof.theory.witnesses.bowl import Bowl
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.memorising import Memorising
from fvproof.theory.witnesses.profile import Knots, RadialFunction, RidgeFunction
from fvproof.theory.witnesses.shepard import Shepard
from fvproof.theory.witnesses.staircase import Staircase
from fvproof.verify.files.domain_records import domain_from, domain_record, vector_from, vector_record
from fvproof.verify.files.records import HEAD, check_fields, number, point_from, point_record, surd, value_text

KINDS: Mapping[str, type] = {
    "memorising": Memorising,
    "extension": Extension,
    "staircase": Staircase,
    "bowl": Bowl,
    "shepard": Shepard,
    "ridge": RidgeFunction,
    "radial": RadialFunction,
    "quadratic": QuadraticForm,
}
"""The witnesses that are not written as networks, by the name of their kind."""

Axes = tuple[tuple[Vector, Fraction], ...]


def witness_record(function: Member) -> dict[str, object]:
    """Return a witness as an object that `json` can write.

    Raises
    ------
    DomainError
        If the function is no such witness.
    """
    for kind, witness in KINDS.items():
        if isinstance(function, witness):
            hints = get_type_hints(witness)
            parts = {p.name: WRITERS[hints[p.name]](getattr(function, p.name)) for p in fields(witness)}
            return {"kind": kind, **parts}
    raise DomainError(f"there is no exact format for a function of the kind {type(function).__name__}")


def witness_from(record: object, kind: str) -> Member:
    """Return the witness that `witness_record` wrote; its points must have one length, and its lists too.

    Raises
    ------
    DomainError, ShapeError
        If the record is no witness of this kind.
    """
    if kind not in KINDS:
        raise DomainError(f"the kind must be relu_network, {', '.join(KINDS)}, not {printable(kind)!r}")
    assert isinstance(record, dict)
    check_fields(
        record, (), (*HEAD, *(part.name for part in fields(KINDS[kind]))), name=f"a function of the kind {kind}"
    )
    hints, parts = get_type_hints(KINDS[kind]), {}
    for name in (part.name for part in fields(KINDS[kind])):
        domain = parts.get("ball", CUBE)
        parts[name] = READERS[hints[name]](record.get(name), f"the {name}", domain)
    lists = [part for name, part in parts.items() if hints[name] in (tuple[Point, ...], tuple[Fraction, ...])]
    points = [part for name, part in parts.items() if hints[name] == Point]
    points += [point for name, part in parts.items() if hints[name] == tuple[Point, ...] for point in part]
    if len({len(part) for part in lists}) > 1 or len({len(point) for point in points}) > 1:
        raise DomainError("the points must have one length, and there must be as many values as points")
    return KINDS[kind](**parts)


def _points(record: object, name: str, domain: Domain) -> tuple[Point, ...]:
    """Return the points in a list."""
    if not isinstance(record, list) or not record:
        raise DomainError(f"{name} must be a list of points, not empty")
    return tuple(point_from(point, f"point {j} of {name}", domain) for j, point in enumerate(record))


def _values(record: object, name: str, _domain: Domain) -> tuple[Exact, ...]:
    """Return the values in a list."""
    if not isinstance(record, list):
        raise DomainError(f"{name} must be a list of numbers as text")
    return tuple(surd(text, f"number {j} of {name}") for j, text in enumerate(record))


def _pairs(record: object, name: str) -> list[tuple[Any, Any]]:
    """Return the pairs in a list."""
    if not isinstance(record, list) or any(not isinstance(pair, list) or len(pair) != 2 for pair in record):
        raise DomainError(f"{name} must be a list of pairs")
    return [(pair[0], pair[1]) for pair in record]


def _knots(record: object, name: str, _domain: Domain) -> Knots:
    """Return the knots of a profile."""
    knots = tuple((number(t, f"a place in {name}"), number(v, f"a value in {name}")) for t, v in _pairs(record, name))
    if len(knots) < 2 or any(s >= t for (s, _), (t, _) in pairwise(knots)):
        raise DomainError(f"{name} must be at least two, in order")
    return knots


def _axes(record: object, name: str, _domain: Domain) -> Axes:
    """Return the axes of a quadratic form, orthogonal and of length 1."""
    axes = tuple((vector_from(axis), number(v, f"a value in {name}")) for axis, v in _pairs(record, name))
    products = [dot(p, q) == (i == j) for i, (p, _) in enumerate(axes) for j, (q, _) in enumerate(axes)]
    if not axes or not all(products):
        raise DomainError(f"{name} must be orthogonal vectors of length 1")
    return axes


def _ball(record: object, name: str, _domain: Domain) -> Ball:
    """Return a ball."""
    ball = domain_from(record)
    if not isinstance(ball, Ball):
        raise DomainError(f"{name} must be a ball, not a {ball}")
    return ball


def _norm(record: object, name: str, _domain: Domain) -> Norm:
    """Return the norm of that name."""
    if not isinstance(record, str) or record not in list(Norm):
        raise DomainError(f"{name} must be {', '.join(Norm)}, not {printable(repr(record))}")
    return Norm(record)


def _truth(record: object, name: str, _domain: Domain) -> bool:
    """Return true or false."""
    if not isinstance(record, bool):
        raise DomainError(f"{name} must be true or false, not {printable(repr(record))}")
    return record


WRITERS: Mapping[object, Callable[[Any], object]] = {
    Fraction: value_text,
    tuple[Fraction, ...]: lambda values: [value_text(value) for value in values],
    Point: point_record,
    tuple[Point, ...]: lambda points: [point_record(point) for point in points],
    Norm: str,
    bool: bool,
    Ball: domain_record,
    Knots: lambda knots: [[str(t), str(value)] for t, value in knots],
    Axes: lambda axes: [[vector_record(axis), str(value)] for axis, value in axes],
}
"""How the parts of a witness are written, by their type."""

READERS: Mapping[object, Callable[[object, str, Domain], Any]] = {
    Fraction: lambda record, name, _domain: number(record, name),
    tuple[Fraction, ...]: _values,
    Point: point_from,
    tuple[Point, ...]: _points,
    Norm: _norm,
    bool: _truth,
    Ball: _ball,
    Knots: _knots,
    Axes: _axes,
}
"""How they are read; points are points of the cube, or of the ball where the witness has one."""
