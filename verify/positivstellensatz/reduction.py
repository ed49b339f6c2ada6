"""What is known of polynomials, with unknowns replaced by what linear zeros say they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from fvproof.verify.certificates.cases import Polynomial, plus, times

ONE: Polynomial = {(): 1}


@dataclass(frozen=True, slots=True)
class Sign:
    """What is known of one polynomial: `>`, `>=`, `=` or `!=` zero; and what a certificate calls it."""

    name: int
    relation: str
    value: Polynomial


@dataclass(frozen=True, slots=True)
class Reduced:
    """What is known, with unknowns replaced by what linear zeros say they are.

    ``solved`` holds unknown, replacement, scale and the zero that says so as multiples of the given ones.
    """

    signs: list[Sign]
    zeros: list[tuple[Polynomial, dict[int, Polynomial]]]
    solved: list[tuple[int, Polynomial, Fraction | int, dict[int, Polynomial]]]

    @classmethod
    def by(cls, signs: Sequence[Sign]) -> "Reduced":
        """Return what is left once the linear zeros are used up."""
        zeros = [(sign.value, {sign.name: ONE}) for sign in signs if sign.relation == "="]
        others = [sign for sign in signs if sign.relation != "="]
        solved = []
        while (found := next(_linear(zeros), None)) is not None:
            place, unknown, scale = found
            value, source = zeros.pop(place)
            rest = whole(times(plus(value, {(unknown,): scale}, -1), {(): Fraction(-1) / scale}))
            solved.append((unknown, rest, scale, source))
            zeros = [_without(zero, solved[-1]) for zero in zeros]
            others = [Sign(s.name, s.relation, whole(replaced(s.value, unknown, rest))) for s in others]
        return cls(others, [zero for zero in zeros if zero[0]], solved)


def term(powers: tuple[int, ...]) -> Polynomial:
    """Return a product of unknowns."""
    return {powers: 1}


def degree(value: Polynomial) -> int:
    """Return the degree of a polynomial; 0 for the zero polynomial."""
    return max(map(len, value), default=0)


def whole(value: Polynomial) -> Polynomial:
    """Return a polynomial whose whole coefficients are integers of Python, which are quicker."""
    return {powers: c.numerator if c.denominator == 1 else c for powers, c in value.items()}


def _linear(zeros: Sequence[tuple[Polynomial, Any]]) -> Iterator[tuple[int, int, Fraction | int]]:
    """Yield zeros that say what an unknown is: where it stands once, alone, with a number before it."""
    for place, (value, _) in enumerate(zeros):
        for powers, scale in value.items():
            if len(powers) == 1 and sum(powers[0] in other for other in value) == 1:
                yield place, powers[0], scale


def replaced(value: Polynomial, unknown: int, rest: Polynomial) -> Polynomial:
    """Return a polynomial with another one in place of an unknown."""
    total: Polynomial = {}
    for powers, c in value.items():
        product: Polynomial = {tuple(u for u in powers if u != unknown): c}
        for _ in range(powers.count(unknown)):
            product = times(product, rest)
        total = plus(total, product)
    return total


def quotient(value: Polynomial, unknown: int, rest: Polynomial) -> Polynomial:
    """Return q with value = (unknown − rest)·q + what is left when the unknown is replaced."""
    total: Polynomial = {}
    for powers, c in value.items():
        n = powers.count(unknown)
        product: Polynomial = {tuple(u for u in powers if u != unknown): c}
        for i in range(n):  # uⁿ − rⁿ = (u − r)·Σ uⁱ r^(n−1−i)
            part = product
            for _ in range(i):
                part = times(part, {(unknown,): 1})
            for _ in range(n - 1 - i):
                part = times(part, rest)
            total = plus(total, part)
    return total


def _without(zero: tuple[Polynomial, dict[int, Polynomial]], solved: Any) -> tuple[Polynomial, dict[int, Polynomial]]:  # noqa: ANN401
    """Return a zero without an unknown, and how it is made of the given ones."""
    value, source = zero
    unknown, rest, scale, known = solved
    share = times(quotient(value, unknown, rest), {(): Fraction(-1) / scale})
    return replaced(value, unknown, rest), combined(source, known, share)


def combined(first: dict[int, Polynomial], second: dict[int, Polynomial], factor: Polynomial) -> dict[int, Polynomial]:
    """Return multiples of given zeros, plus a multiple of others."""
    found = dict(first)
    for name, value in second.items():
        found[name] = plus(found.get(name, {}), times(value, factor))
    return {name: value for name, value in found.items() if value}


def candidates(signs: Sequence[Sign]) -> list[Polynomial]:
    """Return polynomials whose sign may help, simple ones first."""
    unknowns = sorted({u for sign in signs for powers in sign.value for u in powers})
    found = [term((u,)) for u in unknowns]
    found += [plus(term((u,)), term((v,)), -1) for u, v in combinations(unknowns, 2)]
    found += [plus(s.value, t.value, -1) for s, t in combinations(signs, 2)]
    found += [sign.value for sign in signs if sign.relation == "!="]
    known = [sign.value for sign in signs if sign.relation != "!="]
    return [p for p in found if p and p not in known and len(p) < 12]
