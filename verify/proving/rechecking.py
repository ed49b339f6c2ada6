"""A derivation, derived again from its formulas alone: no `Proved` is believed, no label, and no verdict of before.

Every question is put together again from hypotheses and claims, and asked again, also whether the hypotheses can be met
together; of each step that no solver decides it is checked that it follows by its rule. What is left to believe: the
formulas, the solver, and this package's own code.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fvproof.verify.proving.assumption import Assumed, Assumption, merged
from fvproof.verify.proving.calculus import Integral, settle
from fvproof.verify.proving.fold import Fold, FoldRun, Source
from fvproof.verify.proving.induction import Induction
from fvproof.verify.proving.instance import Instance
from fvproof.verify.proving.kernel import INDUCTION, STEPS, integral_obligation
from fvproof.verify.proving.obligation import Hypothesis, Obligation, Proved, replaced
from fvproof.verify.proving.smtlib import smt2
from fvproof.verify.proving.solver import Solver, decide, named
from fvproof.verify.proving.terms import Claim, no


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
    walk = _Walk(solver, {}, {}, [])
    roots = list(theorems)
    for theorem in roots:
        walk.follow(theorem)
    assumed = merged(walk.assumed)
    known = merged(*(theorem.ledger for theorem in roots if type(theorem) is Proved))
    unsaid = [one for one in assumed if not any(one.says_what(other) for other in known)]
    hidden = [Step(one.name, "ledger", "it is assumed, and no ledger says so") for one in unsaid]
    return Rederivation([*walk.steps.values(), *hidden], sorted(assumed, key=str))


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk through a derivation: steps taken, by the identity of their theorems, and what they assume.

    What a theorem says is read once, put together anew, and used wherever the theorem supports another one: an object
    that passes for an obligation could say one thing when it is checked and another when it is used.
    """

    solver: Solver
    begun: dict[int, tuple[object, Obligation | None]]
    steps: dict[int, Step]
    assumed: list[Assumption]

    def follow(self, theorem: object) -> Obligation | None:
        """Take the step that makes a theorem, after those that it rests on; return what it says, if it is one."""
        if id(theorem) in self.begun and id(theorem) not in self.steps:
            self.steps[-id(theorem)] = Step(_name(theorem), "", "it rests on itself")
        elif id(theorem) not in self.begun:
            self.begun[id(theorem)] = theorem, None  # kept, so that nothing else gets its identity
            self.steps[id(theorem)] = self._taken(theorem)
        return self.begun[id(theorem)][1]

    def _taken(self, theorem: object) -> Step:
        """Return the step that makes a theorem."""
        if type(theorem) is not Proved:
            return Step(_name(theorem), "", f"it is no theorem: {theorem}")
        try:
            obligation = _rebuilt(theorem.obligation)
            self.begun[id(theorem)] = theorem, obligation
            facts = [self._fact(support) for support in obligation.by]
            match theorem.rule:
                case "solver":
                    return self._solved(obligation, facts)
                case "induction":
                    return self._induced(obligation)
                case "calculus":
                    return _integrated(obligation)
        except (TypeError, ValueError, AttributeError, PermissionError) as error:
            return Step(_name(theorem), "", f"it is not well formed: {error}")
        return Step(_name(theorem), "", f"there is no rule {theorem.rule!r}")

    def _fact(self, support: object) -> Claim:
        """Return what a support says, after following a theorem, or noting an assumption with its formula."""
        if type(support) is Instance:
            return replaced(self._fact(support.theorem), Instance(support.theorem, support.terms))
        if type(support) is Assumed:
            assumed = Assumed(_restated(support.assumption), support.formula)
            self.assumed.append(assumed.entry)
            return assumed.formula
        if (obligation := self.follow(support)) is None:
            raise TypeError(f"it rests on {_name(support)!r}, which says nothing")
        return obligation.statement

    def _solved(self, obligation: Obligation, facts: Sequence[Claim]) -> Step:
        """Return the step of a theorem that a solver is to find again."""
        met = [*obligation.hypotheses.values(), *facts]
        answer = decide(smt2([*met, no(obligation.claim)]), self.solver, steps=STEPS)
        if answer.status != "unsat":
            fault = f"{self.solver} says {answer.status} {answer.reason}".strip()
            return Step(obligation.name, named(self.solver), fault, answer.status == "unknown", answer.time_s)
        step = Step(obligation.name, named(self.solver), time_s=answer.time_s)
        return _if_possible(step, [*met, *_examples(obligation)])

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
        wanted = [part.statement for part in (*induction.parts, induction.conclusion(base, step))]
        found = [self._fact(base), self._fact(step), obligation.statement]
        if all(one.eq(other) for one, other in zip(wanted, found, strict=True)):
            return _if_possible(Step(obligation.name, "induction"), induction.first_coordinate)
        return Step(obligation.name, "induction", "its parts are not those of its fold")


def _if_possible(step: Step, case: Sequence[Claim]) -> Step:
    """Return a step that follows, if there is a case that it is about: else it would say nothing.

    z3 finds the case, whoever decided the step: cvc5 rarely finds one where terms are multiplied.
    """
    answer = decide(smt2(case), "z3", steps=STEPS)
    time_s = step.time_s + answer.time_s
    if answer.status == "sat":
        return replace(step, time_s=time_s)
    if answer.status == "unsat":
        return replace(step, fault="its hypotheses cannot be met together", time_s=time_s)
    fault = f"whether its hypotheses can be met together: z3 says unknown {answer.reason}"
    return replace(step, fault=fault.strip(), is_open=True, time_s=time_s)


def _examples(obligation: Obligation) -> list[Claim]:
    """Return how a short run of each fold among the hypotheses goes, spelled out anew from the fold."""
    runs = [part for part in obligation.given.values() if isinstance(part, FoldRun)]
    return [
        run.source.run(*run.atom.children(), label=f"_{place}").example if isinstance(run.source, Fold) else run.example
        for place, run in enumerate(runs)
    ]


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
    if type(obligation) is not Obligation:
        raise TypeError(f"{_name(obligation)!r} is no obligation")
    return Obligation(obligation.name, obligation.claim, obligation.given, obligation.by)


def _restated(assumption: Assumption) -> Assumption:
    """Return the assumption put together again."""
    if type(assumption) is not Assumption:
        raise TypeError(f"{_name(assumption)!r} is no assumption")
    return Assumption(assumption.name, assumption.text, assumption.formula)


def _name(theorem: object) -> str:
    """Return what something calls itself."""
    return str(getattr(theorem, "name", theorem))
