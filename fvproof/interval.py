"""`fvproof interval`: the values that a unit can still take at a point."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from theory.errors import DomainError, FvproofError
from theory.wording import percent

if TYPE_CHECKING:
    from theory.interval import Interval
    from theory.queries import Answer

POINTS = ("argmin", "argmax", "at")
REQUIRED = {"class": "CLASS", **{key: f"--{key}" for key in ("argmin", "argmax", "min", "max", "at")}}
"""What every query needs, and how it is given on the command line."""


@click.command()
@click.argument("name", metavar="[CLASS]", required=False)
@click.option("--argmin", metavar="POINT", help="Where the unit is least: 0,1/2 or a .npy file.")
@click.option("--argmax", metavar="POINT", help="Where the unit is greatest.")
@click.option("--min", metavar="VALUE", help="Its value at the argmin.")
@click.option("--max", metavar="VALUE", help="Its value at the argmax.")
@click.option("--at", metavar="POINT", help="The query.")
@click.option("--lipschitz", metavar="L", help="The Lipschitz constant, for the classes that know one.")
@click.option("--norm", type=click.Choice(["l1", "l2", "linf"]), help="Its norm, or that of radial.  [default: l2]")
@click.option("--training", type=click.Path(path_type=Path), metavar="FILE", help="The training set, for erm; JSONL.")
@click.option("--centre", metavar="POINT", help="Centre of the ball or ellipsoid, for affine-ball and ridge.")
@click.option("--radius", metavar="R", help="Radius of the ball.  [default: 1]")
@click.option("--matrix", metavar="ROWS", help='Matrix Q of the ellipsoid ⟨x−c, Q(x−c)⟩ ≤ 1: "1,0; 0,1/4".')
@click.option("--corners", metavar="POINTS", help='Corners of the polytope, for affine-ball: "0,0; 1,0; 0,1".')
@click.option("--link", metavar="PAIRS", help='Known link of ridge, joined from t = -1 to 1: "-1:0, 0:1/4, 1:1".')
@click.option("--exemplars", type=click.Path(path_type=Path), metavar="FILE", help="Points with known values; JSONL.")
@click.option("--slack", metavar="ETA", help="The extrema may be off by ETA.")
@click.option("--unique-extrema", is_flag=True, default=None, help="The unit has no other minimum or maximum point.")
@click.option("--batch", type=click.File(), metavar="FILE", help="Answer every line of a JSONL file (- for stdin).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, name: str | None, batch: Iterator[str] | None, as_json: bool, **options: Any) -> int:  # noqa: ANN401  click's
    """Print the values that a unit of CLASS can still take at a point, once its visualization is known.

    Numbers are exact: fractions (1/4) or decimals (0.9). A point is numbers with commas between them, or a .npy file.
    Training sets and exemplars have one object per line: {"at": ["0", "1/2"], "value": "1/4"}.

    The classes are those of `fvproof table --format json`: most live on the cube; quadratic on the unit sphere; ridge
    on a ball, and affine-ball on a ball, an ellipsoid or a polytope, the unit ball unless another is given.

    In a batch each line is an object such as {"class": "lipschitz", "argmin": ["0", "0"], "argmax": ["1", "1"],
    "min": "0", "max": "1", "at": ["1/4", "0"], "lipschitz": "1", "norm": "l1"}, its keys named like the options
    (unique_extrema with an underscore; points, rows and pairs as lists); it gives one line with the answer, or with the
    error. What is given beside --batch holds for every line that says nothing else. The exit code is 2 if any line was
    bad.
    """
    given = {"class": name, **options}
    query = {key: _read(key, value) for key, value in given.items() if value is not None}
    if batch is not None:
        return _answer_all(batch, query)
    if missing := [option for key, option in REQUIRED.items() if key not in query]:
        raise DomainError(f"a query needs {', '.join(missing)}")
    from theory.queries import answer  # numpy only when it is needed

    found = answer(query)
    click.echo(json.dumps(_as_json(found)) if as_json else _as_text(found))
    return 0


def _read(key: str, value: Any) -> Any:  # noqa: ANN401  click's
    """Return an option's value as a query holds it."""
    if key in (*POINTS, "centre"):
        return _point(value)
    if key in ("matrix", "corners"):
        return [row.split(",") for row in value.split(";")]
    if key == "link":
        return [pair.split(":") for pair in value.split(",")]
    return _pairs(_lines_of(value)) if key in ("training", "exemplars") else value


