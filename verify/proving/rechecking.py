"""A derivation, derived again from its formulas alone: no `Proved` is believed, no label, and no verdict of before.

Every question is put together again from hypotheses and claims, and asked again; of each step that no solver decides it
is checked that it follows by its rule. What is left to believe: the formulas, the solver, and this package's own code.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fvproof.verify.proving.assumption import Assumed, Assumption, merged
from fvproof.verify.proving.calculus import Integral, settle
from fvproof.verify.proving.fold import Fold, FoldRun, Source
from fvproof.verify.proving.induction import Induction
from fvproof.verify.proving.instance import Instance
from fvproof.verify.proving.kernel import INDUCTION, STEPS, integral_obligation
from fvproof.verify.proving.obligation import Hypothesis, Obligation, Proved, Support, said
from fvproof.verify.proving.smtlib import smt2
from fvproof.verify.proving.solver import Solver, decide, named
from fvproof.verify.proving.terms import no


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a derivation, and how it was found to follow.

    Parameters
    ----------
    name
        What the step says.
    how
        Who decided it: a solver with its version, SymPy, or the rule of induction.
    fault
        Why it does not follow; empty where it does.
    is_open
        Whether the fault is only that the solver does not know.
    """

    name: str
    how: str
    fault: str = ""
    is_open: bool = False
    time_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Rederivation:
    """What became of a derivation: all its steps, and what it assumes."""

    steps: Sequence[Step]
    assumed: Sequence[Assumption]

    @property
    def faults(self) -> list[Step]:
        """The steps that do not follow."""
        return [step for step in self.steps if step.fault]

    @property
    def holds(self) -> bool:
        """Whether every step follows."""
        return bool(self.steps) and not self.faults

    @property
    def time_s(self) -> float:
        """Seconds that it took."""
        return sum(step.time_s for step in self.steps)


