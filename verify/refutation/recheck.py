"""Twins checked again from their files alone, in exact arithmetic: whoever gets a certificate need not believe it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from fvproof.theory.classes.base import Member
from fvproof.theory.domains import CUBE
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.texts import printable
from fvproof.verify.files.beside import file_beside
from fvproof.verify.files.disk import contents
from fvproof.verify.files.floats import as_network, is_exact, obstacle
from fvproof.verify.files.formats import read_function
from fvproof.verify.files.onnx_files import onnx_model
from fvproof.verify.files.records import check_fields, check_head, field, point_from, read_json, surd, value_text
from fvproof.verify.files.twin_records import class_from, class_record, visualization_from
from fvproof.verify.refutation.checks import QUERIES, Check, check_member
from fvproof.verify.refutation.twins import Twins

FORMAT = "fvproof-twins"
VERSION = 1
FIELDS = ("format", "version", "class", "parameters", "statement", "visualization", "queries", "shape", "members")
PICTURE = "twins.png"
KINDS = {".onnx": "ONNX", ".pt2": "torch"}
"""The files in floating point beside an exact one."""
SHOWN = 6
"""So many coordinates of a point are shown."""


def recheck_twins(path: Path) -> list[Check]:
    """Return the checks of a certificate `twins.json`, made anew on the exact functions beside it.

    Each function must belong to the class, have the visualization, and take the values that the certificate states; the
    values of two functions must differ; and what the certificate says of these checks must be what comes out. What
    runtimes computed when the twins were written (the checks beyond these) is not looked at. The files in floating
    point are the business of `recheck_onnx` and `fvproof.empirical.exact.twin_files.recheck_torch`.

    Parameters
    ----------
    path
        The certificate.

    Raises
    ------
    DomainError, ShapeError, UnknownName, InfeasibleVisualization
        If the certificate or a function cannot be read, or is not what was written.
    """
    record, twins = read_record(path), read_twins(path)
    _check_rest(record, twins)
    checks: list[Check] = []
    for member, stated in zip(twins.members, record["members"], strict=True):
        checks += _member_checks(path, twins, member, stated)
    apart = len(set(twins.values)) == len(twins.members)
    return [*checks, Check("the functions differ at the queries", apart, "evaluated in exact arithmetic")]


def read_twins(path: Path) -> Twins:
    """Return the twins that a certificate and the exact files beside it hold.

    Raises
    ------
    DomainError, ShapeError, UnknownName, InfeasibleVisualization
        As for `recheck_twins`.
    """
    record = read_record(path)
    phi = visualization_from(field(record, "visualization", dict))
    points = [point_from(point, "a query", phi.domain) for point in field(record, "queries", list)]
    queries = tuple(phi.query(point) for point in points)  # type: ignore[arg-type]
    members = tuple(_read_member(path, member) for member in field(record, "members", list))
    if not 1 <= len(queries) <= 2 or not 1 <= len(members) <= 2:
        raise DomainError(f"{path} must hold one or two queries, and one or two functions")
    if any(member.dimension != phi.dimension for member in members):
        raise DomainError(f"the functions in {path} must read {phi.dimension} coordinates, as the visualization does")
    within = class_from(record)
    for query in queries:
        within.ambiguity(phi, query)  # infeasible visualizations are refused
    return Twins(within, phi, queries, members)


def _read_member(path: Path, stated: object) -> Member:
    """Return the exact function that a certificate is about."""
    check_fields(stated, ("values", "exact", "onnx", "torch", "checks"), ("why_no_onnx",), name="a function's record")
    return read_function(file_beside(path, field(stated, "exact", dict)))


def read_record(path: Path) -> dict[str, Any]:
    """Return a certificate `twins.json` as it stands there, with all its fields and no other."""
    record = read_json(path)
    check_head(record, FORMAT, VERSION)
    check_fields(record, FIELDS, ("picture",), name=str(path))
    assert isinstance(record, dict)
    return record


def claims_of(twins: Twins) -> list[str]:
    r"""Return what twins claim, in words, a sentence per line.

    Examples
    --------
    >>> from fvproof.theory.classes import function_class
    >>> from fvproof.theory.visualization import Visualization
    >>> from fvproof.verify.refutation.twins import twins
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> print(*claims_of(twins(function_class("lipschitz", lipschitz=1, norm="l1"), phi, ["1/4", 0])), sep="\n")
    class: Lipschitz function of known constant, lipschitz 1, norm l1
    visualization: argmin (0, 0), argmax (1, 1), minimum 0, maximum 1, on the cube
    query x = (1/4, 0)
    f(x) = 0
    f(x) = 1/4
    """
    phi, within = twins.visualization, twins.function_class
    known = [f"{name} {_parameter(value)}" for name, value in class_record(within)["parameters"].items()]
    ends = f"minimum {value_text(phi.minimum)}, maximum {value_text(phi.maximum)}, on the {phi.domain}"
    lines = [f"class: {', '.join([within.title, *known])}"]
    lines += [f"visualization: argmin {_point(phi.argmin)}, argmax {_point(phi.argmax)}, {ends}"]
    lines += [f"query {name} = {_point(query)}" for name, query in zip(QUERIES, twins.queries, strict=False)]
    for values in twins.values:
        lines.append(", ".join(f"f({name}) = {value_text(v)}" for name, v in zip(QUERIES, values, strict=False)))
    return lines


def unchecked_of(record: Mapping[str, Any]) -> list[str]:
    """Return which parts of a certificate `twins.json` are free text."""
    picture = [f"the picture {PICTURE}"] if "picture" in record else []
    return ["what runtimes computed when the twins were written, and how (members, checks)", *picture]


def _check_rest(record: Mapping[str, Any], twins: Twins) -> None:
    """Raise unless the fields that follow from the others are what they must be."""
    within, phi = twins.function_class, twins.visualization
    if record["statement"] != within.source:
        raise DomainError(f"the statement about this class is {within.source!r}, and another one is named")
    if set(record["parameters"]) != set(class_record(within)["parameters"]):
        raise DomainError("the parameters of the class must be stated, all of them")
    shape = record["shape"]
    if not isinstance(shape, list) or not shape or not all(type(n) is int and n > 0 for n in shape):
        raise DomainError("the shape of one input must be a list of positive integers")
    if "picture" in record and (record["picture"] != PICTURE or phi.dimension > 2 or phi.domain != CUBE):
        raise DomainError(f"there is a picture of functions of one or two inputs on the cube, and it is {PICTURE}")


def _member_checks(path: Path, twins: Twins, member: Member, stated: Mapping[str, Any]) -> list[Check]:
    """Return the checks of one function."""
    values = [surd(text, "a value") for text in field(stated, "values", list)]
    if len(values) != len(twins.queries):
        raise DomainError(f"{path} must state one value of each function at each query")
    pairs = list(zip(twins.queries, values, strict=True))
    found = check_member(member, twins.function_class, twins.visualization, pairs)
    if _said(field(stated, "checks", list), len(found)) != [(check.name, check.holds) for check in found]:
        raise DomainError(f"what {path} says of checks is not what comes out here")
    return found


def _said(checks: Sequence[object], count: int) -> list[tuple[str, bool | None]]:
    """Return the names and outcomes of the first checks in a record, after a look at the form of all of them."""
    for check in checks:
        check_fields(check, [*asdict(Check("", None, ""))], name="the record of a check")
        _ = field(check, "name", str), field(check, "how", str)
        if not (isinstance(check, dict) and (check["holds"] is None or isinstance(check["holds"], bool))):
            raise DomainError("a check must hold, or not, or not be decided")
    return [(check["name"], check["holds"]) for check in checks[:count] if isinstance(check, dict)]


def recheck_onnx(path: Path) -> list[Check]:
    """Return whether the ONNX files of twins hold the exact functions' numbers, each rounded.

    Raises
    ------
    DomainError, ShapeError, UnknownName, InfeasibleVisualization
        As for `recheck_twins`.
    """
    record, members = read_record(path), read_twins(path).members
    shape = tuple(field(record, "shape", list))
    stated = field(record, "members", list)
    return [c for member, one in zip(members, stated, strict=True) for c in _onnx(path, member, one, shape)]


def _onnx(path: Path, member: Member, stated: Mapping[str, Any], shape: tuple[int, ...]) -> list[Check]:
    """Return whether the ONNX file of a function is the one that is made of it, where there is one."""
    network = as_network(member)
    if network is None:
        if stated["onnx"] is not None or stated.get("why_no_onnx") != obstacle(member):
            raise DomainError(f"there is no ONNX file of such a function: {obstacle(member)}")
        return []
    if "why_no_onnx" in stated:
        raise DomainError("the function has an ONNX file, and no reason to have none")
    check_fields(stated["onnx"], ("file", "sha256", "weights_exact"), name="the record of a file")
    if stated["onnx"]["weights_exact"] is not is_exact(network):
        raise DomainError("whether all weights in the ONNX file are exact is not as stated")
    bound = {key: stated["onnx"][key] for key in ("file", "sha256")}

    def same(file: Path) -> bool:
        return _loaded(file) == onnx_model(network, shape=shape)

    return [check_float_file(path, stated, bound, same)]


def check_float_file(
    certificate: Path, stated: Mapping[str, Any], bound: object, same: Callable[[Path], bool | None]
) -> Check:
    """Return whether a file in floating point is the one that is made of an exact function.

    Parameters
    ----------
    certificate, stated
        The certificate, and what it says of the function.
    bound
        What it says of the file, by name and digest.
    same
        Whether a file is the same as one that is made anew; None where that cannot be decided.
    """
    name, stem = field(bound, "file", str), Path(field(stated["exact"], "file", str)).stem
    suffix = Path(name).suffix
    claim = f"the {KINDS.get(suffix)} file holds the exact function's numbers, each rounded to the nearest double"
    if suffix not in KINDS or name != f"{stem}{suffix}":
        raise DomainError(f"the files of {stem}.json are {stem}.onnx and {stem}.pt2, not {printable(name)!r}")
    if not certificate.with_name(name).exists():
        return Check(claim, None, f"{name} is not there")
    holds = same(file_beside(certificate, bound))
    return Check(claim, holds, f"{name}, compared with one that was made anew{' elsewhere' * (holds is None)}")


def _loaded(file: Path) -> onnx.ModelProto | None:
    """Return what an ONNX file holds, and nothing that lies elsewhere; None if it holds nothing."""
    data = contents(file)
    try:
        return onnx.load_model_from_string(data)
    except (DecodeError, ValueError):
        return None


def _point(point: Point) -> str:
    """Return a point's first coordinates, and a digest of all where there are more."""
    more = f", … {len(point)} in all, SHA-256 {_digest([*map(str, fractions(point))])}" if len(point) > SHOWN else ""
    return f"({', '.join(map(value_text, fractions(point[:SHOWN])))}{more})"


def _parameter(value: object) -> str:
    """Return a parameter of a class: a number or a name as it is, and what is longer by its digest."""
    return value if isinstance(value, str) else f"with SHA-256 {_digest(value)}"


def _digest(value: object) -> str:
    """Return the start of the SHA-256 of a value's text."""
    return f"{sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]}…"
