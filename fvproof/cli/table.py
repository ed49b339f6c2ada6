"""`fvproof table`: what a visualization tells, class by class and task by task."""

from typing import Literal

import click


@click.command()
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "markdown", "latex", "json"]),
    default="text",
    show_default=True,
    help="Of what is printed.",
)
@click.option("--json", "style", flag_value="json", help="The same as --format json.")
def command(style: Literal["text", "markdown", "latex", "json"]) -> int:
    """Print the table classes × tasks, computed from the classes.

    A task is solvable for a class if the answer is "always"; where it is "sometimes", that depends on the visualization
    and the query. The worst error is that of the best decoder, as a share of the error of knowing nothing. A known
    Lipschitz constant is 2 here, in the norm l1, for units that rise by 1.
    """
    from fvproof.verbs.knowing import table  # numpy only when it is needed

    found = table()
    click.echo(found.to_json() if style == "json" else found.formatted(style))
    return found.code
