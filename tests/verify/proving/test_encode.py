"""The solver sees the network that is evaluated: its values, its extrema, and nothing else."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fvproof.theory.errors import ShapeError
from fvproof.theory.network import affine, clamped, combination, l1_distance, linf_distance, maximum, spike
from fvproof.theory.witnesses.memorising import memorise
from fvproof.verify.proving.encode import bounded, bounds_obligation, encode, relus, takes
from fvproof.verify.proving.kernel import STEPS
from fvproof.verify.proving.obligation import Proved
from fvproof.verify.proving.solver import ask_cvc5
from fvproof.verify.proving.terms import reals
from fvproof.verify.proving.verdict import Refuted

COORDINATE = st.fractions(0, 1, max_denominator=8)


@settings(max_examples=25)
@given(st.integers(1, 3).flatmap(lambda d: st.lists(st.tuples(*[COORDINATE] * d), min_size=3, max_size=3)))
def test_the_encoding_takes_the_values_that_evaluation_gives(points):
    a, b, x = points
    network = maximum([linf_distance(a), combination([Fraction(-2)], [l1_distance(b)], Fraction(1))])
    assert isinstance(takes(network, x, network(x)), Proved)
    assert isinstance(takes(network, x, network(x) + Fraction(1, 10**9)), Refuted)


@settings(max_examples=25)
@given(st.integers(1, 3).flatmap(lambda d: st.lists(st.tuples(*[COORDINATE] * d), min_size=3, max_size=3, unique=True)))
def test_a_memorising_network_stays_between_its_least_and_greatest_value(points):
    network = memorise(points, [0, 1, "9/10"], base="1/2").network()
    assert isinstance(bounded(network, Fraction(0), Fraction(1)), Proved)


@pytest.mark.parametrize("bounds", [(Fraction(1, 10**6), Fraction(1)), (Fraction(0), 1 - Fraction(1, 10**6))])
def test_bounds_that_are_a_little_too_tight_are_refuted_at_a_point_where_they_fail(bounds):
    network = memorise([[0, 0], [1, 1]], [0, 1], base="1/2").network()
    verdict = bounded(network, *bounds)
    assert isinstance(verdict, Refuted)
    point = tuple(Fraction(verdict.model[name]) for name in ("z1", "z2"))
    assert not bounds[0] <= network(point) <= bounds[1]


def test_bounds_are_those_of_all_corners_for_a_network_that_is_affine():
    network = affine([Fraction(1, 3), Fraction(-2, 7)], Fraction(1, 5), dimension=2)
    corners = [network((Fraction(s), Fraction(t))) for s, t in product((0, 1), repeat=2)]
    assert isinstance(bounded(network, min(corners), max(corners)), Proved)
    assert isinstance(bounded(network, min(corners), max(corners) - Fraction(1, 10**9)), Refuted)


def test_a_clamped_spike_that_leaves_the_cube_is_bounded_inside_it():
    network = clamped(combination([Fraction(3)], [spike((Fraction(0),), Fraction(2))]), Fraction(0), Fraction(2))
    assert isinstance(bounded(network, Fraction(0), Fraction(2)), Proved)
    assert relus(network) == 5


def test_another_solver_agrees_on_the_exported_question():
    pytest.importorskip("cvc5", reason="cvc5 is an optional extra")
    network = memorise([[0, 0], [1, 1]], [0, 1], base="1/2").network()
    assert ask_cvc5(bounds_obligation(network, Fraction(0), Fraction(1)).smt2, steps=STEPS).status == "unsat"
    assert ask_cvc5(bounds_obligation(network, Fraction(0), Fraction(1, 2)).smt2, steps=STEPS).status == "sat"


def test_inputs_of_the_wrong_number_are_refused():
    with pytest.raises(ShapeError, match="reads 1 numbers, not 2"):
        encode(spike((Fraction(0),), Fraction(1)), reals("s t"))
