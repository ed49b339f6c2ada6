"""Every numbered statement as data: what is claimed of which class, under which hypotheses, and where it is from."""

from fvproof.theory.classes import CLASSES
from fvproof.theory.classes import RELIABLE as RELIABLE_CLASSES
from fvproof.theory.errors import UnknownName
from fvproof.theory.statement import EVERY_D, PAPER, Statement
from fvproof.theory.statements.corollaries import COROLLARIES
from fvproof.theory.statements.dimension import DIMENSION
from fvproof.theory.statements.exemplars import EXEMPLARS
from fvproof.theory.statements.fooling import FOOLING
from fvproof.theory.statements.foundations import FOUNDATIONS
from fvproof.theory.statements.reliable import RELIABLE

ROWS: tuple[Statement, ...] = tuple(s for each in CLASSES.values() for s in each.statements)
"""The rows of the table: for each class, the exact set of values that a unit can still take. The classes own them."""
_RELIABLE_ROWS = tuple(s for each in RELIABLE_CLASSES.values() for s in each.statements)
STATEMENTS: dict[str, Statement] = {
    s.key: s for s in (*FOUNDATIONS, *ROWS, *COROLLARIES, *DIMENSION, *EXEMPLARS, *_RELIABLE_ROWS, *RELIABLE, *FOOLING)
}
"""All statements by key, in the order of the text."""


def statement(key: str) -> Statement:
    """Return the statement of that key.

    Raises
    ------
    UnknownName
        If there is none; the message lists the near ones.

    Examples
    --------
    >>> statement("proposition-1").title
    'The uninformed decoder'
    """
    if key not in STATEMENTS:
        raise UnknownName("statement", key, STATEMENTS)
    return STATEMENTS[key]


__all__ = ["EVERY_D", "PAPER", "STATEMENTS", "Statement", "statement"]
