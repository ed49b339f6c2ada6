"""The trusted core: what it proves, and above all what it does not."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import z3

from fvproof.verify.proving.answers import SolverAnswer
from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.cvc5_process import decide as in_this_process
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import INDUCTION, induct, mutant, prove, recheck
from fvproof.verify.proving.obligation import Obligation, Proved, at, formula
from fvproof.verify.proving.smtlib import smt2
from fvproof.verify.proving.solver import decide
from fvproof.verify.proving.terms import FALSE, TRUE, either, every, function, no, number, points, reals
from fvproof.verify.proving.verdict import Refuted, Unknown, Vacuous

m, M, s, t = reals("m M s t")
ROOT = Path(__file__).parents[3]


def hard_question():
    """Return a true claim that takes many steps: pigeons do not fit into fewer holes."""
    sits = [[z3.Bool(f"pigeon {i} in hole {j}") for j in range(9)] for i in range(10)]
    crowded = [every(sits[i][j], sits[k][j]) for j in range(9) for i in range(10) for k in range(i)]
    return either(*(no(either(*holes)) for holes in sits), *crowded)


def test_a_true_claim_is_proved_with_its_solver_and_time():
    theorem = prove("middle", m <= (m + M) / 2, given={"m ≤ M": m <= M})
    assert isinstance(theorem, Proved)
    assert theorem.solver.startswith("z3 ")
    assert theorem.time_s > 0
    assert theorem.ledger == frozenset()


def test_nobody_but_the_kernel_makes_a_theorem():
    obligation = Obligation("false", FALSE, {}, ())
    with pytest.raises(PermissionError):
        Proved(obligation, "solver", "z3", 0.0, frozenset(), (), object())


def test_a_theorem_cannot_be_turned_into_another():
    theorem = prove("true", TRUE, given={"s > 0": s > 0})
    with pytest.raises((TypeError, ValueError), match="token"):
        replace(theorem, obligation=Obligation("false", FALSE, {}, ()))
    with pytest.raises(PermissionError):
        replace(theorem, obligation=Obligation("false", FALSE, {}, ()), token=None)
    with pytest.raises(AttributeError):
        theorem.obligation.given.clear()


def test_only_the_kernel_holds_the_token_and_asks_solvers():
    for path in (ROOT / "verify").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name not in {"kernel.py", "obligation.py"}:
            assert "KERNEL_TOKEN" not in text, path
        searching = path.parent.name == "positivstellensatz"  # for certificates, which are checked without a solver
        if path.name not in {"kernel.py", "solver.py"} and not searching:
            assert not re.search(r"ask_z3|ask_cvc5|\.check\(\)", re.sub(r'""".*?"""', "", text, flags=re.DOTALL)), path


def test_a_false_claim_is_refuted_with_a_model_that_breaks_it():
    verdict = prove("middle", m < (m + M) / 2, given={"m ≤ M": m <= M, "m = 0": m == 0})
    assert isinstance(verdict, Refuted)
    assert verdict.model == {"M": "0", "m": "0"}


def test_an_undecided_question_is_unknown_and_written_down(monkeypatch):
    monkeypatch.setattr("fvproof.verify.proving.kernel.STEPS", 1000)
    verdict = prove("pigeons", hard_question())
    assert isinstance(verdict, Unknown)
    assert "(check-sat)" in verdict.query.read_text(encoding="utf-8")
    verdict.query.unlink()


def test_contradictory_hypotheses_are_vacuous():
    verdict = prove("anything", FALSE, given={"m < M": m < M, "m > M": m > M})
    assert isinstance(verdict, Vacuous)
    assert verdict.conflict == ("m < M", "m > M")


def test_an_assumption_that_contradicts_the_hypotheses_is_vacuous():
    nonsense = Assumed(Assumption("nonsense", "m is above M"), m > M)
    assert isinstance(prove("anything", FALSE, given={"m < M": m < M}, by=[nonsense]), Vacuous)


def test_a_hypothesis_that_is_not_needed_is_reported():
    theorem = prove("square", s * s >= 0, given={"s > 0": s > 0})
    assert theorem.unneeded == ("s > 0",)


def test_hypotheses_that_are_needed_are_not_reported():
    assert prove("sum", s + t > 0, given={"s > 0": s > 0, "t > 0": t > 0}).unneeded == ()


def test_a_theorem_can_be_used_at_other_terms():
    square = prove("square", s * s >= 0)
    assert isinstance(prove("completed", m * m - 2 * m * M + M * M >= 0, by=[at(square, {s: m - M})]), Proved)


def test_what_is_not_proved_cannot_be_used():
    refuted = prove("false", s > 0)
    verdict = prove("anything", FALSE, by=[refuted])
    assert isinstance(verdict, Unknown)
    assert "not proved" in verdict.reason
    with pytest.raises(PermissionError):
        formula(at(refuted, {s: t}))


def test_a_theorem_used_keeps_its_hypotheses():
    conditional = prove("positive", s * s > 0, given={"s > 0": s > 0})
    assert isinstance(prove("everywhere", s * s > 0, by=[conditional]), Refuted)


def test_assumptions_travel_with_every_theorem_that_rests_on_them():
    axiom = Assumption("positive", "f is positive")
    f, (p, q) = function("f", 1), points("p q")
    first = prove("at p", f(p) > -1, by=[Assumed(axiom, f(p) > 0)])
    second = prove("at q", f(q) > -2, by=[at(first, {p: q})])
    assert second.ledger == {axiom}
    assert second.parents == ("at p",)


def test_a_claim_that_is_no_formula_is_refused():
    with pytest.raises(TypeError):
        prove("python", True)


def sum_of(name, condition):
    w, total = reals("w total")
    return Fold(name, (), (w,), (total,), (number(0),), (total + w,), condition(w)), total


def test_induction_proves_an_invariant_and_says_so():
    fold, total = sum_of("a sum of positive numbers", lambda w: w > 0)
    theorem = induct("not negative", fold, total >= 0)
    assert isinstance(theorem, Proved)
    assert theorem.rule == "induction"
    assert theorem.ledger == {INDUCTION}


def test_induction_needs_the_start():
    fold, total = sum_of("a sum that starts at zero", lambda w: w > 0)
    assert isinstance(induct("positive", fold, total > 0), Refuted)


def test_induction_needs_the_step():
    fold, total = sum_of("a sum of any numbers", lambda w: w < 5)
    verdict = induct("not negative", fold, total >= 0)
    assert isinstance(verdict, Refuted)


def test_an_induction_whose_coordinates_cannot_exist_is_vacuous():
    fold, total = sum_of("a sum of nothing", lambda w: every(w > 0, w < 0))
    assert isinstance(induct("negative", fold, total <= 0), Vacuous)


def test_a_theorem_about_a_fold_says_nothing_about_states_it_does_not_reach():
    fold, total = sum_of("a sum of numbers above 1", lambda w: w > 1)
    theorem = induct("not negative", fold, total >= 0)
    assert isinstance(prove("every number", total >= 0, by=[theorem]), Refuted)
    assert isinstance(prove("every sum", total >= 0, given={"reached": fold.run()}, by=[theorem]), Proved)


def test_countermodels_about_folds_are_real_runs():
    fold, total = sum_of("a sum of numbers above 2", lambda w: w > 2)
    theorem = induct("not negative", fold, total >= 0)
    verdict = mutant(theorem, "bounded by 5", claim=total <= 5).verdict
    assert {"w_1", "w_2"} <= set(verdict.model)
    assert Fraction(verdict.model["w_1"]) + Fraction(verdict.model["w_2"]) == Fraction(verdict.model["total"]) > 5


def test_two_folds_of_one_name_are_refused():
    fold, total = sum_of("a sum with a name", lambda w: w > 0)
    induct("not negative", fold, total >= 0)
    other, total = sum_of("a sum with a name", lambda w: w < 0)
    with pytest.raises(ValueError, match="two folds"):
        induct("not positive", other, total <= 0)


def test_a_fold_names_everything_that_its_steps_depend_on():
    w, factor, total = reals("w factor total")
    with pytest.raises(ValueError, match="must be among the parameters"):
        Fold("a scaled sum", (), (w,), (total,), (number(0),), (total + factor * w,), w > 0)
    with pytest.raises(ValueError, match="start must depend on parameters alone"):
        Fold("a sum from anywhere", (), (w,), (total,), (factor,), (total + w,), w > 0)
    with pytest.raises(ValueError, match="different constants"):
        Fold("a sum of itself", (), (total,), (total,), (number(0),), (total + total,), total > 0)


def test_a_theorem_about_one_fold_says_nothing_about_another_of_its_name():
    fold, total = sum_of("a sum with a borrowed name", lambda w: w > 0)
    theorem = induct("not negative", fold, total >= 0)
    other, total = sum_of("a sum with a borrowed name", lambda w: w < 0)
    assert not isinstance(prove("not negative", total >= 0, given={"sum": other.run()}, by=[theorem]), Proved)


def test_a_mutant_that_is_still_true_is_not_killed():
    theorem = prove("square", s * s >= 0, given={"s > 0": s > 0})
    survivor = mutant(theorem, "s > 0 dropped", without=["s > 0"])
    assert not survivor.killed
    assert "true too" in str(survivor.verdict)


def test_a_mutant_of_nothing_is_not_killed():
    assert not mutant(prove("false", s > 0), "changed", claim=s > 1).killed


def test_cvc5_decides_an_exported_obligation():
    pytest.importorskip("cvc5")
    theorem = prove("middle", m <= (m + M) / 2, given={"m ≤ M": m <= M})
    again = recheck(theorem, "cvc5")
    assert isinstance(again, Proved)
    assert again.solver.startswith("cvc5 ")


def test_exported_obligations_say_in_words_what_they_ask():
    text = prove("middle", m <= (m + M) / 2, given={"m ≤ M": m <= M}).obligation.smt2
    assert text.startswith("; middle\n; given m ≤ M\n")
    assert text.rstrip().endswith("(check-sat)")


def test_a_hypothesis_about_the_changing_state_is_refused():
    fold, total = sum_of("a sum of any numbers", lambda w: w == w)
    with pytest.raises(ValueError, match="must not speak of total"):
        induct("bounded because it is bounded", fold, total <= 5, given={"total ≤ 5": total <= 5})


def test_an_invariant_about_a_coordinate_is_refused():
    fold, total = sum_of("a sum of numbers in between", lambda w: every(w > 0, w < 1))
    with pytest.raises(ValueError, match="must not speak of w"):
        induct("above the last", fold, total >= reals("w")[0])


def test_an_induction_reports_a_hypothesis_that_neither_part_needs():
    w, total, bound = reals("w total bound")
    fold = Fold("a sum that says nothing of a bound", (bound,), (w,), (total,), (number(0),), (total + w,), w >= 0)
    theorem = induct("a sum is not negative", fold, total >= 0, given={"bound > 0": bound > 0})
    assert isinstance(theorem, Proved)
    assert theorem.unneeded == ("bound > 0",)


@pytest.mark.parametrize("solver", ["z3", "cvc5"])
def test_a_question_on_which_one_step_takes_forever_is_unknown_once_the_time_is_up(monkeypatch, solver):
    if solver == "cvc5":
        pytest.importorskip("cvc5")
    monkeypatch.setattr("fvproof.verify.proving.answers.LIMIT_S", 1)
    monkeypatch.setattr("fvproof.verify.proving.cvc5_process.LIMIT_S", 1)
    x, y, z, norm = reals("x y z norm")
    terms = [
        x**5 + 4 * y**4 + 7 * z**3 - 1,
        8 * y**5 + 11 * z**4 + 14 * x**3 - 2,
        15 * z**5 + 18 * x**4 + 21 * y**3 - 3,
    ]
    text = smt2([*(term == 0 for term in terms), x * x + y * y + z * z == norm, norm * 113 == 355])
    answer = (
        decide(text, "z3", steps=10**9) if solver == "z3" else SolverAnswer(**in_this_process(text, 10**9), model=None)
    )
    assert answer.status == "unknown"
