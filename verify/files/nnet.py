"""`.nnet` files, the text format of the ACAS Xu networks: decimals with commas between them, taken exactly.

Comments, each a line that begins with `//`; then: how many layers, inputs, outputs and neurons at most in a layer; the
sizes of the layers; a flag; and four lines of how inputs and outputs were normalised. Then layer by layer the rows of
weights, and biases, one a line.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import dropwhile, pairwise

import numpy as np

from fvproof.theory.errors import DomainError
from fvproof.theory.texts import BLANKS, decoded, stray
from fvproof.theory.texts import lines as broken
from fvproof.verify.files.records import decimal
from fvproof.verify.layered import AffineMap

COMMENT = "//"
Lines = Iterator[tuple[int, str]]
"""Lines with their numbers."""


def nnet_maps(data: bytes) -> Sequence[AffineMap]:
    """Return the maps of a `.nnet` file; inputs and outputs are as the weights see them: normalised.

    Raises
    ------
    DomainError
        If a line does not hold what it must, the file is cut short, or goes on after the last bias.
    """
    lines = dropwhile(lambda line: line[1].startswith(COMMENT), enumerate(broken(decoded(data)), 1))
    sizes = _sizes(lines)
    for length in (1, sizes[0], sizes[0], sizes[0] + 1, sizes[0] + 1):
        _numbers(lines, length)
    maps = [_map(lines, inputs, outputs) for inputs, outputs in pairwise(sizes)]
    if rest := [number for number, line in lines if line.strip(BLANKS)]:
        raise DomainError(f"line {rest[0]} must not be there: the {len(maps)} layers that the file states are complete")
    return maps


def _sizes(lines: Lines) -> list[int]:
    """Return the number of inputs, and of neurons in each layer, from the first two lines."""
    layers, inputs, outputs, _ = _counts(lines, 4)
    sizes = _counts(lines, layers + 1)
    if (sizes[0], sizes[-1]) != (inputs, outputs):
        raise DomainError(f"the sizes of the layers must begin with {inputs} inputs and end with {outputs} outputs")
    return sizes


def _counts(lines: Lines, count: int) -> list[int]:
    """Return the integers on the next line, which must be at least 1."""
    place, values = _line(lines, count)
    if any(value < 1 or value.denominator != 1 for value in values):
        raise DomainError(f"line {place} must hold integers from 1 on")
    return [int(value) for value in values]


def _map(lines: Lines, inputs: int, outputs: int) -> AffineMap:
    """Return the next affine map."""
    weights = [_numbers(lines, inputs) for _ in range(outputs)]
    biases = [_numbers(lines, 1)[0] for _ in range(outputs)]
    return AffineMap(np.array(weights, dtype=object), np.array(biases, dtype=object))


def _numbers(lines: Lines, count: int) -> list[Fraction]:
    """Return the numbers on the next line."""
    return _line(lines, count)[1]


def _line(lines: Lines, count: int) -> tuple[int, list[Fraction]]:
    """Return the number of the next line, and the numbers on it, of which there must be so many."""
    place, line = next(lines, (None, ""))
    if place is None:
        raise DomainError("the file is cut short")
    if found := stray(line):
        raise DomainError(f"line {place} must hold numbers and commas, and holds {found}")
    texts = line.strip(BLANKS).removesuffix(",").split(",")
    values = [decimal(text.strip(BLANKS), f"line {place}: number {i}") for i, text in enumerate(texts, 1)]
    if len(values) != count:
        raise DomainError(f"line {place} must hold {count} numbers, not {len(values)}")
    return place, values
