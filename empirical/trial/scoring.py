"""What the answers of people come to: how often they are right, beside the decoders, and what the theory grants."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from fvproof.empirical.measurement.bootstrap import LEVEL, Estimate
from fvproof.empirical.trial.page import FORMAT, KEY, VERSION
from fvproof.empirical.trial.questions import CONDITIONS
from fvproof.theory.errors import DomainError
from fvproof.verify.files.disk import reading, require_regular

MOST_BYTES = 1 << 26
"""No honest key or file of answers is larger."""

ATTENTIVE = 0.8
"""Whoever is right in a smaller share of the catch trials did not look, and is left out of the totals."""

OFFSET, PRIME = 0xCBF29CE484222325, 0x100000001B3
"""Of the hash FNV-1a, 64 bits."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one person.

    Attributes
    ----------
    file
        Where they were read.
    person
        A random number of the page's: two files of one person have the same.
    given
        For each question answered the side, how sure, from 1 to 3, and the seconds it took.
    """

    file: str
    person: str
    given: Mapping[str, tuple[str, int, float]]


@dataclass(frozen=True, slots=True)
class PersonScore:
    """How one person did: questions answered, the share right, catch trials, and whether the answers count."""

    file: str
    answered: int
    right: Estimate
    caught: int
    catches: int
    counts: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class ReadingScore:
    """How well people read the pictures of one unit, or of all, in one condition.

    Attributes
    ----------
    unit
        Its name; "all" for all units together.
    condition
        "visualizations" or "examples".
    answers
        Of all attentive people.
    right
        The share that is right, with the exact binomial interval (Clopper and Pearson), which takes answers as
        independent; chance is 1/2.
    decoder
        The share of the same answers for which the decoder is right that is shown the same pictures; half where it
        cannot tell.
    granted
        The share of these questions whose answer a theorem grants; None of examples.
    sure
        The share that is right of those who were certain; None where nobody was.
    """

    unit: str
    condition: str
    answers: int
    right: Estimate
    decoder: float
    granted: float | None
    sure: float | None


@dataclass(frozen=True, slots=True)
class TrialScore:
    """What a trial came to.

    Attributes
    ----------
    people
        One per file that was read.
    readings
        One per condition over all units, then one per unit and condition; empty where nobody was attentive.
    remarks
        What the reader has to know: files that were left out, and why.
    """

    people: tuple[PersonScore, ...]
    readings: tuple[ReadingScore, ...]
    remarks: tuple[str, ...]


def read_key(path: Path) -> dict[str, Any]:
    """Return the key of a trial.

    Raises
    ------
    DomainError
        If it cannot be read or is none.
    """
    key = _json(path, "the key of the trial")
    known = isinstance(key, dict) and (key.get("format"), key.get("version")) == (FORMAT, VERSION)
    if not known or not isinstance(key.get("questions"), list):
        raise DomainError(f"{path} must be the key of a trial ({KEY}, which fvproof trial writes beside the page)")
    return key


def read_answers(path: Path, key: Mapping[str, Any]) -> Answers:
    """Return the answers in a file, which must be of this trial, whole and as the page wrote them.

    Raises
    ------
    DomainError
        If it cannot be read, is of another trial, was changed or cut off, or answers a question twice.
    """
    found = _json(path, "answers")
    if not isinstance(found, dict) or not {"trial", "person", "answers", "digest"} <= set(found):
        raise DomainError(f"{path} must be answers as the page of a trial saves them")
    if found["trial"] != key["trial"]:
        raise DomainError(f"{path} has the answers to another trial ({found['trial']}, not {key['trial']})")
    try:
        lines = [f"{a['question']} {a['choice']} {a['sure']} {_as_in_script(a['seconds'])}" for a in found["answers"]]
        given = {str(a["question"]): (str(a["choice"]), int(a["sure"]), float(a["seconds"])) for a in found["answers"]}
    except (TypeError, KeyError, ValueError) as error:
        raise DomainError(f"{path} has an answer that no page of a trial gives") from error
    if found["digest"] != digest("\n".join([str(found["trial"]), str(found["person"]), *lines])):
        raise DomainError(f"{path} was changed or cut off after the page saved it")
    if len(given) < len(lines):
        raise DomainError(f"{path} answers a question twice")
    names = {question["name"] for question in key["questions"]}
    if not set(given) <= names or not all(one[0] in ("left", "right") for one in given.values()):
        raise DomainError(f"{path} has an answer that no page of a trial gives")
    return Answers(str(path), str(found["person"]), given)


def _json(path: Path, what: str) -> Any:  # noqa: ANN401  whatever JSON can hold
    """Return what a JSON file holds."""
    require_regular(path, what)
    if path.stat().st_size > MOST_BYTES:
        raise DomainError(f"{path} is too large for {what}")
    with reading(path, what):
        text = path.read_bytes()
    try:
        return json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DomainError(f"{path} is no whole JSON file: {what} may have been cut off or changed") from error


def _as_in_script(number: float) -> str:
    """Return a number of tenths as JavaScript writes it."""
    return str(int(number)) if float(number).is_integer() else repr(float(number))


def digest(text: str) -> str:
    """Return the hash FNV-1a (64 bits) of a text, which finds what was changed by accident, not by intent.

    Examples
    --------
    >>> digest("a")
    'af63dc4c8601ec8c'
    """
    found = OFFSET
    for byte in text.encode():
        found = ((found ^ byte) * PRIME) % (1 << 64)
    return f"{found:016x}"


def score_trial(key: Mapping[str, Any], files: Sequence[Path]) -> TrialScore:
    """Return what the answers in some files come to; a file that cannot be used is said, and the others are scored.

    Parameters
    ----------
    key
        As `read_key` gives it.
    files
        At least one.

    Raises
    ------
    DomainError
        If there is no file that can be used.
    """
    known: dict[str, Answers] = {}
    remarks: list[str] = []
    for file in files:
        try:
            answers = read_answers(file, key)
        except DomainError as error:
            remarks.append(str(error))
            continue
        if (other := known.get(answers.person)) is not None:
            remarks.append(f"{file} and {other.file} are of one person: the file with more answers counts")
            answers = max(other, answers, key=lambda one: len(one.given))
        known[answers.person] = answers
    if not known:
        raise DomainError("; ".join(remarks) or "there must be at least one file of answers")
    people = [_person(answers, key["questions"]) for answers in known.values()]
    remarks += [
        f"{one.file} is left out of the totals: {one.caught} of {one.catches} catch trials right"
        for one in people
        if not one.counts
    ]
    attentive = [answers for answers, one in zip(known.values(), people, strict=True) if one.counts]
    return TrialScore(tuple(people), tuple(_readings(attentive, key["questions"])), tuple(remarks))


def _person(answers: Answers, questions: Sequence[Mapping[str, Any]]) -> PersonScore:
    """Return how one person did."""
    asked = [question for question in questions if question["name"] in answers.given]
    right = [answers.given[question["name"]][0] == question["right_answer"] for question in asked]
    proper = [hit for question, hit in zip(asked, right, strict=True) if not question["catch"]]
    caught = [hit for question, hit in zip(asked, right, strict=True) if question["catch"]]
    counts = bool(proper) and sum(caught) >= ATTENTIVE * len(caught)
    seconds = sum(answers.given[question["name"]][2] for question in asked)
    return PersonScore(answers.file, len(asked), share(proper), sum(caught), len(caught), counts, round(seconds, 1))


def _readings(people: Sequence[Answers], questions: Sequence[Mapping[str, Any]]) -> Iterable[ReadingScore]:
    """Yield the scores over all units, and unit by unit."""
    proper = [question for question in questions if not question["catch"]]
    units = list(dict.fromkeys(sorted(question["unit"] for question in proper)))
    for unit in ("all", *units):
        for condition in CONDITIONS:
            about = [q for q in proper if q["condition"] == condition and unit in ("all", q["unit"])]
            given = [(q, one.given[q["name"]]) for one in people for q in about if q["name"] in one.given]
            if given:
                yield _reading(unit, condition, given)


def _reading(
    unit: str, condition: str, given: Sequence[tuple[Mapping[str, Any], tuple[str, int, float]]]
) -> ReadingScore:
    """Return the score of some answers in one condition."""
    hits = [answer[0] == question["right_answer"] for question, answer in given]
    certain = [hit for hit, (_, answer) in zip(hits, given, strict=True) if answer[1] == 3]
    said = [0.5 if q["decoder"] is None else float(q["decoder"] == q["right_answer"]) for q, _ in given]
    granted = [bool(question["granted"]) for question, _ in given]
    return ReadingScore(
        unit,
        condition,
        len(given),
        share(hits),
        sum(said) / len(said),
        sum(granted) / len(granted) if condition == "visualizations" else None,
        sum(certain) / len(certain) if certain else None,
    )


def share(hits: Sequence[bool]) -> Estimate:
    """Return the share of hits with its exact binomial interval; not a number where there are none.

    Examples
    --------
    >>> found = share([True, True, True, False])
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.75, 0.194, 0.994)
    """
    if not hits:
        return Estimate(float("nan"), float("nan"), float("nan"))
    found = binomtest(sum(hits), len(hits)).proportion_ci(LEVEL, method="exact")
    return Estimate(sum(hits) / len(hits), float(found.low), float(found.high))
