"""Exact functions as text: JSON in which every number is exact, written and read without rounding.

A file holds one object, with `format`, `version`, `kind`, and what the kind asks for. A ReLU network reads::

    {"format": "fvproof-function", "version": 1, "kind": "relu_network", "dimension": 2,
     "layers": [{"rows": [{"0": "1", "1": "-1/2"}], "biases": ["1/2"]}, ...]}

A row lists the nonzero weights of one output, by input; between two layers stands a ReLU. The other kinds are the
witnesses of `theory`, and have the fields that their docstrings explain: `memorising`, `extension`, `staircase`,
`bowl`, `shepard`. Numbers are fractions as text, such as "-3/4" (or "1-2/3*sqrt(5)", where a Euclidean distance is
irrational). A point is a list of numbers, or, where it was given in doubles, {"doubles": ["0x1.8p-1", ...]}:
hexadecimal floats, each exact.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any, get_type_hints

from theory.classes.base import Member
from theory.errors import DomainError, FvproofError
from theory.memorising import Memorising
from theory.network import Layer, ReluNetwork, Row
from theory.norms import Norm
from theory.points import Point
from theory.witnesses.bowl import Bowl
from theory.witnesses.extension import Extension
from theory.witnesses.shepard import Shepard
from theory.witnesses.staircase import Staircase
from verify.records import check_head, field, number, point_from, point_record, read_json, surd, value_text, write_json

FORMAT = "fvproof-function"
VERSION = 1
INPUT = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)

KINDS: Mapping[str, type] = {
    "memorising": Memorising,
    "extension": Extension,
    "staircase": Staircase,
    "bowl": Bowl,
    "shepard": Shepard,
}
"""The witnesses that are not written as networks, by the name of their kind."""


def write_function(function: Member, path: Path) -> None:
    """Write an exact function as JSON, without rounding.

    Raises
    ------
    DomainError
        If the function is of no kind that has a format, or the file cannot be written.
    """
    write_json(function_record(function), path)


def read_function(path: Path) -> Member:
    """Return the exact function that a JSON file holds.

    Raises
    ------
    DomainError
        If the file cannot be read, or holds no function in this format: one sentence that says what is wrong.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from theory.network import spike
    >>> network = spike((Fraction(1, 3),), Fraction(4))
    >>> with TemporaryDirectory() as folder:
    ...     write_function(network, Path(folder, "spike.json"))
    ...     read_function(Path(folder, "spike.json")) == network
    True
    """
    record = read_json(path)
    try:
        return function_from(record)
    except FvproofError as error:
        raise DomainError(f"{path} holds no exact function: {error}") from None


def function_record(function: Member) -> dict[str, Any]:
    """Return an exact function as an object that `json` can write."""
    head = {"format": FORMAT, "version": VERSION}
    if isinstance(function, ReluNetwork):
        layers = [_layer_record(layer) for layer in function.layers]
        return {**head, "kind": "relu_network", "dimension": function.dimension, "layers": layers}
    for kind, witness in KINDS.items():
        if isinstance(function, witness):
            return {**head, "kind": kind, **_parts_record(function, witness)}
    raise DomainError(f"there is no exact format for a function of the kind {type(function).__name__}")


def function_from(record: object) -> Member:
    """Return the exact function that an object read by `json` describes.

    Raises
    ------
    DomainError
        If the object is no function in this format.
    """
    check_head(record, FORMAT, VERSION)
    kind = field(record, "kind", str)
    if kind == "relu_network":
        return _relu_network(record)
    if kind in KINDS:
        return _witness(record, KINDS[kind])
    raise DomainError(f"the kind must be relu_network, {', '.join(KINDS)}, not {kind!r}")


def _layer_record(layer: Layer) -> dict[str, Any]:
    """Return an affine map as an object that `json` can write."""
    rows = [{str(i): str(weight) for i, weight in sorted(row.items())} for row in layer.rows]
    return {"rows": rows, "biases": [str(bias) for bias in layer.biases]}


def _relu_network(record: object) -> ReluNetwork:
    """Return the network, each layer of which must read what the one before puts out."""
    dimension, records = field(record, "dimension", int), field(record, "layers", list)
    if dimension < 1 or not records:
        raise DomainError("the dimension must be at least 1, and there must be at least one layer")
    layers, inputs = [], dimension
    for place, layer in enumerate(records):
        layers.append(_layer(layer, inputs, f"layer {place}"))
        inputs = len(layers[-1].rows)
    return ReluNetwork(dimension, tuple(layers))


def _layer(record: object, inputs: int, name: str) -> Layer:
    """Return an affine map of so many inputs."""
    rows = [_row(row, inputs, f"row {j} of {name}") for j, row in enumerate(field(record, "rows", list))]
    biases = [number(bias, f"bias {j} of {name}") for j, bias in enumerate(field(record, "biases", list))]
    if not rows or len(rows) != len(biases):
        raise DomainError(f"{name} must have rows and a bias for each, not {len(rows)} rows and {len(biases)} biases")
    return Layer(tuple(rows), tuple(biases))


def _row(record: object, inputs: int, name: str) -> Row:
    """Return the weights of one output, by input."""
    if not isinstance(record, Mapping):
        raise DomainError(f"{name} must be an object that gives weights by input")
    for key in record:
        if not INPUT.fullmatch(key) or int(key) >= inputs:
            raise DomainError(f"{name} must name inputs from 0 to {inputs - 1}, not {key!r}")
    return {int(key): number(weight, f"weight {key} in {name}") for key, weight in record.items()}


def _points(record: object, name: str) -> tuple[Point, ...]:
    """Return the points in a list."""
    if not isinstance(record, list) or not record:
        raise DomainError(f"{name} must be a list of points, not empty")
    return tuple(point_from(point, f"point {j} of {name}") for j, point in enumerate(record))


def _values(record: object, name: str) -> tuple[Fraction, ...]:
    """Return the values in a list."""
    if not isinstance(record, list):
        raise DomainError(f"{name} must be a list of numbers as text")
    return tuple(surd(text, f"number {j} of {name}") for j, text in enumerate(record))


def _norm(record: object, name: str) -> Norm:
    """Return the norm of that name."""
    if record not in list(Norm):
        raise DomainError(f"{name} must be {', '.join(Norm)}, not {record!r}")
    return Norm(record)


def _truth(record: object, name: str) -> bool:
    """Return true or false."""
    if not isinstance(record, bool):
        raise DomainError(f"{name} must be true or false, not {record!r}")
    return record


CODECS: Mapping[object, tuple[Callable[[Any], object], Callable[[object, str], Any]]] = {
    Fraction: (value_text, surd),
    tuple[Fraction, ...]: (lambda values: [value_text(value) for value in values], _values),
    Point: (point_record, point_from),
    tuple[Point, ...]: (lambda points: [point_record(point) for point in points], _points),
    Norm: (str, _norm),
    bool: (bool, _truth),
}
"""How the parts of a witness are written and read, by their type."""


def _parts_record(function: Member, witness: type) -> dict[str, object]:
    """Return the parts of a witness as objects that `json` can write."""
    hints = get_type_hints(witness)
    return {part.name: CODECS[hints[part.name]][0](getattr(function, part.name)) for part in fields(witness)}


def _witness(record: object, witness: type) -> Member:
    """Return a witness; its points must have one length, and its lists too."""
    hints = get_type_hints(witness)
    assert isinstance(record, dict)
    parts = {p.name: CODECS[hints[p.name]][1](record.get(p.name), f"the {p.name}") for p in fields(witness)}
    lists = [part for name, part in parts.items() if hints[name] in (tuple[Point, ...], tuple[Fraction, ...])]
    points = [part for name, part in parts.items() if hints[name] == Point]
    points += [point for name, part in parts.items() if hints[name] == tuple[Point, ...] for point in part]
    if len({len(part) for part in lists}) > 1 or len({len(point) for point in points}) != 1:
        raise DomainError("the points must have one length, and there must be as many values as points")
    return witness(**parts)
