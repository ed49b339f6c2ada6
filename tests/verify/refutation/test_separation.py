"""Wherever the order of two queries is open, there are members for both orders."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fvproof.theory.classes import function_class
from fvproof.theory.visualization import Visualization
from fvproof.verify.refutation.checks import check_member
from fvproof.verify.refutation.separation import separator
from fvproof.verify.refutation.strategies import function_classes, queries, visualizations


@settings(max_examples=100)
@given(st.data())
def test_a_member_is_found_exactly_where_the_order_is_open_and_passes_every_check(data):
    within = data.draw(function_classes(2).filter(lambda c: c.name != "two-piece-affine"))
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
