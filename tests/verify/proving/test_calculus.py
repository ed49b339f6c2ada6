"""Integrals are settled by an antiderivative, refuted by a number, and say nothing about other numbers."""

import pytest
import sympy

from fvproof.verify.proving.calculus import D, Integral, S, settle
from fvproof.verify.proving.kernel import INPUTS, INTEGRAL, integrate, prove
from fvproof.verify.proving.obligation import Proved, at
from fvproof.verify.proving.terms import reals
from fvproof.verify.proving.verdict import Refuted, Unknown

POWER = Integral(S**D, 1 / (D + 1))


@pytest.mark.parametrize("d", range(1, 9))
def test_the_settled_values_are_those_of_quadrature(d):
    middle = sum(((k + 0.5) / 1000) ** d for k in range(1000)) / 1000
    assert abs(middle - float(POWER.value.subs(D, d))) < 1e-4


def test_an_integral_that_is_right_is_a_theorem_by_calculus():
    theorem = integrate(POWER)
    assert isinstance(theorem, Proved)
    assert theorem.rule == "calculus"
    assert theorem.solver.startswith("sympy")


def test_an_integral_that_is_wrong_is_refuted_by_a_number_of_inputs():
    wrong = integrate(Integral(S**D, 1 / (D + 2)))
    assert isinstance(wrong, Refuted)
    assert wrong.model == {"d": "1", "∫ s^d ds": "1/2", "1/(d + 2)": "1/3"}


def test_an_integral_that_is_right_for_one_number_of_inputs_only_is_refuted_by_another():
    assert settle(Integral(S**D, sympy.Rational(1, 2))).model == {"d": "2", "∫ s^d ds": "1/3", "1/2": "1/2"}


def test_an_integral_that_is_not_settled_is_unknown():
    odd = Integral(sympy.exp(S**D), 1 / (D + 1))
    assert isinstance(integrate(odd), Unknown)


def test_the_theorem_speaks_of_the_integral_alone():
    (t,) = reals("t")
    theorem = integrate(POWER)
    instance = at(theorem, {INTEGRAL: t})
    claim = t * (INPUTS + 1) == 1
    assert isinstance(prove("any number is the integral", claim, by=[instance]), Refuted)
    assert isinstance(prove("it is", claim, given={"t = ∫ s^d ds": POWER.run(t, INPUTS)}, by=[instance]), Proved)
    other = Integral((1 - S) ** D, 1 / (D + 1))
    assert not isinstance(prove("another", claim, given={"t = ∫ (1−s)^d": other.run(t, INPUTS)}, by=[instance]), Proved)


def test_an_exponent_is_looked_at_whatever_form_it_has():
    falling = sympy.Mul(-1, D - 1, evaluate=False)
    assert "is not known to be continuous" in settle(Integral(S**falling, 1 / (D + 1))).reason