def recheck_all(theorems: Iterable[object], solver: Solver = "z3") -> Rederivation:
    """Return whether theorems follow from their formulas, derived again from the leaves up.

    Parameters
    ----------
    theorems
        The steps of a proof (`fvproof.verify.proving.proof.Proof.steps`), or any theorems.
    solver
        Who answers. z3 reads each question as text, in a context of its own.

    Returns
    -------
    Rederivation
        Every step on which the theorems rest, each once.

    Raises
    ------
    ImportError
        If cvc5, an optional extra, is asked for and not installed.

    Examples
    --------
    >>> from fvproof.verify.proving.kernel import prove
    >>> from fvproof.verify.proving.obligation import at
    >>> from fvproof.verify.proving.terms import reals
    >>> s, t = reals("s t")
    >>> square = prove("a square is not negative", s * s >= 0)
    >>> found = recheck_all([prove("s² + t² ≥ 0", s * s + t * t >= 0, by=[square, at(square, {s: t})])])
    >>> found.holds, [step.name for step in found.steps]
    (True, ['a square is not negative', 's² + t² ≥ 0'])
    """
    walk = _Walk(solver, set(), {}, [])
    roots = list(theorems)
    for theorem in roots:
        walk.follow(theorem)
    assumed = merged(walk.assumed)
    known = merged(*(theorem.ledger for theorem in roots if type(theorem) is Proved))
    hidden = [Step(one.name, "ledger", "it is assumed, and no ledger says so") for one in assumed - known]
    return Rederivation([*walk.steps.values(), *hidden], sorted(assumed, key=str))


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk through a derivation: steps begun and taken, by the identity of their theorems, and what they assume."""

    solver: Solver
    begun: set[int]
    steps: dict[int, Step]
    assumed: list[Assumption]

    def follow(self, theorem: object) -> None:
        """Take the step that makes a theorem, after those that it rests on."""
        if id(theorem) in self.begun and id(theorem) not in self.steps:
            self.steps[-id(theorem)] = Step(_name(theorem), "", "it rests on itself")
        elif id(theorem) not in self.begun:
            self.begun.add(id(theorem))
            self.steps[id(theorem)] = self._taken(theorem)

    def _taken(self, theorem: object) -> Step:
        """Return the step that makes a theorem."""
        if type(theorem) is not Proved:
            return Step(_name(theorem), "", f"it is no theorem: {theorem}")
        try:
            obligation = _rebuilt(theorem.obligation)
            for support in obligation.by:
                self._support(support)
            match theorem.rule:
                case "solver":
                    return self._solved(obligation)
                case "induction":
                    return self._induced(obligation)
                case "calculus":
                    return _integrated(obligation)
        except (TypeError, ValueError, AttributeError, PermissionError) as error:
            return Step(_name(theorem), "", f"it is not well formed: {error}")
        return Step(_name(theorem), "", f"there is no rule {theorem.rule!r}")

    def _support(self, support: Support) -> None:
        """Follow a theorem, and note an assumption with its formula."""
        while type(support) is Instance:
            support = support.theorem
        if type(support) is Assumed:
            self.assumed.append(Assumed(support.assumption, support.formula).entry)
        else:
            self.follow(support)

    def _solved(self, obligation: Obligation) -> Step:
        """Return the step of a theorem that a solver is to find again."""
        query = [*obligation.hypotheses.values(), *map(said, obligation.by), no(obligation.claim)]
        answer = decide(smt2(query), self.solver, steps=STEPS)
        if answer.status == "unsat":
            return Step(obligation.name, named(self.solver), time_s=answer.time_s)
        fault = f"{self.solver} says {answer.status} {answer.reason}".strip()
        return Step(obligation.name, named(self.solver), fault, answer.status == "unknown", answer.time_s)

    def _induced(self, obligation: Obligation) -> Step:
        """Return the step of an induction whose parts were followed: it must be about their fold and no other."""
        self.assumed.append(INDUCTION)
        folds = [name for name, part in obligation.given.items() if isinstance(_source(part), Fold)]
        base, step = obligation.by
        if len(folds) != 1 or type(base) is not Proved or type(step) is not Proved:
            return Step(obligation.name, "induction", "an induction has one fold and two parts")
        given = {name: part for name, part in obligation.given.items() if name not in folds}
        fold = _source(obligation.given[folds[0]])
        induction = Induction(obligation.name, fold, obligation.claim, given)
        wanted = [*induction.parts, induction.conclusion(base, step)]
        found = [_rebuilt(base.obligation), _rebuilt(step.obligation), obligation]
        if all(one.statement.eq(other.statement) for one, other in zip(wanted, found, strict=True)):
            return Step(obligation.name, "induction")
        return Step(obligation.name, "induction", "its parts are not those of its fold")


def _integrated(obligation: Obligation) -> Step:
    """Return the step of an integral, which SymPy is to settle again."""
    (given,) = obligation.given.values()
    asked = _source(given)
    if type(asked) is not Integral:
        return Step(obligation.name, "SymPy", "it is about no integral")
    found, wanted = settle(asked), integral_obligation(asked)
    if not found.holds:
        return Step(obligation.name, named("sympy"), found.reason, time_s=found.time_s)
    fault = "" if wanted.statement.eq(obligation.statement) else "it says something else of its integral"
    return Step(obligation.name, named("sympy"), fault, time_s=found.time_s)


def _source(hypothesis: Hypothesis) -> Source:
    """Return the fold or the integral of which a hypothesis says that it takes a value."""
    return hypothesis.source if type(hypothesis) is FoldRun else None


def _rebuilt(obligation: Obligation) -> Obligation:
    """Return the obligation put together again, each part checked as if it were new."""
    return Obligation(obligation.name, obligation.claim, obligation.given, obligation.by)


def _name(theorem: object) -> str:
    """Return what something calls itself."""
    return str(getattr(theorem, "name", theorem))
