"""Twins checked again from their files alone, in exact arithmetic: whoever gets a certificate need not believe it."""

from hashlib import sha256
from pathlib import Path

from theory.classes.base import Member
from theory.errors import DomainError
from verify.checks import Check, check_member
from verify.files.formats import read_function
from verify.files.records import check_head, field, point_from, read_json, surd
from verify.files.twin_records import class_from, visualization_from
from verify.twins import Twins

FORMAT = "fvproof-twins"
VERSION = 1


def recheck(path: Path) -> list[Check]:
    """Return the checks of a certificate `twins.json`, made anew on the exact functions beside it.

    Each function must belong to the class, have the visualization, and take the values that the certificate states; and
    the values of two functions must differ. What the certificate says of checks is not looked at.

    Parameters
    ----------
    path
        The certificate.

    Raises
    ------
    DomainError, ShapeError, UnknownName, InfeasibleVisualization
        If the certificate or a function cannot be read, or is not what was written.
    """
    twins = read_twins(path)
    checks: list[Check] = []
    for member, values in zip(twins.members, _stated_values(path), strict=True):
        if len(values) != len(twins.queries):
            raise DomainError(f"{path} must state one value of each function at each query")
        stated = list(zip(twins.queries, values, strict=True))
        checks += check_member(member, twins.function_class, twins.visualization, stated)
    apart = len(set(twins.values)) == len(twins.members)
    return [*checks, Check("the functions differ at the queries", apart, "evaluated in exact arithmetic")]


def read_twins(path: Path) -> Twins:
    """Return the twins that a certificate and the exact files beside it hold.

    Raises
    ------
    DomainError, ShapeError, UnknownName, InfeasibleVisualization
        As for `recheck`.
    """
    record = read_json(path)
    check_head(record, FORMAT, VERSION)
    phi = visualization_from(field(record, "visualization", dict))
    points = [point_from(point, "a query", phi.domain) for point in field(record, "queries", list)]
    queries = tuple(phi.query(point) for point in points)  # type: ignore[arg-type]
    members = tuple(_member(path, member) for member in field(record, "members", list))
    if not 1 <= len(queries) <= 2 or not 1 <= len(members) <= 2:
        raise DomainError(f"{path} must hold one or two queries, and one or two functions")
    if any(member.dimension != phi.dimension for member in members):
        raise DomainError(f"the functions in {path} must read {phi.dimension} coordinates, as the visualization does")
    within = class_from(record)
    for query in queries:
        within.ambiguity(phi, query)  # infeasible visualizations are refused
    return Twins(within, phi, queries, members)


def _member(path: Path, record: object) -> Member:
    """Return the function in the exact file that a certificate names, if it is the one that was written."""
    exact = field(record, "exact", dict)
    file = path.with_name(Path(field(exact, "file", str)).name)
    try:
        digest = sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise DomainError(f"{file} cannot be read: {error.strerror}") from None
    if digest != exact.get("sha256"):
        raise DomainError(f"{file} is not the file that the certificate {path.name} was made for")
    return read_function(file)


def _stated_values(path: Path) -> list[list]:
    """Return the values at the queries that a certificate states, for each function."""
    members = field(read_json(path), "members", list)
    return [[surd(text, "a value") for text in field(member, "values", list)] for member in members]
