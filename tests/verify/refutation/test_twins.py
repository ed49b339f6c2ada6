"""Twins share a visualization and take the ends of the ambiguity set; the checks see when one of them does not."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fvproof.theory.bodies import Ellipsoid, Polytope
from fvproof.theory.classes import CLASSES, function_class
from fvproof.theory.classes.constant import Constant
from fvproof.theory.domains import CUBE, UNIT_BALL, UNIT_SPHERE, Ball
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.exact.norms import Norm
from fvproof.theory.exact.points import same
from fvproof.theory.exact.surds import square_root
from fvproof.theory.interval import Interval
from fvproof.theory.network import ReluNetwork, affine, combination, spike
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.bowl import Bowl
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.memorising import Memorising, memorise
from fvproof.verify.refutation.checks import check_bounds, check_member, check_membership
from fvproof.verify.refutation.strategies import classes_called, function_classes, queries, visualizations
from fvproof.verify.refutation.twins import ends, twins

PHI = Visualization([0, 0], [1, 1], 0, 1)
X = (Fraction(1, 2), Fraction(1, 4))


@settings(max_examples=60)
@given(st.data())
def test_twins_of_any_class_pass_every_check(data):
    within = data.draw(function_classes(2))
    phi = data.draw(visualizations(within, 2))
    x = data.draw(queries(phi))
    found = twins(within, phi, x)
    assert tuple(values for (values,) in found.values) == ends(within.ambiguity(phi, x))
    for member, values in zip(found.members, found.values, strict=True):
        checks = check_member(member, within, phi, list(zip(found.queries, values, strict=True)))
        assert all(check.holds for check in checks), checks


FREE = ["black-box", "continuous", "relu-network", "erm", "lipschitz-unknown", "piecewise-affine"]


@settings(max_examples=40)
@given(st.data(), st.sampled_from(FREE))
def test_small_twins_pass_every_check_and_have_a_unit_for_each_point(data, name):
    within = data.draw(classes_called(name, 2))
    phi = data.draw(visualizations(within, 2))
    x = data.draw(queries(phi))
    found = twins(within, phi, x, small=True)
    labels = len(within.labels) if name == "erm" else 0
    for member, values in zip(found.members, found.values, strict=True):
        checks = check_member(member, within, phi, list(zip(found.queries, values, strict=True)))
        assert [check.name for check in checks if check.holds is not True] == []
        assert len(member.widths) == 1
        assert member.widths[0] <= 3 + labels
    assert found.values == twins(within, phi, x).values


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in FREE])
def test_small_twins_are_refused_where_three_units_do_not_suffice(name):
    within = function_class(name, **CLASSES[name].examples.parameters(lambda options: next(iter(options)), 2))
    phi = PHI if name != "constant" else Visualization([0, 0], [1, 1], 0, 0)
    with pytest.raises((DomainError, InfeasibleVisualization), match=r"small networks are known for black-box|no "):
        twins(within, phi, X, small=True)


def test_small_twins_with_unique_extrema_are_refused():
    with pytest.raises(DomainError, match="small networks do not have unique extrema"):
        twins(function_class("relu-network"), PHI, X, small=True, unique_extrema=True)


def test_open_ends_are_approached_from_inside():
    interval = Interval(Fraction(0), Fraction(2), low_closed=False)
    assert ends(interval) == (Fraction(1, 512), Fraction(2))
    pair = twins(function_class("black-box"), PHI, X, unique_extrema=True)
    assert pair.values == ((Fraction(1, 1024),), (Fraction(1023, 1024),))


def test_a_value_that_is_told_has_one_member():
    assert len(twins(Constant(), Visualization([0], [1], 3, 3), ["1/2"]).members) == 1
    assert len(twins(function_class("affine"), Visualization([0], [1], 0, 1), ["1/3"]).members) == 1


def test_one_member_takes_the_value_that_is_asked_for():
    found = twins(function_class("monotone"), PHI, X, value="1/3")
    assert found.values == ((Fraction(1, 3),),)


def _failing(member, name, values=((X, Fraction(1)),)):
    checks = check_member(member, function_class(name), PHI, list(values))
    return {check.name for check in checks if check.holds is False}


def test_a_function_with_another_value_fails_the_check_of_the_value():
    assert _failing(memorise([[0, 0], [1, 1], X], [0, 1, "9/10"], base="1/2"), "black-box") == {"f(x) = 1"}


def test_a_function_with_another_extremum_fails_the_check_of_the_extremum():
    assert _failing(memorise([[0, 0], [1, 1], X], ["1/10", 1, 1], base="1/2"), "black-box") == {"f(argmin) = 0"}


def test_a_function_that_goes_beyond_its_visualization_fails_the_check_of_the_bounds():
    beyond = memorise([[0, 0], [1, 1], X, ["1/4", 1]], [0, 1, 1, "101/100"], base="1/2")
    assert _failing(beyond, "black-box") == {"0 ≤ f ≤ 1 on the cube"}


def test_a_function_outside_the_class_fails_the_check_of_membership():
    assert _failing(memorise([[0, 0], [1, 1], X], [0, 1, 1], base="1/2"), "convex") == {"member of the class"}


def test_a_network_with_a_training_loss_fails_the_check_of_the_loss():
    within = function_class("erm", training=[(["1/4", 1], "1/2")])
    assert all(check.holds for check in check_member(within.witness(PHI, X, 1), within, PHI, [(X, Fraction(1))]))
    forgetful = memorise([[0, 0], [1, 1], X], [0, 1, 1], base="1/3")
    failing = {check.name for check in check_member(forgetful, within, PHI, [(X, Fraction(1))]) if not check.holds}
    assert failing == {"training loss = 0", "member of the class"}


@pytest.mark.parametrize(
    ("member", "low", "high"),
    [
        (affine([Fraction(1)] * 40, Fraction(1), dimension=40), 1, 41),
        (memorise([[0] * 40, [1] * 40], [0, 1], base="1/2"), 0, 1),
        (
            Extension(((Fraction(0),) * 40, (Fraction(1),) * 40), (Fraction(0), Fraction(1)), Fraction(1), Norm.LINF),
            0,
            1,
        ),
    ],
    ids=["affine", "memorising", "extension"],
)
def test_bounds_of_large_functions_follow_from_their_form(member, low, high):
    assert check_bounds(member, Fraction(low), Fraction(high)).holds
    assert check_bounds(member, Fraction(low), high - Fraction(1, 100)).holds is False
    assert check_bounds(member, low + Fraction(1, 100), Fraction(high)).holds is False


@pytest.mark.parametrize(
    "domain",
    [
        CUBE,
        UNIT_SPHERE,
        UNIT_BALL,
        Ball([2, 3], "1/2"),
        Ellipsoid([0, 0], [[2, 1], [1, 3]]),
        Polytope([[0, 0], [1, 2]]),
    ],
    ids=str,
)
def test_constants_are_decided_on_every_domain(domain):
    for flat in (
        affine({}, Fraction(1, 3), dimension=2),
        combination([Fraction(0)], [spike(X, Fraction(4))], Fraction(1, 3)),
    ):
        assert check_bounds(flat, Fraction(1, 3), Fraction(1, 3), domain).holds is True
        assert check_bounds(flat, Fraction(0), Fraction(1, 4), domain).holds is False


def test_a_flat_visualization_on_the_sphere_passes_every_check():
    phi, within = Visualization([1, 0], [0, 1], 0, 0, UNIT_SPHERE), function_class("quadratic")
    (member,) = twins(within, phi, [1, 0]).members
    assert all(check.holds for check in check_member(member, within, phi, [(phi.argmin, Fraction(0))]))


@pytest.mark.parametrize(
    ("domain", "low", "high"),
    [
        (UNIT_SPHERE, -4, 6),
        (UNIT_BALL, -4, 6),
        (Ball([1, 0], 2), -6, 14),
        (Ellipsoid([0, 0], [[1, 0], [0, "1/4"]]), 1 - square_root(Fraction(73)), 1 + square_root(Fraction(73))),
        (Ellipsoid([0, 0], [[2, 1], [1, 1]]), 1 - square_root(Fraction(17)), 1 + square_root(Fraction(17))),
        (Polytope([[0, 0], [1, 1], [0, 2]]), 1, 9),
    ],
    ids=str,
)
def test_how_far_an_affine_function_rises_is_decided_on_every_domain(domain, low, high):
    f = affine([Fraction(3), Fraction(4)], Fraction(1), dimension=2)
    assert check_bounds(f, low, high, domain).holds is True
    assert check_bounds(f, low + Fraction(1, 100), high, domain).holds is False
    assert check_bounds(f, low, high - Fraction(1, 100), domain).holds is False


def test_bounds_that_do_not_follow_are_not_claimed():
    spikes = memorise([[0] * 40, [1] * 40], [0, 1], base="1/2")
    blunt = Memorising(spikes.base, spikes.centres, spikes.values, Fraction(1, 40))
    assert check_bounds(blunt, Fraction(0), Fraction(1)).holds is None
    wide = ReluNetwork(40, tuple(spike((Fraction(1, 2),) * 40, Fraction(1)).layers))
    assert check_bounds(wide, Fraction(0), Fraction(1)).holds is None
    bowl = Bowl((Fraction(0),) * 40, (Fraction(1),) * 40, Fraction(0), Fraction(1), Fraction(1), Fraction(1, 2))
    assert check_bounds(bowl, Fraction(0), Fraction(1)).holds
    assert check_bounds(replace(bowl, share=Fraction(2)), Fraction(0), Fraction(1)).holds is None


def test_membership_in_many_dimensions_is_not_claimed_to_have_been_decided():
    phi = Visualization([0] * 4, [1] * 4, 0, 1)
    member = function_class("convex").witness(phi, ["1/2"] * 4, "1/3")
    check = check_membership(member, function_class("convex"))
    assert check.holds is None
    assert "by the construction" in check.how


def test_members_keep_the_visualization_they_were_given():
    pair = twins(function_class("relu-network"), PHI, X)
    assert pair.visualization is PHI
    assert same(pair.queries[0], X)
