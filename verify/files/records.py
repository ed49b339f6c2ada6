"""JSON read with care: exact numbers and points as text, and one clear sentence for whatever is not as it should be."""

import json
import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from fvproof.theory.domains import CUBE, Domain
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.points import Point
from fvproof.theory.exact.surds import Exact, square_root
from fvproof.theory.texts import LONG, integer, printable
from fvproof.verify.files.disk import reading, writing
from fvproof.verify.files.doubles import SHORT, deflated, inflated
from fvproof.verify.files.json_lines import json_object

HEXADECIMAL = re.compile(r"-?0x[0-9a-f]+(\.[0-9a-f]+)?p[+-]?[0-9]{1,4}")
NUMBER = re.compile(r"-?\d+(/0*[1-9]\d*)?", re.ASCII)
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
ROOT = r"\d+(/0*[1-9]\d*)?\*sqrt\(\d{1,4000}\)"
SURD = re.compile(rf"(-?\d+(/0*[1-9]\d*)?(?=[+-]))?[+-]?{ROOT}([+-]{ROOT})*", re.ASCII)
TERM = re.compile(r"([+-]?\d+(?:/\d+)?)(?:\*sqrt\((\d+)\))?", re.ASCII)
HEAD = ("format", "version", "kind")
"""What the exact functions state first."""
MOST_NESTED = 50
MOST_BYTES, MOST_DIGITS = 1 << 28, 4000
"""A larger file is refused, and a longer number never written: no record comes near it, and Python reads back 4,300."""
TOO_LARGE = 10**MOST_DIGITS
KINDS = {list: "a list", dict: "an object", int: "an integer", str: "a text"}

T = TypeVar("T", list, dict, int, str)


def read_json(path: Path) -> object:
    """Return what a JSON file holds, if it can be understood in one way only.

    Raises
    ------
    DomainError
        If the file cannot be read, is larger than 256 MiB, is no JSON (NaN and infinity are none), names a field of an
        object twice, or is nested too deeply.
    """
    with reading(path), path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise DomainError(f"{path} is larger than {MOST_BYTES >> 20} MiB")
    return json_from(data, path)


def json_from(data: bytes, path: Path) -> object:
    """Return what the bytes of a JSON file hold, as `read_json` does."""
    try:
        rules = {"parse_int": integer, "parse_float": _float, "parse_constant": _float}
        record = json.loads(data.decode(), object_pairs_hook=json_object, **rules)
    except (RecursionError, ValueError) as error:
        raise DomainError(f"{path} is no JSON: {printable(str(error))}") from None
    if _is_deep(record):
        raise DomainError(f"{path} has lists in lists more than {MOST_NESTED} deep")
    return record


def _float(text: str) -> float:
    """Return a number that has a finite double."""
    if not isfinite(value := float(text)):
        raise ValueError(f"{text} is no finite number")
    return value


def _is_deep(record: object) -> bool:
    """Return whether lists and objects are nested too deeply for those who read them."""
    level = [record]
    for _ in range(MOST_NESTED):
        level = [v for x in level for v in (x.values() if isinstance(x, dict) else x if isinstance(x, list) else ())]
    return bool(level)


def write_json(record: Mapping[str, Any], path: Path) -> None:
    """Write an object as JSON; its folder is made where it is missing.

    Raises
    ------
    DomainError
        If the file cannot be written.
    """
    with writing(path):
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def check_head(record: object, name: str, version: int) -> None:
    """Return if the object says that it has the format of this name and version.

    Raises
    ------
    DomainError
        If it does not.
    """
    if not isinstance(record, dict) or record.get("format") != name:
        raise DomainError(f'an object with "format": "{name}" is needed')
    if type(record.get("version")) is not int or record["version"] != version:
        raise DomainError(f"the version must be {version}, not {_quoted(record.get('version'))}")


def check_fields(record: object, needed: Collection[str], optional: Collection[str] = (), *, name: str) -> None:
    """Return if an object has all fields that it needs, and none that nobody looks at.

    Raises
    ------
    DomainError
        If it has not, or is no object.

    Examples
    --------
    >>> check_fields({"low": [], "high": []}, ("low", "high"), name="a box")
    """
    if not isinstance(record, dict):
        raise DomainError(f"{name} must be an object, not {_quoted(record)}")
    if missing := [key for key in needed if key not in record]:
        raise DomainError(f"{name} lacks the field {missing[0]!r}")
    if unknown := [key for key in record if key not in needed and key not in optional]:
        raise DomainError(f"{name} has a field that nobody checks: {printable(unknown[0])!r}")


