"""Tables on the site: cells that answer yes or no stand out, and on a phone each row is a card of its own.

Nothing is told by colour alone: the word stays, with a mark before it.
"""

from docutils import nodes
from sphinx.application import Sphinx

ANSWERS = {"yes": "yes", "no": "no", "sometimes": "sometimes"}
"""The class of a cell that says nothing but this word."""

LONG = 22
"""Letters in a cell, on average, from which a table of three columns or more is too much for a phone."""


def dressed(_app: Sphinx, tree: nodes.document, _page: str) -> None:
    """Mark cells that answer, and give each cell of a table that is too wide for a phone the name of its column."""
    for table in tree.findall(nodes.table):
        rows = [[*row.findall(nodes.entry)] for row in table.findall(nodes.row)]
        head, body = [cell.astext() for cell in rows[0]], rows[1:]
        answers = [cell for row in body for cell in row if cell.astext() in ANSWERS]
        for cell in answers:
            cell["classes"].append(f"answer-{ANSWERS[cell.astext()]}")
        if answers:
            table["classes"].append("answers")
        if _is_wide(head, body, answers):
            table["classes"].append("stacked")
            for row in body:
                _named(head, row)


def _is_wide(head: list[str], body: list[list[nodes.entry]], answers: list[nodes.entry]) -> bool:
    """Return whether a table does not fit a phone."""
    letters = sum(len(cell.astext()) for row in body for cell in row)
    long = letters > LONG * max(1, sum(map(len, body)))
    return len(head) > 2 and (long or len(answers) > len(body))


def _named(head: list[str], row: list[nodes.entry]) -> None:
    """Put the name of its column before each cell but the first; it is shown on a phone only."""
    for name, cell in zip(head[1:], row[1:], strict=True):
        cell.insert(0, nodes.inline("", name, classes=["column"]))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what this file adds to Sphinx."""
    app.connect("doctree-resolved", dressed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
