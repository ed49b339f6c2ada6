"""Words for formulas: real numbers, points without coordinates, maxima, absolute values.

Numbers and claims are z3 terms. z3's stubs type `s + t` and `s == t` as anything or a bool, so both names stand for
`Any` here; the kernel looks at what it is given.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

import z3

Number = Any
Claim = Any
Point = Any

POINT = z3.DeclareSort("Point")
"""Points of any set whatever: nothing is known of them but which are the same."""

TRUE, FALSE = z3.BoolVal(val=True), z3.BoolVal(val=False)


def reals(names: str) -> tuple[Number, ...]:
    """Return real constants, their names separated by spaces; ``|`` becomes ``∣``, since SMT-LIB quotes with it."""
    return tuple(z3.Real(name.replace("|", "∣")) for name in names.split())


def truths(names: str) -> tuple[Claim, ...]:
    """Return constants that are true or false."""
    return tuple(z3.Bool(name.replace("|", "∣")) for name in names.split())


def points(names: str) -> tuple[Point, ...]:
    """Return constants that are points."""
    return tuple(z3.Const(name.replace("|", "∣"), POINT) for name in names.split())


def number(value: int | str | Fraction) -> Number:
    """Return an exact number; text such as ``"1/3"`` for a fraction.

    Raises
    ------
    TypeError
        For a float: which number it stands for is not what it looks like.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Fraction):
        raise TypeError(f"an exact number is a whole number, a fraction or text such as '1/3', not {value!r}")
    return z3.RealVal(str(value))


def function(name: str, arity: int, sort: z3.SortRef | None = None) -> Callable[..., Any]:
    """Return an unknown function of points; its values are real unless said. Dots in the name are places for points.

    Examples
    --------
    >>> a, b = points("a b")
    >>> function("‖·−·‖", 2)(a, b).decl().name()
    '‖·−·‖'
    """
    return z3.Function(name, *[POINT] * arity, z3.RealSort() if sort is None else sort)


def function_of_numbers(name: str, arity: int) -> Callable[..., Any]:
    """Return an unknown function of real numbers. Dots in the name are places for them."""
    return z3.Function(name, *[z3.RealSort()] * (arity + 1))


def relation(name: str, arity: int) -> Callable[..., Any]:
    """Return an unknown relation between points."""
    return function(name, arity, z3.BoolSort())


def every(*claims: Claim) -> Claim:
    """Return the claim that all of them hold."""
    return claims[0] if len(claims) == 1 else z3.And(*claims)


def either(*claims: Claim) -> Claim:
    """Return the claim that one of them holds at least."""
    return z3.Or(*claims)


def no(claim: Claim) -> Claim:
    """Return the opposite of the claim."""
    return z3.Not(claim)


def implies(condition: Claim, claim: Claim) -> Claim:
    """Return the claim that the condition implies the claim."""
    return z3.Implies(condition, claim)


def iff(left: Claim, right: Claim) -> Claim:
    """Return the claim that both hold or neither does."""
    return every(implies(left, right), implies(right, left))


def differ(*terms: Number | Point) -> Claim:
    """Return the claim that no two are the same."""
    return z3.Distinct(*terms)


def between(low: Number, value: Number, high: Number) -> Claim:
    """Return the claim low ≤ value ≤ high."""
    return every(low <= value, value <= high)


def choose(condition: Claim, then: Number, otherwise: Number) -> Number:
    """Return the first number where the condition holds, else the second."""
    return z3.If(condition, *(number(t) if isinstance(t, int) else t for t in (then, otherwise)))


def maximum(*values: Number) -> Number:
    """Return the largest of the numbers."""
    return reduce(lambda s, t: choose(s >= t, s, t), values)


def minimum(*values: Number) -> Number:
    """Return the least of the numbers."""
    return reduce(lambda s, t: choose(s <= t, s, t), values)


def absolute(value: Number) -> Number:
    """Return |value|."""
    return choose(value >= 0, value, -value)


def relu(value: Number) -> Number:
    """Return max(value, 0)."""
    return choose(value >= 0, value, 0)


def substitute(claim: Claim, pairs: Sequence[tuple[z3.ExprRef, z3.ExprRef]]) -> Claim:
    """Return the claim with terms put in place of constants, all at once."""
    return z3.substitute(claim, *pairs)
