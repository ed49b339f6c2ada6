"""What Python cannot prevent is found by deriving everything again from the formulas."""

from types import SimpleNamespace

import pytest

from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.calculus import D, Integral, S
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.induction import Induction
from fvproof.verify.proving.instance import Instance
from fvproof.verify.proving.kernel import INPUTS, INTEGRAL, induct, integrate, prove
from fvproof.verify.proving.obligation import at
from fvproof.verify.proving.rechecking import recheck_all
from fvproof.verify.proving.terms import FALSE, TRUE, function_of_numbers, number
from tests.verify.proving.enemies.attacks import forged, s, square, summed, t, total, w

# What Python cannot prevent is found by deriving everything again.


def planted(part):
    """Return a theorem of the kernel in whose derivation something was exchanged for a forgery."""
    theorem = prove("s² + t² ≥ 0", s * s + t * t >= 0, by=[square(), at(square(), {s: t})])
    object.__setattr__(theorem.obligation, "by", (part,))
    return theorem


@pytest.mark.parametrize("solver", ["z3", "cvc5"])
def test_a_forgery_planted_in_a_derivation_is_found(solver):
    if solver == "cvc5":
        pytest.importorskip("cvc5")
    found = recheck_all([planted(forged(s * s + t * t >= 1))], solver)
    assert not found.holds
    assert [step.name for step in found.faults] == ["a forgery"]


@pytest.mark.parametrize("rule", ["induction", "calculus", "faith"])
def test_a_forgery_with_another_rule_is_found(rule):
    fake = forged(FALSE, by=(square(), square()))
    object.__setattr__(fake, "rule", rule)
    assert not recheck_all([fake]).holds


def test_an_induction_with_the_parts_of_another_one_is_found():
    fold = summed("parts that are exchanged", total + w, admissible=w > 0)
    theorem, other = induct("not negative", fold, total >= 0), induct("above −1", fold, total >= -1)
    assert recheck_all([theorem]).holds
    object.__setattr__(theorem.obligation, "by", other.obligation.by)
    assert not recheck_all([theorem]).holds


def test_an_integral_that_says_something_else_is_found():
    theorem = integrate(Integral(S**D, 1 / (D + 1)))
    assert recheck_all([theorem]).holds
    object.__setattr__(theorem.obligation, "claim", INTEGRAL * (INPUTS + 2) == 1)
    assert not recheck_all([theorem]).holds


def test_a_theorem_that_rests_on_itself_is_found():
    theorem = planted(square())
    object.__setattr__(theorem.obligation, "by", (theorem,))
    assert not recheck_all([theorem]).holds


def test_an_assumption_that_no_ledger_names_is_found():
    hidden = Assumed(Assumption("nonsense", "numbers are above 5"), s > 5)
    theorem = prove("s > 4", s > 4, by=[hidden])
    assert [one.name for one in recheck_all([theorem]).assumed] == ["nonsense"]
    object.__setattr__(theorem, "ledger", frozenset())
    assert not recheck_all([theorem]).holds


def test_an_obligation_that_says_one_thing_when_checked_and_another_when_used_is_found():
    fake = forged(TRUE)
    object.__setattr__(fake, "obligation", SimpleNamespace(name="two", claim=TRUE, given={}, by=(), statement=FALSE))
    assert not recheck_all([forged(s > 5, by=(fake,))]).holds


def test_an_instance_that_replaces_what_is_no_constant_is_found():
    fake = object.__new__(Instance)
    object.__setattr__(fake, "theorem", square())
    object.__setattr__(fake, "terms", ((s * s, t),))
    assert not recheck_all([forged(t >= 0, by=(fake,))]).holds


@pytest.mark.parametrize("formula", [TRUE, s > 4])
def test_an_assumption_to_which_the_ledger_gives_another_formula_is_found(formula):
    theorem = prove("s > 4", s > 4, by=[Assumed(Assumption("nonsense", "numbers are large"), s > 5)])
    object.__setattr__(theorem, "ledger", frozenset([Assumption("nonsense", "numbers are large", formula)]))
    assert not recheck_all([theorem]).holds


@pytest.mark.parametrize("solver", ["z3", "cvc5"])
@pytest.mark.parametrize("name", ["sin", "exp", "log", "tan", "abs", "!", "as", "_", "^", "to_int", "root-obj"])
def test_an_unknown_function_of_a_name_that_solvers_know_stays_unknown(name, solver):
    if solver == "cvc5":
        pytest.importorskip("cvc5")
    known = function_of_numbers(name, 1)(number(2))
    for value in (-1, 3):  # no value of the sine, the exponential function, the logarithm, the tangent at 2
        found = recheck_all([forged(known != value)], solver)
        assert [step.fault.split()[2] for step in found.faults] == ["sat"]


@pytest.mark.parametrize("solver", ["z3", "cvc5"])
def test_a_forgery_that_is_about_no_case_is_found(solver):
    if solver == "cvc5":
        pytest.importorskip("cvc5")
    found = recheck_all([forged(s > 7, given={"above": s > 5, "below": s < 4})], solver)
    assert [(step.fault, step.is_open) for step in found.faults] == [("its hypotheses cannot be met together", False)]


def test_a_run_of_a_fold_that_no_coordinates_make_is_found_though_its_example_says_otherwise():
    fold = summed("runs of nothing", total + w, admissible=w > 0)
    theorem = prove("not negative", total * total >= 0, given={"a run": fold.run(), "below": total < 0})
    assert type(theorem).__name__ == "Vacuous"
    run = fold.run()
    object.__setattr__(run, "example", TRUE)
    fake = forged(total * total >= 0, given={"a run": run, "below": total < 0})
    assert [step.fault for step in recheck_all([fake]).faults] == ["its hypotheses cannot be met together"]


def test_an_induction_over_coordinates_that_there_cannot_be_is_found():
    fold = summed("coordinates that are none", total + w, admissible=w > 0)
    theorem = induct("not negative", fold, total >= 0)
    assert recheck_all([theorem]).holds
    none = Fold(fold.name, fold.parameters, fold.coordinate, fold.state, fold.start, fold.step, FALSE)
    induction = Induction("not negative", none, total >= 0, {})
    parts = [forged(part.claim, given=part.given) for part in induction.parts]
    fake = induction.conclusion(*parts)
    object.__setattr__(theorem, "obligation", fake)
    assert "its hypotheses cannot be met together" in {step.fault for step in recheck_all([theorem]).faults}


def test_a_derivation_of_nothing_does_not_hold():
    assert not recheck_all([]).holds
