"""Outcomes of refutations as JSON, and refutations checked again from their files alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from theory.errors import DomainError
from theory.tasks import Task
from verify.checks import Check
from verify.files.recheck import read_twins, recheck
from verify.files.records import check_head, field, point_from, point_record, read_json, surd, value_text
from verify.files.twin_records import visualization_from, visualization_record
from verify.refutation.asking import Answer
from verify.refutation.judging import Refutation, errors, is_wrong
from verify.refute import Broken, Case, Outcome, Survived

FORMAT = "fvproof-refutation"
VERSION = 1


def outcome_record(outcome: Outcome, decoder: str) -> dict[str, Any]:
    """Return what came out as an object that `json` can write; its `outcome` is refuted, broken or survived.

    Parameters
    ----------
    outcome
        What `verify.refute.refute` returned.
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

    The functions must be what the twins' own certificate says (`verify.files.recheck.recheck`), they must be about the
    same case, and the answers must be wrong on them by what is stated.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    DomainError, ShapeError, UnknownName, InfeasibleVisualization
        If a file cannot be read, or is not what was written.
    """
    record = read_json(path)
    check_head(record, FORMAT, VERSION)
    if field(record, "outcome", str) != "refuted":
        raise DomainError(f"{path} states no refutation")
    twins_file = path.with_name("twins.json")
    twins, goal = read_twins(twins_file), field(record, "task", str)
    answers = answers_from(field(record, "answers", list))
    phi, queries = case_from(field(record, "case", dict))
    if len(queries) != (2 if goal == Task.ORDER else 1):
        raise DomainError(f"the task {goal} is about {'two queries' if goal == Task.ORDER else 'one query'}")
    found = Refutation(goal, twins, answers, errors(goal, twins, answers))
    same = phi == twins.visualization and case_record((phi, queries))["queries"] == _queries(found)
    stated = [value_text(error) for error in found.errors] == field(record, "errors", list)
    how = "evaluated in exact arithmetic"
    return [
        *recheck(twins_file),
        Check("the functions are about this visualization and query", same, "compared with twins.json"),
        Check("the answers are off by what is stated", stated, how),
        Check(f"the answers fail the task {goal}", is_wrong(found), how),
    ]


def _queries(found: Refutation) -> list[Any]:
    """Return the queries as JSON."""
    return case_record((found.twins.visualization, found.twins.queries))["queries"]


def case_record(case: Case) -> dict[str, Any]:
    """Return a case as an object that `json` can write."""
    phi, queries = case
    return {**visualization_record(phi), "queries": [point_record(query) for query in queries]}


def case_from(record: object) -> Case:
    """Return the case that `case_record` wrote."""
    phi = visualization_from(record)
    return phi, tuple(point_from(query, "a query", phi.domain) for query in field(record, "queries", list))


def answers_record(answers: Sequence[Answer]) -> list[str | bool]:
    """Return answers as a list that `json` can write: numbers as text, decisions as they are."""
    return [answer if isinstance(answer, bool) else value_text(answer) for answer in answers]


def answers_from(record: Sequence[object]) -> tuple[Answer, ...]:
    """Return the answers that `answers_record` wrote."""
    if not record:
        raise DomainError("there must be at least one answer")
    return tuple(said if isinstance(said, bool) else surd(said, "an answer") for said in record)
