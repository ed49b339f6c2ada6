"""What z3 is asked during the search: whether claims can hold together, and which of them are to blame if not."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import z3

from fvproof.verify.certificates.cases import Said
from fvproof.verify.certificates.formulas import Terms

Claim = tuple[int, bool] | tuple[str, Said]
"""A formula that is true or false, or a fact about a polynomial."""
STEPS = 4_000_000
"""Steps of z3 before an answer counts as unknown: about two seconds, and the same count on any machine."""


class Questions:
    """Claims about one table of terms, as z3 reads them."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._said: dict[int, Any] = {}
        self._answers: dict[frozenset[str], bool] = {}
        self._sorts: dict[str, Any] = {"Real": z3.RealSort(), "Bool": z3.BoolSort()}
        self.asked = 0

    def contradict(self, claims: Sequence[Claim], steps: int | None = None) -> bool:
        """Return whether z3 finds that the claims do not hold together."""
        key = frozenset(map(str, claims))
        if key not in self._answers or (steps and not self._answers[key]):
            solver = z3.Solver()
            solver.set("rlimit", STEPS if steps is None else steps)
            solver.add(*map(self._claim, claims))
            self.asked += 1
            self._answers[key] = solver.check() == z3.unsat
        return self._answers[key]

    def core(self, claims: Sequence[Claim]) -> list[Claim]:
        """Return claims that do not hold together, none of which can be left out; the first ones are kept rather."""
        needed = list(claims)
        size = max(1, len(needed) // 4)
        while size:
            end = len(needed)
            while end > 0:
                fewer = needed[: max(0, end - size)] + needed[end:]
                if self.contradict(fewer):
                    needed = fewer
                end -= size
            size = 0 if size == 1 else max(1, size // 3)
        return needed

    def _claim(self, claim: Claim) -> Any:  # noqa: ANN401  z3's
        """Return a claim as z3 reads it."""
        first, second = claim
        if isinstance(first, int):
            return self.term(first) if second else z3.Not(self.term(first))
        total: Any = z3.RealVal(0)
        terms: Any = second
        for c, *factors in terms:
            product: Any = z3.RealVal(str(c))
            for place in factors:
                product = product * self.term(place)
            total = total + product
        return {">": total > 0, ">=": total >= 0, "=": total == 0, "!=": total != 0}[first]

    def term(self, root: int) -> Any:  # noqa: ANN401  z3's
        """Return a term as z3 reads it."""
        for place in self._terms.below([root]):
            if place not in self._said:
                self._said[place] = self._made(place)
        return self._said[root]

    def _made(self, place: int) -> Any:  # noqa: ANN401, PLR0911  one line for each operator
        """Return a term of z3, from those of its parts."""
        operator, parts, sort, data = self._terms.table[place]
        values = [self._said[part] for part in parts]
        match operator:
            case "number":
                return z3.RealVal(str(data))
            case "apply":
                signature = [value.sort() for value in values] + [self._sort(sort)]
                return z3.Function(str(data), *signature)(*values) if values else z3.Const(str(data), signature[0])
            case "and":
                return z3.And(*values)
            case "or":
                return z3.Or(*values)
            case "not":
                return z3.Not(*values)
            case "ite":
                return z3.If(*values)
            case "-" if len(values) == 1:
                return -values[0]
            case _:
                return reduce(_JOINED[operator], values)

    def _sort(self, name: str) -> Any:  # noqa: ANN401  z3's
        """Return a sort of z3."""
        if name not in self._sorts:
            self._sorts[name] = z3.DeclareSort(name)
        return self._sorts[name]


_JOINED = {
    "=": lambda s, t: s == t,
    "<=": lambda s, t: s <= t,
    "<": lambda s, t: s < t,
    "+": lambda s, t: s + t,
    "-": lambda s, t: s - t,
    "*": lambda s, t: s * t,
    "/": lambda s, t: s / t,
}
