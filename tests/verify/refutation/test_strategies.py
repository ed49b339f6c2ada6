"""What the public strategies draw is what they say: feasible, exact, and small once it has shrunk."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from fvproof.theory.bodies import Ellipsoid
from fvproof.theory.classes import CLASSES, RELIABLE, function_class
from fvproof.theory.classes.affine_on_body import AffineOnBody
from fvproof.theory.domains import Ball, dot
from fvproof.theory.errors import DomainError
from fvproof.theory.examples import first
from fvproof.theory.visualization import Visualization
from fvproof.verify.files.formats import function_from, function_record
from fvproof.verify.refutation.strategies import (
    decoders,
    function_classes,
    members,
    points,
    queries,
    values,
    visualizations,
)
from fvproof.verify.refutation.twins import twins
from fvproof.verify.refutation.vector_strategies import ball_points, orthogonal_pairs, unit_vectors

PARAMETERS = {
    "erm": {"training": [(["1/4", 1], "1/2"), ([1, 0], 0)]},
    "lipschitz": {"lipschitz": 2, "norm": "l1"},
    "monotone-lipschitz": {"lipschitz": 1, "norm": "linf"},
}
NAMES = [*CLASSES, *RELIABLE]
EVERY = [
    function_class(name, **PARAMETERS.get(name, each.examples.parameters(first, 2)))
    for name, each in (CLASSES | RELIABLE).items()
]
ANY_CLASS = pytest.mark.parametrize("within", EVERY, ids=NAMES)


@ANY_CLASS
@given(st.data())
def test_visualizations_are_feasible_and_members_have_them(within, data):
    phi = data.draw(visualizations(within, 2))
    member = data.draw(members(within, phi))
    assert within.feasible(phi)
    assert (member(phi.argmin), member(phi.argmax)) == (phi.minimum, phi.maximum)


@given(st.data())
def test_classes_come_with_their_parameters_and_any_dimension(data):
    within = data.draw(function_classes())
    phi = data.draw(visualizations(within))
    x = data.draw(queries(phi))
    assert phi.query(x) == x
    assert data.draw(values(within, phi, x)) in within.ambiguity(phi, x)


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@ANY_CLASS
@given(st.data())
def test_every_witness_has_an_exact_format(within, data):
    member = data.draw(members(within, data.draw(visualizations(within, 2))))
    copy = function_from(function_record(member))
    x = data.draw(points(2))
    assert copy(x) == member(x)


@pytest.mark.parametrize("name", ["black-box", "monotone", "convex", "affine", "piecewise-affine"])
def test_the_simplest_ambiguous_case_lies_between_opposite_corners(name):
    within = function_class(name)
    cases = st.composite(lambda draw: (phi := draw(visualizations(within, 2)), draw(queries(phi))))()
    phi, x = find(cases, lambda case: within.ambiguity(*case).radius > 0)
    assert (phi.argmin, phi.argmax) == ((0, 0), (1, 1))
    assert (phi.minimum, phi.maximum) == (0, 1)
    assert len(twins(within, phi, x).members) == 2
    assert all(coordinate.denominator <= 4 for coordinate in x)


@pytest.mark.parametrize("name", ["monotone", "convex", "concave", "affine"])
def test_general_positions_are_drawn_too(name):
    within = function_class(name)
    inside = find(visualizations(within, 3), lambda phi: phi.spread and any(0 < c < 1 for c in phi.argmin))
    assert within.feasible(inside)


@ANY_CLASS
def test_degenerate_visualizations_are_drawn_too(within):
    if within.name not in ("erm", "ridge", "radial"):  # these have labels, or always rise
        assert find(visualizations(within, 2), lambda phi: phi.spread == 0).spread == 0


@given(unit_vectors(4), orthogonal_pairs(4), ball_points(Ball(["1/2", 0, 1, -1], "1/3"), 4))
def test_vectors_have_length_one_and_points_lie_in_the_ball(unit, pair, inside):
    a, b = pair
    assert dot(unit, unit) == dot(a, a) == dot(b, b) == 1
    assert dot(a, b) == 0
    assert Ball(["1/2", 0, 1, -1], "1/3").read(inside, name="the point") == inside


def test_other_domains_have_no_strategy():
    body = Ellipsoid([0, 0], [[1, 0], [0, "1/4"]])
    with pytest.raises(DomainError, match="no strategy for visualizations on the ellipsoid"):
        find(visualizations(AffineOnBody(body), 2), lambda phi: True)
    phi = Visualization([-1, 0], [1, 0], 0, 1, body)
    with pytest.raises(DomainError, match="no strategy for queries on the ellipsoid"):
        queries(phi)


@given(st.data())
def test_decoders_predict_values_between_the_extrema(data):
    phi = data.draw(visualizations(function_class("black-box")))
    x = data.draw(queries(phi))
    prediction = data.draw(decoders())(phi, x)
    assert isinstance(prediction, Fraction)
    assert phi.minimum <= prediction <= phi.maximum
