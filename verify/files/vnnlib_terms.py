"""The text of VNN-LIB files: tokens with their lines, expressions in parentheses, linear terms, every decimal exact."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

from fvproof.theory.errors import DomainError
from fvproof.theory.texts import named
from fvproof.verify.files.records import DECIMAL, decimal
from fvproof.verify.linear_forms import LARGEST_NUMBER

SYMBOL = re.compile(r"[A-Za-z~!@$%^&*_\-+=<>.?/][A-Za-z0-9~!@$%^&*_\-+=<>.?/]*")
TOKEN = re.compile(
    r"(?P<blank>[ \t\r\n]+|;[^\r\n]*)|(?P<bracket>[()])|(?P<word>[A-Za-z0-9~!@$%^&*_\-+=<>.?/:]+)"
    r"|(?P<quoted>\|[^|\\]*\|)|(?P<stray>.)",
    re.DOTALL,
)
"""Blanks and comments, which a line feed or a carriage return ends and nothing else; then what SMT-LIB 2.6 has."""
BREAK = re.compile(r"\r\n|\r|\n")
RESERVED = ("assert", "declare-const", "declare-fun")
"""Between bars these are names, and no commands."""
MOST_NESTED, MOST_SHOWN = 50, 60
MOST_BITS = 4000
"""No number has more digits in its denominator."""


@dataclass(frozen=True, slots=True)
class Word:
    """A token and its line."""

    text: str
    line: int


Expression = Word | list["Expression"]
"""A token, or expressions in parentheses; with nothing in them they are the token "()"."""
Linear = Mapping[str, Fraction]
"""Coefficients by variable; the constant under the empty name."""
Declared = dict[str, Word]
"""The variables and where they are declared."""


def forms(text: str) -> Iterator[Expression]:
    """Yield the top-level expressions."""
    stack: list[tuple[list[Expression], int]] = []
    for token in _tokens(text):
        match token:
            case _Bracket("(", line):
                stack.append(([], line))
                if len(stack) > MOST_NESTED:
                    wrong(Word("(", line), f"parentheses may be nested {MOST_NESTED} deep")
                continue
            case _Bracket(_, line) if stack:
                done: Expression = stack.pop()[0] or Word("()", line)
            case Word() if stack:
                done = token
            case _:
                wrong(Word(token.text, token.line), "it stands outside of all parentheses")
        if stack:
            stack[-1][0].append(done)
        else:
            yield done
    if stack:
        raise DomainError(f"line {stack[0][1]}: the parenthesis is never closed")


@dataclass(frozen=True, slots=True)
class _Bracket:
    """A parenthesis and its line."""

    text: str
    line: int


def _tokens(text: str) -> Iterator[Word | _Bracket]:
    """Yield parentheses and words."""
    line = 1
    for token in TOKEN.finditer(text):
        match token.lastgroup:
            case "bracket":
                yield _Bracket(token[0], line)
            case "word":
                yield Word(token[0], line)
            case "quoted":
                yield Word(_unquoted(token[0]), line)
            case "stray":
                raise DomainError(f"line {line}: {named(token[0])} may stand in comments only")
            case _:
                pass  # a blank or a comment
        line += len(BREAK.findall(token[0]))


def _unquoted(text: str) -> str:
    """Return the symbol between two bars, which is the same without them where it could be written so."""
    symbol = text[1:-1]
    return symbol if SYMBOL.fullmatch(symbol) and symbol not in RESERVED else text


def first(form: Expression) -> Word:
    """Return the first word of an expression."""
    while isinstance(form, list):
        form = form[0]
    return form


def wrong(word: Word, needed: str) -> NoReturn:
    """Raise the error for a line."""
    text = repr(word.text)
    raise DomainError(
        f"line {word.line}: {needed}; found {text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + '…'}"
    )


def sized(linear: Linear, word: Word) -> Linear:
    """Return a linear function whose numbers must be of reasonable size."""
    if any(abs(c) > LARGEST_NUMBER or c.denominator.bit_length() > MOST_BITS for c in linear.values()):
        wrong(word, "its numbers must lie within ±2^100, and have fewer than 1,200 digits")
    return linear


def linear(form: Expression, declared: Declared) -> Linear:
    """Return a term as a linear function."""
    match form:
        case Word(text) if text in declared:
            return {text: Fraction(1)}
        case Word(text) if DECIMAL.fullmatch(text):
            return sized({"": decimal(text, f"line {form.line}: the number")}, form)
        case [Word("+"), *terms] if terms:
            return _sum([linear(term, declared) for term in terms])
        case [Word("-"), *terms] if terms:
            one, *others = (linear(term, declared) for term in terms)
            return combined(one, _sum(others), -1) if others else combined({}, one, -1)
        case [Word("*") as word, *factors] if factors:
            return _product([linear(factor, declared) for factor in factors], word)
        case _:
            return wrong(first(form), "a declared variable, a number, or a linear term of them is needed")


def _product(factors: Sequence[Linear], word: Word) -> Linear:
    """Return the product of linear functions, of which at most one may hold variables."""
    result: Linear = {"": Fraction(1)}
    for factor in factors:
        one, other = (result, factor) if set(result) <= {""} else (factor, result)
        if not set(one) <= {""}:
            wrong(word, "a product of two variables is not linear")
        result = sized(combined({}, other, one.get("", Fraction(0))), word)
    return result


def _sum(terms: Sequence[Linear]) -> Linear:
    """Return the sum of linear functions."""
    total: Linear = {}
    for term in terms:
        total = combined(total, term, 1)
    return total


def combined(one: Linear, other: Linear, factor: Fraction | int) -> Linear:
    """Return `one + factor·other`."""
    names = {**one, **other}
    return {name: one.get(name, Fraction(0)) + factor * other.get(name, Fraction(0)) for name in names}
