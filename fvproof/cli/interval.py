"""`fvproof interval`: the values that a unit can still take at a point."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from typing_extensions import override

from fvproof.cli.queries import class_options
from fvproof.theory.errors import DomainError
from fvproof.verify.files.disk import require_regular

if TYPE_CHECKING:
    from fvproof.verbs.bounding import IntervalResult

QUERY = ("argmin", "argmax", "min", "max", "at")


class LineFile(click.File):
    """A file of lines that are answered one by one: standard input, a pipe that is open already, or a regular file."""

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value != "-":
            require_regular(Path(value))
        return super().convert(value, param, ctx)


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
@click.option("--noise", metavar="S", help="The values of exemplars are known up to S.")
@click.option("--unique-extrema", is_flag=True, default=None, help="The unit has no other minimum or maximum point.")
@click.option("--batch", type=LineFile("rb"), metavar="FILE", help="Answer every line of a JSONL file (- for stdin).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
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
    given = {key: value for key, value in options.items() if value is not None}
    if batch is not None:
        return _answer_all(batch, given if name is None else {"within": name, **given})
    if missing := ([] if name else ["CLASS"]) + [f"--{key}" for key in QUERY if key not in given]:
        raise DomainError(f"a query needs {', '.join(missing)}")
    from fvproof.verbs.bounding import interval  # numpy only when it is needed

    *phi, at = (given.pop(key) for key in QUERY)
    found = interval(str(name), phi, at, **given)
    click.echo(found.to_json() if as_json else found.text)
    return found.code


def _answer_all(lines: Iterable[bytes], defaults: dict[str, Any]) -> int:
    """Print one JSON object per line, each as soon as it is found, and return the exit code."""
    from fvproof.verbs.batching import intervals, line_of

    def told(answer: IntervalResult | str) -> None:
        sys.stdout.write(line_of(answer) + "\n")

    found = intervals(lines, each=told, **defaults)
    if found.refused:
        click.echo(f"fvproof: {found.headline}", err=True)
    return found.code