def field(record: object, key: str, kind: type[T]) -> T:
    """Return a field of an object, which must be there and of the kind stated.

    Raises
    ------
    DomainError
        If it is not.

    Examples
    --------
    >>> field({"dimension": 3}, "dimension", int)
    3
    """
    value = record.get(key) if isinstance(record, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise DomainError(f"the field {key!r} must be {KINDS[kind]}, not {_quoted(value)}")
    return value


def number(text: object, name: str) -> Fraction:
    """Return the fraction that a text such as "-3/4" states.

    Raises
    ------
    DomainError
        If the value is no such text; JSON's own numbers are refused, since they may have been rounded.

    Examples
    --------
    >>> number("-3/4", "the bias")
    Fraction(-3, 4)
    """
    if not isinstance(text, str) or not NUMBER.fullmatch(text):
        raise DomainError(f'{name} must be a fraction as text, such as "-3/4", not {_quoted(text)}')
    if LONG.search(text):
        raise DomainError(f"{name} has more digits than can be read")
    return Fraction(text)


def decimal(text: str, name: str) -> Fraction:
    """Return the number that a decimal such as "-1.5e-3" states, exactly.

    Raises
    ------
    DomainError
        If the text is no decimal, or one with an exponent of more than four digits or thousands of others.

    Examples
    --------
    >>> decimal("-1.5e-3", "the weight")
    Fraction(-3, 2000)
    """
    if not DECIMAL.fullmatch(text):
        raise DomainError(f'{name} must be a decimal of reasonable size, such as "-1.5e-3", not {_quoted(text)}')
    if LONG.search(text):
        raise DomainError(f"{name} has more digits than can be read")
    return Fraction(text)


def value_text(value: Exact) -> str:
    """Return an exact value as text: a fraction, or "p+q*sqrt(n)", with further roots, where it is irrational.

    Raises
    ------
    DomainError
        If the number has more than 4,000 digits.

    Examples
    --------
    >>> value_text(Fraction(-3, 4)), value_text(1 - square_root(Fraction(5, 9))), value_text(-square_root(Fraction(2)))
    ('-3/4', '1-1/3*sqrt(5)', '-1*sqrt(2)')
    """
    parts = (value,) if isinstance(value, Fraction) else (value.rational, *(x for pair in value.roots for x in pair))
    if any(max(abs(part.numerator), part.denominator) >= TOO_LARGE for part in parts):
        raise DomainError(f"a number of more than {MOST_DIGITS} digits cannot be written")
    if isinstance(value, Fraction):
        return str(value)
    roots = "".join(f"{'' if factor < 0 else '+'}{factor}*sqrt({radicand})" for radicand, factor in value.roots)
    return f"{value.rational}{roots}" if value.rational else roots.lstrip("+")


def surd(text: object, name: str) -> Exact:
    """Return the exact value that `value_text` wrote.

    Raises
    ------
    DomainError
        If the value is no such text.

    Examples
    --------
    >>> surd("1-1/3*sqrt(5)", "the value")
    1 - sqrt(5)/3
    """
    if not isinstance(text, str) or not SURD.fullmatch(text):
        return number(text, name)
    terms = [(number(p.lstrip("+") or "0", name), number(q or "1", name)) for p, q in TERM.findall(text)]
    return sum((factor * square_root(radicand) for factor, radicand in terms), Fraction(0))


def point_record(point: Point) -> list[str] | dict[str, Any]:
    """Return a point as text, exactly: fractions, or hexadecimal floats where it is an array of doubles.

    Arrays as large as images are deflated, see `fvproof.verify.files.doubles`.

    Examples
    --------
    >>> point_record((Fraction(1, 3),)), point_record(np.array([0.75]))
    (['1/3'], {'doubles': ['0x1.8000000000000p-1']})
    """
    if isinstance(point, np.ndarray) and len(point) > SHORT:
        return deflated(point)
    if isinstance(point, np.ndarray):
        return {"doubles": [value.hex() for value in point.tolist()]}
    return [value_text(coordinate) for coordinate in point]


def point_from(record: object, name: str, domain: Domain = CUBE) -> Point:
    """Return the point of the domain that `point_record` wrote.

    Raises
    ------
    DomainError, ShapeError
        If the record is no point of the domain.
    """
    if isinstance(record, dict) and "deflated" in record:
        return domain.read(inflated(record, name), name=name)
    if isinstance(record, dict):
        check_fields(record, ("doubles",), name=name)
        return domain.read(np.array([_double(text, name) for text in field(record, "doubles", list)]), name=name)
    if not isinstance(record, list):
        raise DomainError(f"{name} must be a list of fractions as text, not {_quoted(record)}")
    return domain.read([number(text, f"coordinate {i} of {name}") for i, text in enumerate(record)], name=name)


def _double(text: object, name: str) -> float:
    """Return the double that a hexadecimal float states, such as 0x1.8p-1."""
    try:
        value = float.fromhex(text) if isinstance(text, str) and HEXADECIMAL.fullmatch(text) else float("nan")
    except OverflowError:
        value = float("nan")
    if not isfinite(value):
        raise DomainError(f'{name} must hold hexadecimal floats as text, such as "0x1.8p-1", not {_quoted(text)}')
    return value


def _quoted(value: object) -> str:
    """Return the start of a value, as JSON shows it."""
    text = json.dumps(value)  # pure ASCII, on one line
    return text if len(text) <= 40 else f"{text[:40]}…"
