"""Domains read their points and refuse others; convex bodies know the slopes of affine functions on them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from fvproof.theory.bodies import Ellipsoid, Polytope
from fvproof.theory.classes import AffineOnBody, Quadratic, Ridge
from fvproof.theory.domains import CUBE, UNIT_BALL, UNIT_SPHERE, Ball, dot
from fvproof.theory.errors import DomainError, InfeasibleVisualization, ShapeError
from fvproof.theory.exact.points import same
from fvproof.theory.visualization import Visualization
from tests.theory.spheres import numbers, opposite, units

HALF = Fraction(1, 2)
OCTAGON = [(2, 1), (1, 2), (-1, 2), (-2, 1), (-2, -1), (-1, -2), (1, -2), (2, -1)]
SQUARE_ROOT = ((Fraction(2), Fraction(1)), (Fraction(0), Fraction(1)))
"""P, of which PᵀP makes an ellipse whose rational points are known."""
ELLIPSE = Ellipsoid([1, 0], [[4, 2], [2, 2]])


def on_the_ellipse(unit):
    """P⁻¹u + c for a unit vector u."""
    u, v = unit
    return ((u - v) / 2 + 1, v)


@given(units(3))
def test_rational_points_of_the_sphere_are_read(p):
    assert UNIT_SPHERE.read(p, name="p") == UNIT_BALL.read(p, name="p") == p
    assert same(UNIT_BALL.read(np.array([0.5, 0.5, -0.5]), name="p"), (HALF, HALF, -HALF))


@given(units(2))
def test_points_of_the_ellipse_are_on_its_border(u):
    p = ELLIPSE.read(on_the_ellipse(u), name="p")
    offset = ELLIPSE.offset(p)
    assert dot(offset, ELLIPSE.normal(offset)) == 1


@pytest.mark.parametrize(
    ("domain", "values", "error", "message"),
    [
        (CUBE, [2], DomainError, r"coordinate 0 of p must lie in \[0, 1\], not 2"),
        (UNIT_SPHERE, [1, "1/2"], DomainError, "p must lie on the unit sphere, but its squared length is 5/4"),
        (UNIT_BALL, [1, "1/2"], DomainError, "p must lie in the unit ball, but is 5/4 > 1 in its squared norm"),
        (UNIT_BALL, ["x"], DomainError, "coordinate 0 of p must be a finite number, not 'x'"),
        (UNIT_BALL, [], ShapeError, "p must have at least one coordinate"),
        (Ball(["1/2", "1/2"], "1/4"), [1, "1/2"], DomainError, r"ball of radius 1/4 around \(1/2, 1/2\), but is 4 > 1"),
        (Ball(["1/2", "1/2"], "1/4"), [1], ShapeError, "must have 2 coordinates, not 1"),
        (ELLIPSE, [0, 2], DomainError, r"in the ellipsoid around \(1, 0\)"),
        (Polytope(OCTAGON), [2, 2], DomainError, "p must lie in the polytope with 8 corners"),
        (Polytope(OCTAGON), [2], ShapeError, "p must have 2 coordinates, not 1"),
    ],
)
def test_points_outside_are_refused(domain, values, error, message):
    with pytest.raises(error, match=message):
        domain.read(values, name="p")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Ball(radius=0), DomainError, "the radius must be positive, but is 0"),
        (lambda: Ellipsoid([0, 0], [[1, 0]]), ShapeError, "must be 2 × 2"),
        (lambda: Ellipsoid([0, 0], [[1, 2], [2, 1]]), DomainError, "symmetric and positive definite"),
        (lambda: Ellipsoid([0, 0], [[1, 1], [0, 1]]), DomainError, "symmetric and positive definite"),
        (lambda: Polytope([]), ShapeError, "a polytope needs corners, all of one length"),
        (lambda: Polytope([[0], [0, 1]]), ShapeError, "a polytope needs corners, all of one length"),
    ],
)
def test_bodies_that_are_none_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


@given(st.integers(2, 5).flatmap(lambda d: st.tuples(units(d), units(d), units(d))), numbers)
def test_on_a_ball_the_slope_is_the_radius(points, radius):
    u, x, y = points
    assume(radius > 0)
    ball = Ball(y, radius)
    a, b = (tuple(c + sign * radius * t for c, t in zip(y, u, strict=True)) for sign in (-1, 1))
    assert ball.slope_obstacle(a, b) is None
    share = ball.shares(a, b, x)
    w = ball.slope(a, b, x, share.low)
    assert share.radius == 0
    assert dot(w, [t - s for s, t in zip(a, b, strict=True)]) == 1
    assert dot(w, [t - s for s, t in zip(a, x, strict=True)]) == share.low
    assert [s * dot(u, w) for s in u] == list(w)


@given(units(2), units(2))
def test_extrema_that_are_not_opposite_leave_no_slope(u, v):
    assume(u != opposite(v))
    assert "opposite points" in str(UNIT_BALL.slope_obstacle(u, v))
    inside = tuple(t / 2 for t in v)
    assert "on the border of the unit ball" in str(UNIT_BALL.slope_obstacle(u, inside))


@given(units(2), units(2))
def test_no_point_of_the_ellipse_is_beyond_its_extrema(u, v):
    b, x = on_the_ellipse(u), on_the_ellipse(v)
    a = tuple(2 * c - t for c, t in zip(ELLIPSE.centre, b, strict=True))
    assert ELLIPSE.slope_obstacle(a, b) is None
    assert 0 <= ELLIPSE.shares(a, b, x).low <= 1
    assert (ELLIPSE.shares(a, b, a).low, ELLIPSE.shares(a, b, b).low) == (0, 1)


corners = st.sampled_from(OCTAGON).map(lambda p: tuple(map(Fraction, p)))
inside = st.tuples(corners, corners, st.sampled_from([Fraction(0), Fraction(1, 3), HALF])).map(
    lambda t: tuple(t[2] * p + (1 - t[2]) * q for p, q in zip(t[0], t[1], strict=True))
)


@given(inside, inside, inside)
def test_on_a_polytope_the_shares_are_what_a_program_over_values_at_the_corners_finds(a, b, x):
    body = Polytope(OCTAGON)
    matrix = [[*map(float, p), 1.0] for p in OCTAGON]
    equal = [[*map(float, p), 1.0] for p in (a, b)]

    def least(sign):
        objective = [sign * float(t) for t in (*x, 1)]
        values = matrix + [[-t for t in row] for row in matrix]
        return linprog(objective, values, [1.0] * 8 + [0.0] * 8, equal, [0.0, 1.0], bounds=(None, None))

    low, high = least(1), least(-1)
    obstacle = body.slope_obstacle(a, b)
    assert (obstacle is None) == (low.status == 0)
    if obstacle is None:
        shares = body.shares(a, b, x)
        assert (float(shares.low), float(shares.high)) == pytest.approx((low.fun, -high.fun), abs=1e-7)


def _images(centre, radius):
    """Points of a ball whose coordinates are doubles: opposite points of the border, and two inside."""
    random = np.random.default_rng(0)
    direction, x, y = (v / np.linalg.norm(v) for v in random.normal(size=(3, 4000)))
    return (centre + radius * s * v for s, v in ((-1, direction), (1, direction), (0.7, x), (0.9, y)))


def test_arrays_on_a_ball_are_read_up_to_rounding():
    centre, radius = np.full(4000, 0.5), 3.0
    a, b, x, y = _images(centre, radius)
    ball = Ball(centre, radius)
    within, phi = AffineOnBody(ball), Visualization(a, b, -1, 2, ball)
    expected = 0.5 + 1.5 * (b - centre) @ (x - centre) / radius**2
    assert float(within.ambiguity(phi, x).midpoint) == pytest.approx(expected, abs=1e-9)
    assert within.at_most(phi, x, y) == ((b - centre) @ x <= (b - centre) @ y)
    assert Ridge(ball).at_most(phi, x, y) == within.at_most(phi, x, y)
    with pytest.raises(InfeasibleVisualization, match="must lie on the border"):
        within.ambiguity(Visualization(a, centre, -1, 2, ball), x)
    with pytest.raises(InfeasibleVisualization, match="must be opposite points"):
        within.ambiguity(Visualization(centre + np.roll(b - centre, 1), b, -1, 2, ball), x)
    with pytest.raises(DomainError, match="need exact points, which these doubles are not"):
        Ridge(ball).witness(phi, x, "1/2")


def test_arrays_on_the_sphere_are_read_up_to_rounding():
    _, b, _, y = _images(np.zeros(4000), 1.0)
    a = np.roll(b, 1) - (np.roll(b, 1) @ b) * b
    phi = Visualization(a / np.linalg.norm(a), b.astype(np.float32), 0, 1, UNIT_SPHERE)
    x = y / np.linalg.norm(y)
    found = Quadratic().ambiguity(phi, x)
    alpha, beta = (x @ b) ** 2, (x @ a / np.linalg.norm(a)) ** 2
    assert float(found.low) == pytest.approx(alpha, abs=1e-6)
    assert float(found.high) == pytest.approx(1 - beta, abs=1e-6)
    assert Quadratic().at_most(phi, x, -b)
    assert not Quadratic().at_most(phi, b, x)
    with pytest.raises(DomainError, match="must lie on the unit sphere"):
        UNIT_SPHERE.read(2 * b, name="b")
    with pytest.raises(InfeasibleVisualization, match="eigenvectors of different eigenvalues are orthogonal"):
        Quadratic().ambiguity(Visualization(b, x, 0, 1, UNIT_SPHERE), x)
