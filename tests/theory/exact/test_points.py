"""Exact primitives: arrays of doubles must agree with the fractions that they hold."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.norms import Norm, ascent, distance
from fvproof.theory.exact.points import as_point, fractions, gauge, precedes, same
from fvproof.theory.visualization import Visualization

doubles = st.floats(0, 1, allow_subnormal=True) | st.sampled_from([0.0, 1.0, 0.5, 5e-324, 1 - 2.0**-53])
pairs = st.integers(1, 6).flatmap(lambda d: st.tuples(*[st.lists(doubles, min_size=d, max_size=d).map(np.array)] * 2))


@given(pairs, st.sampled_from([Norm.L1, Norm.LINF]))
def test_distances_of_arrays_are_those_of_their_fractions(pair, norm):
    p, q = pair
    assert distance(p, q, norm) == distance(fractions(p), fractions(q), norm)
    assert ascent(p, q, norm) == ascent(fractions(p), fractions(q), norm)


@given(pairs)
def test_squared_euclidean_distances_of_arrays_are_exact(pair):
    p, q = pair
    squared = sum((s - t) ** 2 for s, t in zip(fractions(p), fractions(q), strict=True))
    root = distance(p, q, Norm.L2)
    assert root * root == squared


@given(pairs)
def test_the_gauge_of_arrays_is_that_of_their_fractions(pair):
    p, q = pair
    t = gauge(p, q)
    assert t == gauge(fractions(p), fractions(q))
    assert 0 <= t <= 1
    assert (t == 0) == same(p, q)


@given(pairs)
def test_order_and_equality_of_arrays_are_those_of_their_fractions(pair):
    p, q = pair
    assert precedes(p, q) == precedes(fractions(p), fractions(q))
    assert same(p, q) == (fractions(p) == fractions(q))


@given(pairs)
def test_the_gauge_is_the_least_scale_at_which_the_point_is_in_the_cube(pair):
    a, x = map(fractions, pair)
    t = gauge(a, x)
    if t:
        scaled = [s + (u - s) / t for s, u in zip(a, x, strict=True)]
        assert all(0 <= z <= 1 for z in scaled)
        assert any(z in (0, 1) for z in scaled)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["0", "3/2"], "coordinate 1 of the point must lie in [0, 1], not 3/2"),
        ([float("nan")], "coordinate 0 of the point must be a finite number, not nan"),
        (["x"], "coordinate 0 of the point must be a finite number, not 'x'"),
        (np.array([0.5, np.nan]), "coordinate 1 of the point must be a finite number, not nan"),
        (np.array([0.5, 2.0]), "coordinate 1 of the point must lie in [0, 1], not 2.0"),
        (np.array(["a"]), "the point must be an array of numbers, not of <U1"),
    ],
)
def test_points_outside_the_cube_are_refused_with_the_coordinate(values, message):
    with pytest.raises(DomainError) as caught:
        as_point(values)
    assert str(caught.value) == message


def test_a_visualization_checks_lengths_and_order():
    with pytest.raises(ShapeError, match="one length, not 1 and 2"):
        Visualization([0], [0, 1], 0, 1)
    with pytest.raises(DomainError, match="but 2 > 1"):
        Visualization([0], [1], 2, 1)
    with pytest.raises(ShapeError, match="2 coordinates, not 3"):
        Visualization([0, 0], [1, 1], 0, 1).query([0, 0, 0])


def test_visualizations_are_equal_when_their_numbers_are():
    tuples = Visualization([0, "1/2"], [1, 1], 0, 1)
    arrays = Visualization(np.array([0, 0.5]), np.array([1.0, 1.0]), 0, 1)
    assert tuples == arrays
    assert hash(tuples) == hash(arrays)
    assert tuples != Visualization([0, "1/2"], [1, 1], 0, 2)
    assert Fraction(1, 2) == tuples.middle
