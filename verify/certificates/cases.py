"""The check that formulas cannot hold together: a tree of cases, and exact arithmetic at its leaves. No solver.

A case knows of some formulas that they are true or false, and of some polynomials that they are positive, not negative,
zero or not zero. A step takes one case and leaves others, which cover it, or none. Steps come as a list, each for the
case that was left last; at the end none may be left:

    ["case", n]           formula n is true, or false
    ["or", n]             what is known of n holds in one of a few ways: one case for each
    ["cut", p]            p ≥ 0, or p < 0             ["sign", p]       p > 0, p = 0, or p < 0
    ["quotient", n]       n = s/t: t = 0, or n·t = s   ["congruent", i, j]   an argument differs, or f(..) = f(..)
    ["clash", i]          "the same points" is false of two that are the same
    ["sum", terms, zeros] none: positive multiples of products of what is known, at least one of them of positive factors
                          only, and multiples of zeros add up to 0

A polynomial p is a list of [coefficient, n, n, ...], a number times terms. A term of a sum is [coefficient, factor, ...]:
a factor n ≥ 0 is what is known of formula n, n < 0 the fact number −n−1, a polynomial stands for its square.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.formulas import Terms

Polynomial = dict[tuple[int, ...], Fraction]
Known = dict[int, bool]
Fact = tuple[str, Any]
"""`>`, `>=`, `=` or `!=` zero, and the polynomial as a certificate says it."""
Step = list[Any]
CUTS: Final = {"cut": ((">=", 1), (">", -1)), "sign": ((">", 1), ("=", 1), (">", -1))}
RELATIONS: Final = {("<=", True): (">=", 1), ("<=", False): (">", -1), ("<", True): (">", 1), ("<", False): (">=", -1)}
"""How the right side minus the left side of a comparison lies to 0, which is true or false."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is known in one case."""

    known: Known
    facts: tuple[Fact, ...] = ()


def refute(terms: Terms, formulas: Sequence[int], steps: Sequence[Step]) -> None:
    """Return if the steps show that the formulas do not hold together.

    Raises
    ------
    DomainError
        If they do not: the sentence says which step fails, or that a case is left.
    """
    places = terms.below(formulas)
    cases = assumed(terms, Case({}), [(formula, True) for formula in formulas])
    for number, step in enumerate(steps):
        if not cases:
            raise DomainError(f"step {number} is about no case")
        try:
            cases += reversed(left(terms, places, cases.pop(), step))
        except (TypeError, ValueError, LookupError, ZeroDivisionError, AttributeError) as error:
            told = error if isinstance(error, DomainError) else "it is not well formed"
            raise DomainError(f"step {number} does not follow: {told}") from None
    if cases:
        raise DomainError(f"{len(cases)} cases are left open")


def left(terms: Terms, places: Sequence[int], case: Case, step: Step) -> list[Case]:
    """Return the cases that a step leaves of one."""
    match step:
        case ["case", int(n)]:
            return _split(terms, case, [[(places[n], True)], [(places[n], False)]])
        case ["or", int(n)]:
            return _split(terms, case, ways(terms, places[n], holds=case.known[places[n]]) or [[]])
        case ["cut" | "sign" as kind, [*said]]:
            return [
                Case(case.known, (*case.facts, (rel, _scaled(placed(said, places), way)))) for rel, way in CUTS[kind]
            ]
        case ["quotient", int(n)]:
            quotient, (above, below) = places[n], _parts(terms, places[n], "/")
            facts = ("=", [[1, below]]), ("=", [[1, quotient, below], [-1, above]])
            return [Case(case.known, (*case.facts, fact)) for fact in facts]
        case ["congruent", int(i), int(j)]:
            return _congruent(terms, case, places[i], places[j])
        case ["clash", int(n)]:
            first, second = _parts(terms, places[n], "=")
            values = Values(terms, case.known)
            if case.known[places[n]] or values.key(first) != values.key(second):
                raise DomainError("there is no clash")
            return []
        case ["sum", [*products], [*zeros]]:
            _check_sum(Facts(terms, places, case), products, zeros)
            return []
    raise DomainError("there is no such step")


