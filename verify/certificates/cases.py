"""The check that formulas cannot hold together: a tree of cases, and exact arithmetic at its leaves. No solver.

A case knows of some formulas that they are true or false, and of some polynomials how they lie to 0. A step takes the
last case, and leaves others that cover it, or none; at the end none may be left. Terms go by their numbers, see
`fvproof.verify.certificates.formulas.Terms.numbered`.

    ["case", n]            formula n is true, or it is false
    ["or", n]              what is known of n can hold in a few ways: each is a case
    ["cut", p]             p ≥ 0, or p < 0
    ["sign", p]            p > 0, or p = 0, or p < 0
    ["quotient", n]        n = s/t is the quotient: n·t = s, or t = 0
    ["congruent", i, j]    two values of a function agree, or an argument differs
    ["clash", n]           none is left: formula n says wrongly that two points differ
    ["sum", terms, zeros]  none is left: terms ≥ 0, at least one of them > 0, and multiples of zeros add up to 0

A polynomial p is a list of [coefficient, n, ...]: a number times terms. A term of a sum is [coefficient, factor, ...]
with a positive coefficient; a factor is what formula n compares, a fact of the case (−1 the first), or the square of
a polynomial. A multiple of a zero is [factor, p].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.formulas import Term, Terms

Polynomial = dict[tuple[int, ...], Fraction | int]
"""Coefficients by the unknowns that are multiplied, in order; none of them is 0."""
Claims = Sequence[tuple[int, bool]]
Said = Sequence[Any]
"""Part of a certificate."""
ONE: Final = Fraction(1)
CUTS: Final = {"cut": ((">=", 1), (">", -1)), "sign": ((">", 1), ("=", 1), (">", -1))}
COMPARED: Final = {
    ("<=", True): (">=", 1), ("<=", False): (">", -1), ("<", True): (">", 1),
    ("<", False): (">=", -1), ("=", True): ("=", 1), ("=", False): ("!=", 1),
}  # fmt: skip
"""How right minus left lies to 0 where a comparison is true or false, and the sign to take it with."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What is known: of formulas whether they are true, and of polynomials how they lie to 0."""

    known: dict[int, bool]
    facts: tuple[tuple[str, Said], ...] = ()


def refute(terms: Terms, formulas: Sequence[int], steps: Sequence[Said]) -> None:
    """Return if the steps show that the formulas do not hold together.

    Raises
    ------
    DomainError
        If they do not: the sentence says which step fails, or that a case is left.
    """
    table, roots = terms.numbered(formulas)
    cases = assumed(table, OpenCase({}), [(root, True) for root in roots])
    for number, step in enumerate(steps):
        try:
            cases += reversed(left(table, cases.pop(), step))
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
            told = error if isinstance(error, DomainError) else "it is not well formed, or no case is left"
            raise DomainError(f"step {number} does not follow: {told}") from None
    if cases:
        raise DomainError(f"cases are left open: {len(cases)}")


def left(table: Sequence[Term], case: OpenCase, step: Said) -> list[OpenCase]:
    """Return the cases that a step leaves of one."""
    match step:
        case ["case", int(n)] if n >= 0 and table[n].sort == "Bool":
            choices: Sequence[Claims] = [[(n, True)], [(n, False)]]
        case ["or", int(n)] if not (found := parts_of(table, n, holds=case.known[n]))[0]:
            choices = [[claim] for claim in found[1]]
        case ["cut" | "sign" as kind, [*said]]:
            return with_facts(case, [(rel, [[Fraction(c) * way, *n] for c, *n in said]) for rel, way in CUTS[kind]])
        case ["quotient", int(n)] if n >= 0 and table[n].operator == "/":
            s, t = table[n].parts
            return with_facts(case, [("=", [[1, n, t], [-1, s]]), ("=", [[1, t]])])
        case ["congruent", int(i), int(j)] if min(i, j) >= 0:
            return congruent(table, case, i, j)
        case ["clash", int(n)] if not case.known[n] and table[n].operator == "=":
            values = Values(table, case)
            choices = [[]] if len({values.key(part) for part in table[n].parts}) == 2 else []
        case ["sum", [*terms], [*zeros]] if Values(table, case).contradict(terms, zeros):
            choices = []
        case _:
            raise DomainError("this is no step, or it does not fit what is known")
    return [one for claims in choices for one in assumed(table, case, claims)]


