"""Attacks through names, folds and integrals: each is one case with a sentence as name."""

from dataclasses import fields

import pytest
import sympy
import z3

from fvproof.verify.proving.calculus import D, Integral, S
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import INPUTS, INTEGRAL, induct, integrate, prove
from fvproof.verify.proving.obligation import Obligation, Proved, at, is_theorem
from fvproof.verify.proving.solver import ask_cvc5
from fvproof.verify.proving.terms import FALSE, TRUE, choose, every, no, number, reals
from tests.verify.proving.enemies.attacks import BOOL, REAL, assert_it_fails, attack, p, point, s, summed, t, total, w

ATTACKS = []


# Names and sorts.


@attack(ATTACKS, "a truth value hides behind the number of its name in a fold")
def _():
    hidden = z3.Bool("p")
    fold = summed("a hidden switch", choose(hidden, 1, 0), parameters=(p,))
    theorems = [
        induct("total is 0", fold, total == 0, given={"off": no(hidden)}),
        induct("total is 1", fold, total == 1, given={"on": hidden}),
    ]
    by = [at(theorems[0], {hidden: FALSE}), at(theorems[1], {hidden: TRUE})]
    return prove("no state is reached", no(fold.run().atom), by=by)


def third_value(g):
    bad = reals("bad")[0]
    new = choose(z3.Or(g(w) == g(number(0)), g(w) == g(number(1)), g(number(0)) == g(number(1))), bad, 1)
    return Fold("a third value", (), (w,), (bad,), (number(0),), (new,), TRUE)


@attack(ATTACKS, "two folds over functions of one name and different signatures pass for one")
def _():
    bad = reals("bad")[0]
    theorem = induct("no third value", third_value(z3.Function("g", REAL, BOOL)), bad == 0)
    assert isinstance(theorem, Proved)
    other = third_value(z3.Function("g", REAL, REAL))
    return prove("no third value", bad == 0, given={"run": other.run()}, by=[theorem])


@attack(ATTACKS, "a sort called Real passes for the real numbers in a fold")
def _():
    sort = z3.DeclareSort("Real")
    point = z3.Const("c", sort)
    f = z3.Function("f", sort, REAL)
    return induct(
        "total is 0", Fold("points", (point,), (), (total,), (number(0),), (total,), f(point) > 0), total == 0
    )


@attack(ATTACKS, "a numbered symbol passes for the name that z3 prints for it")
def _():
    hidden = z3.Real(5)
    fold = summed("a numbered symbol", total + hidden, parameters=(reals("k!5")[0],))
    return induct("it stays 0", fold, total == 0, given={"hidden = 0": hidden == 0})


@attack(ATTACKS, "one obligation has a function and a constant of one name")
def _():
    return prove(
        "f(0) = f", z3.Function("f", REAL, REAL)(number(0)) == z3.Real("f"), given={"f = 0": z3.Real("f") == 0}
    )


@pytest.mark.parametrize("name", ["true", "|", "a|) (assert false", "a\\b", "and", "", "a\nb", "a\u2028b", "Real", "+"])
def test_a_name_that_smt_lib_reads_otherwise_is_refused(name):
    with pytest.raises(TypeError, match="cannot be a name"):
        prove("a name", no(z3.Bool(name)))


def test_a_name_with_a_line_break_adds_nothing_to_the_exported_question():
    pytest.importorskip("cvc5")
    text = Obligation(
        "a claim\n(assert false)\r(assert false)\u2028(assert false)", s > 0, {"a\n(exit)": t > 0}, ()
    ).smt2
    assert ask_cvc5(text, steps=10**6).status == "sat"


@pytest.mark.parametrize("setting", [{"pp.decimal": True, "pp.decimal_precision": 1}, {"pp.max_depth": 1}])
def test_how_z3_prints_changes_neither_the_exported_question_nor_a_fold(setting):
    third, near = summed("thirds", total + number("1/3")), summed("thirds", total + number("0.3"))
    obligation = Obligation("a third", s > number("1/3"), {}, ())
    before = (obligation.smt2, third.definition)
    try:
        z3.set_param(**setting)
        assert (obligation.smt2, third.definition) == before
        assert near.definition != before[1]
    finally:
        z3.reset_params()


