"""`fvproof counterexample`: two functions that nobody can tell apart by their visualization, and that differ."""

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import indent
from typing import Any

import click

from fvproof.cli.queries import class_given, class_options, points_given

NONE = 1
"""Exit code if the visualization tells the value, or a float file does not follow the exact function."""


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
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print the certificate as JSON.")
def command(*, name: str, out: Path, as_json: bool, **given: Any) -> int:  # noqa: ANN401  click's
    """Write two functions of CLASS with one visualization, as different at the query as can be.

    Each is written as exact JSON, as ONNX (where it is a ReLU network) and as torch export; twins.json says what was
    checked on these files, and twins.png shows functions of one or two inputs. Points are numbers with commas between
    them, .npy files, or pictures.

    \b
    fvproof counterexample relu-network --argmin 0,0 --argmax 1,1 --min 0 --max 1 --at 1/2,1/4 --out twins

    The exit code is 1 if every function of the class with this visualization takes the same value at the query.
    """  # noqa: D301  \b is click's mark for a paragraph that is not to be wrapped
    from fvproof.verify.refutation.twins import twins

    within, phi, query, shape = _read(name, given)
    found = twins(within, phi, query, value=given["value"], unique_extrema=given["unique_extrema"])
    if len(found.members) == 1 and given["value"] is None:
        told = f"every {within.title} with this visualization takes the value {found.values[0][0]} at the query"
        click.echo(f"fvproof: there is no counterexample: {told}", err=True)
        return NONE
    from fvproof.empirical.exact.twin_files import all_checks, write_twins  # torch only when it is needed

    certificate = write_twins(found, out, shape=shape)
    click.echo(json.dumps(certificate, indent=1) if as_json else _summary(certificate, out))
    return 0 if all(check.holds is not False for check in all_checks(certificate)) else NONE


def _read(name: str, given: Mapping[str, Any]) -> tuple[Any, Any, Any, tuple[int, ...]]:
    """Return the class, the visualization, the query, and the shape of one input."""
    from fvproof.theory.visualization import Visualization

    within = class_given(name, given)
    points, shape = points_given(given)
    ends = (points["argmin"], points["argmax"], given["minimum"], given["maximum"])
    phi = Visualization(*ends, within.domain)
    return within, phi, phi.query(points["at"]), shape or (phi.dimension,)


def _summary(certificate: Mapping[str, Any], out: Path) -> str:
    """Return what was written and checked, as text."""
    from tabulate import tabulate

    lines = []
    for member in certificate["members"]:
        files = [member[kind]["file"] for kind in ("exact", "onnx", "torch") if member[kind]]
        lines.append(f"f(x) = {member['values'][0]}: {', '.join(files)}")
        if member["onnx"] is None:
            lines.append(f"  no ONNX file: {member['why_no_onnx']}")
        marks = {True: "yes", False: "NO", None: "-"}
        rows = [[check["name"], marks[check["holds"]], check["how"]] for check in member["checks"]]
        lines.append(indent(tabulate(rows, tablefmt="plain"), "  "))
    return "\n".join([*lines, f"written to {out}, with the certificate twins.json"])
