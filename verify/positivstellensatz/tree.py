"""The search for a tree of cases: z3 says what is to blame in each case, and the split is taken that leaves least.

The steps are those of `fvproof.verify.certificates.cases`, whose own functions say what a step leaves: what is found
here fits what is checked there, and nothing found here is believed.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from time import process_time
from typing import Any

from fvproof.verify.certificates.cases import OpenCase, Polynomial, Said, Values, assumed, left, refute
from fvproof.verify.certificates.formulas import Terms
from fvproof.verify.positivstellensatz.questions import Questions
from fvproof.verify.positivstellensatz.reduction import Sign, candidates
from fvproof.verify.positivstellensatz.sums import Sum, contradiction
from fvproof.verify.positivstellensatz.view import CaseView, Name
from fvproof.verify.proving.kernel import STEPS


class NotFound(Exception):
    """No certificate was found."""


class Resisted(NotFound):
    """One case resisted all that is tried."""


class TimeIsUp(NotFound):
    """The search took longer than it may."""


def tree(terms: Terms, formulas: Sequence[int], effort: "Patience") -> list[Said]:
    """Return steps that show that formulas do not hold together, found and checked.

    Raises
    ------
    NotFound
        If there are none within the effort.
    """
    found = json.loads(json.dumps(CaseSearch(terms, formulas, effort).steps()))
    refute(terms, formulas, found)
    return found


@dataclass(frozen=True, slots=True)
class Patience:
    """How much is tried: factors of a product with cuts on one path, polynomials for one cut, depth, seconds."""

    budgets: tuple["Budget", ...] = ((3, 0), (2, 1), (3, 1), (2, 2), (3, 2), (4, 1))
    tried: int = 40
    choices: int = 12
    depth: int = 80
    time_s: float = 60.0


Budget = tuple[int, int]
"""The most factors of a product, and the most cuts on one path."""


class CaseSearch:
    """The search for steps that refute formulas."""

    def __init__(self, terms: Terms, formulas: Sequence[int], effort: Patience) -> None:
        table, self.roots = terms.numbered(formulas)
        self.terms, self.effort = Terms(), effort
        for term in table:
            self.terms.add(term)
        self.table = self.terms.table
        self.questions = Questions(self.terms)
        self.ends = process_time() + effort.time_s

    def steps(self) -> list[Said]:
        """Return steps that show that the formulas do not hold together."""
        cases = assumed(self.table, OpenCase({}), [(root, True) for root in self.roots])
        return self.close(cases[0], list(cases[0].known), 0) if cases else []

    def close(self, case: OpenCase, active: Sequence[Name], depth: int, budget: Budget | None = None) -> list[Said]:
        """Return steps that close a case by what is known there of the active claims; cuts have less than all."""
        self._hurry()
        if depth > self.effort.depth:
            raise Resisted("too deep")
        view = CaseView(self.terms, case)
        ready = [name for name in active if view.is_ready(name)]
        waiting = [name for name in active if view.is_waiting(name)]
        if not self._contradict(view, ready):
            core, choices = self._core(view, [*ready, *waiting]), [n for n in waiting if not view.is_literal(n)]
            kept = [n for n in choices if n not in core] if len(choices) < self.effort.choices else []
            return self._split(case, view, [*core, *kept], depth, budget)  # a lemma that z3 does without
        core = self._core(view, ready)
        if (steps := self._quick(case, core)) is not None:
            return steps
        if budget is None and (steps := self._by_lemma(case, view, [*ready, *waiting], depth)):
            return steps
        return self._leaf(case, core, depth, budget)

    def _by_lemma(self, case: OpenCase, view: CaseView, active: Sequence[Name], depth: int) -> list[Said]:
        """Return a step about a choice of which all ways but one are closed quickly, and what closes the rest.

        What is known of numbers is contradictory, but not in a simple way: what a choice says, such as the claim of
        another theorem whose hypotheses are met, makes it simpler.
        """
        for name in active:
            if view.is_literal(name) or not view.is_waiting(name):
                continue
            cases = left(self.table, case, ["or", name])
            closed = [self._quick(one, [*new(case, one), *active]) for one in cases]
            if closed.count(None) <= 1:
                rest = [n for n in active if n != name]
                pairs = zip(cases, closed, strict=True)
                inner = [t or self.close(one, [*new(case, one), *rest], depth + 1) for one, t in pairs]
                return [["or", name], *(step for steps in inner for step in steps)]
        return []

    def _quick(self, case: OpenCase, active: Sequence[Name]) -> list[Said] | None:
        """Return the one step that closes a case, if no way is left in which something holds, or a simple sum does."""
        view = CaseView(self.terms, case)
        for name in active:
            if not view.is_literal(name) and view.is_waiting(name) and not left(self.table, case, ["or", name]):
                return [["or", name]]
        ready = [name for name in active if view.is_ready(name)]
        if not self._contradict(view, ready):
            return None
        with suppress(Resisted):
            return self._leaf(case, self._core(view, ready), self.effort.depth - 2, (2, 0))
        return None

    def _hurry(self) -> None:
        """Raise if the time is up."""
        if process_time() > self.ends:
            raise TimeIsUp(f"not found within {self.effort.time_s:g} s")

    def _contradict(self, view: CaseView, names: Sequence[Name]) -> bool:
        """Return whether z3 finds that the claims do not hold together."""
        return self.questions.contradict([view.claim(name) for name in names])

    def _core(self, view: CaseView, names: Sequence[Name]) -> list[Name]:
        """Return those of the claims that are to blame."""
        claims = {name: view.claim(name) for name in names}
        if not self.questions.contradict(list(claims.values()), STEPS):
            raise Resisted(f"z3 does not know: {[view.claim(n) for n in names][:9]}")
        kept = self.questions.core(list(claims.values()))
        return [name for name, claim in claims.items() if any(claim is one for one in kept)]

    def _split(
        self, case: OpenCase, view: CaseView, core: Sequence[Name], depth: int, budget: Budget | None
    ) -> list[Said]:
        """Return the step after which least is left, and what closes the cases that it leaves."""
        choices: dict[tuple[str, int], None] = {}
        for name in core:
            if name < 0 or view.is_ready(name):
                continue
            if not view.is_literal(name):
                choices["or", name] = None
            for condition in view.conditions(name):
                choices["case", condition] = None
        tried = [self._tried(case, list(choice), core) for choice in list(choices)[: self.effort.choices]]
        if not tried:
            raise Resisted("nothing to split")
        step, cases, _ = min(tried, key=lambda t: t[2])
        return [step] + [s for one in cases for s in self._closed(case, one, core, depth, budget)]

    def _closed(
        self, before: OpenCase, case: OpenCase, core: Sequence[Name], depth: int, budget: Budget | None
    ) -> list[Said]:
        """Return what closes a case that a step left."""
        return self.close(case, [*core, *new(before, case)], depth + 1, budget)

    def _tried(self, case: OpenCase, step: Said, core: Sequence[Name]) -> tuple[Said, list[OpenCase], tuple[int, int]]:
        """Return a step, what it leaves, and how much that is."""
        cases = left(self.table, case, step)
        score = 0
        for one in cases:
            view = CaseView(self.terms, one)
            active = [*core, *new(case, one)]
            if not self._contradict(view, [name for name in active if view.is_ready(name)]):
                score += 2 + sum(1 + len(view.conditions(n)) for n in active if view.is_waiting(n))
        return step, cases, (score, len(cases))

    def _leaf(self, case: OpenCase, core: Sequence[Name], depth: int, budget: Budget | None) -> list[Said]:
        """Return steps that close a case by what is known of numbers and points."""
        values, view = Values(self.table, case), CaseView(self.terms, case)
        for name in core:
            if name >= 0 and (step := self._clash(case, values, name, core)):
                return [step]
        if step := self._opened(case, view, core, values):
            cases = left(self.table, case, step)
            return [step] + [s for one in cases for s in self._closed(case, one, core, depth, budget)]
        facts = Values(self.table, case)
        core = list(dict.fromkeys([*core, *range(-1, -1 - len(case.facts), -1)]))  # z3 knows of functions, sums do not
        signs = [view.sign(name, facts) for name in core if view.is_about_numbers(name)]
        done = 0
        for factors, cuts in self.effort.budgets if budget is None else (budget,):
            for most in range(done + 1, factors + 1):
                self._hurry()
                if found := contradiction(signs, most):
                    return [self._written(found, facts, view, core)]
            done = max(done, factors)
            if cuts and (steps := self._cut(case, core, facts, signs, (factors, cuts - 1))):
                return steps
        raise Resisted(str(signs))

    def _clash(self, case: OpenCase, values: Values, name: Name, core: Sequence[Name]) -> Said | None:
        """Return the step that closes a case because a claim is wrong about points or truths."""
        operator, parts, *_ = self.table[name]
        if operator == "=" and not case.known[name] and values.key(parts[0]) == values.key(parts[1]):
            return ["clash", name] if self.table[parts[0]].sort != "Real" else None
        for other in core if self.table[name].operator == "apply" else ():
            if other >= 0 and self._is_other(case, values, name, other):
                return ["congruent", name, other]
        return None

    def _is_other(self, case: OpenCase, values: Values, name: Name, other: Name) -> bool:
        """Return whether a relation is known to hold of the same points in one place and not in another."""
        (one, parts, _, relation), (two, places, _, same) = self.table[name], self.table[other]
        if one != two or relation != same or case.known[name] == case.known[other]:
            return False
        return all(values.key(p) == values.key(q) for p, q in zip(parts, places, strict=True))

    def _opened(self, case: OpenCase, view: CaseView, core: Sequence[Name], values: Values) -> Said | None:
        """Return a step that says what a quotient is, or that a function has one value for one number."""
        parts = [p for name in core for p in view.parts(name)]
        for place in parts:
            operator, below, _, _ = self.terms.table[place]
            if operator == "/" and values.polynomial(below[1]).keys() != {()}:
                said = ("=", [[1, place, below[1]], [-1, below[0]]]), ("=", [[1, below[1]]])
                if not any(fact in case.facts for fact in said):
                    return ["quotient", place]
        return self._congruent(case, core, parts, values)

    def _congruent(self, case: OpenCase, core: Sequence[Name], parts: Sequence[int], values: Values) -> Said | None:
        """Return a step about two values of one function of numbers."""
        names = dict.fromkeys(p for p in [*parts, *core] if p >= 0)
        table = self.terms.table
        values_of = [
            p for p in names if table[p].operator == "apply" and any(table[q].sort == "Real" for q in table[p].parts)
        ]
        for i, j in combinations(values_of, 2):
            if table[i].data != table[j].data or (table[i].sort == "Bool" and case.known[i] == case.known[j]):
                continue
            same = table[i].sort == "Real" and values.key(i) == values.key(j)
            said = [("!=", [[1, p], [-1, q]]) for p, q in zip(table[i].parts, table[j].parts, strict=True)]
            if not same and not any(fact in case.facts for fact in [*said, ("=", [[1, i], [-1, j]])]):
                return ["congruent", i, j]
        return None

    def _cut(
        self, case: OpenCase, core: Sequence[Name], facts: Values, signs: Sequence[Sign], budget: Budget
    ) -> list[Said]:
        """Return a step about the sign of a polynomial, and what closes the cases that it leaves; or nothing."""
        named = self._named(facts, CaseView(self.terms, case), core)
        kind = "sign" if any(sign.relation in ("!=", ">") for sign in signs) else "cut"
        for p in candidates(signs)[: self.effort.tried]:
            step = [kind, said(p, named)]
            cases = left(self.table, case, step)
            with suppress(Resisted):
                return [step] + [s for one in cases for s in self._closed(case, one, core, 0, budget)]
        return []

    def _written(self, found: Sum, values: Values, view: CaseView, core: Sequence[Name]) -> Said:
        """Return a sum as a certificate says it."""
        named = self._named(values, view, core)

        def factor(one: Any) -> Any:  # noqa: ANN401  part of a certificate
            return said(one, named) if isinstance(one, dict) else one

        products = [[number(c), *map(factor, factors)] for c, factors in found.products]
        return ["sum", products, [[factor(name), said(by, named)] for name, by in found.zeros.items()]]

    def _named(self, values: Values, view: CaseView, core: Sequence[Name]) -> dict[int, int]:
        """Return for each unknown number a term that is it, as a certificate calls it."""
        found = {}
        for name in core:
            for place in view.parts(name):
                if self.terms.table[place].sort == "Real" and self.terms.table[place].operator in ("apply", "/"):
                    value = values.polynomial(place)
                    for powers, scale in value.items():
                        if len(value) == 1 and len(powers) == 1 and scale == 1:
                            found.setdefault(powers[0], place)
        return found


def new(before: OpenCase, case: OpenCase) -> Iterator[Name]:
    """Yield what a case knows more than the one before."""
    yield from (place for place in case.known if place not in before.known)
    yield from range(-1 - len(before.facts), -1 - len(case.facts), -1)


def said(value: Polynomial, named: dict[int, int]) -> list[list[Any]]:
    """Return a polynomial as a certificate says it."""
    return [[number(c), *(named[u] for u in powers)] for powers, c in value.items()]


def number(value: Fraction | int) -> int | str:
    """Return a number as a certificate writes it."""
    return int(value) if value.denominator == 1 else str(value)