def ways(terms: Terms, place: int, *, holds: bool) -> list[list[tuple[int, bool]]] | None:
    """Return the ways in which a formula is true, or false, each as claims that hold together; None for a literal."""
    operator, parts, *_ = terms.table[place]
    match operator:
        case "not":
            return [[(parts[0], not holds)]]
        case "and" | "or":
            claims = [(part, holds) for part in parts]
            return [claims] if holds == (operator == "and") else [[claim] for claim in claims]
        case "=>":
            return [[(parts[0], False)], [(parts[1], True)]] if holds else [[(parts[0], True), (parts[1], False)]]
        case "ite":
            return [[(parts[0], True), (parts[1], holds)], [(parts[0], False), (parts[2], holds)]]
        case "=" if terms.table[parts[0]].sort == "Bool":
            return [[(parts[0], truth), (parts[1], truth == holds)] for truth in (True, False)]
    return None


def assumed(terms: Terms, case: Case, claims: Sequence[tuple[int, bool]]) -> list[Case]:
    """Return the case in which the claims hold too, with what they say in one way only; none if they contradict it."""
    known, waiting = dict(case.known), list(claims)
    while waiting:
        place, holds = waiting.pop()
        if place in known:
            if known[place] != holds:
                return []
            continue
        known[place] = holds
        found = ways(terms, place, holds=holds)
        if found == []:
            return []
        if found is not None and len(found) == 1:
            waiting += found[0]
    return [Case(known, case.facts)]


def _split(terms: Terms, case: Case, choices: Sequence[Sequence[tuple[int, bool]]]) -> list[Case]:
    """Return the cases in which one of the choices holds."""
    return [one for claims in choices for one in assumed(terms, case, claims)]


def _parts(terms: Terms, place: int, operator: str) -> tuple[int, ...]:
    """Return the parts of a term, which must be of an operator."""
    if terms.table[place].operator != operator:
        raise DomainError(f"it is about {terms.table[place].operator!r}, and not about {operator!r}")
    return terms.table[place].parts


def _congruent(terms: Terms, case: Case, first: int, second: int) -> list[Case]:
    """Return the cases in which a number given to a function differs from that given to it elsewhere, or values agree."""
    values, (one, other) = Values(terms, case.known), (terms.table[first], terms.table[second])
    if one.operator != "apply" or (one.data, one.operator) != (other.data, other.operator):
        raise DomainError("these are not values of one function")
    numbers = [pair for pair in zip(one.parts, other.parts, strict=True) if values.key(pair[0]) != values.key(pair[1])]
    if any(terms.table[part].sort != "Real" for part, _ in numbers):
        raise DomainError("it is given different points or truths")
    apart = [("!=", [[1, part], [-1, like]]) for part, like in numbers]
    if one.sort == "Real":
        apart.append(("=", [[1, first], [-1, second]]))
    elif case.known[first] == case.known[second]:
        raise DomainError("there is no clash")
    return [Case(case.known, (*case.facts, fact)) for fact in apart]


def placed(said: Sequence[Any], places: Sequence[int]) -> list[list[Any]]:
    """Return a polynomial with terms for their numbers."""
    return [[Fraction(c), *(places[n] for n in factors)] for c, *factors in said]


def _scaled(said: Sequence[Any], way: int) -> list[list[Any]]:
    """Return a polynomial, or its negative."""
    return [[c * way, *factors] for c, *factors in said]


class Values:
    """The values of terms in one case: polynomials for numbers, and one number for points that are the same."""

    def __init__(self, terms: Terms, known: Known) -> None:
        self._terms, self._known = terms, known
        self._values: dict[int, Any] = {}
        self._numbers: dict[Any, int] = {}
        self._merged: dict[int, int] = {}
        table = terms.table
        same = [table[p].parts for p, holds in known.items() if holds and table[p].operator == "="]
        pairs = [parts for parts in same if table[parts[0]].sort not in ("Real", "Bool")]
        while apart := [(i, j) for i, j in ((self.key(p), self.key(q)) for p, q in pairs) if i != j]:
            self._merged[apart[0][0]] = apart[0][1]
            self._values.clear()

    def key(self, place: int) -> Any:  # noqa: ANN401  a number, a truth value, or a polynomial's items
        """Return what two terms share if they are the same in this case."""
        sort = self._terms.table[place].sort
        if sort == "Real":
            return frozenset(self.polynomial(place).items())
        return self._known.get(place, ("unknown", place)) if sort == "Bool" else self._unknown(place)

    def polynomial(self, place: int) -> Polynomial:
        """Return a number as a polynomial in the unknown ones."""
        if place not in self._values:
            self._values[place] = self._computed(place)
        return self._values[place]

    def _computed(self, place: int) -> Polynomial:
        """Return a number as a polynomial, from its parts."""
        operator, parts, _, data = self._terms.table[place]
        if operator == "number":
            return {(): Fraction(data or 0)} if data else {}
        if operator == "ite":
            return self.polynomial(parts[1] if self._known[parts[0]] else parts[2])
        if operator == "apply":
            return {(self._unknown(place),): Fraction(1)}
        values = [self.polynomial(part) for part in parts]
        if operator == "/":
            share = {(): 1 / values[1][()]} if values[1].keys() == {()} else None
            return (
                times(values[0], share) if share else {(self._number((operator, *map(self.key, parts))),): Fraction(1)}
            )
        total = values[0]
        if operator == "-" and len(values) == 1:
            return times(total, {(): Fraction(-1)})
        for value in values[1:]:
            total = times(total, value) if operator == "*" else plus(total, value, 1 if operator == "+" else -1)
        return total

    def _unknown(self, place: int) -> int:
        """Return the number for an unknown value."""
        operator, parts, _, data = self._terms.table[place]
        if operator == "ite":
            return self._unknown(parts[1] if self._known[parts[0]] else parts[2])
        found = self._number((data, *map(self.key, parts)))
        while found in self._merged:
            found = self._merged[found]
        return found

    def _number(self, key: object) -> int:
        """Return a number of its own for each key."""
        return self._numbers.setdefault(key, len(self._numbers))


