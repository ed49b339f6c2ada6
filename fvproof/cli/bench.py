"""`fvproof bench`: a method that makes visualizations, measured by one public protocol."""

from pathlib import Path
from typing import Any

import click

from fvproof.cli.options import out_option, seed_option


@click.command("bench")
@click.argument("method", required=False, metavar="[METHOD.py:FUNCTION]")
@click.option("--entries", default="all", show_default=True, metavar="NAME;..|all|none", help="Measured beside it.")
@click.option("--budget", type=click.IntRange(1), default=128, show_default=True, help="Forward passes for a picture.")
@click.option(
    "--timeout",
    "limit_s",
    type=click.FloatRange(0, min_open=True),
    default=60,
    show_default=True,
    metavar="S",
    help="Seconds for a picture.",
)
@seed_option
@out_option()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    method: str | None,
    entries: str,
    out: Path | None,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Measure a METHOD that makes visualizations beside others: what its pictures tell, reach, and withstand.

    FUNCTION(model, unit, budget) returns a picture, (C, H, W) in [0, 1]; unit(images) is what to make large. Without
    METHOD, the entries of the package are measured. What a method does wrong is told in a sentence, and the rest goes
    on. With --out, what is finished is kept. The exit code is 1 if the method gave no picture at all.
    """
    from fvproof.verbs.benching import bench  # torch only when it is needed

    found = bench(method, entries=entries, out=out, **options)
    click.echo(found.to_json() if as_json else found.text)
    return found.code
