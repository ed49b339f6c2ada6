"""`fvproof refute`: a decoder in, a visualization, a query and functions out that prove it wrong."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.queries import class_given, class_options

if TYPE_CHECKING:
    from fvproof.verify.refutation.refute import Outcome

REFUTED, UNKNOWN = 1, 3
"""Exit codes if the decoder is wrong or gives no answer, and if the time was up."""


@click.command("refute")
@click.argument("name", metavar="CLASS")
@click.option("--decoder", required=True, metavar="FILE.py:FUNCTION", help="Called as FUNCTION(visualization, query).")
@click.option("--dim", "dimension", type=click.IntRange(1), required=True, metavar="D", help="Inputs of the units.")
@click.option("--task", "goal", default="exact", show_default=True, help="exact, approximate, side, order or optimal.")
@class_options
@click.option("--cases", type=click.IntRange(1), default=200, show_default=True, help="How many cases to try.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), default=60, show_default=True, metavar="SECONDS")
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
    from fvproof.verify.refutation.decoder_files import refute_file
    from fvproof.verify.refutation.records import outcome_record
    from fvproof.verify.refutation.refute import Effort
    from fvproof.verify.refutation.wording import explain

    within = class_given(name, given)
    effort = Effort(given["cases"], min(Effort().answer_s, given["timeout"]), given["timeout"])
    outcome = refute_file(within, decoder, dimension=given["dimension"], goal=given["goal"], effort=effort)
    record = outcome_record(outcome, decoder)
    if out is not None:
        _write(outcome, record, out)
    click.echo(json.dumps(record, indent=1) if as_json else explain(outcome, within))
    return _exit_code(outcome)


def _write(outcome: "Outcome", record: Mapping[str, Any], out: Path) -> None:
    """Write what came out, and the functions if there are any."""
    from fvproof.verify.files.records import write_json
    from fvproof.verify.refutation.judging import Refutation

    if isinstance(outcome, Refutation):
        from fvproof.empirical.exact.twin_files import write_twins  # torch only when it is needed

        write_twins(outcome.twins, out)
    write_json(record, out / "refutation.json")
    click.echo(f"written to {out}: {', '.join(sorted(path.name for path in out.iterdir()))}", err=True)


def _exit_code(outcome: "Outcome") -> int:
    """Return the exit code that says how it went."""
    from fvproof.verify.refutation.refute import Broken, Survived

    match outcome:
        case Survived():
            return 0 if outcome.complete else UNKNOWN
        case Broken():
            return UNKNOWN if outcome.failure.slow else REFUTED
        case _:
            return REFUTED
