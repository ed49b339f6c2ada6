"""Derivations as records: the theorems of proofs with their formulas in SMT-LIB, as somebody else can check them.

`fvproof.verify.certificates.theorems` reads them. What closes a theorem that a solver found, a tree of cases, is no
part of the derivation: it comes from a search (`fvproof.verify.positivstellensatz`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from fvproof.verify.proving.assumption import Assumed
from fvproof.verify.proving.fold import Fold, FoldRun
from fvproof.verify.proving.instance import Instance
from fvproof.verify.proving.obligation import Obligation, Proved, Support
from fvproof.verify.proving.smtlib import quoted, script

Record = dict[str, Any]
RULES = {"solver": "cases", "induction": "induction", "calculus": "calculus"}


@dataclass(frozen=True, slots=True)
class Derivation:
    """Theorems as records, each after those that it rests on."""

    records: list[Record] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)

    def place(self, theorem: Proved) -> int:
        """Return the place of a theorem, after writing down what it rests on."""
        if id(theorem) not in self.places:
            record = self._record(theorem)
            self.places[id(theorem)] = len(self.records)
            self.records.append(record)
        return self.places[id(theorem)]

    def _record(self, theorem: Proved) -> Record:
        """Return a theorem as a record."""
        asked = theorem.obligation
        said = _Said()
        given = [
            [name, said.text(formula)] for name, formula in asked.hypotheses.items() if not _is_fold(theorem, name)
        ]
        record: Record = {
            "name": asked.name,
            "rule": RULES[theorem.rule],
            "given": given,
            "claim": said.text(asked.claim),
        }
        record["by"] = [self._support(support, said) for support in asked.by]
        if theorem.rule == "induction":
            record["fold"] = _fold(asked, said)
        return said.written(record)

    def _support(self, support: Support, said: "_Said") -> Record:
        """Return an assumption, or the place of a theorem with the terms at which it is used."""
        if isinstance(support, Assumed):
            return {"assumed": support.name, "text": support.assumption.text, "formula": said.text(support.formula)}
        terms: list[list[list[Any]]] = []
        while isinstance(support, Instance):
            terms.insert(0, [[_name(constant), said.text(term)] for constant, term in support.terms])
            support = support.theorem
        if not isinstance(support, Proved):
            raise TypeError(f"{support.name} is not proved")
        return {"theorem": self.place(support), "at": terms}


class _Said:
    """Terms that are written down together, so that they share their words."""

    def __init__(self) -> None:
        self._terms: list[z3.ExprRef] = []

    def text(self, term: z3.ExprRef) -> Callable[[Sequence[str]], str]:
        """Return what finds the term's text among all."""
        place = len(self._terms)
        self._terms.append(term)
        return lambda texts: texts[place]

    def written(self, record: Record) -> Record:
        """Return a record with texts, and the words that they are in."""
        lines, texts = script(self._terms)

        def filled(part: Any) -> Any:  # noqa: ANN401
            if callable(part):
                return part(texts)
            if isinstance(part, dict):
                return {key: filled(value) for key, value in part.items()}
            return [filled(one) for one in part] if isinstance(part, list) else part

        return {"words": "\n".join(lines), **filled(record)}


def _is_fold(theorem: Proved, name: str) -> bool:
    """Return whether a hypothesis is the run that an induction is about."""
    return theorem.rule == "induction" and isinstance(theorem.obligation.given[name], FoldRun)


def _fold(asked: Obligation, said: _Said) -> Record:
    """Return the fold that an induction is about."""
    (run,) = (part for part in asked.given.values() if isinstance(part, FoldRun))
    fold: Fold = run.source
    parts = ("parameters", "coordinate", "state", "start", "step")
    lists: Mapping[str, Any] = {part: [said.text(term) for term in getattr(fold, part)] for part in parts}
    return {"name": fold.name, **lists, "admissible": said.text(fold.admissible), "reached": said.text(run.atom)}


def _name(constant: z3.ExprRef) -> str:
    """Return the name of a constant as a reader of SMT-LIB knows it."""
    return quoted(constant.decl().name()).strip("|")
