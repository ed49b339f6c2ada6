"""Affine functions on balls, ellipsoids and polytopes."""

from fractions import Fraction
from functools import partial
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.bodies import Ellipsoid, Polytope
from fvproof.theory.classes import Affine, AffineOnBody, function_class
from fvproof.theory.domains import UNIT_BALL, Ball, dot
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.exemplars import ambiguity
from fvproof.theory.network import affine, positive_part
from fvproof.theory.tasks import Task, solvable
from fvproof.theory.visualization import Visualization
from tests.theory import checks, programs
from tests.theory.cases import built, cases, few, half, many
from tests.theory.spheres import numbers, opposite, units
from tests.theory.tally import passed

triples = st.integers(2, 5).flatmap(lambda d: st.tuples(units(d), units(d), units(d)))


@many
@given(triples, numbers, numbers)
def test_the_values_of_any_affine_function_on_the_ball_are_read_off_its_extrema(points, slope, constant):
    direction, x, y = points
    assume(slope > 0)
    inside = tuple((s + t) / 2 for s, t in zip(x, y, strict=True))

    def f(z):
        return slope * dot(direction, z) + constant

    phi = Visualization(opposite(direction), direction, f(opposite(direction)), f(direction), UNIT_BALL)
    for z in (x, inside):
        found = AffineOnBody().ambiguity(phi, z, unique_extrema=True)
        assert (found.low, found.high) == (f(z), f(z))
        assert AffineOnBody().witness(phi, z, f(z))(y) == f(y)
    assert AffineOnBody().at_most(phi, x, y) == (f(x) <= f(y))
    assert solvable(Task.ORDER, AffineOnBody(), phi, x, y)
    passed("order", AffineOnBody(), phi, x, y)
    passed("values", AffineOnBody(), phi, x, y)


polytopes = built(lambda pick: _polytope(pick))


def _polytope(pick):
    """A polytope by its corners, two of which (or of the points between them) are extrema, and two queries."""
    d = pick([1, 2, 2, 3, 3])
    corners = [tuple(Fraction(pick(range(-3, 4)), pick([1, 2, 3])) for _ in range(d)) for _ in range(d + pick([1, 2]))]
    a, b = (pick([*corners, _mixed(pick, corners)]) for _ in range(2))
    spread = 0 if a == b else pick([1, 1, 1, 1, Fraction(2, 3), 0])
    body = AffineOnBody(Polytope(corners))
    phi = Visualization(a, b, 0, spread, body.domain)
    return body, phi, *(pick([_mixed(pick, corners), pick(corners)]) for _ in range(2))


def _mixed(pick, corners):
    shares = [Fraction(pick(range(4))) for _ in corners[1:]] + [Fraction(1)]
    mixed = [sum(s * t for s, t in zip(shares, column, strict=True)) for column in zip(*corners, strict=True)]
    return tuple(t / sum(shares) for t in mixed)


@many
@given(polytopes)
def test_on_a_polytope_a_visualization_is_feasible_if_and_only_if_the_program_is(case):
    body, phi, _, _ = case
    checks.feasibility_agrees(body, _program(body), phi)


@half
@given(polytopes)
def test_on_a_polytope_values_and_order_are_what_the_program_finds(case):
    body, phi, x, y = case
    assume(body.feasible(phi))
    checks.ambiguity_agrees(body, _program(body), phi, x)
    checks.order_agrees(body, _program(body), phi, x, y)


def _program(body):
    return partial(programs.affine, vertices=body.domain.corners)


@few
@given(cases(queries=2, opposite=3))
def test_on_the_cube_as_a_polytope_it_is_the_affine_class(case):
    phi, x, y = case
    body = AffineOnBody(Polytope(product((0, 1), repeat=phi.dimension)))
    same = Visualization(phi.argmin, phi.argmax, phi.minimum, phi.maximum, body.domain)
    assert body.feasible(same) == Affine().feasible(phi)
    assume(Affine().feasible(phi))
    assert body.ambiguity(same, x) == Affine().ambiguity(phi, x)
    assert body.at_most(same, x, y) == Affine().at_most(phi, x, y)
    passed("cube", body, phi, x, y)


@few
@given(cases(opposite=5))
def test_witnesses_on_a_polytope_have_the_value_and_no_corner_beyond_the_extrema(case):
    phi, x = case
    corners = list(product((Fraction(0), Fraction(1)), repeat=phi.dimension))
    body = AffineOnBody(Polytope(corners))
    same = Visualization(phi.argmin, phi.argmax, phi.minimum, phi.maximum, body.domain)
    assume(body.feasible(same))
    found = body.ambiguity(same, x)
    for value in (found.low, (2 * found.low + found.high) / 3, found.high):
        f = body.witness(same, x, value)
        assert (f(phi.argmin), f(phi.argmax), f(x)) == (phi.minimum, phi.maximum, value)
        assert all(phi.minimum <= f(corner) <= phi.maximum for corner in corners)
        assert body.contains(f)


def test_an_ellipsoid_is_read_off_like_a_ball():
    body = function_class("affine-ball", body=Ellipsoid([0, 0], [[1, 0], [0, "1/4"]]))
    phi = Visualization([0, -2], [0, 2], 0, 1, body.domain)
    assert str(body.ambiguity(phi, [1, 0])) == "{1/2}"


def test_what_cannot_be_is_refused():
    with pytest.raises(InfeasibleVisualization, match="must be opposite points of the border"):
        AffineOnBody().ambiguity(Visualization([1, 0], [0, 1], 0, 1, UNIT_BALL), [0, 0])
    with pytest.raises(InfeasibleVisualization, match="are those of the cube, not of the unit ball"):
        Affine().ambiguity(Visualization([-1, 0], [1, 0], 0, 1, UNIT_BALL), [0, 0])
    with pytest.raises(InfeasibleVisualization, match="of the ball of radius 2, not of the unit ball"):
        AffineOnBody(Ball(radius=2)).ambiguity(Visualization([-1, 0], [1, 0], 0, 1, UNIT_BALL), [0, 0])
    square = AffineOnBody(Polytope([[0], [1]]))
    with pytest.raises(DomainError, match="decided for smooth bodies"):
        square.ambiguity(Visualization([0], [1], 0, 1, square.domain), [0], unique_extrema=True)
    with pytest.raises(DomainError, match="without a hidden layer"):
        AffineOnBody().contains(positive_part(affine([Fraction(1)], Fraction(0), dimension=1)))
    with pytest.raises(DomainError, match="not available for affine-ball"):
        ambiguity(AffineOnBody(), Visualization([-1, 0], [1, 0], 0, 1, UNIT_BALL), [0, 0])