def with_facts(case: OpenCase, facts: Sequence[tuple[str, Said]]) -> list[OpenCase]:
    """Return the cases in which one of the facts is known too."""
    return [OpenCase(case.known, (*case.facts, fact)) for fact in facts]


def parts_of(table: Sequence[Term], n: int, *, holds: bool) -> tuple[bool, Claims]:
    """Return claims that a formula says, and whether all of them hold, or one at least; none for a comparison."""
    operator, parts, *_ = table[n]
    claims = [(part, holds ^ (operator == "not")) for part in parts] if operator in ("and", "or", "not") else []
    return operator not in ("and", "or") or (operator == "and") == holds, claims


def assumed(table: Sequence[Term], case: OpenCase, claims: Claims) -> list[OpenCase]:
    """Return the case in which the claims hold too, and what they say with them; none if they contradict it."""
    known, waiting = dict(case.known), list(claims)
    while waiting:
        n, holds = waiting.pop()
        if known.get(n, holds) != holds:
            return []
        if n not in known:
            known[n] = holds
            every, parts = parts_of(table, n, holds=holds)
            if not every and not parts:
                return []
            waiting += parts if every else []
    return [OpenCase(known, case.facts)]


def congruent(table: Sequence[Term], case: OpenCase, i: int, j: int) -> list[OpenCase]:
    """Return the cases in which numbers given to a function differ, or its values agree."""
    values, (one, other) = Values(table, case), (table[i], table[j])
    pairs = list(zip(one.parts, other.parts, strict=True))
    alike = [(table[p].sort, table[q].sort) for p, q in pairs] + [(one.sort, other.sort)]
    apart = [(p, q) for p, q in pairs if values.key(p) != values.key(q)]
    if one[::3] != other[::3] or one.operator != "apply" or any(s != t for s, t in alike):
        raise DomainError("these are not values of one function")
    if any(table[p].sort != "Real" for p, _ in apart) or (one.sort != "Real" and case.known[i] == case.known[j]):
        raise DomainError("the values may differ")
    facts = [("!=", [[1, p], [-1, q]]) for p, q in apart]
    return with_facts(case, facts + [("=", [[1, i], [-1, j]])] * (one.sort == "Real"))


