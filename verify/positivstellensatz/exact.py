"""Linear equations over the rational numbers."""

from collections.abc import Sequence
from fractions import Fraction


def solution(
    entries: Sequence[tuple[int, int, Fraction | int]], columns: Sequence[int], target: int, *, free: int
) -> dict[int, Fraction] | None:
    """Return the exact solution in the given columns, 1 in the row of the target and 0 in the others.

    Columns before ``free`` must not be negative. None if there is no such solution.
    """
    wanted = {column: i for i, column in enumerate(columns)}
    rows: dict[int, dict[int, Fraction]] = {}
    for i, j, c in entries:
        if j in wanted:
            row = rows.setdefault(i, {})
            row[wanted[j]] = row.get(wanted[j], Fraction(0)) + Fraction(c)
    right = len(columns)
    rows.setdefault(target, {})[right] = Fraction(1)
    pivots: dict[int, dict[int, Fraction]] = {}
    for row in rows.values():
        left = _eliminated(row, pivots)
        lead = next((k for k in sorted(left) if k < right), None)
        if lead is None:
            if left:
                return None
            continue
        pivots[lead] = {k: c / left[lead] for k, c in left.items()}
    found = _back(pivots, right)
    values = {columns[k]: found.get(k, Fraction(0)) for k in range(right)}
    if any(c < 0 for column, c in values.items() if column < free):
        return None
    return {column: c for column, c in values.items() if c}


def _eliminated(row: dict[int, Fraction], pivots: dict[int, dict[int, Fraction]]) -> dict[int, Fraction]:
    """Return a row minus multiples of the pivots' rows."""
    row = dict(row)
    for k in sorted(pivots):
        if c := row.get(k):
            for other, e in pivots[k].items():
                row[other] = row.get(other, Fraction(0)) - c * e
    return {k: c for k, c in row.items() if c}


def _back(pivots: dict[int, dict[int, Fraction]], right: int) -> dict[int, Fraction]:
    """Return the values of the pivots' unknowns; the others are 0."""
    found: dict[int, Fraction] = {}
    for k in sorted(pivots, reverse=True):
        row = pivots[k]
        found[k] = row.get(right, Fraction(0)) - sum(
            (c * found.get(j, Fraction(0)) for j, c in row.items() if k < j < right), Fraction(0)
        )
    return found
