"""Sums of square roots, held against floats, and against SymPy where floats cannot tell."""

from fractions import Fraction
from math import sqrt

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.exact.surds import Surd, square_root

numbers = st.fractions(min_value=-3, max_value=3, max_denominator=12)
roots = st.fractions(min_value=0, max_value=60, max_denominator=12).map(square_root)
sums = st.tuples(numbers, numbers, roots, numbers, roots).map(lambda t: t[0] + t[1] * t[2] + t[3] * t[4])


def as_sympy(value):
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    terms = [as_sympy(c) * sympy.sqrt(n) for n, c in value.roots]
    return sympy.Add(as_sympy(value.rational), *terms)


@given(st.fractions(min_value=0, max_value=10**6))
def test_a_root_squared_is_the_number(value):
    root = square_root(value)
    assert root * root == value
    assert float(root) == pytest.approx(sqrt(value))
    assert isinstance(root, Fraction) == (sympy.sqrt(as_sympy(value)).is_rational)


@given(sums, sums)
def test_arithmetic_is_that_of_sympy(p, q):
    for ours, theirs in ((p + q, as_sympy(p) + as_sympy(q)), (p - q, as_sympy(p) - as_sympy(q))):
        assert sympy.expand(as_sympy(ours) - theirs) == 0
    assert sympy.expand(as_sympy(p * q) - as_sympy(p) * as_sympy(q)) == 0
    assert sympy.expand(as_sympy(p / 3) - as_sympy(p) / 3) == 0


@given(sums, sums)
def test_comparisons_are_those_of_floats_where_these_can_tell(p, q):
    assert (p == q) == (sympy.expand(as_sympy(p) - as_sympy(q)) == 0)
    if abs(float(p) - float(q)) > 1e-9:
        assert (p < q, p <= q, p > q, p >= q) == (float(p) < float(q),) * 2 + (float(p) > float(q),) * 2


@given(sums)
def test_the_size_is_the_number_or_its_negative(p):
    assert abs(p) in (p, -p)
    assert abs(p) >= 0


@given(sums, sums)
def test_equal_numbers_have_one_hash(p, q):
    assert hash(p + q - q) == hash(p)
    assert p + q - q == p


def test_neighbours_are_told_apart_beyond_floating_point():
    root = square_root(Fraction(2))
    below = Fraction(1414213562373095048801688724209698078569671875376948, 10**51)
    assert below < root < below + Fraction(1, 10**51)
    assert float(root - below) == pytest.approx(7.317667973799073e-52, rel=1e-6)


def test_radicands_without_small_factors_are_recognised_as_multiples():
    prime = 10_007
    multiple = square_root(Fraction(2 * prime * prime)) - prime * square_root(Fraction(2))
    assert multiple == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (square_root(Fraction(8)), "2*sqrt(2)"),
        (1 - square_root(Fraction(5, 9)), "1 - sqrt(5)/3"),
        (-square_root(Fraction(2)), "-sqrt(2)"),
        (square_root(Fraction(3)) - square_root(Fraction(2)) / 2 + Fraction(1, 2), "1/2 - sqrt(2)/2 + sqrt(3)"),
    ],
)
def test_surds_are_written_as_one_would(value, text):
    assert str(value) == text
    assert isinstance(value, Surd)
