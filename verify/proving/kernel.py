"""The trusted core: the only code that asks a solver, and the only code that makes a theorem.

A theorem holds for all values of its constants, because hypotheses and negated claim have no model together. Before a
theorem is made, its hypotheses and the theorems it uses are shown to be satisfiable together. An answer `unknown` is
never taken for anything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

from fvproof.verify.proving.assumption import Assumption, merged
from fvproof.verify.proving.calculus import Integral, settle
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.induction import Induction
from fvproof.verify.proving.model import describe, holds
from fvproof.verify.proving.obligation import (
    _KERNEL_TOKEN,
    Hypothesis,
    Obligation,
    Proved,
    Support,
    Verdict,
    is_theorem,
)
from fvproof.verify.proving.solver import SolverAnswer, ask_cvc5, ask_z3, named
from fvproof.verify.proving.terms import Claim, reals
from fvproof.verify.proving.verdict import Refuted, Unknown, Vacuous

INDUCTION = Assumption("induction", "what holds before the first coordinate and is kept by each one holds for every d")

STEPS = 20_000_000
"""Solver steps before an answer counts as unknown: about ten seconds, and the same count on any machine."""

INTEGRAL, INPUTS = reals("integral d")
"""What a theorem about an integral speaks of: the number and the number of inputs."""

_FOLDS: dict[str, str] = {}
"""Every fold by name, so that one name never stands for two of them."""


def prove(
    name: str, claim: Claim, *, given: Mapping[str, Hypothesis] | None = None, by: Sequence[Support] = ()
) -> Verdict:
    """Return the theorem that the hypotheses imply the claim, or why there is none.

    Parameters
    ----------
    name
        What the claim says, in a few words.
    claim
        A formula. Constants stand for all their values; keep it free of quantifiers where possible.
    given
        Hypotheses by name.
    by
        Earlier theorems, instances of them (`fvproof.verify.proving.obligation.at`), and instances of assumptions.

    Returns
    -------
    Proved, Refuted, Vacuous or Unknown
        `Unknown` too when a support is not itself proved.

    Notes
    -----
    What is not claimed: that the constants mean what the reader takes them to mean. That is for the reader to check.

    Examples
    --------
    >>> from fvproof.verify.proving.terms import reals
    >>> m, M = reals("m M")
    >>> prove("the middle lies above the minimum", m <= (m + M) / 2, given={"m ≤ M": m <= M}).unneeded
    ()
    >>> prove("the middle lies above the minimum", m <= (m + M) / 2).name
    'the middle lies above the minimum'
    """
    obligation = Obligation(name, claim, dict(given or {}), tuple(by))
    for missing in obligation.unproved:
        return Unknown(name, f"rests on {missing!r}, which is not proved")
    answer = ask_z3(obligation.query, steps=STEPS)
    if answer.status != "unsat":
        return _refuted(obligation, answer)
    possible = ask_z3(obligation.case, steps=STEPS)
    time_s = answer.time_s + possible.time_s
    if possible.status == "unsat":
        return Vacuous(name, tuple(obligation.given), time_s)
    if possible.status == "unknown":
        return _unknown(obligation, possible)
    unneeded, more_s = _unneeded(obligation)
    return Proved(obligation, "solver", named("z3"), time_s + more_s, obligation.ledger, unneeded, _KERNEL_TOKEN)


def induct(
    name: str,
    fold: Fold,
    invariant: Claim,
    *,
    given: Mapping[str, Claim] | None = None,
    by: Sequence[Support] = (),
) -> Verdict:
    """Return the theorem that every state which the fold reaches satisfies the invariant, whatever the dimension.

    The invariant is proved of the start, and of the state after a step from its truth before.

    Parameters
    ----------
    name
        What the invariant says, in a few words.
    fold
        How the state is built up, coordinate by coordinate.
    invariant
        A formula about the fold's parameters and state.
    given
        Hypotheses about the parameters, or about constants that are no part of the fold.
    by
        As for `prove`.

    Raises
    ------
    ValueError
        If a hypothesis speaks of the state or a coordinate, the invariant speaks of a coordinate, another fold bears
        the name, or a hypothesis bears the name of the fold.

    Examples
    --------
    >>> from fvproof.verify.proving.terms import number, reals
    >>> w, total = reals("w total")
    >>> positive = Fold("a sum of weights", (), (w,), (total,), (number(0),), (total + w,), w > 0)
    >>> theorem = induct("a sum of weights is not negative", positive, total >= 0)
    >>> [assumption.name for assumption in theorem.ledger]
    ['induction']
    """
    induction = Induction(name, fold, invariant, given or {})
    _register(induction.fold)
    by = tuple(by)
    base, step = (prove(part.name, part.claim, given=part.given, by=by) for part in induction.parts)
    for part in (base, step):
        if not isinstance(part, Proved):
            return part
    assert isinstance(base, Proved)
    assert isinstance(step, Proved)
    obligation = induction.conclusion(base, step)
    possible = ask_z3(induction.first_coordinate, steps=STEPS)
    time_s = base.time_s + step.time_s + possible.time_s
    if possible.status == "unsat":
        return Vacuous(name, tuple(obligation.given), time_s)
    if possible.status == "unknown":
        return _unknown(obligation, possible)
    ledger = merged(base.ledger, step.ledger, [INDUCTION])
    unneeded = tuple(h for h in induction.given if h in base.unneeded and h in step.unneeded)
    return Proved(obligation, "induction", base.solver, time_s, ledger, unneeded, _KERNEL_TOKEN)


def integrate(asked: Integral) -> Verdict:
    """Return the theorem that a number which is the integral has the stated value, for every whole d ≥ 1.

    Examples
    --------
    >>> from fvproof.verify.proving.calculus import D, S
    >>> integrate(Integral(S**D, 1 / (D + 1))).solver.split()[0]
    'sympy'
    >>> print(integrate(Integral(S**D, 1 / D)))
    d = 1, ∫ s^d ds = 1/2, 1/d = 1
    """
    if type(asked) is not Integral:
        raise TypeError(f"an integral is asked for as fvproof.verify.proving.calculus.Integral, and not as {asked!r}")
    found = settle(asked)
    if not found.holds:
        reason = Unknown(str(asked), found.reason, time_s=found.time_s)
        return Refuted(str(asked), found.model, found.time_s) if found.model else reason
    return Proved(integral_obligation(asked), "calculus", named("sympy"), found.time_s, frozenset(), (), _KERNEL_TOKEN)


def integral_obligation(asked: Integral) -> Obligation:
    """Return the claim that a number which is the integral has the stated value."""
    given = {f"it is {asked.name}": asked.run(INTEGRAL, INPUTS)}
    return Obligation(str(asked), asked.claim(INTEGRAL, INPUTS), given, ())


@dataclass(frozen=True, slots=True)
class Mutant:
    """A statement made false by one change, and the model that shows it."""

    change: str
    verdict: Verdict

    @property
    def killed(self) -> bool:
        """Whether a concrete model refutes it."""
        return isinstance(self.verdict, Refuted)


def mutant(
    of: Verdict,
    change: str,
    *,
    without: Sequence[str] = (),
    claim: Claim | None = None,
    small: Claim | None = None,
) -> Mutant:
    """Return the theorem with hypotheses dropped, or another claim, and what the solver makes of it.

    Parameters
    ----------
    of
        The theorem.
    change
        What is changed, in the reader's words.
    without
        The names of the hypotheses to drop.
    claim
        The claim to put in place of the theorem's.
    small
        A further hypothesis, to make the numbers of the model easy to read.

    Examples
    --------
    >>> from fvproof.verify.proving.terms import reals
    >>> m, M = reals("m M")
    >>> theorem = prove("the middle lies above the minimum", m <= (m + M) / 2, given={"m ≤ M": m <= M})
    >>> print(mutant(theorem, "m ≤ M dropped", without=["m ≤ M"], small=m == 0).verdict)
    M = -1, m = 0
    """
    if not is_theorem(of):
        return Mutant(change, Unknown(of.name, f"{of.name} is not proved"))
    given = dict(of.obligation.given)
    for name in without:
        del given[name]
    if small is not None:
        given["easy to read"] = small
    altered = Obligation(
        f"{of.name}; {change}", of.obligation.claim if claim is None else claim, given, of.obligation.by
    )
    answer = ask_z3(altered.counterexample, steps=STEPS)
    if answer.status == "unsat":
        return Mutant(change, Unknown(altered.name, "the changed statement is true too", time_s=answer.time_s))
    return Mutant(change, _refuted(altered, answer))


def recheck(theorem: Proved, solver: Literal["z3", "cvc5"]) -> Verdict:
    """Return the theorem again, decided by the solver of that name from the obligation as it is exported.

    Raises
    ------
    ImportError
        If cvc5, an optional extra, is asked for and not installed.
    """
    if not is_theorem(theorem):
        return Unknown(theorem.name, "this is no theorem: the kernel did not make it, or it was changed")
    if theorem.rule != "solver":
        return theorem
    answer = (
        ask_cvc5(theorem.obligation.smt2, steps=STEPS)
        if solver == "cvc5"
        else ask_z3(theorem.obligation.query, steps=STEPS)
    )
    if answer.status != "unsat":
        return Unknown(theorem.name, f"{solver} says {answer.status} {answer.reason}".strip(), time_s=answer.time_s)
    parts = (theorem.obligation, "solver", named(solver), answer.time_s, theorem.ledger, theorem.unneeded)
    return Proved(*parts, _KERNEL_TOKEN)


def _refuted(obligation: Obligation, answer: SolverAnswer) -> Refuted | Unknown:
    """Return the model that refutes the claim, checked by evaluation, or why there is none."""
    if answer.status == "sat" and obligation.examples:
        answer = ask_z3(obligation.counterexample, steps=STEPS)
    if answer.model is None:
        return _unknown(obligation, answer)
    if not holds(answer.model, obligation.query):
        return Unknown(obligation.name, "the solver's model does not check", time_s=answer.time_s)
    return Refuted(obligation.name, describe(answer.model, obligation.shown), answer.time_s)


def _unknown(obligation: Obligation, answer: SolverAnswer) -> Unknown:
    """Return the verdict unknown, the open question written down in SMT-LIB."""
    with NamedTemporaryFile("w", prefix="fvproof-", suffix=".smt2", delete=False, encoding="utf-8") as file:
        file.write(obligation.smt2)
    return Unknown(obligation.name, answer.reason or "not decided", Path(file.name), answer.time_s)


def _unneeded(obligation: Obligation) -> tuple[tuple[str, ...], float]:
    """Return the hypotheses that can be dropped, one at a time, and the time it took to find out."""
    names, time_s = [], 0.0
    for name in obligation.given:
        answer = ask_z3(obligation.without(name).query, steps=STEPS // 20)
        time_s += answer.time_s
        if answer.status == "unsat":
            names.append(name)
    return tuple(names), time_s


def _register(fold: Fold) -> None:
    """Refuse a second fold of the same name: the kernel would take the one for the other."""
    if _FOLDS.setdefault(fold.name, fold.definition) != fold.definition:
        raise ValueError(f"two folds are called {fold.name!r}")
