"""Input domains as JSON: the cube, the unit sphere, balls, ellipsoids and polytopes."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from fvproof.theory.bodies import Ellipsoid, Polytope
from fvproof.theory.domains import CUBE, UNIT_SPHERE, Ball, Cube, Domain, Sphere
from fvproof.theory.errors import DomainError
from fvproof.verify.files.records import check_fields, field, number

FIELDS = {
    "cube": (),
    "sphere": (),
    "ball": ("centre", "radius"),
    "ellipsoid": ("centre", "matrix"),
    "polytope": ("corners",),
}
"""The kinds of domains, and what each states."""


def domain_record(domain: Domain) -> dict[str, Any]:
    """Return a domain as an object that `json` can write.

    Raises
    ------
    DomainError
        If there is no format for it.

    Examples
    --------
    >>> domain_record(Ball(["1/2", 0], "1/4"))
    {'kind': 'ball', 'centre': ['1/2', '0'], 'radius': '1/4'}
    """
    match domain:
        case Cube():
            return {"kind": "cube"}
        case Sphere():
            return {"kind": "sphere"}
        case Ball():
            return {"kind": "ball", "centre": vector_record(domain.centre), "radius": str(domain.radius)}
        case Ellipsoid():
            matrix = [vector_record(row) for row in domain.matrix]
            return {"kind": "ellipsoid", "centre": vector_record(domain.centre), "matrix": matrix}
        case Polytope():
            return {"kind": "polytope", "corners": [vector_record(corner) for corner in domain.corners]}
        case _:
            raise DomainError(f"there is no format for the domain {domain}")


def domain_from(record: object) -> Domain:
    """Return the domain that `domain_record` wrote.

    Raises
    ------
    DomainError, ShapeError
        If the record is no domain.
    """
    if isinstance(record, dict) and record.get("kind") in FIELDS:
        check_fields(record, ("kind", *FIELDS[record["kind"]]), name="a domain")
    match field(record, "kind", str):
        case "cube":
            return CUBE
        case "sphere":
            return UNIT_SPHERE
        case "ball":
            return Ball(vector_from(field(record, "centre", list)), number(field(record, "radius", str), "the radius"))
        case "ellipsoid":
            rows = [vector_from(row) for row in field(record, "matrix", list)]
            return Ellipsoid(vector_from(field(record, "centre", list)), rows)
        case "polytope":
            return Polytope([vector_from(corner) for corner in field(record, "corners", list)])
        case kind:
            raise DomainError(f"a domain must be a cube, sphere, ball, ellipsoid or polytope, not {kind!r}")


def vector_record(vector: Sequence[Fraction]) -> list[str]:
    """Return a vector as text."""
    return [str(entry) for entry in vector]


def vector_from(record: object) -> tuple[Fraction, ...]:
    """Return the vector that `vector_record` wrote."""
    if not isinstance(record, list):
        raise DomainError("a vector must be a list of fractions as text")
    return tuple(number(text, f"entry {i} of a vector") for i, text in enumerate(record))
