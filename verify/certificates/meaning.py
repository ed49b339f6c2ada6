"""The meaning of a property as digests: of its boxes and conditions in exact fractions, however they are written down.

A property is a set of alternatives, each a box and rows that must all be at least 0 somewhere in it. Neither the order
of rows or alternatives counts, nor how often one is stated, nor a positive factor on a row.
"""

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from hashlib import sha256
from typing import Protocol

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.linear_forms import BoxDomain, Domain, LinearForm


class Alternative(Protocol):
    """One way to be unsafe: an input of the domain at which every row is at least 0."""

    @property
    def domain(self) -> Domain:
        """Where."""
        ...

    @property
    def rows(self) -> Sequence[LinearForm]:
        """What."""
        ...


class StatedAlternative(Alternative, Protocol):
    """One of a property's alternatives as a file states it."""

    @property
    def outputs(self) -> int:
        """The number of outputs that the property declares."""
        ...


def check_fits(way: StatedAlternative, network: LayeredNetwork | NetworkGraph) -> None:
    """Return if a property declares as many inputs and outputs as a network has.

    Raises
    ------
    ShapeError
        If it does not: it is about another network.
    """
    inputs = len(way.domain.low) if isinstance(way.domain, BoxDomain) else 0
    if (inputs, way.outputs) != (network.dimension, network.outputs_count):
        raise ShapeError(
            f"the property declares {inputs} inputs and {way.outputs} outputs; the network has "
            f"{network.dimension} inputs and {network.outputs_count} outputs"
        )


def alternative_digest(way: Alternative) -> str:
    """Return the SHA-256 of one way to be unsafe.

    Examples
    --------
    >>> from fvproof.verify.files.vnnlib import property_from
    >>> box = "(declare-const X_0 Real) (declare-const Y_0 Real) (assert (and (>= X_0 0) (<= X_0 0.5)))"
    >>> one, other = (property_from(box + end)[0] for end in ("(assert (>= Y_0 1))", "(assert (<= 2 (* 2 Y_0)))"))
    >>> alternative_digest(one) == alternative_digest(other)
    True
    """
    if not isinstance(way.domain, BoxDomain):
        raise DomainError("a property is about boxes, not balls")
    box = [[_text(end) for end in ends] for ends in (way.domain.low, way.domain.high)]
    rows = sorted({json.dumps(_row(row)) for row in way.rows})
    return sha256(json.dumps([box, rows]).encode()).hexdigest()


def property_digest(ways: Iterable[str]) -> str:
    """Return the SHA-256 of a property, given those of its alternatives."""
    return sha256("\n".join(sorted(set(ways))).encode()).hexdigest()


def alternatives_of(ways: Iterable[Alternative]) -> tuple[str, ...]:
    """Return the digests of a property's alternatives, in order, each once."""
    return tuple(sorted({alternative_digest(way) for way in ways}))


def _row(row: LinearForm) -> list[list[str]]:
    """Return a row in one way, whatever positive factor it has."""
    sides = [sorted((i, c) for i, c in side.items() if c) for side in (row.outputs, row.inputs)]
    first = next((abs(c) for side in sides for _, c in side), abs(row.constant) or Fraction(1))
    return [*([f"{i}: {_text(c / first)}" for i, c in side] for side in sides), [_text(row.constant / first)]]


def _text(number: Fraction) -> str:
    """Return a fraction in hexadecimal, of any length."""
    return f"{number.numerator:x}/{number.denominator:x}"
