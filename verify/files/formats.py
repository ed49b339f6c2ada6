"""Exact functions as text: JSON in which every number is exact, written and read without rounding.

A file holds one object, with `format`, `version`, `kind`, and what the kind asks for. A ReLU network reads::

    {"format": "fvproof-function", "version": 1, "kind": "relu_network", "dimension": 2,
     "layers": [{"rows": [{"0": "1", "1": "-1/2"}], "biases": ["1/2"]}, ...]}

A row lists the nonzero weights of one output, by input; between two layers stands a ReLU. The other kinds are the
witnesses of `theory`, and have the fields that their docstrings explain: `memorising`, `extension`, `staircase`,
`bowl`, `shepard`, `ridge`, `radial`, `quadratic`.

Numbers are fractions as text, such as "-3/4" (or "1-2/3*sqrt(5)", where a Euclidean distance is irrational). A point is
a list of numbers, or, where it was given in doubles, {"doubles": ["0x1.8p-1", ...]}: hexadecimal floats, each exact; as
large as an image, {"kind": "float32", "count": 150528, "deflated": "..."} (`fvproof.verify.files.doubles`).
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fvproof.theory.classes.base import Member
from fvproof.theory.errors import DomainError, FvproofError
from fvproof.theory.network import Layer, ReluNetwork, Row
from fvproof.verify.files.records import HEAD, check_fields, check_head, field, number, read_json, write_json
from fvproof.verify.files.witness_records import witness_from, witness_record

FORMAT = "fvproof-function"
VERSION = 1
INPUT = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)


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
    >>> from fractions import Fraction
    >>> from tempfile import TemporaryDirectory
    >>> from fvproof.theory.network import spike
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
    return {**head, **witness_record(function)}


def function_from(record: object) -> Member:
    """Return the exact function that an object read by `json` describes.

    Raises
    ------
    DomainError
        If the object is no function in this format.
    """
    check_head(record, FORMAT, VERSION)
    kind = field(record, "kind", str)
    return _relu_network(record) if kind == "relu_network" else witness_from(record, kind)


def _layer_record(layer: Layer) -> dict[str, Any]:
    """Return an affine map as an object that `json` can write."""
    rows = [{str(i): str(weight) for i, weight in sorted(row.items())} for row in layer.rows]
    return {"rows": rows, "biases": [str(bias) for bias in layer.biases]}


def _relu_network(record: object) -> ReluNetwork:
    """Return the network, each layer of which must read what the one before puts out."""
    check_fields(record, (), (*HEAD, "dimension", "layers"), name="a ReLU network")
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
    check_fields(record, (), ("rows", "biases"), name=name)
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
