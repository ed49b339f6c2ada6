"""Wherever the order of two queries is open, there are members for both orders."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fvproof.theory.classes import CLASSES, RELIABLE, function_class
from fvproof.theory.examples import numbers
from fvproof.theory.visualization import Visualization
from fvproof.verify.refutation.checks import check_member
from fvproof.verify.refutation.separation import separator
from fvproof.verify.refutation.strategies import classes_called, queries, visualizations


@pytest.mark.parametrize("name", [name for name in CLASSES | RELIABLE if name != "two-piece-affine"])
@settings(max_examples=20)
@given(st.data())
def test_a_member_is_found_exactly_where_the_order_is_open_and_passes_every_check(name, data):
    within = data.draw(classes_called(name, 2))
    phi = data.draw(visualizations(within, 2))
    x, y = data.draw(queries(phi)), data.draw(queries(phi))
    f = separator(within, phi, x, y)
    assert (f is None) == within.at_most(phi, x, y)
    if f is not None:
        assert f(x) > f(y)
        checks = check_member(f, within, phi, [(x, f(x)), (y, f(y))])
        assert all(check.holds for check in checks), checks


@pytest.mark.parametrize("name", ["two-piece-affine", "affine", "convex", "concave"])
def test_mixed_corners_can_be_ordered_both_ways(name):
    phi = Visualization([0, 0], [1, 1], 0, 1)
    x, y = (Fraction(0), Fraction(1)), (Fraction(1), Fraction(0))
    within = function_class(name)
    f, g = separator(within, phi, x, y), separator(within, phi, y, x)
    if name in ("convex", "concave"):
        assert f(x) > f(y)
    assert f(x) > f(y)
    assert g(y) > g(x)


@pytest.mark.parametrize(
    ("name", "parameters", "extrema", "x", "y"),
    [
        ("lipschitz", {"lipschitz": 1, "norm": "l1"}, ("0 0", "1 1"), "4/5 0", "3/5 1"),
        ("monotone-lipschitz", {"lipschitz": 1, "norm": "l1"}, ("0 0", "1 1"), "1/5 3/5", "9/10 2/5"),
        ("monotone", {}, ("0 1", "1 0"), "3/7 7/8", "2/3 1/4"),
        ("affine", {}, ("0 0 0", "1 1 1"), "9/10 4/5 0", "9/10 1/5 1/10"),
        ("convex", {}, ("0 0", "1 1"), "3/10 3/10", "3/5 1/5"),
        ("concave", {}, ("0 0", "1 1"), "1/10 1/5", "1 1/2"),
    ],
)
def test_a_class_separates_two_queries_where_no_witness_for_one_of_them_does(name, parameters, extrema, x, y):
    within, phi = function_class(name, **parameters), Visualization(*map(numbers, extrema), 0, 1)
    x, y = map(numbers, (x, y))
    ends = (x, within.ambiguity(phi, x).high), (y, within.ambiguity(phi, y).low)
    assert not any(bool(f(x) > f(y)) for f in (within.witness(phi, query, value) for query, value in ends))
    f = separator(within, phi, x, y)
    assert f(x) > f(y)
    assert all(check.holds for check in check_member(f, within, phi, [(x, f(x)), (y, f(y))]))
