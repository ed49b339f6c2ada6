"""Exact networks as text: JSON in which every number is a fraction, written and read without rounding.

A file holds one object, with `format`, `version`, `kind`, and what the kind asks for::

    relu_network   dimension, layers: [{"rows": [{"0": "1", "1": "-1/2"}], "biases": ["1/2"]}, ...]
    memorising     base, centres: [point, ...], values: ["0", "1", ...], sharpness

A row lists the nonzero weights of one output, by input; between two layers stands a ReLU. Numbers are fractions as
text, such as "-3/4". A point is a list of numbers, or, where it was given in doubles, {"doubles": ["0x1.8p-1", ...]}:
hexadecimal floats, each exact.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from theory.errors import DomainError, FvproofError
from theory.memorising import Memorising
from theory.network import Layer, ReluNetwork, Row
from verify.records import check_head, field, number, point_from, point_record, read_json, write_json

FORMAT = "fvproof-function"
VERSION = 1
INPUT = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)

Network = ReluNetwork | Memorising
"""A ReLU network in one of its exact forms."""


def write_network(network: Network, path: Path) -> None:
    """Write an exact network as JSON, without rounding.

    Raises
    ------
    DomainError
        If the file cannot be written.
    """
    write_json(network_record(network), path)


def read_network(path: Path) -> Network:
    """Return the exact network that a JSON file holds.

    Raises
    ------
    DomainError
        If the file cannot be read, or holds no network in this format: one sentence that says what is wrong.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from tempfile import TemporaryDirectory
    >>> from theory.network import spike
    >>> network = spike((Fraction(1, 3),), Fraction(4))
    >>> with TemporaryDirectory() as folder:
    ...     write_network(network, Path(folder, "spike.json"))
    ...     read_network(Path(folder, "spike.json")) == network
    True
    """
    record = read_json(path)
    with _naming(path):
        return network_from(record)


def network_record(network: Network) -> dict[str, Any]:
    """Return an exact network as an object that `json` can write."""
    head = {"format": FORMAT, "version": VERSION}
    if isinstance(network, ReluNetwork):
        layers = [_layer_record(layer) for layer in network.layers]
        return {**head, "kind": "relu_network", "dimension": network.dimension, "layers": layers}
    return {
        **head,
        "kind": "memorising",
        "base": str(network.base),
        "centres": [point_record(centre) for centre in network.centres],
        "values": [str(value) for value in network.values],
        "sharpness": str(network.sharpness),
    }


def network_from(record: object) -> Network:
    """Return the exact network that an object read by `json` describes.

    Raises
    ------
    DomainError
        If the object is no network in this format.
    """
    check_head(record, FORMAT, VERSION)
    match field(record, "kind", str):
        case "relu_network":
            return _relu_network(record)
        case "memorising":
            return _memorising(record)
        case kind:
            raise DomainError(f"the kind must be relu_network or memorising, not {kind!r}")


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Put the file's name in front of errors about what it holds."""
    try:
        yield
    except FvproofError as error:
        raise DomainError(f"{path} holds no exact network: {error}") from None


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


def _memorising(record: object) -> Memorising:
    """Return the memorising network, whose centres must have one length, and a value each."""
    points, texts = field(record, "centres", list), field(record, "values", list)
    centres = tuple(point_from(point, f"centre {j}") for j, point in enumerate(points))
    if not centres or len(centres) != len(texts) or len({len(centre) for centre in centres}) != 1:
        raise DomainError("there must be at least one centre, a value for each, and the centres must have one length")
    values = tuple(number(text, f"value {j}") for j, text in enumerate(texts))
    base, sharpness = (number(field(record, key, str), f"the {key}") for key in ("base", "sharpness"))
    return Memorising(base, centres, values, sharpness)
