"""`fv.table`: what a visualization tells, class by class and task by task."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from tabulate import tabulate
from typing_extensions import override

from fvproof.theory.errors import UnknownName
from fvproof.theory.exact.points import Point
from fvproof.theory.overview import Row, overview
from fvproof.theory.wording import percent
from fvproof.verbs.kinds import checked
from fvproof.verbs.results import Result

FORMATS = {"text": "simple", "markdown": "pipe", "latex": "latex_booktabs"}
"""What tabulate calls each format."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TableResult(Result):
    """The table classes × tasks.

    Attributes
    ----------
    overview
        One row for each class and domain, with examples of what cannot be answered.
    """

    overview: tuple[Row, ...]

    @property
    @override
    def headline(self) -> str:
        unsolvable = sum(any(answer != "always" for answer in row.answers.values()) for row in self.overview)
        return f"{len(self.overview)} classes of units; {unsolvable} leave a task open"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [
            {"units": row.title, "domain": row.domain}
            | {str(task): answer for task, answer in row.answers.items()}
            | {"worst error": percent(float(row.worst)), "source": row.source}
            for row in self.overview
        ]

    @checked
    def formatted(self, style: Literal["text", "markdown", "latex"]) -> str:
        """Return the table as text, Markdown or LaTeX (booktabs).

        Raises
        ------
        UnknownName
            If there is no such style.
        """
        if style not in FORMATS:
            raise UnknownName("style", style, FORMATS)
        return tabulate([list(row.values()) for row in self.rows], list(self.rows[0]), tablefmt=FORMATS[style])

    @property
    @override
    def text(self) -> str:
        return self.formatted("text")

    @override
    def record(self) -> list[dict[str, Any]]:
        return [_record(row) for row in self.overview]

    @override
    def to_json(self) -> str:
        """Return the rows as JSON in one line, numbers as exact text."""
        return json.dumps(self.record(), ensure_ascii=False)


def _record(row: Row) -> dict[str, Any]:
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
                "argmin": _texts(example.visualization.argmin),
                "argmax": _texts(example.visualization.argmax),
                "min": str(example.visualization.minimum),
                "max": str(example.visualization.maximum),
                "at": [_texts(x) for x in example.queries],
            }
            for task, example in row.examples.items()
        },
    }


def _texts(point: Point | Iterable[object]) -> list[str]:
    """Return the coordinates as text."""
    return [str(coordinate) for coordinate in point]


def table() -> TableResult:
    """Return the table classes × tasks: what a visualization tells, computed from the classes.

    A task is solvable for a class if the answer is "always"; where it is "sometimes", that depends on the visualization
    and the query. The worst error is that of the best decoder, as a share of the error of knowing nothing,
    (M − m)/2. A known Lipschitz constant is 2 here, in the norm l1, for units that rise by 1.

    Returns
    -------
    TableResult
        ``.rows`` as text, ``.overview`` with exact numbers and an example for each task that is not always solvable;
        ``.formatted("latex")`` and ``.formatted("markdown")`` for a paper.

    Source: Geirhos et al., ICML 2024, Table 1, computed anew, with the classes that fvproof adds to it.

    Examples
    --------
    >>> import fvproof as fv
    >>> found = fv.table()
    >>> found.rows[0]["units"], found.rows[0]["exact"]
    ('black-box function', 'never')
    """
    return TableResult(tuple(overview()))
