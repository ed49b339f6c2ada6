"""Ridge functions: the order is read off the argmax, values only with the link."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.classes import Ridge, function_class
from fvproof.theory.domains import UNIT_BALL, Ball
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.network import affine, spike
from fvproof.theory.tasks import Task, solvable
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.profile import RidgeFunction
from tests.theory.cases import built, many
from tests.theory.spheres import opposite, units
from tests.theory.tally import passed

RIDGE = Ridge()
ONE = Fraction(1)
RATES = [Fraction(n) for n in range(5)]
triples = st.integers(2, 4).flatmap(lambda d: st.tuples(units(d), units(d), units(d)))
links = built(lambda pick: (pick(RATES) - 2, pick(RATES) + Fraction(1, 7), pick(RATES), pick([ONE, ONE / 2, ONE / 3])))
"""Numbers p, q > 0, r ≥ 0 of a link t ↦ p + q·t + r·t³, and how long the second query is."""


@many
@given(triples, links)
def test_the_order_of_any_ridge_function_is_read_off(points, link):
    peak, x, y = points
    constant, rate, bend, length = link
    y = tuple(length * t for t in y)

    def f(z):
        t = sum(s * w for s, w in zip(z, peak, strict=True))
        return constant + rate * t + bend * t**3

    phi = Visualization(opposite(peak), peak, f(opposite(peak)), f(peak), UNIT_BALL)
    assert RIDGE.feasible(phi, unique_extrema=True)
    assert not RIDGE.feasible(Visualization(opposite(peak), x, 0, 1, UNIT_BALL)) or x == peak
    assert RIDGE.at_most(phi, x, y) == (f(x) <= f(y))
    assert solvable(Task.ORDER, RIDGE, phi, x, y)
    assert f(x) in RIDGE.ambiguity(phi, x)
    assert f(y) in RIDGE.ambiguity(phi, y)
    passed("order", RIDGE, phi, x, y)
    passed("values", RIDGE, phi, x, y)


@many
@given(triples, st.sampled_from([Fraction(1, 100), Fraction(1, 2), Fraction(99, 100)]))
def test_every_value_between_has_a_witness(points, value):
    peak, x, y = points
    phi = Visualization(opposite(peak), peak, 0, 1, UNIT_BALL)
    assume(x not in (phi.argmin, phi.argmax))
    f = RIDGE.witness(phi, x, value)
    assert isinstance(f, RidgeFunction)
    assert (f(phi.argmin), f(phi.argmax), f(x)) == (0, 1, value)
    assert 0 <= f(y) <= 1
    assert f.network()(y) == f(y)
    assert RIDGE.contains(f)
    passed("witness", RIDGE, phi, x, y, value)


@many
@given(triples, links)
def test_a_known_link_that_is_a_polynomial_tells_everything(points, link):
    peak, x, _ = points
    constant, rate, bend, length = link
    known = function_class("ridge", link=lambda t: constant + rate * t + bend * t**3)
    x = tuple(length * t for t in x)
    at_x = sum(s * t for s, t in zip(peak, x, strict=True))
    phi = Visualization(opposite(peak), peak, constant - rate - bend, constant + rate + bend, UNIT_BALL)
    possible = known.ambiguity(phi, x)
    assert possible.low == possible.high == constant + rate * at_x + bend * at_x**3
    passed("known link", RIDGE, phi, x, link)


@given(triples)
def test_a_known_link_tells_everything(points):
    peak, x, _ = points
    known = function_class("ridge", link=lambda t: (t + 1) ** 2 / 4)
    phi = Visualization(opposite(peak), peak, 0, 1, UNIT_BALL)
    possible = known.ambiguity(phi, x)
    assert possible.radius == 0
    assert solvable(Task.EXACT, known, phi, x)
    assert known.witness(phi, x, possible.low)(x) == possible.low


def test_a_ball_in_any_place_is_read_the_same_way():
    within = Ridge(Ball([1, 1], "1/2"))
    phi = Visualization(["1/2", 1], ["3/2", 1], 0, 1, within.domain)
    f = within.witness(phi, [1, "5/4"], "1/5")
    assert isinstance(f, RidgeFunction)
    assert f((ONE, Fraction(5, 4))) == f.network()((ONE, Fraction(3, 4))) == Fraction(1, 5)


def test_what_is_no_ridge_function_is_told_apart():
    falling = RidgeFunction(UNIT_BALL, (ONE,), ((-ONE, ONE), (ONE, Fraction(0))))
    assert not RIDGE.contains(falling)
    assert not Ridge(link=lambda t: t).contains(RidgeFunction(UNIT_BALL, (ONE,), ((-ONE, -ONE), (ONE, Fraction(2)))))
    assert RIDGE.contains(affine([ONE], Fraction(0), dimension=1))
    assert not RIDGE.contains(affine({}, ONE, dimension=1))
    with pytest.raises(DomainError, match="decided for ridge functions"):
        RIDGE.contains(spike((ONE,), ONE))


@pytest.mark.parametrize(
    ("within", "extrema", "message"),
    [
        (RIDGE, ([-1], [1], 1, 1), "a strictly increasing link rises, but minimum and maximum are both 1"),
        (RIDGE, ([0], [1], 0, 1), "opposite points of the border"),
        (Ridge(link=lambda t: t), ([-1], [1], 0, 1), "the link runs from -1 to 1, not from 0 to 1"),
    ],
)
def test_infeasible_visualizations_are_refused(within, extrema, message):
    with pytest.raises(InfeasibleVisualization, match=message):
        within.ambiguity(Visualization(*extrema, UNIT_BALL), [0])
