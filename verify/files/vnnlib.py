"""VNN-LIB 1.0 properties: which inputs and outputs are unsafe, as boxes and linear conditions, every decimal exact.

The `vnnlib` package on the index reads version 2.0 of the language only; the published benchmarks are written in 1.0.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path

from fvproof.theory.errors import DomainError
from fvproof.theory.texts import decoded
from fvproof.verify.files.disk import contents
from fvproof.verify.files.vnnlib_terms import (
    Declared,
    Expression,
    Linear,
    Word,
    combined,
    first,
    forms,
    linear,
    sized,
    wrong,
)
from fvproof.verify.linear_forms import BoxDomain, LinearForm

VARIABLE = re.compile(r"[XY]_(0|[1-9]\d{0,8})", re.ASCII)
MOST_CASES = 100_000


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition `linear >= 0`, and its relation in the text."""

    linear: Linear
    word: Word


Conjunction = tuple[Condition, ...]


class EmptyBox(DomainError):
    """No input fulfils the conditions on inputs."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way to be unsafe: an input of the box at which every row is at least 0.

    Parameters
    ----------
    domain, rows
        The box and the rows.
    outputs
        How many outputs the property declares.
    """

    domain: BoxDomain
    rows: tuple[LinearForm, ...]
    outputs: int


def read_property(path: Path) -> tuple[Case, ...]:
    """Return the cases of a property: an input is unsafe if any of them says so.

    Raises
    ------
    DomainError
        If the file cannot be read or is malformed (the message names the line), or an input has no lower or upper end.
    """
    data = contents(path)
    try:
        return property_from(decoded(data))
    except DomainError as error:
        raise DomainError(f"{path.name}: {error}") from None


def property_from(text: str) -> tuple[Case, ...]:
    """Return the cases that a text describes, without those that no input fulfils.

    The text is broken as SMT-LIB 2.6 says: at blanks, tabs, line feeds and carriage returns; a comment ends at one of
    the latter two. Whatever else is not ASCII may stand in comments only. `|X_0|` is `X_0`.

    Examples
    --------
    >>> (case,) = property_from('''(declare-const X_0 Real) (declare-const Y_0 Real)
    ...     (assert (>= X_0 0)) (assert (<= X_0 0.5)) (assert (>= Y_0 1.5))''')
    >>> case.domain.high, case.rows[0].constant
    ((Fraction(1, 2),), Fraction(-3, 2))
    """
    declared: Declared = {}
    alternatives: list[Conjunction] = [()]
    for form in forms(text):
        match form:
            case [Word("declare-const"), Word() as word, Word("Real")]:
                _declare(word, declared)
            case [Word("declare-fun"), Word() as word, Word("()"), Word("Real")]:
                _declare(word, declared)
            case [Word("assert") as word, condition]:
                alternatives = _conjoined(alternatives, _alternatives(condition, declared), word)
            case _:
                wrong(first(form), "(declare-const NAME Real), (declare-fun NAME () Real) or (assert ...) is needed")
    _check_numbering(declared)
    return _cases(alternatives, declared)


def _declare(word: Word, declared: Declared) -> None:
    """Add a variable."""
    if not VARIABLE.fullmatch(word.text):
        wrong(word, "a variable must be named X_i or Y_i")
    if word.text in declared:
        wrong(word, f"the variable is declared in line {declared[word.text].line} already")
    declared[word.text] = word


def _alternatives(form: Expression, declared: Declared) -> list[Conjunction]:
    """Return a condition as alternatives, each a conjunction."""
    match form:
        case [Word("and") as word, *parts] if parts:
            alternatives: list[Conjunction] = [()]
            for part in parts:
                alternatives = _conjoined(alternatives, _alternatives(part, declared), word)
            return alternatives
        case [Word("or"), *parts] if parts:
            return [one for part in parts for one in _alternatives(part, declared)]
        case [Word("<=" | "<" | ">=" | ">" as relation) as word, left, right]:
            low, high = (left, right) if relation[0] == "<" else (right, left)
            if len(relation) == 1:
                wrong(word, "strict inequalities are not supported")
            return [(_at_least(linear(high, declared), linear(low, declared), word),)]
        case [Word("=") as word, left, right]:
            one, other = linear(left, declared), linear(right, declared)
            return [(_at_least(one, other, word), _at_least(other, one, word))]
        case _:
            return wrong(first(form), "<=, >=, =, and, or of something is needed")


