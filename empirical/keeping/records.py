"""Findings to JSON and back: frozen dataclasses of plain numbers, tuples and further dataclasses."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, is_dataclass
from functools import partial
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from fvproof.empirical.keeping.store import FinishedPiece
from fvproof.empirical.keeping.workers import run_jobs
from fvproof.empirical.keeping.workspace import Job, Workspace

T = TypeVar("T")


def remembered(
    workspace: Workspace, names: Sequence[str], kind: type[T], compute: Callable[[], Sequence[T]]
) -> list[T]:
    """Return findings that are computed once, all together, and then kept in the workspace.

    Parameters
    ----------
    workspace
        Where they are kept.
    names
        One per finding, different from those of other findings in the workspace.
    kind
        Their dataclass.
    compute
        Gives the findings, in the order of the names.
    """
    return recorded(workspace, [job_for(names, lambda _: compute())], kind)


def job_for(names: Sequence[str], compute: Callable[[Workspace], Sequence[object]]) -> Job:
    """Return the job for findings, dataclasses that are computed together from what a workspace has."""
    return Job(tuple(names), partial(_pieces, compute), len(names))


def recorded(workspace: Workspace, jobs: Sequence[Job], kind: type[T]) -> list[T]:
    """Return the findings of jobs that `job_for` made, all of one kind; those that are not kept are computed here."""
    run_jobs(workspace, jobs)
    pieces = workspace.kept([name for job in jobs for name in job.names])
    assert pieces is not None
    return [restored(kind, piece.record) for piece in pieces]


def _pieces(compute: Callable[[Workspace], Sequence[Any]], workspace: Workspace, **_: object) -> list[FinishedPiece]:
    """Return findings as they are kept."""
    return [FinishedPiece(asdict(found), {}) for found in compute(workspace)]


def restored(kind: Any, record: Any) -> Any:  # noqa: ANN401  what the annotations say
    """Return the value that `dataclasses.asdict` made the record of.

    Examples
    --------
    >>> from fvproof.empirical.measurement.bootstrap import Estimate
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
