"""Findings to JSON and back: frozen dataclasses of plain numbers, tuples and further dataclasses."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from empirical.store import Piece
from empirical.sweep import Workplace

T = TypeVar("T")


def remembered(
    workplace: Workplace, names: Sequence[str], kind: type[T], compute: Callable[[], Sequence[T]]
) -> list[T]:
    """Return findings that are computed once, all together, and then kept in the workplace.

    Parameters
    ----------
    workplace
        Where they are kept.
    names
        One per finding, different from those of other findings in the workplace.
    kind
        Their dataclass.
    compute
        Gives the findings, in the order of the names.
    """
    pieces = workplace.finished(names, lambda: [Piece(asdict(found), {}) for found in compute()])  # type: ignore[call-overload]
    return [restored(kind, piece.record) for piece in pieces]


def restored(kind: Any, record: Any) -> Any:  # noqa: ANN401  what the annotations say
    """Return the value that `dataclasses.asdict` made the record of.

    Examples
    --------
    >>> from empirical.measurement.bootstrap import Estimate
    >>> restored(Estimate, {"value": 1.0, "low": 0.5, "high": 2.0})
    Estimate(value=1.0, low=0.5, high=2.0)
    >>> restored(tuple[Estimate, ...], [{"value": 1.0, "low": 0.5, "high": 2.0}])
    (Estimate(value=1.0, low=0.5, high=2.0),)
    """
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{field.name: restored(hints[field.name], record[field.name]) for field in fields(kind)})
    if get_origin(kind) is tuple:
        return tuple(restored(get_args(kind)[0], part) for part in record)
    return record
