"""VNN-LIB 1.0 properties: which inputs and outputs are unsafe, as boxes and linear conditions, every decimal exact.

The `vnnlib` package on the index reads version 2.0 of the language only; the published benchmarks are written in 1.0.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import NoReturn

from theory.errors import DomainError
from verify.certification.certificate import BoxDomain, Row

TOKEN = re.compile(r"[()]|[^\s()]+")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
VARIABLE = re.compile(r"[XY]_\d{1,9}", re.ASCII)
MOST_CASES = 100_000


@dataclass(frozen=True, slots=True)
class Word:
    """A token and its line."""

    text: str
    line: int


Expression = Word | list["Expression"]
Linear = Mapping[str, Fraction]
"""Coefficients by variable; the constant under the empty name."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way to be unsafe: an input of the box at which every row is at least 0."""

    domain: BoxDomain
    rows: tuple[Row, ...]


def read_property(path: Path) -> tuple[Case, ...]:
    """Return the cases of a property: an input is unsafe if any of them says so.

    Raises
    ------
    DomainError
        If the file cannot be read or is malformed (the message names the line), or an input has no lower or upper end.
    """
    try:
        return property_from(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DomainError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DomainError(f"{path} is no text") from None
    except DomainError as error:
        raise DomainError(f"{path.name}: {error}") from None


def property_from(text: str) -> tuple[Case, ...]:
    """Return the cases that a text describes.

    Examples
    --------
    >>> (case,) = property_from('''(declare-const X_0 Real) (declare-const Y_0 Real)
    ...     (assert (>= X_0 0)) (assert (<= X_0 0.5)) (assert (>= Y_0 1.5))''')
    >>> case.domain.high, case.rows[0].constant
    ((Fraction(1, 2),), Fraction(-3, 2))
    """
    names: set[str] = set()
    cases: list[tuple[Linear, ...]] = [()]
    for form in _forms(text):
        match form:
            case [Word("declare-const" | "declare-fun"), Word(name) as word, *_]:
                if not VARIABLE.fullmatch(name):
                    _wrong(word, "a variable must be named X_i or Y_i")
                names.add(name)
            case [Word("assert") as word, condition]:
                cases = _conjoined(cases, _alternatives(condition, names, word), word)
            case _:
                _wrong(_first(form), "declare-const or assert is needed")
    inputs, outputs = (_count(names, letter) for letter in "XY")
    return tuple(_case(conditions, inputs, outputs) for conditions in cases)


def _forms(text: str) -> Iterator[Expression]:
    """Yield the top-level expressions."""
    stack: list[tuple[list[Expression], int]] = []
    for line, content in enumerate(text.splitlines(), start=1):
        for token in TOKEN.findall(content.split(";", 1)[0]):
            if token == "(":
                stack.append(([], line))
                continue
            if token == ")" and stack:
                done: Expression = stack.pop()[0]
            elif token == ")" or not stack:
                _wrong(Word(token, line), "it stands outside of all parentheses")
            else:
                done = Word(token, line)
            if stack:
                stack[-1][0].append(done)
            else:
                yield done
    if stack:
        raise DomainError(f"line {stack[0][1]}: the parenthesis is never closed")


def _alternatives(form: Expression, names: set[str], near: Word) -> list[tuple[Linear, ...]]:
    """Return a condition as alternatives, each a conjunction of `linear >= 0`."""
    match form:
        case [Word("and"), *parts]:
            cases: list[tuple[Linear, ...]] = [()]
            for part in parts:
                cases = _conjoined(cases, _alternatives(part, names, near), near)
            return cases
        case [Word("or"), *parts]:
            return [case for part in parts for case in _alternatives(part, names, near)]
        case [Word("<=" | "<" | ">=" | ">" as relation) as word, left, right]:
            low, high = (left, right) if relation[0] == "<" else (right, left)
            if len(relation) == 1:
                _wrong(word, "strict inequalities are not supported")
            return [(_combined(_linear(high, names, word), _linear(low, names, word), -1),)]
        case [Word("=") as word, left, right]:
            one, other = _linear(left, names, word), _linear(right, names, word)
            return [(_combined(one, other, -1), _combined(other, one, -1))]
        case _:
            return _wrong(_first(form, near), "<=, >=, =, and, or is needed")


def _linear(form: Expression, names: set[str], near: Word) -> Linear:
    """Return a term as a linear function."""
    match form:
        case Word(text) if text in names:
            return {text: Fraction(1)}
        case Word(text) if NUMBER.fullmatch(text):
            return {"": Fraction(text)}
        case [Word("+"), *terms] if terms:
            return _sum([_linear(term, names, near) for term in terms])
        case [Word("-"), *terms] if terms:
            first, *others = (_linear(term, names, near) for term in terms)
            return _combined(first, _sum(others), -1) if others else _combined({}, first, -1)
        case [Word("*"), *factors] if factors:
            return _product([_linear(factor, names, near) for factor in factors], near)
        case _:
            return _wrong(_first(form, near), "a declared variable, a number, or a linear term of them is needed")


def _product(factors: Sequence[Linear], near: Word) -> Linear:
    """Return the product of linear functions, of which at most one may hold variables."""
    result: Linear = {"": Fraction(1)}
    for factor in factors:
        one, other = (result, factor) if set(result) <= {""} else (factor, result)
        if not set(one) <= {""}:
            _wrong(near, "a product of two variables is not linear")
        result = _combined({}, other, one.get("", Fraction(0)))
    return result


def _sum(terms: Sequence[Linear]) -> Linear:
    """Return the sum of linear functions."""
    total: Linear = {}
    for term in terms:
        total = _combined(total, term, 1)
    return total


def _combined(one: Linear, other: Linear, factor: Fraction | int) -> Linear:
    """Return `one + factor·other`."""
    names = {**one, **other}
    return {name: one.get(name, Fraction(0)) + factor * other.get(name, Fraction(0)) for name in names}


def _conjoined(left: list[tuple[Linear, ...]], right: list[tuple[Linear, ...]], near: Word) -> list[tuple[Linear, ...]]:
    """Return the alternatives of a conjunction."""
    if len(left) * len(right) > MOST_CASES:
        _wrong(near, f"the property falls into more than {MOST_CASES} cases")
    return [(*one, *other) for one, other in product(left, right)]


def _case(conditions: Sequence[Linear], inputs: int, outputs: int) -> Case:
    """Return a conjunction as a box and rows."""
    low: list[Fraction | None] = [None] * inputs
    high: list[Fraction | None] = [None] * inputs
    rows = []
    for condition in conditions:
        used = {name: c for name, c in condition.items() if name and c}
        if len(used) == 1 and next(iter(used))[0] == "X":
            ((name, coefficient),) = used.items()
            i, end = int(name[2:]), -condition.get("", Fraction(0)) / coefficient
            if coefficient > 0:
                low[i] = end if low[i] is None else max(end, low[i])  # type: ignore[type-var]
            else:
                high[i] = end if high[i] is None else min(end, high[i])  # type: ignore[type-var]
            continue
        sides = [{int(name[2:]): c for name, c in used.items() if name[0] == letter} for letter in "YX"]
        rows.append(Row(sides[0], sides[1], condition.get("", Fraction(0))))
    for i, (one, other) in enumerate(zip(low, high, strict=True)):
        if one is None or other is None:
            raise DomainError(f"the input X_{i} must have a lower and an upper end")
        if one > other:
            raise DomainError(f"the box must have low <= high, and X_{i} goes from {one} to {other}")
    if any(i >= outputs for row in rows for i in row.outputs):
        raise DomainError("a condition names an output that was not declared")
    if not rows:
        raise DomainError("the property says nothing of the outputs")
    return Case(BoxDomain(tuple(x for x in low if x is not None), tuple(x for x in high if x is not None)), tuple(rows))


def _count(names: set[str], letter: str) -> int:
    """Return the number of inputs or outputs, which must be numbered from 0 on without gaps."""
    numbers = sorted(int(name[2:]) for name in names if name[0] == letter)
    if not numbers or numbers != list(range(len(numbers))):
        raise DomainError(f"the variables {letter}_i must be declared from {letter}_0 on, without gaps")
    return len(numbers)


def _first(form: Expression, near: Word | None = None) -> Word:
    """Return the first word of an expression, or one near it."""
    while isinstance(form, list):
        if not form:
            return near or Word("()", 0)
        form = form[0]
    return form


def _wrong(word: Word, needed: str) -> NoReturn:
    """Raise the error for a line."""
    raise DomainError(f"line {word.line}: {needed}; found {word.text!r}")