def times(first: Polynomial, second: Polynomial) -> Polynomial:
    """Return the product."""
    found: Polynomial = {}
    for one, c in first.items():
        for other, e in second.items():
            both = tuple(sorted(one + other))
            found[both] = found.get(both, Fraction(0)) + c * e
    return {powers: c for powers, c in found.items() if c}


def plus(first: Polynomial, second: Polynomial, factor: Fraction | int = 1) -> Polynomial:
    """Return the first polynomial plus a multiple of the second."""
    found = dict(first)
    for powers, c in second.items():
        found[powers] = found.get(powers, Fraction(0)) + factor * c
    return {powers: c for powers, c in found.items() if c}


class Facts:
    """What is known of numbers in one case, as polynomials and how they lie to 0."""

    def __init__(self, terms: Terms, places: Sequence[int], case: Case) -> None:
        self._terms, self._places, self._case = terms, places, case
        self.values = Values(terms, case.known)

    def factor(self, said: Any) -> tuple[str, Polynomial]:  # noqa: ANN401  as a certificate says it
        """Return a polynomial, and how it lies to 0: what is known under a number, or a square."""
        if isinstance(said, list):
            root = self.said(placed(said, self._places))
            return ">=", times(root, root)
        relation, value = self.literal(said if said < 0 else self._places[said])
        return (">", times(value, value)) if relation == "!=" else (relation, value)

    def said(self, polynomial: Sequence[Any]) -> Polynomial:
        """Return a polynomial in terms as one in unknowns."""
        total: Polynomial = {}
        for c, *factors in polynomial:
            product: Polynomial = {(): Fraction(c)}
            for place in factors:
                product = times(product, self.values.polynomial(place))
            total = plus(total, product)
        return total

    def zero(self, said: int, by: Sequence[Any]) -> Polynomial:
        """Return a multiple of what is known to be zero."""
        relation, value = self.factor(said)
        if relation != "=":
            raise DomainError("only zeros have multiples of either sign")
        return times(value, self.said(placed(by, self._places)))

    def literal(self, place: int) -> tuple[str, Polynomial]:
        """Return what a comparison of numbers says that is known to be true or false."""
        if place < 0:
            relation, polynomial = self._case.facts[-1 - place]
            return relation, self.said(polynomial)
        operator, (left_side, right_side), *_ = self._terms.table[place]
        holds, value = self._case.known[place], self.values.polynomial
        difference = plus(value(right_side), value(left_side), -1)
        if operator == "=":
            return ("=" if holds else "!="), difference
        relation, way = RELATIONS[operator, holds]
        return relation, times(difference, {(): Fraction(way)})


def _check_sum(facts: Facts, products: Sequence[Any], zeros: Sequence[Any]) -> None:
    """Raise unless positive multiples of products and multiples of zeros add up to 0, one product being positive."""
    total: Polynomial = {}
    strict = False
    for c, *factors in products:
        found = [facts.factor(factor) for factor in factors]
        if (weight := Fraction(c)) <= 0 or any(relation == "=" for relation, _ in found):
            raise DomainError("a term of the sum must be a positive multiple of what is not negative")
        strict = strict or all(relation == ">" for relation, _ in found)
        product: Polynomial = {(): weight}
        for _, value in found:
            product = times(product, value)
        total = plus(total, product)
    for said, by in zeros:
        total = plus(total, facts.zero(said, by))
    if total or not strict:
        raise DomainError("the sum does not contradict what is known")
