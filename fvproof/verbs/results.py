"""What every verb returns: it shows itself at a prompt and in a notebook, and can be kept."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from typing_extensions import override

Row = Mapping[str, object]


class Result(ABC):
    """What a verb found.

    ``str`` gives what the command line prints, `to_json` what it prints with ``--json``, and `code` is what it exits
    with.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def headline(self) -> str:
        """What was found, in one line."""

    @property
    @abstractmethod
    def rows(self) -> Sequence[Row]:
        """The findings, one mapping each, all with the same keys."""

    @property
    @abstractmethod
    def text(self) -> str:
        """What the command line prints."""

    @abstractmethod
    def record(self) -> Any:  # noqa: ANN401  whatever JSON can hold
        """Return all figures as plain lists, dictionaries, text, numbers and None."""

    @property
    def code(self) -> int:
        """What the command line exits with: 0 done and true, 1 refuted or not to be trusted, 3 unknown."""
        return 0

    def table(self) -> Any:  # noqa: ANN401  pandas need not be there
        """Return the findings as a pandas frame, one row each; without pandas, as a list of dictionaries."""
        if find_spec("pandas") is None:
            return [dict(row) for row in self.rows]
        return import_module("pandas").DataFrame(list(self.rows))

    def to_json(self) -> str:
        """Return all figures as JSON."""
        return json.dumps(self.record(), indent=1, ensure_ascii=False, allow_nan=False)

    def save(self, folder: str | Path) -> Path:
        """Write the findings into a folder, which is made if need be, and return it.

        Raises
        ------
        DomainError
            If the folder cannot be written to.
        """
        from fvproof.empirical.keeping.store import open_store, write_atomically  # torch only when it is needed

        place = open_store(folder)
        write_atomically(place / f"{self._kind}.json", self.to_json().encode())
        return place

    @property
    def _kind(self) -> str:
        """The verb that this is the result of."""
        return type(self).__name__.removesuffix("Result").lower()

    @override
    def __str__(self) -> str:
        return self.text

    @override
    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.headline}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return f"<p><b>{escape(self.headline)}</b></p>{html_table(self.rows)}"


MOST_ROWS = 40
"""A notebook shows so many rows; `Result.table` has all of them."""

TEXT_STYLE = ' style="text-align:left"'
"""Of cells of text; notebooks put everything to the right, where numbers belong."""


def html_table(rows: Sequence[Row]) -> str:
    """Return rows as an HTML table.

    Examples
    --------
    >>> print(html_table([{"unit": "fc:3", "order": 0.51234}]).partition("<tbody>")[2])
    <tr><td style="text-align:left">fc:3</td><td>0.5123</td></tr></tbody></table>
    """
    if not rows:
        return ""
    words = {name for name in rows[0] if any(isinstance(row[name], str) for row in rows[:MOST_ROWS])}
    styles = {name: TEXT_STYLE if name in words else "" for name in rows[0]}
    heads = "".join(f"<th{style}>{escape(str(name))}</th>" for name, style in styles.items())
    lines = ("".join(f"<td{styles[name]}>{_cell(row[name])}</td>" for name in styles) for row in rows[:MOST_ROWS])
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    left = len(rows) - MOST_ROWS
    more = f"<p>and {left} more: <code>.table()</code> has all</p>" if left > 0 else ""
    table = f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody>"
    return f'<table style="margin:4px 0 12px">{table}</table>{more}'


def _cell(value: object) -> str:
    """Return a value as it stands in a cell of an HTML table."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return escape(f"{value:.4g}" if isinstance(value, float) else str(value))


def html_text(text: str) -> str:
    """Return what the command line prints as HTML; long lines are broken."""
    return f'<pre style="white-space:pre-wrap">{escape(text)}</pre>'


def html_picture(data_uri: str, *, title: str = "") -> str:
    """Return a picture with its title, as one of several beside one another."""
    style = (
        "display:inline-block;vertical-align:top;max-width:100%;margin:0 12px 12px 0;text-align:center;font-size:12px"
    )
    size = "height:160px;max-width:100%;image-rendering:pixelated"
    image = f'<img src="{data_uri}" alt="{escape(title)}" style="{size}">'
    return f'<figure style="{style}">{image}<figcaption>{escape(title)}</figcaption></figure>'
