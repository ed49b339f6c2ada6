"""Outcomes of refutations as JSON, and refutations checked again from their files alone."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from fvproof.theory.errors import DomainError
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.exact.surds import Exact
from fvproof.theory.tasks import Task
from fvproof.theory.texts import printable
from fvproof.verify.files.records import (
    check_fields,
    check_head,
    field,
    point_from,
    point_record,
    read_json,
    surd,
    value_text,
)
from fvproof.verify.files.twin_records import visualization_from, visualization_record
from fvproof.verify.refutation.asking import DecoderAnswer
from fvproof.verify.refutation.checks import Check
from fvproof.verify.refutation.judging import Refutation, errors, is_wrong
from fvproof.verify.refutation.recheck import claims_of, read_record, read_twins, recheck_twins, unchecked_of
from fvproof.verify.refutation.refute import AskedCase, Broken, Outcome, Survived

FORMAT = "fvproof-refutation"
VERSION = 1
STATED = ("case", "answers", "values", "errors", "unavoidable")
FIELDS = ("format", "version", "decoder", "outcome", "task", *STATED)
TWINS = "twins.json"
SHOWN = 6
"""So many different answers are shown."""


def outcome_record(outcome: Outcome, decoder: str) -> dict[str, Any]:
    """Return what came out as an object that `json` can write; its `outcome` is refuted, broken or survived.

    Parameters
    ----------
    outcome
        What `fvproof.verify.refutation.refute.refute` returned.
    decoder
        What the decoder is called.
    """
    head = {"format": FORMAT, "version": VERSION, "decoder": decoder}
    match outcome:
        case Survived():
            return {**head, "outcome": "survived", "task": outcome.goal, **_tried(outcome)}
        case Broken():
            how = {"outcome": "broken", "how": outcome.failure.how, "timed_out": outcome.failure.slow}
            return {**head, **how, "case": case_record(outcome.case)}
        case Refutation():
            return {**head, "outcome": "refuted", "task": outcome.goal, **_refutation(outcome)}


def _tried(outcome: Survived) -> dict[str, Any]:
    """Return how much was tried."""
    return {"tried": outcome.tried, "complete": outcome.complete}


def _refutation(found: Refutation) -> dict[str, Any]:
    """Return the answers, and how wrong they are."""
    return {
        "case": case_record((found.twins.visualization, found.twins.queries)),
        "answers": answers_record(found.answers),
        "values": [[value_text(value) for value in values] for values in found.twins.values],
        "errors": [value_text(error) for error in found.errors],
        "unavoidable": value_text(found.unavoidable),
    }


def recheck_refutation(path: Path) -> list[Check]:
    """Return the checks of a refutation, made anew from `refutation.json` and the twins in the same folder.

    The functions must be what the twins' own certificate says (`fvproof.verify.refutation.recheck.recheck_twins`), they
    must be about the same case, values, errors and the unavoidable error must be as stated, and the answers must be
    wrong. What the decoder is called, and that it gave these answers, cannot be checked without it.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    DomainError, ShapeError, UnknownName, InfeasibleVisualization
        If a file cannot be read, or is not what was written.
    """
    found, twins_file = read_refutation(path), path.with_name(TWINS)
    record, twins, how = _record(path), found.twins, "evaluated in exact arithmetic"
    phi, queries = case_from(field(record, "case", dict))
    same = phi == twins.visualization and _points(queries) == _points(twins.queries)
    values = [_numbers(row, "a value") for row in _lists(record, "values")]
    unavoidable = surd(record["unavoidable"], "the unavoidable error")
    return [
        *recheck_twins(twins_file),
        Check("the functions are about this visualization and query", same, f"compared with {TWINS}"),
        Check("the functions take the values stated at the queries", values == [[*v] for v in twins.values], how),
        Check("the answers are off by what is stated", _numbers(record["errors"], "an error") == [*found.errors], how),
        Check("every decoder errs by what is stated on one of them", unavoidable == found.unavoidable, how),
        Check(f"the answers fail the task {found.goal}", is_wrong(found), how),
    ]


def read_refutation(path: Path) -> Refutation:
    """Return the refutation that `refutation.json` and the twins beside it hold, the errors computed anew.

    Raises
    ------
    DomainError, ShapeError, UnknownName, InfeasibleVisualization
        As for `recheck_refutation`.
    """
    record, twins = _record(path), read_twins(path.with_name(TWINS))
    goal, answers = field(record, "task", str), answers_from(field(record, "answers", list))
    decisions = goal in (Task.SIDE, Task.ORDER)
    if any(isinstance(answer, bool) != decisions for answer in answers):
        raise DomainError(f"an answer to the task {printable(goal)} is {'true or false' if decisions else 'a number'}")
    if len(twins.queries) != (2 if goal == Task.ORDER else 1):
        raise DomainError(f"the task {printable(goal)} is about {'two queries' if goal == Task.ORDER else 'one query'}")
    return Refutation(goal, twins, answers, errors(goal, twins, answers))


def claims_of_refutation(found: Refutation) -> list[str]:
    """Return what a refutation claims, in words, a sentence per line."""
    answers = [value if isinstance(value, bool) else value_text(value) for value in dict.fromkeys(found.answers)]
    shown = ", ".join(map(str, answers[:SHOWN])) + (", …" if len(answers) > SHOWN else "")
    off = ", ".join(map(value_text, found.errors))
    return [
        *claims_of(found.twins),
        f"task: {found.goal}; the answers {shown} ({len(found.answers)} in all) are off by {off}",
        f"every decoder errs by {value_text(found.unavoidable)} or more on one of them",
    ]


def unchecked_of_refutation(path: Path) -> list[str]:
    """Return which parts of a refutation are free text."""
    decoder = printable(field(_record(path), "decoder", str))
    return [f"that the decoder {decoder} gave these answers", *unchecked_of(read_record(path.with_name(TWINS)))]


def _record(path: Path) -> dict[str, Any]:
    """Return a refutation as it stands there, with all its fields and no other."""
    record = read_json(path)
    check_head(record, FORMAT, VERSION)
    if field(record, "outcome", str) != "refuted":
        raise DomainError(f"{path} states no refutation")
    check_fields(record, FIELDS, name=str(path))
    assert isinstance(record, dict)
    return record


def _lists(record: object, key: str) -> list[object]:
    """Return the entries of a list in a record."""
    return [*field(record, key, list)]


def _numbers(record: object, name: str) -> list[Exact]:
    """Return a list of exact numbers."""
    if not isinstance(record, list):
        raise DomainError(f"{name} must stand in a list")
    return [surd(text, name) for text in record]


def _points(queries: Sequence[Point]) -> list[tuple[Fraction, ...]]:
    """Return queries in fractions, to be compared."""
    return [tuple(fractions(query)) for query in queries]


def case_record(case: AskedCase) -> dict[str, Any]:
    """Return a case as an object that `json` can write."""
    phi, queries = case
    return {**visualization_record(phi), "queries": [point_record(query) for query in queries]}


def case_from(record: object) -> AskedCase:
    """Return the case that `case_record` wrote."""
    phi = visualization_from(record, ("queries",))
    return phi, tuple(point_from(query, "a query", phi.domain) for query in field(record, "queries", list))


def answers_record(answers: Sequence[DecoderAnswer]) -> list[str | bool]:
    """Return answers as a list that `json` can write: numbers as text, decisions as they are."""
    return [answer if isinstance(answer, bool) else value_text(answer) for answer in answers]


def answers_from(record: Sequence[object]) -> tuple[DecoderAnswer, ...]:
    """Return the answers that `answers_record` wrote."""
    if not record:
        raise DomainError("there must be at least one answer")
    return tuple(said if isinstance(said, bool) else surd(said, "an answer") for said in record)
