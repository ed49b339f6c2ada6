"""`fvproof interval`: the values that a unit can still take at a point."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.queries import class_options, parsed, points_given, typed
from fvproof.theory.errors import DomainError, FvproofError
from fvproof.theory.texts import BLANKS, decoded
from fvproof.theory.wording import percent

if TYPE_CHECKING:
    from fvproof.theory.interval import Interval
    from fvproof.theory.queries import Answer

REQUIRED = {"class": "CLASS", **{key: f"--{key}" for key in ("argmin", "argmax", "min", "max", "at")}}
"""What every query needs, and how it is given on the command line."""


@click.command()
@click.argument("name", metavar="[CLASS]", required=False)
@click.option("--argmin", metavar="POINT", help="Where the unit is least: 0,1/2, an .npy file or a picture.")
@click.option("--argmax", metavar="POINT", help="Where the unit is greatest.")
@click.option("--min", metavar="VALUE", help="Its value at the argmin.")
@click.option("--max", metavar="VALUE", help="Its value at the argmax.")
@click.option("--at", metavar="POINT", help="The query.")
@class_options
@click.option("--exemplars", metavar="FILE", help="Points with known values: .jsonl or .npz.")
@click.option("--slack", metavar="ETA", help="The extrema may be off by ETA.")
@click.option("--unique-extrema", is_flag=True, default=None, help="The unit has no other minimum or maximum point.")
@click.option("--batch", type=click.File("rb"), metavar="FILE", help="Answer every line of a JSONL file (- for stdin).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, name: str | None, batch: Iterable[bytes] | None, as_json: bool, **options: Any) -> int:  # noqa: ANN401  click's
    """Print the values that a unit of CLASS can still take at a point, once its visualization is known.

    Numbers are exact: fractions (1/4) or decimals (0.9). A point is numbers with commas between them, an .npy file or a
    picture. Training sets and exemplars have one object per line: {"at": ["0", "1/2"], "value": "1/4"}, or are the
    arrays `points` and `values` of an .npz file.

    The classes are those of `fvproof table --format json`: most live on the cube; quadratic on the unit sphere; ridge
    on a ball, and affine-ball on a ball, an ellipsoid or a polytope, the unit ball unless another is given.

    In a batch each line is an object such as {"class": "lipschitz", "argmin": ["0", "0"], "argmax": ["1", "1"],
    "min": "0", "max": "1", "at": ["1/4", "0"], "lipschitz": "1", "norm": "l1"}, its keys named like the options
    (unique_extrema with an underscore; points, rows and pairs as lists); it gives one line with the answer, or with the
    error. What is given beside --batch holds for every line that says nothing else. The exit code is 2 if any line was
    bad.
    """
    given = {"class": name, **options}
    points_given(given)  # their shapes must agree
    query = {key: typed(key, value) for key, value in given.items() if value is not None}
    if batch is not None:
        return _answer_all(batch, query)
    if missing := [option for key, option in REQUIRED.items() if key not in query]:
        raise DomainError(f"a query needs {', '.join(missing)}")
    from fvproof.theory.queries import answer  # numpy only when it is needed

    found = answer(query)
    click.echo(json.dumps(_as_json(found)) if as_json else _as_text(found))
    return 0


def _answer_all(lines: Iterable[bytes], defaults: Mapping[str, Any]) -> int:
    """Print one JSON object per line and return the exit code: 2 if any line was bad."""
    refused = total = 0
    texts = filter(lambda text: text.strip(BLANKS), map(decoded, lines))
    for total, line in enumerate(texts, start=1):  # noqa: B007  the last number is the count
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
    from fvproof.theory.queries import answer  # numpy only when it is needed

    try:
        line_query = _object(line)
        points_given(line_query)  # their shapes must agree
        return _as_json(answer({**(defaults or {}), **{key: parsed(key, value) for key, value in line_query.items()}}))
    except FvproofError as error:
        return {"error": str(error)}


def _object(line: str) -> dict[str, Any]:
    """Return the JSON object that a line holds."""
    from fvproof.verify.files.json_lines import json_value

    try:
        found = json_value(line)
    except DomainError as error:
        raise DomainError(f"a query must be one JSON object per line: {error}") from None
    if not isinstance(found, dict):
        raise DomainError(f"a query must be a JSON object, not {line.strip(BLANKS)[:40]}")
    return found


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
