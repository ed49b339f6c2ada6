"""Formulas as the text writes them: ``m ≤ f(x) ⇒ ‖x−a‖ = 0``."""

from collections.abc import Sequence
from typing import Final

import z3

from fvproof.verify.proving.language import conjuncts
from fvproof.verify.proving.terms import Claim

INFIX: Final = {
    z3.Z3_OP_IMPLIES: (" ⇒ ", 1),
    z3.Z3_OP_OR: (" or ", 2),
    z3.Z3_OP_AND: (" and ", 3),
    z3.Z3_OP_EQ: (" = ", 5),
    z3.Z3_OP_LE: (" ≤ ", 5),
    z3.Z3_OP_GE: (" ≥ ", 5),
    z3.Z3_OP_LT: (" < ", 5),
    z3.Z3_OP_GT: (" > ", 5),
    z3.Z3_OP_ADD: (" + ", 6),
    z3.Z3_OP_SUB: (" − ", 6),
    z3.Z3_OP_MUL: ("·", 7),
    z3.Z3_OP_DIV: ("/", 7),
    z3.Z3_OP_POWER: ("^", 9),
}
"""Signs between terms, and how strongly each binds."""

PREFIX: Final = {z3.Z3_OP_NOT: ("not ", 4), z3.Z3_OP_UMINUS: ("−", 8)}
"""Signs before a term."""

STRONGEST = 10


def written(claim: Claim) -> list[str]:
    """Return what a claim says, one line for each part that holds.

    Examples
    --------
    >>> s, t = z3.Reals("s t")
    >>> written(z3.And(s <= t, z3.Implies(s + 1 == t * (s - 2), z3.Not(z3.Or(s < 0, t / 2 > 1)))))
    ['s ≤ t', 's + 1 = t·(s − 2) ⇒ not (s < 0 or t/2 > 1)']
    """
    return [_text(part)[0] for part in conjuncts(claim)]


def spoken(term: z3.ExprRef) -> str:
    """Return the term as the text writes it: ``f(x)``, or ``‖x−a‖`` where the name has places for the points.

    Examples
    --------
    >>> from fvproof.verify.proving.terms import function, points
    >>> x, a = points("x a")
    >>> spoken(function("‖·−·‖", 2)(x, a)), spoken(function("f", 1)(x))
    ('‖x−a‖', 'f(x)')
    """
    return _filled(term.decl().name(), [spoken(child) for child in term.children()])


def _text(term: z3.ExprRef) -> tuple[str, int]:
    """Return a term as text, and how strongly its outermost sign binds."""
    kind, parts = term.decl().kind(), [_text(child) for child in term.children()]
    if kind == z3.Z3_OP_UNINTERPRETED:
        return _filled(term.decl().name(), [text for text, _ in parts]), STRONGEST
    if kind in INFIX and len(parts) > 1:
        sign, strength = INFIX[kind]
        return sign.join(_within(part, strength) for part in parts), strength
    if kind in PREFIX:
        sign, strength = PREFIX[kind]
        return sign + _within(parts[0], strength), strength
    return _other(term, [text for text, _ in parts])


def _other(term: z3.ExprRef, parts: Sequence[str]) -> tuple[str, int]:
    """Return a case distinction, a claim that terms differ, a number or a truth value as text."""
    match term.decl().kind():
        case z3.Z3_OP_ITE:
            return f"{parts[1]} if {parts[0]} else {parts[2]}", 0
        case z3.Z3_OP_DISTINCT:
            return (" ≠ ".join(parts), 5) if len(parts) == 2 else (f"no two of {', '.join(parts)} are equal", 0)
        case _:
            return str(term), STRONGEST if term.num_args() or not str(term).startswith("-") else 8


def _within(part: tuple[str, int], strength: int) -> str:
    """Return a part of a term, in parentheses unless it binds more strongly than the sign beside it."""
    text, own = part
    return text if own > strength else f"({text})"


def _filled(name: str, arguments: Sequence[str]) -> str:
    """Return a name with its arguments, in its places if it has some."""
    if "·" not in name or not arguments:
        return f"{name}({', '.join(arguments)})" if arguments else name
    first, *rest = name.split("·")
    return first + "".join(argument + more for argument, more in zip(arguments, rest, strict=False))
