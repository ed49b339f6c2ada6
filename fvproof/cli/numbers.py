"""Numbers on the command line: as many as are wanted, with commas between them, in ASCII."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from typing import Any

import click

from fvproof.theory.texts import BLANKS, REAL, WHOLE, named, stray

AXIS = re.compile("-?[0-9]{1,4}")
"""The number of an axis as it is written; negative ones count from the last."""


def numbers(kind: type[int] | type[float], *counts: int) -> Callable[..., tuple | None]:
    """Return a click callback that reads numbers with commas between them, as many as one of `counts` where stated.

    Examples
    --------
    >>> numbers(int, 3)(None, None, "3,32,32")
    (3, 32, 32)
    """

    def read(_context: click.Context | None, _parameter: click.Parameter | None, text: str | None) -> tuple | None:
        if text is None:
            return None
        written = WHOLE if kind is int else REAL
        parts = [part.strip(BLANKS) for part in text.split(",")]
        if not all(written.fullmatch(part) for part in parts):
            raise click.BadParameter(f"must be numbers with commas between them, not {text!r}")
        values = tuple(kind(part) for part in parts)
        if counts and len(values) not in counts:
            wanted = " to ".join(str(count) for count in sorted({min(counts), max(counts)}))
            raise click.BadParameter(f"must be {wanted} numbers, not {len(values)}")
        return values

    return read


def whole(context: click.Context, parameter: click.Parameter, text: str) -> int:
    """Return the one whole number that a text is."""
    (value,) = numbers(int, 1)(context, parameter, text) or (0,)
    return value


def whole_or_none(context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    """Return the one whole number that a text is, None where it is not given."""
    return None if text is None else whole(context, parameter, text)


def in_ascii(command: click.Command) -> click.Command:
    """Return a command whose numbers are typed in ASCII: Python itself reads digits of every script, and `1_000`."""
    for parameter in command.params:
        if isinstance(parameter.type, click.types.IntParamType | click.types.FloatParamType):
            parameter.type = copy(parameter.type)  # click shares its own among all options
            parameter.type.convert = partial(  # type: ignore[method-assign]
                _converted, type(parameter.type).convert, parameter.type
            )
    return command


def _converted(convert: Callable, kind: click.ParamType, value: Any, *place: Any) -> Any:  # noqa: ANN401  click's
    """Return the number that a text states."""
    if isinstance(value, str) and (stray(value, BLANKS) or "_" in value):
        found = stray(value, BLANKS) or named("_")
        raise click.BadParameter(f"{value!r} is no number in ASCII digits: it has {found}")
    return convert(kind, value, *place)


def read_axes(
    _context: click.Context | None, _parameter: click.Parameter | None, texts: Sequence[str]
) -> dict[str, int]:
    """Return the axes that LAYER=N give, by layer.

    Examples
    --------
    >>> read_axes(None, None, ["blocks.0=-1"])
    {'blocks.0': -1}
    """
    pairs = [(text, *text.rpartition("=")[::2]) for text in texts]
    for text, layer, place in pairs:
        if not (layer and AXIS.fullmatch(place)):
            raise click.BadParameter(f"must be LAYER=N with N the number of an axis, not {text!r}")
    found = {layer: int(place) for _, layer, place in pairs}
    if len(found) < len(pairs):
        raise click.BadParameter(f"must give one axis for each layer, not {' '.join(texts)}")
    return found