class Values:
    """The values of terms in one case: polynomials for numbers, and one unknown for points that are the same."""

    def __init__(self, table: Sequence[Term], case: OpenCase) -> None:
        self._table, self._case = table, case
        self._polynomials: dict[int, Polynomial] = {}
        self._unknowns: dict[Any, int] = {}
        self._merged: dict[int, int] = {}
        same = [table[n].parts for n, holds in case.known.items() if holds and table[n].operator == "="]
        pairs = [(p, q) for p, q in same if table[p].sort != "Real"]
        while apart := next(((i, j) for i, j in ((self.key(p), self.key(q)) for p, q in pairs) if i != j), None):
            self._merged[apart[0]] = apart[1]
            self._polynomials.clear()

    def key(self, n: int) -> Any:  # noqa: ANN401  an unknown, what is known of a formula, or a polynomial's items
        """Return what two terms share if they are the same in this case."""
        operator, parts, sort, data = self._table[n]
        if sort == "Real":
            return frozenset(self.polynomial(n).items())
        if sort == "Bool":
            return self._case.known.get(n, (n,))
        if operator == "ite":
            return self.key(parts[1 if self._case.known[parts[0]] else 2])
        return self._unknown(data, parts)

    def _unknown(self, *of: Any) -> int:  # noqa: ANN401
        """Return the unknown that a function is of its parts."""
        name, parts = of
        key = (name, *map(self.key, parts))
        found = self._unknowns.setdefault(key, len(self._unknowns))
        while found in self._merged:
            found = self._merged[found]
        return found

    def polynomial(self, n: int) -> Polynomial:
        """Return a number as a polynomial in unknowns."""
        if n not in self._polynomials:
            self._polynomials[n] = self._computed(*self._table[n])
        return self._polynomials[n]

    def _computed(self, operator: str, parts: Sequence[int], _: str, data: Any) -> Polynomial:  # noqa: ANN401
        """Return the polynomial of a term."""
        if operator == "number":
            return {(): data} if data else {}
        if operator == "ite":
            return self.polynomial(parts[1 if self._case.known[parts[0]] else 2])
        if operator == "apply":
            return {(self._unknown(data, parts),): ONE}
        total, *others = map(self.polynomial, parts)
        if operator == "/":
            by = others[0]
            return times(total, {(): ONE / by[()]}) if by.keys() == {()} else {(self._unknown("/", parts),): ONE}
        if operator == "-" and not others:
            return times(total, {(): -ONE})
        for other in others:
            total = times(total, other) if operator == "*" else plus(total, other, ONE if operator == "+" else -ONE)
        return total

    def said(self, polynomial: Said) -> Polynomial:
        """Return a polynomial of a certificate."""
        total: Polynomial = {}
        for c, *numbers in polynomial:
            total = plus(total, product([{(): Fraction(c)}, *map(self.polynomial, numbers)]))
        return total

    def factor(self, said: Any) -> tuple[str, Polynomial]:  # noqa: ANN401  part of a certificate
        """Return a polynomial and how it lies to 0: a square, a fact, or what a formula compares."""
        if isinstance(said, list):
            return ">=", product([self.said(said)] * 2)
        if said < 0:
            relation, value = self._case.facts[-1 - said][0], self.said(self._case.facts[-1 - said][1])
        else:
            operator, (first, second), *_ = self._table[said]
            relation, way = COMPARED[operator, self._case.known[said]]
            value = times(plus(self.polynomial(second), self.polynomial(first), -ONE), {(): Fraction(way)})
        return (">", times(value, value)) if relation == "!=" else (relation, value)

    def contradict(self, terms: Said, zeros: Said) -> bool:
        """Return whether positive multiples of products and multiples of zeros add up to 0, though one is positive."""
        total: Polynomial = {}
        is_positive = False
        for c, *factors in terms:
            found = [self.factor(one) for one in factors]
            if Fraction(c) <= 0 or any(relation == "=" for relation, _ in found):
                return False
            is_positive = is_positive or all(relation == ">" for relation, _ in found)
            total = plus(total, product([{(): Fraction(c)}, *(value for _, value in found)]))
        for name, by in zeros:
            relation, value = self.factor(name)
            if relation != "=":
                return False
            total = plus(total, times(value, self.said(by)))
        return is_positive and not total


def times(first: Polynomial, second: Polynomial) -> Polynomial:
    """Return the product of two polynomials."""
    found: Polynomial = {}
    for one, c in first.items():
        for other, e in second.items():
            both = tuple(sorted(one + other))
            found[both] = found.get(both, 0) + c * e
    return {unknowns: c for unknowns, c in found.items() if c}


def product(values: Sequence[Polynomial]) -> Polynomial:
    """Return the product of polynomials."""
    total = values[0]
    for value in values[1:]:
        total = times(total, value)
    return total


def plus(first: Polynomial, second: Polynomial, factor: Fraction | int = 1) -> Polynomial:
    """Return the first polynomial plus a multiple of the second."""
    found = dict(first)
    for unknowns, c in second.items():
        found[unknowns] = found.get(unknowns, 0) + factor * c
    return {unknowns: c for unknowns, c in found.items() if c}
