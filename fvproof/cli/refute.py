"""`fvproof refute`: a decoder in, a visualization, a query and functions out that prove it wrong."""

from pathlib import Path
from typing import Any

import click

from fvproof.cli.queries import class_options


@click.command("refute")
@click.argument("name", metavar="CLASS")
@click.option("--decoder", required=True, metavar="FILE.py:FUNCTION", help="Called as FUNCTION(visualization, query).")
@click.option("--dim", type=click.IntRange(1), required=True, metavar="D", help="Inputs of the units.")
@click.option("--task", default="exact", show_default=True, help="exact, approximate, side, order or optimal.")
@class_options
@click.option("--cases", type=click.IntRange(1), default=200, show_default=True, help="How many cases to try.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(0, min_open=True),
    default=60,
    show_default=True,
    metavar="S",
    help="Seconds.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the functions.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(*, name: str, decoder: str, out: Path | None, as_json: bool, **given: Any) -> int:  # noqa: ANN401  click's
    """Look for a visualization and a query at which a decoder is wrong about the functions of CLASS.

    The decoder is a Python function. It gets a visualization (argmin, argmax, minimum, maximum) and a query, both
    exact, and returns the value there as a number; for the task side True if that is closer to the maximum; for the
    task order it gets two queries and returns True if the first excites the unit at least as much. A decoder that
    guesses returns a function without arguments that draws an answer. For the class erm it also gets the training
    set, pairs of a point and a label. The task optimal asks that it errs by no more than every decoder must.

    With --out, the functions that prove it wrong are written as exact JSON, ONNX and torch export, with twins.json and
    refutation.json for anyone to check.

    Exit codes: 0 not refuted, 1 refuted or no answer, 2 bad input, 3 the time was up.
    """
    from fvproof.verbs.refuting import refute  # a solver only when it is needed

    found = refute(name, decoder, **given)
    if out is not None:
        names = sorted(path.name for path in found.save(out).iterdir())
        click.echo(f"written to {out}: {', '.join(names)}", err=True)
    click.echo(found.to_json() if as_json else found.text)
    return found.code
