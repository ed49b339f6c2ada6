"""What is known in a case, as the search sees it: decided conditions are left out."""

from fractions import Fraction

from fvproof.verify.certificates.cases import OpenCase, Values, parts_of, plus
from fvproof.verify.certificates.formulas import Terms
from fvproof.verify.positivstellensatz.questions import Claim
from fvproof.verify.positivstellensatz.reduction import Sign

Name = int
"""A claim of a case: the number of a formula, or −1, −2, ... for its facts."""


class CaseView:
    """What a case knows, its decided conditions left out."""

    def __init__(self, terms: Terms, case: OpenCase) -> None:
        self.terms, self.case = terms, case
        self._resolved: dict[int, int] = {}
        self._claims: dict[Name, Claim] = {}

    def claim(self, name: Name) -> Claim:
        """Return what is known, its decided conditions left out."""
        if name not in self._claims:
            if name < 0:
                relation, polynomial = self.case.facts[-1 - name]
                self._claims[name] = relation, [[c, *map(self.resolved, factors)] for c, *factors in polynomial]
            else:
                self._claims[name] = self.resolved(name), self.case.known[name]
        return self._claims[name]

    def resolved(self, root: int) -> int:
        """Return a term with decided conditions left out."""
        if root not in self._resolved:
            operator, parts, sort, _ = term = self.terms.table[root]
            if operator == "ite" and sort != "Bool" and parts[0] in self.case.known:
                self._resolved[root] = self.resolved(parts[1] if self.case.known[parts[0]] else parts[2])
            else:
                self._resolved[root] = self.terms.add(term._replace(parts=tuple(map(self.resolved, parts))))
        return self._resolved[root]

    def is_literal(self, name: Name) -> bool:
        """Return whether a claim leaves no choice but in its numbers."""
        return name < 0 or self.terms.table[name].operator not in ("and", "or", "not")

    def is_ready(self, name: Name) -> bool:
        """Return whether a claim is about numbers, points and truths without conditions."""
        return self.is_literal(name) and not self.conditions(name)

    def is_waiting(self, name: Name) -> bool:
        """Return whether a claim leaves a choice that was not made."""
        if self.is_literal(name):
            return bool(self.conditions(name))
        every, claims = parts_of(self.terms.table, name, holds=self.case.known[name])
        return not every and not any(self.case.known.get(p) == holds for p, holds in claims)

    def is_about_numbers(self, name: Name) -> bool:
        """Return whether a claim compares numbers."""
        if name < 0:
            return True
        operator, parts, *_ = self.terms.table[name]
        return operator in ("<=", "<") or (operator == "=" and self.terms.table[parts[0]].sort == "Real")

    def sign(self, name: Name, values: Values) -> Sign:
        """Return how a polynomial lies to 0; what is not 0 is not squared, as a certificate does."""
        if name >= 0 and self.terms.table[name].operator == "=" and not self.case.known[name]:
            first, second = map(values.polynomial, self.terms.table[name].parts)
            return Sign(name, "!=", plus(second, first, Fraction(-1)))
        if name < 0 and self.case.facts[-1 - name][0] == "!=":
            return Sign(name, "!=", values.said(self.case.facts[-1 - name][1]))
        return Sign(name, *values.factor(name))

    def conditions(self, name: Name) -> list[int]:
        """Return the conditions of numbers in a claim that are not decided."""
        found: dict[int, None] = {}
        seen: set[int] = set()
        waiting = [name] if name >= 0 else [p for _, *ps in self.case.facts[-1 - name][1] for p in ps]
        while waiting:
            if (place := waiting.pop()) in seen:
                continue
            seen.add(place)
            operator, parts, sort, _ = self.terms.table[place]
            if operator == "ite" and sort != "Bool":
                if parts[0] not in self.case.known:
                    found[parts[0]] = None
                else:
                    waiting.append(parts[1] if self.case.known[parts[0]] else parts[2])
            else:
                waiting.extend(parts)
        return list(found)

    def parts(self, name: Name) -> list[int]:
        """Return the terms of a claim whose conditions are decided."""
        found: dict[int, None] = {}
        waiting = [name] if name >= 0 else [p for _, *ps in self.case.facts[-1 - name][1] for p in ps]
        while waiting:
            if (place := waiting.pop()) in found:
                continue
            operator, parts, sort, _ = self.terms.table[place]
            if operator == "ite" and sort != "Bool":
                waiting.append(parts[1] if self.case.known[parts[0]] else parts[2])
            else:
                found[place] = None
                waiting.extend(parts)
        return list(found)
