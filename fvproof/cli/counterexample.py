"""`fvproof counterexample`: two functions that nobody can tell apart by their visualization, and that differ."""

from pathlib import Path
from typing import Any

import click

from fvproof.cli.queries import class_options


@click.command("counterexample")
@click.argument("name", metavar="CLASS")
@click.option("--argmin", required=True, metavar="POINT", help="0,1/2 or an .npy file or a picture.")
@click.option("--argmax", required=True, metavar="POINT", help="Where both functions are greatest.")
@click.option("--min", "minimum", required=True, metavar="VALUE", help="Their value at the argmin.")
@click.option("--max", "maximum", required=True, metavar="VALUE", help="Their value at the argmax.")
@click.option("--at", required=True, metavar="POINT", help="The query, where they differ.")
@click.option("--value", metavar="VALUE", help="Write the one function with this value at the query.")
@class_options
@click.option("--unique-extrema", is_flag=True, help="Functions without other minimum or maximum points.")
@click.option("--small", is_flag=True, help="Networks of one hidden layer with three units; more for labels of erm.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(*, name: str, out: Path, as_json: bool, **given: Any) -> int:  # noqa: ANN401  click's
    """Write two functions of CLASS with one visualization, as different at the query as can be.

    Each is written as exact JSON, as ONNX (where it is a ReLU network) and as torch export; twins.json says what was
    checked on these files, and twins.png shows functions of one or two inputs. Points are numbers with commas between
    them, .npy files, or pictures.

    \b
    fvproof counterexample relu-network --argmin 0,0 --argmax 1,1 --min 0 --max 1 --at 1/2,1/4 --out twins

    The exit code is 1 if every function of the class with this visualization takes the same value at the query.
    """  # noqa: D301  \b is click's mark for a paragraph that is not to be wrapped
    from fvproof.verbs.twinning import twins  # numpy only when it is needed

    *phi, at = (given.pop(key) for key in ("argmin", "argmax", "minimum", "maximum", "at"))
    found = twins(name, phi, at, out=out, **given)
    if found.certificate is None:
        click.echo(f"fvproof: {found.headline}", err=True)
    else:
        click.echo(found.to_json() if as_json else found.text)
    return found.code
