"""`fvproof interval`: the values that a unit can still take at a point."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from theory.errors import DomainError, FvproofError

if TYPE_CHECKING:
    from theory.classes import FunctionClass
    from theory.interval import Interval
    from theory.visualization import Visualization

REQUIRED = ("class", "argmin", "argmax", "min", "max", "at")
PARAMETERS = ("lipschitz", "norm", "training")
OPTIONAL = ("unique_extrema", "exemplars", "slack")


@click.command()
@click.argument("name", metavar="[CLASS]", required=False)
@click.option("--argmin", metavar="POINT", help="Where the unit is least: 0,1/2 or a .npy file.")
@click.option("--argmax", metavar="POINT", help="Where the unit is greatest.")
@click.option("--min", "minimum", metavar="VALUE", help="Its value at the argmin.")
@click.option("--max", "maximum", metavar="VALUE", help="Its value at the argmax.")
@click.option("--at", metavar="POINT", help="The query.")
@click.option("--lipschitz", metavar="L", help="The Lipschitz constant, for the classes that know one.")
@click.option("--norm", type=click.Choice(["l1", "l2", "linf"]), help="Its norm.  [default: l2]")
@click.option("--training", type=click.Path(path_type=Path), metavar="FILE", help="The training set, for erm; JSONL.")
@click.option("--exemplars", type=click.Path(path_type=Path), metavar="FILE", help="Points with known values; JSONL.")
@click.option("--slack", metavar="ETA", help="The extrema may be off by ETA.")
@click.option("--unique-extrema", is_flag=True, help="The unit has no other minimum or maximum point.")
@click.option("--batch", type=click.File(), metavar="FILE", help="Answer every line of a JSONL file (- for stdin).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, name: str | None, batch: Iterator[str] | None, as_json: bool, **options: Any) -> int:  # noqa: ANN401  click's
    """Print the values that a unit of CLASS can still take at a point, once its visualization is known.

    Numbers are exact: fractions (1/4) or decimals (0.9). A point is numbers with commas between them, or a .npy file.
    Training sets and exemplars have one object per line: {"at": ["0", "1/2"], "value": "1/4"}.

    In a batch each line is an object such as {"class": "lipschitz", "argmin": ["0", "0"], "argmax": ["1", "1"],
    "min": "0", "max": "1", "at": ["1/4", "0"], "lipschitz": "1", "norm": "l1"}; it gives one line with the answer, or
    with the error. The exit code is 2 if any line was bad.
    """
    if batch is not None:
        return _answer_all(batch)
    given = {"class": name, "min": options.pop("minimum"), "max": options.pop("maximum"), **options}
    query = {key: value for key, value in given.items() if value is not None}
    for key in {"training", "exemplars"} & set(query):
        query[key] = _lines_of(query[key])
    possible, phi = _possible(query)
    if as_json:
        click.echo(json.dumps(_as_json(possible)))
    else:
        click.echo(_as_text(possible, phi))
    return 0


def _answer_all(lines: Iterator[str]) -> int:
    """Print one JSON object per line and return the exit code: 2 if any line was bad."""
    refused = total = 0
    for total, line in enumerate(filter(str.strip, lines), start=1):  # noqa: B007  the last number is the count
        result = answer(line)
        refused += "error" in result
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    if refused:
        click.echo(f"fvproof: {refused} of {total} queries are bad input", err=True)
    return 2 if refused else 0


def answer(line: str) -> dict[str, object]:
    """Return the answer to one line of a batch, or ``{"error": ...}``.

    Examples
    --------
    >>> answer('{"class": "convex", "argmin": ["1/2"], "argmax": [1], "min": 0, "max": 1, "at": ["3/8"]}')["high"]
    '1/4'
    >>> answer('{"class": "convecs"}')
    {'error': 'the query lacks argmin, argmax, min, max, at'}
    """
    try:
        query = json.loads(line, parse_float=str)
        if not isinstance(query, dict):
            raise DomainError(f"a query must be a JSON object, not {line.strip()[:40]}")
        return _as_json(_possible(query)[0])
    except FvproofError as error:
        return {"error": str(error)}
    except (ValueError, RecursionError) as error:
        return {"error": f"a query must be one JSON object per line: {error}"}


def _possible(query: Mapping[str, Any]) -> tuple[Interval, Visualization]:
    """Return the ambiguity set that a query asks for, and its visualization."""
    from theory.exemplars import ambiguity  # numpy only when it is needed
    from theory.visualization import Visualization

    if missing := [key for key in REQUIRED if key not in query]:
        raise DomainError(f"the query lacks {', '.join(missing)}")
    if unknown := sorted(set(query) - {*REQUIRED, *PARAMETERS, *OPTIONAL}):
        raise DomainError(f"the query has unknown keys: {', '.join(unknown)}")
    within, x = _class(query), _point(query["at"])
    ends = (_point(query["argmin"]), _point(query["argmax"]), query["min"], query["max"])
    phi = Visualization(*ends, within.domain)
    unique_extrema = query.get("unique_extrema", False)
    if not isinstance(unique_extrema, bool):
        raise DomainError(f"unique_extrema must be true or false, not {unique_extrema!r}")
    if not {"exemplars", "slack"} & set(query):
        return within.ambiguity(phi, x, unique_extrema=unique_extrema), phi
    if unique_extrema:
        raise DomainError("unique extrema do not go together with exemplars and slack")
    return ambiguity(within, phi, x, _pairs(query.get("exemplars", [])), slack=query.get("slack", 0)), phi


def _class(query: Mapping[str, Any]) -> FunctionClass:
    """Return the class that a query names."""
    from theory.classes import function_class  # numpy only when it is needed

    parameters = {key: query[key] for key in PARAMETERS if key in query}
    if "training" in parameters:
        parameters["training"] = _pairs(parameters["training"])
    return function_class(str(query["class"]), **parameters)


def _point(given: Any) -> Any:  # noqa: ANN401  what as_point reads
    """Return a point's coordinates from a list, a text with commas, or a .npy file."""
    if not isinstance(given, str):
        if not isinstance(given, list):
            raise DomainError(f"a point must be a list of numbers, not {given!r}")
        return given
    if not given.endswith(".npy"):
        return given.split(",")
    import numpy as np

    try:
        return np.load(given, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DomainError(f"cannot read the point {given}: {error}") from None


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


def _as_json(possible: Interval) -> dict[str, object]:
    """Return the answer's fields."""
    return {
        "low": str(possible.low),
        "high": str(possible.high),
        "low_closed": possible.low_closed,
        "high_closed": possible.high_closed,
        "radius": str(possible.radius),
        "best": str(possible.midpoint),
    }


def _as_text(possible: Interval, phi: Visualization) -> str:
    """Return the answer in words."""
    share = "" if phi.spread == 0 else f" ({float(2 * possible.radius / phi.spread):.4%} of what knowing nothing costs)"
    return "\n".join(
        [
            f"possible values    {possible}",
            f"best prediction    {possible.midpoint}",
            f"its error, at most {possible.radius}{share}",
        ]
    )