# Inductions.


@attack(ATTACKS, "a hypothesis with the name of the fold disappears from what is proved")
def _():
    fold = summed("a sum that may fall", total + p, parameters=(p,))
    theorem = induct("not negative", fold, total >= 0, given={fold.name: p >= 0})
    return prove("−1 ≥ 0", total >= 0, given={"run": fold.run()}, by=[theorem])


@attack(ATTACKS, "a hypothesis speaks of the changing state")
def _():
    return induct("bounded", summed("any numbers", total + w), total <= 5, given={"total ≤ 5": total <= 5})


@attack(ATTACKS, "an invariant speaks of a coordinate")
def _():
    return induct("above the last", summed("between", total + w, admissible=every(w > 0, w < 1)), total >= w)


@attack(ATTACKS, "a parameter is a compound term")
def _():
    return induct("total is 0", Fold("compound", (p + p,), (), (total,), (p * 0,), (total,), TRUE), total == 0)


@attack(ATTACKS, "a part of a fold points at another term after it was checked")
def _():
    fold = summed("a changing fold", total)
    point(fold.step[0], at=total + p)
    return induct("it stays 0", fold, total == 0, given={"p = 0": p == 0})


class Changing(Fold):
    """A fold that says of every claim that it holds after a step."""

    def after_step(self, claim):
        return TRUE


@attack(ATTACKS, "a fold of another class says what its steps do")
def _():
    parts = {field.name: getattr(summed("a lying fold", total + 1), field.name) for field in fields(Fold)}
    return induct("it stays 0", Changing(**parts), total == 0)


@attack(ATTACKS, "an induction is about coordinates that cannot exist after the start")
def _():
    return induct("total is 0", summed("an impossible sum", total + w, admissible=every(w > 0, total > 5)), total == 0)


@attack(ATTACKS, "two folds of one name and different steps share a theorem")
def _():
    theorem = induct("not negative", summed("one name", total + w, admissible=w > 0), total >= 0)
    other = Fold("one name", (), (w,), (total,), (number(0),), (total - w,), w > 0)
    return prove("not negative", total >= 0, given={"run": other.run()}, by=[theorem])


# Integrals.


@pytest.mark.parametrize(
    ("integrand", "value"),
    [
        (1 / (S - sympy.Rational(1, 2)) ** 2, sympy.Integer(-4)),
        (1 / (2 * S - 1) ** 2, sympy.Integer(-1)),
        (1 / S**2, sympy.Integer(-1)),
        ((S - 1) ** (-3), sympy.Rational(1, 2)),
        (sympy.tan(4 * S) ** 2 + 1, sympy.tan(4) / 4),
        (sympy.sign(S - sympy.Rational(1, 2)), sympy.Integer(0)),
        (S ** (D - 3), 1 / (D - 2)),
        (sympy.Symbol("s") ** D, 1 / (D + 1)),
        (S ** sympy.Symbol("d"), 1 / (D + 1)),
    ],
)
def test_an_integral_that_may_have_a_pole_or_another_variable_is_no_theorem(integrand, value):
    assert not is_theorem(integrate(Integral(integrand, value)))


@attack(ATTACKS, "an integral of another class names itself after another one")
def _():
    class Named(sympy.Symbol):
        def __str__(self):
            return "s**d"

    theorem = integrate(Integral(Named("zero") * 0 + sympy.Integer(0), sympy.Integer(0)))
    run = Integral(S**D, 1 / (D + 1)).run(INTEGRAL, INPUTS)
    return prove("∫ s^d = 0", INTEGRAL == 0, given={"run": run}, by=[theorem])


@pytest.mark.parametrize("attempt", ATTACKS)
def test_the_kernel_does_not_prove_what_is_false(attempt):
    assert_it_fails(attempt)
