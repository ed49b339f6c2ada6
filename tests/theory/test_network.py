"""The algebra of exact networks, held against the functions that it builds."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.norms import Norm, distance
from fvproof.theory.exact.points import as_point
from fvproof.theory.network import (
    affine,
    clamped,
    combination,
    l1_distance,
    linf_distance,
    maximum,
    minimum,
    negated,
    positive_part,
    spike,
)
from fvproof.theory.witnesses.memorising import memorise

D = 3
numbers = st.fractions(min_value=-2, max_value=2, max_denominator=6)
coordinates = st.fractions(min_value=0, max_value=1, max_denominator=8)
points = st.tuples(*[coordinates] * D)
affines = st.builds(lambda w, c: affine(w, c, dimension=D), st.tuples(*[numbers] * D), numbers)
networks = st.recursive(
    affines,
    lambda inner: st.one_of(
        inner.map(positive_part),
        st.lists(inner, min_size=1, max_size=3).map(maximum),
        st.lists(st.tuples(numbers, inner), min_size=1, max_size=3).map(lambda t: combination(*zip(*t, strict=True))),
    ),
    max_leaves=4,
)


@given(st.lists(networks, min_size=1, max_size=5), points)
def test_maximum_and_minimum_are_those_of_the_values(parts, z):
    values = [f(z) for f in parts]
    assert maximum(parts)(z) == max(values)
    assert minimum(parts)(z) == min(values)


@given(st.lists(st.tuples(numbers, networks), min_size=1, max_size=4), numbers, points)
def test_combination_is_the_combination_of_the_values(terms, constant, z):
    coefficients, parts = zip(*terms, strict=True)
    assert combination(coefficients, parts, constant)(z) == constant + sum(c * f(z) for c, f in terms)


@given(networks, points, numbers, numbers)
def test_clamping_and_negation_act_on_the_value(f, z, p, q):
    low, high = sorted((p, q))
    assert clamped(f, low, high)(z) == min(max(f(z), low), high)
    assert negated(f)(z) == -f(z)


@given(points, points)
def test_distance_networks_agree_with_the_norms(c, z):
    assert l1_distance(c)(z) == distance(c, z, Norm.L1)
    assert linf_distance(c)(z) == distance(c, z, Norm.LINF)


@given(points, points, st.integers(1, 20))
def test_a_spike_is_one_at_its_centre_only(c, z, k):
    s = spike(c, Fraction(k))
    assert s(c) == 1
    assert s(z) == max(0, 1 - k * distance(c, z, Norm.L1))
    assert s.widths == (2 * D, 1)


@given(st.lists(points, min_size=2, max_size=5, unique=True), st.data(), points)
def test_a_memorising_network_takes_its_values_and_its_network_is_the_same_function(centres, data, z):
    values = data.draw(st.lists(numbers, min_size=len(centres), max_size=len(centres)))
    f = memorise(centres, values, base=0)
    assert [f(c) for c in centres] == values
    assert f.network()(z) == f(z)
    assert min(*values, 0) <= f(z) <= max(*values, 0)


def test_a_memorising_network_of_images_is_exact():
    images = np.random.default_rng(0).random((3, 150_528))
    f = memorise(list(images), [0, 1, "1/3"], base="1/2")
    assert [f(as_point(image)) for image in images] == [0, 1, Fraction(1, 3)]


def test_a_point_given_twice_is_refused():
    with pytest.raises(DomainError, match="given twice"):
        memorise([[0, 0], [0, 0]], [0, 1], base=0)


def test_an_input_of_the_wrong_length_is_refused():
    with pytest.raises(ShapeError, match="reads 3 coordinates, not 2"):
        spike((Fraction(0),) * 3, Fraction(1))((Fraction(0),) * 2)