def _at_least(high: Linear, low: Linear, word: Word) -> Condition:
    """Return the condition that one function is at least the other."""
    return Condition(sized(combined(high, low, -1), word), word)


def _conjoined(left: list[Conjunction], right: list[Conjunction], word: Word) -> list[Conjunction]:
    """Return the alternatives of a conjunction."""
    if len(left) * len(right) > MOST_CASES:
        wrong(word, f"the property falls into more than {MOST_CASES} cases")
    return [(*one, *other) for one, other in product(left, right)]


def _cases(alternatives: Sequence[Conjunction], declared: Declared) -> tuple[Case, ...]:
    """Return the alternatives that some input fulfils, of which there must be one."""
    cases, empty = [], None
    for conditions in alternatives:
        try:
            cases.append(_case(conditions, declared))
        except EmptyBox as error:
            empty = empty or error
    if empty and not cases:
        raise empty
    return tuple(cases)


def _case(conditions: Conjunction, declared: Declared) -> Case:
    """Return a conjunction as a box and rows."""
    ends: dict[tuple[str, bool], tuple[Fraction, Word]] = {}
    rows = []
    for condition in conditions:
        used = {name: c for name, c in condition.linear.items() if name and c}
        constant = condition.linear.get("", Fraction(0))
        if len(used) == 1 and next(iter(used))[0] == "X":
            ((name, coefficient),) = used.items()
            _narrow(ends, (name, coefficient > 0), (-constant / coefficient, condition.word))
        else:
            sides = [{int(name[2:]): c for name, c in used.items() if name[0] == letter} for letter in "YX"]
            rows.append(LinearForm(sides[0], sides[1], constant))
    domain = _box(ends, declared)
    if not rows:
        raise DomainError("the property says nothing of the outputs")
    return Case(domain, tuple(rows), sum(name[0] == "Y" for name in declared))


def _narrow(
    ends: dict[tuple[str, bool], tuple[Fraction, Word]], which: tuple[str, bool], end: tuple[Fraction, Word]
) -> None:
    """Set the lower (True) or upper end of an input, if it is nearer than what is known."""
    known, sign = ends.get(which), 1 if which[1] else -1
    if known is None or sign * end[0] > sign * known[0]:
        ends[which] = end


def _box(ends: Mapping[tuple[str, bool], tuple[Fraction, Word]], declared: Declared) -> BoxDomain:
    """Return the box between the ends of all inputs."""
    inputs = sorted((name for name in declared if name[0] == "X"), key=lambda name: int(name[2:]))
    for name in inputs:
        if (name, True) not in ends or (name, False) not in ends:
            wrong(declared[name], "the input must have a lower and an upper end")
        (low, at), (high, also_at) = ends[name, True], ends[name, False]
        if low > high:
            line = max(at.line, also_at.line)
            raise EmptyBox(f"line {line}: no input fulfils this: {name} would have to lie between {low} and {high}")
    return BoxDomain(*(tuple(ends[name, lower][0] for name in inputs) for lower in (True, False)))


def _check_numbering(declared: Declared) -> None:
    """Raise unless inputs and outputs are numbered from 0 on without gaps."""
    for letter in "XY":
        numbers = sorted(int(name[2:]) for name in declared if name[0] == letter)
        if not numbers:
            raise DomainError(f"variables {letter}_i must be declared, from {letter}_0 on")
        if numbers[-1] != len(numbers) - 1:
            wrong(declared[f"{letter}_{numbers[-1]}"], f"{letter}_i must be declared from {letter}_0 on, without gaps")
