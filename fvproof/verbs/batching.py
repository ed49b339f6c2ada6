"""`fv.intervals`: many queries at once, each answered, or told what is wrong with it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typing_extensions import override

from fvproof.theory.errors import DomainError, FvproofError
from fvproof.theory.queries import answer
from fvproof.theory.texts import BLANKS, decoded
from fvproof.verbs.bounding import IntervalResult
from fvproof.verbs.given import one_shape_of, read
from fvproof.verbs.kinds import checked
from fvproof.verbs.results import Result
from fvproof.verify.files.disk import reading
from fvproof.verify.files.json_lines import json_value

BAD_INPUT = 2
"""Exit code if a query is bad input."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class IntervalsResult(Result):
    """The answers to many queries.

    Attributes
    ----------
    answers
        In the order of the queries: what `interval` gives, or the sentence that says what is wrong with the query.
    """

    answers: tuple[IntervalResult | str, ...]

    @property
    def refused(self) -> int:
        """The number of queries that are bad input."""
        return sum(isinstance(one, str) for one in self.answers)

    @property
    @override
    def headline(self) -> str:
        bad = f"{self.refused} of {len(self.answers)} queries are bad input"
        return bad if self.refused else f"{len(self.answers)} queries answered"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        keys = ("low", "high", "low_closed", "high_closed", "radius", "best", "error")
        return [{key: record.get(key) for key in keys} for record in self.record()]

    @property
    @override
    def text(self) -> str:
        return "\n".join(map(line_of, self.answers))

    @override
    def record(self) -> list[dict[str, Any]]:
        return [_record(one) for one in self.answers]

    @property
    @override
    def code(self) -> int:
        return BAD_INPUT if self.refused else 0


def _record(one: IntervalResult | str) -> dict[str, Any]:
    """Return an answer, or what is wrong with the query."""
    return {"error": one} if isinstance(one, str) else one.record()


def line_of(one: IntervalResult | str) -> str:
    """Return an answer, or what is wrong with the query, as a line of JSON."""
    return json.dumps(_record(one), ensure_ascii=False)


@checked
def intervals(
    queries: Iterable[Mapping[str, Any] | str | bytes] | str | Path,
    *,
    each: Callable[[IntervalResult | str], object] | None = None,
    **defaults: Any,  # noqa: ANN401  those of a query
) -> IntervalsResult:
    """Return the answers to many queries; a query that is bad input gets a sentence instead, and the others go on.

    Parameters
    ----------
    queries
        Dictionaries with the keys class, argmin, argmax, min, max and at, and those of lipschitz, norm, training,
        centre, radius, matrix, corners, link, unique_extrema, exemplars, slack and noise that they need (as for
        `interval`); or lines of JSON with such objects; or the path of a file of such lines.
    each
        Called with each answer as soon as it is found.
    **defaults
        Keys and values for every query that says nothing else; ``within`` stands for class.

    Returns
    -------
    IntervalsResult
        ``.answers``, ``.refused``, ``.table()``.

    Raises
    ------
    DomainError
        If the file cannot be read, or a default cannot.

    Source: as of `fv.interval`, query by query.

    Examples
    --------
    >>> import fvproof as fv
    >>> shown = {"argmin": [0], "argmax": [1], "min": 0, "max": 1}
    >>> found = fv.intervals([{"class": "convex", "at": ["1/2"]}, {"class": "convecs", "at": [0]}], **shown)
    >>> print(found.answers[0].possible, "|", found.answers[1])
    [0, 1/2] | there is no class 'convecs'; did you mean convex, concave, constant?
    """
    if "within" in defaults:
        defaults["class"] = defaults.pop("within")
    one_shape_of(defaults)
    rest = {key: read(key, value) for key, value in defaults.items() if value is not None}
    found = []
    for query in _given(queries):
        found.append(_answered(query, rest))
        if each is not None:
            each(found[-1])
    return IntervalsResult(tuple(found))


def _given(queries: Iterable[Mapping[str, Any] | str | bytes] | str | Path) -> Iterable[Mapping[str, Any] | str]:
    """Yield the queries, lines as text and without empty ones."""
    if isinstance(queries, str | Path):
        with reading(path := Path(queries)), path.open("rb") as lines:
            yield from _given(lines)
        return
    if not isinstance(queries, Iterable):
        raise DomainError(f"queries must be dictionaries, lines or a file, not {queries!r}")
    for query in queries:
        one = decoded(query) if isinstance(query, bytes) else query
        if not isinstance(one, str) or one.strip(BLANKS):
            yield one


def _answered(query: Mapping[str, Any] | str, defaults: Mapping[str, Any]) -> IntervalResult | str:
    """Return the answer to a query, or what is wrong with it."""
    try:
        stated = _object(query) if isinstance(query, str) else query
        if not isinstance(stated, Mapping):
            raise DomainError(f"a query must be a dictionary or a line of JSON, not {stated!r}")
        one_shape_of(stated)
        return IntervalResult(answer({**defaults, **{key: read(key, value) for key, value in stated.items()}}))
    except FvproofError as error:
        return str(error)


def _object(line: str) -> dict[str, Any]:
    """Return the JSON object that a line holds."""
    try:
        found = json_value(line)
    except DomainError as error:
        raise DomainError(f"a query must be one JSON object per line: {error}") from None
    if not isinstance(found, dict):
        raise DomainError(f"a query must be a JSON object, not {line.strip(BLANKS)[:40]}")
    return found
