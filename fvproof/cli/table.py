"""`fvproof table`: what a visualization tells, class by class and task by task."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from fvproof.theory.wording import percent

if TYPE_CHECKING:
    from fvproof.theory.exact.points import Point
    from fvproof.theory.overview import Row

FORMATS = {"text": "simple", "markdown": "pipe", "latex": "latex_booktabs"}
"""What tabulate calls each format."""


@click.command()
@click.option("--format", "style", type=click.Choice([*FORMATS, "json"]), default="text", help="Default: text.")
def command(style: str) -> int:
    """Print the table classes × tasks, computed from the classes.

    A task is solvable for a class if the answer is "always"; where it is "sometimes", that depends on the visualization
    and the query. The worst error is that of the best decoder, as a share of the error of knowing nothing. A known
    Lipschitz constant is 2 here, in the norm l1, for units that rise by 1.
    """
    from fvproof.theory.overview import overview  # numpy only when it is needed

    rows = overview()
    click.echo(
        json.dumps([_as_json(row) for row in rows], ensure_ascii=False) if style == "json" else _text(rows, style)
    )
    return 0


def _text(rows: list[Row], style: str) -> str:
    """Return the table in one of tabulate's formats."""
    from tabulate import tabulate

    tasks = list(rows[0].answers)
    lines = [[r.title, r.domain, *(r.answers[t] for t in tasks), percent(float(r.worst)), r.source] for r in rows]
    return tabulate(lines, ["units", "domain", *tasks, "worst error", "source"], tablefmt=FORMATS[style])


def _as_json(row: Row) -> dict[str, object]:
    """Return the row's fields, numbers as exact text."""
    return {
        "class": row.name,
        "title": row.title,
        "domain": row.domain,
        "source": row.source,
        "tasks": row.answers,
        "worst": str(row.worst),
        "unsolvable": {
            task: {
                "argmin": _as_text(example.visualization.argmin),
                "argmax": _as_text(example.visualization.argmax),
                "min": str(example.visualization.minimum),
                "max": str(example.visualization.maximum),
                "at": [_as_text(x) for x in example.queries],
            }
            for task, example in row.examples.items()
        },
    }


def _as_text(point: Point) -> list[str]:
    """Return the coordinates as text."""
    return [str(coordinate) for coordinate in point]