def _answer_all(lines: Iterator[str], defaults: Mapping[str, Any]) -> int:
    """Print one JSON object per line and return the exit code: 2 if any line was bad."""
    refused = total = 0
    for total, line in enumerate(filter(str.strip, lines), start=1):  # noqa: B007  the last number is the count
        result = answer_line(line, defaults)
        refused += "error" in result
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    if refused:
        click.echo(f"fvproof: {refused} of {total} queries are bad input", err=True)
    return 2 if refused else 0


def answer_line(line: str, defaults: Mapping[str, Any] | None = None) -> dict[str, object]:
    """Return the answer to one line of a batch, or ``{"error": ...}``.

    Examples
    --------
    >>> answer_line('{"class": "convex", "argmin": ["1/2"], "argmax": [1], "min": 0, "max": 1, "at": ["3/8"]}')["high"]
    '1/4'
    >>> answer_line('{"class": "convecs"}')
    {'error': 'the query lacks argmin, argmax, min, max, at'}
    """
    from theory.queries import answer  # numpy only when it is needed

    try:
        line_query = json.loads(line, parse_float=str)
        if not isinstance(line_query, dict):
            raise DomainError(f"a query must be a JSON object, not {line.strip()[:40]}")
        query = {**(defaults or {}), **line_query}
        for key in {*POINTS, "centre"} & set(line_query):
            query[key] = _point(query[key])
        for key in {"training", "exemplars"} & set(line_query):
            query[key] = _pairs(query[key])
        for key in {"matrix", "corners"} & set(line_query):
            query[key] = _rows(query[key], key)
        return _as_json(answer(query))
    except FvproofError as error:
        return {"error": str(error)}
    except (ValueError, RecursionError) as error:
        return {"error": f"a query must be one JSON object per line: {error}"}


def _point(given: Any) -> Any:  # noqa: ANN401  what as_point reads
    """Return a point's coordinates from a list, a text with commas, or a .npy file."""
    if not isinstance(given, str):
        if not isinstance(given, list):
            raise DomainError(f"a point must be a list of numbers, not {given!r}")
        return given
    return _array(given) if given.endswith(".npy") else given.split(",")


@lru_cache(maxsize=8)
def _array(path: str) -> Any:  # noqa: ANN401  an array
    """Return the array in a file."""
    import numpy as np

    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DomainError(f"cannot read the point {path}: {error}") from None


def _rows(given: Any, name: str) -> list[Any]:  # noqa: ANN401  JSON
    """Return lists of numbers."""
    if not isinstance(given, list) or any(not isinstance(row, list) for row in given):
        raise DomainError(f"{name} must be a list of lists of numbers, not {given!r}")
    return given


def _lines_of(path: Path) -> list[Any]:
    """Return the objects in a JSONL file."""
    try:
        return [json.loads(line, parse_float=str) for line in path.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, ValueError) as error:
        raise DomainError(f"cannot read {path}: {error}") from None


def _pairs(entries: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401  JSON
    """Return points with their values."""
    if not isinstance(entries, list) or any(not isinstance(e, dict) or not {"at", "value"} <= set(e) for e in entries):
        raise DomainError('points with values must be objects {"at": POINT, "value": VALUE}')
    return [(_point(entry["at"]), entry["value"]) for entry in entries]


def _as_json(found: Answer) -> dict[str, object]:
    """Return the answer's fields; with a gap among the possible values, their parts too."""
    possible = found.possible
    fields: dict[str, object] = {**_ends(possible), "radius": str(possible.radius), "best": str(possible.midpoint)}
    return fields | ({"parts": [_ends(part) for part in found.parts]} if len(found.parts) > 1 else {})


def _ends(interval: Interval) -> dict[str, object]:
    """Return an interval's ends, and whether they belong to it."""
    return {
        "low": str(interval.low),
        "high": str(interval.high),
        "low_closed": interval.low_closed,
        "high_closed": interval.high_closed,
    }


def _as_text(found: Answer) -> str:
    """Return the answer in words."""
    possible, phi = found.possible, found.visualization
    cost = float(2 * possible.radius / phi.spread) if phi.spread else 0.0
    share = f" ({_share(cost)} of what knowing nothing costs)" if phi.spread else ""
    gap = ", and none between" if len(found.parts) > 1 else ""
    return "\n".join(
        [
            f"possible values    {' or '.join(map(str, found.parts))}{gap}",
            f"best prediction    {possible.midpoint}",
            f"its error, at most {possible.radius}{share}",
        ]
    )


def _share(cost: float) -> str:
    """Return a share in percent, with a decimal where it has one.

    Examples
    --------
    >>> _share(1.0), _share(0.25), _share(1 / 3), _share(0.999987), _share(1.5)
    ('100%', '25%', '33.3%', '99.9%', '150%')
    """
    return percent(cost, 1, rounded="down").replace(".0%", "%")
