"""Formulas in SMT-LIB, exactly: what is exported, what other solvers are asked, and what tells two folds apart."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import z3

from fvproof.verify.proving.language import OPERATORS, Term, exponent_of, is_declared, parts_of, signature, symbols

EMPTY: Final = {"and": "true", "or": "false", "distinct": "true"}
"""What an operator says of no terms at all."""
READABLE: Final = re.compile(r"([A-Za-z0-9~!@$%^&*_\-+=<>.?/]{2,}|[~!@$%^&*_\-+=<>.?/])′*")
"""Names that a solver may know: bars do not tell ``|sin|`` from the sine of z3."""


def script(terms: Sequence[z3.ExprRef]) -> tuple[list[str], list[str]]:
    """Return declarations in SMT-LIB, and each term in their words: equal texts for equal terms only.

    Examples
    --------
    >>> s = z3.Real("s")
    >>> script([s / 2 >= 0])
    (['(declare-fun |s| () Real)'], ['(>= (/ |s| 2.0) 0.0)'])
    """
    named = symbols(*terms)
    sorts = {sort.name() for symbol in named.values() for sort in signature(symbol) if is_declared(sort)}
    lines = [f"(declare-sort {quoted(name)} 0)" for name in sorted(sorts)]
    lines += [f"(declare-fun {quoted(name)} {_typed(symbol)})" for name, symbol in named.items()]
    shared, texts = _written(terms, named)
    return lines + shared, texts


def smt2(formulas: Sequence[z3.BoolRef], comments: Sequence[str] = ()) -> str:
    """Return the formulas in SMT-LIB, with a question whether they can hold together.

    They are written by z3: the search of cvc5 for nonlinear arithmetic depends on the order of declarations and on how
    terms are shared, and this form is the one in which it answers every obligation.
    """
    solver = z3.Solver()
    solver.add(*_renamed(formulas))
    said = [f"; {' '.join(_printable(comment).split())}" for comment in comments]
    written = [line for line in solver.to_smt2().split("\n") if not line.startswith(("; ", "(set-info "))]
    return "\n".join([*said, "(set-logic ALL)", *written, ""])


def _renamed(formulas: Sequence[z3.BoolRef]) -> list[Term]:
    """Return the formulas with a prime at functions whose names a solver may know."""
    pairs = []
    for name, symbol in symbols(*formulas).items():
        if symbol.arity() and READABLE.fullmatch(name):
            places = [z3.Var(i, symbol.domain(i)) for i in range(symbol.arity())]
            pairs.append((symbol, z3.Function(f"{name}′", *signature(symbol))(*places)))
    return [z3.substitute_funs(one, *pairs) if pairs else one for one in formulas]


def _typed(symbol: z3.FuncDeclRef) -> str:
    """Return the signature in SMT-LIB."""
    *arguments, value = [quoted(sort.name()) if is_declared(sort) else sort.name() for sort in signature(symbol)]
    return f"({' '.join(arguments)}) {value}"


def _written(terms: Sequence[z3.ExprRef], named: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """Return the definitions of what occurs more than once, and the terms."""
    parts = list(parts_of(terms))
    below = {part.get_id(): [child.get_id() for child in part.children()] for part in parts}
    uses = Counter(child for children in below.values() for child in children)
    fresh = (name for name in (f"part!{i}" for i in range(len(parts) + len(named))) if name not in named)
    text: dict[int, str] = {}
    lines = []
    for part in parts:
        text[part.get_id()] = said = _application(part, [text[child] for child in below[part.get_id()]])
        if uses[part.get_id()] > 1 and below[part.get_id()]:
            text[part.get_id()] = name = next(fresh)
            sort = part.sort()
            lines.append(f"(define-fun {name} () {quoted(sort.name()) if is_declared(sort) else sort.name()} {said})")
    return lines, [text[term.get_id()] for term in terms]


def _application(part: z3.ExprRef, arguments: Sequence[str]) -> str:
    """Return one application, its arguments already written."""
    if z3.is_rational_value(part):
        return _number(part)
    if (exponent := exponent_of(part)) is not None:
        return f"(* {' '.join([arguments[0]] * exponent)})" if exponent > 1 else arguments[0]
    is_name = part.decl().kind() == z3.Z3_OP_UNINTERPRETED
    operator = quoted(part.decl().name()) if is_name else OPERATORS[part.decl().kind()]
    if not arguments or (operator == "distinct" and len(arguments) == 1):
        return EMPTY.get(operator, operator)
    is_list = operator in ("and", "or", "+", "*")
    return arguments[0] if is_list and len(arguments) == 1 else f"({operator} {' '.join(arguments)})"


def _number(value: Term) -> str:
    """Return a number, exactly."""
    exact = value.as_fraction()
    top = f"{abs(exact.numerator)}.0"
    size = top if exact.denominator == 1 else f"(/ {top} {exact.denominator}.0)"
    return f"(- {size})" if exact < 0 else size


def quoted(name: str) -> str:
    """Return a name in the quotes of SMT-LIB; one that a solver may know gets a prime, which no solver's own name has.

    Examples
    --------
    >>> quoted("s"), quoted("f(x)"), quoted("sin"), quoted("sin′")
    ('|s|', '|f(x)|', '|sin′|', '|sin′′|')
    """
    return f"|{name}′|" if READABLE.fullmatch(name) else f"|{name}|"


def _printable(comment: str) -> str:
    """Return a comment in which no character can end the line."""
    return "".join(c if c.isprintable() else " " for c in comment)
