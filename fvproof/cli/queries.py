"""Options and lines that say of what class a unit is and what is known of it: each read in one way by every command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fvproof.theory.errors import DomainError

if TYPE_CHECKING:
    from fvproof.theory.classes import FunctionClass

Command = Callable[..., int]
Read = tuple[Any, tuple[int, ...]]
"""Coordinates, and the shape they were given in."""

POINTS = {"argmin": "the argmin", "argmax": "the argmax", "at": "the query"}
CLASS = ("lipschitz", "norm", "training", "centre", "radius", "matrix", "corners", "link")
"""What a class may need, named like the options."""


def class_options(callback: Command) -> Command:
    """Give a command the options that complete CLASS; `class_given` makes a class of them."""
    for option in reversed(
        (
            click.option("--lipschitz", metavar="L", help="The Lipschitz constant, for the classes that know one."),
            click.option("--norm", metavar="NAME", help="Its norm, or that of radial: l1, l2 or linf.  [default: l2]"),
            click.option("--training", metavar="FILE", help="The training set, for erm: .jsonl or .npz."),
            click.option(
                "--centre", metavar="POINT", help="Centre of the ball or ellipsoid, for affine-ball and ridge."
            ),
            click.option("--radius", metavar="R", help="Radius of the ball.  [default: 1]"),
            click.option("--matrix", metavar="ROWS", help='Matrix Q of the ellipsoid ⟨x−c, Q(x−c)⟩ ≤ 1: "1,0; 0,1/4".'),
            click.option("--corners", metavar="POINTS", help='Corners of the polytope: "0,0; 1,0; 0,1".'),
            click.option("--link", metavar="PAIRS", help='Known link of ridge, from t = -1 to 1: "-1:0, 0:1/4, 1:1".'),
        )
    ):
        callback = option(callback)
    return callback


def class_given(name: str, given: Mapping[str, Any]) -> FunctionClass:
    """Return the class of that name, with the parameters among a command's options."""
    from fvproof.theory.queries import class_of  # numpy only when it is needed

    return class_of({"class": name} | {key: typed(key, given[key]) for key in CLASS if given[key] is not None})


def typed(key: str, text: Any) -> Any:  # noqa: ANN401  click's
    """Return the value of an option as a query holds it, see `fvproof.theory.queries.answer`."""
    if key in POINTS or key == "centre":
        return read_given(text, key)[0]
    if key in ("matrix", "corners"):
        return [row.split(",") for row in text.split(";")]
    if key == "link":
        return [pair.split(":") for pair in text.split(",")]
    return _labelled_points(text) if key in ("training", "exemplars") else text


def parsed(key: str, value: Any) -> Any:  # noqa: ANN401  JSON
    """Return the value of a key of a JSON object as a query holds it; points may be lists too, files have names."""
    if isinstance(value, str) and key in ("training", "exemplars"):
        return typed(key, value)
    if key in POINTS or key == "centre":
        return read_given(value, key)[0]
    if key in ("training", "exemplars"):
        from fvproof.verify.files.point_files import labelled

        return labelled(value, key)
    if key in ("matrix", "corners") and not (isinstance(value, list) and all(isinstance(row, list) for row in value)):
        raise DomainError(f"{key} must be a list of lists of numbers, not {value!r}")
    return value


def points_given(given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Return the coordinates of argmin, argmax and query, and the one shape that they have, () where none is stated."""
    from fvproof.verify.files.point_files import one_shape

    points = {key: read_given(given[key], key) for key in POINTS if given.get(key) is not None}
    return {key: coordinates for key, (coordinates, _) in points.items()}, one_shape([s for _, s in points.values()])


def read_given(given: Any, key: str) -> Read:  # noqa: ANN401  what the user gave
    """Return a point's coordinates and shape from a list, or from a text, see `read_coordinates`."""
    if isinstance(given, str):
        return _read_text(given, POINTS.get(key, f"the {key}"))
    if not isinstance(given, list):
        raise DomainError(f"a point must be a list of numbers, not {given!r}")
    return given, (len(given),)


@lru_cache(maxsize=8)
def _read_text(text: str, name: str) -> Read:
    """Return what a text names; lines of a batch often name the same files."""
    from fvproof.verify.files.point_files import read_coordinates

    return read_coordinates(text, name)


def _labelled_points(file: str) -> list[tuple[Any, Any]]:
    """Return the points with values in a file."""
    from fvproof.verify.files.point_files import read_labelled

    return read_labelled(Path(file))
