"""The closed forms, beside the classes' own answers at random points."""

from fractions import Fraction
from itertools import pairwise
from math import ceil

import numpy as np
import pytest
import sympy

from fvproof.theory import dimension
from fvproof.theory.classes import Affine, Convex, Monotone
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.norms import Norm
from fvproof.theory.exact.points import gauge
from fvproof.theory.tasks import Task, solvable
from fvproof.theory.visualization import Visualization

SAMPLES = 4000
TOLERANCE = 4 * 0.5 / SAMPLES**0.5
"""Four standard errors of a mean of numbers between 0 and 1."""


def sampled(within, phi, statistic, seed=0):
    """The mean of a statistic of (class, φ, x) over uniform x."""
    points = np.random.default_rng(seed).random((SAMPLES, phi.dimension))
    return np.mean([statistic(within, phi, x) for x in points])


def radius(within, phi, x):
    return float(2 * within.ambiguity(phi, x).radius / phi.spread)


def side(within, phi, x):
    return solvable(Task.SIDE, within, phi, x)


def corners(d):
    return Visualization(np.zeros(d), np.ones(d), 0, 1)


@pytest.mark.parametrize("d", [2, 3, 6])
def test_affine_functions_between_opposite_corners(d):
    assert sampled(Affine(), corners(d), radius) == pytest.approx(float(dimension.affine_radius(d)), abs=TOLERANCE)
    assert sampled(Affine(), corners(d), side) == pytest.approx(float(dimension.affine_side(d)), abs=TOLERANCE)


@pytest.mark.parametrize("a", [[0.0, 0.0], [0.5, 0.25, 0.75], [0.0, 0.5, 1.0, 0.125]])
def test_convex_functions_wherever_the_argmin_is(a):
    d = len(a)
    phi = Visualization(np.array(a), np.array([1.0, *[0.0] * (d - 1)]), 0, 1)
    assert sampled(Convex(), phi, radius) == pytest.approx(float(dimension.convex_radius(d)), abs=TOLERANCE)
    assert sampled(Convex(), phi, side) == pytest.approx(float(dimension.convex_side(d)), abs=TOLERANCE)


@pytest.mark.parametrize("s", ["1/5", "1/2", "9/10"])
@pytest.mark.parametrize("a", [[0, "1/2"], ["1/4", 1, "2/3"]])
def test_the_gauge_is_at_most_s_with_the_probability_s_to_the_d(a, s):
    centre, share = np.array([float(Fraction(c)) for c in a]), float(Fraction(s))
    draws = np.random.default_rng(0).random((SAMPLES, len(a)))
    gauges = np.array([float(gauge(centre, x)) for x in draws])
    assert (gauges <= share).mean() == pytest.approx(share ** len(a), abs=TOLERANCE)


def test_monotone_functions():
    phi = Visualization(np.array([0.5, 0.75]), np.array([0.75, 0.75]), 0, 1)
    assert sampled(Monotone(), phi, radius) == pytest.approx(float(dimension.monotone_radius(phi)), abs=TOLERANCE)


def test_quadratic_forms_on_the_sphere():
    points = np.random.default_rng(0).normal(size=(SAMPLES, 5))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    rest = 1 - (points[:, :2] ** 2).sum(1)
    assert rest.mean() == pytest.approx(float(dimension.quadratic_radius(5)), abs=TOLERANCE)


@pytest.mark.parametrize("norm", list(Norm))
@pytest.mark.parametrize("d", [1, 2, 4])
def test_the_volume_of_balls(norm, d):
    points = np.random.default_rng(0).uniform(-1, 1, (SAMPLES, d))
    sizes = np.linalg.norm(points, {"l1": 1, "l2": 2, "linf": np.inf}[norm], axis=1)
    expected = float(dimension.ball_volume(d, 1, norm)) / 2**d
    assert (sizes <= 1).mean() == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("norm", list(Norm))
def test_the_volume_where_a_lipschitz_constant_helps_is_at_most_two_balls(norm):
    points = np.random.default_rng(0).random((SAMPLES, 3))
    order = {"l1": 1, "l2": 2, "linf": np.inf}[norm]
    near = np.minimum(np.linalg.norm(points, order, axis=1), np.linalg.norm(points - 1, order, axis=1)) < 1 / 2
    assert near.mean() <= float(dimension.lipschitz_volume(3, 1, 2, norm)) + TOLERANCE
    assert dimension.lipschitz_volume(3, 5, 1, norm) == 1


def test_the_formulas_are_those_of_the_text():
    d = dimension.D
    assert sympy.simplify(dimension.affine_radius() - (d - 1) / (d + 1)) == 0
    assert sympy.simplify(dimension.convex_radius() - d / (d + 1)) == 0
    assert dimension.affine_side(d) == 2 * sympy.Rational(1, 2) ** d
    assert dimension.convex_side(10) == sympy.Rational(1, 1024)


def test_a_grid_of_as_many_exemplars_as_a_cover_has_is_not_below_the_bound():
    for d in (1, 2, 3):
        step = Fraction(1, 10) / 8
        cover = ceil(1 / (2 * step)) ** d
        assert 0 < dimension.exemplars_needed(d, "1/10", 8, norm="linf") <= cover


def test_the_number_of_exemplars_grows_exponentially():
    counts = [dimension.exemplars_needed(d, "1/10", 4, norm="l2") for d in (2, 4, 8, 16)]
    assert all(later > 10 * earlier for earlier, later in pairwise(counts))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dimension.affine_radius(0), "at least 1, not 0"),
        (lambda: dimension.exemplars_needed(2, 1, 1), "below half the spread, 1/2, but is 1"),
        (lambda: dimension.exemplars_needed(2, 0, 1), "the error must be positive, but is 0"),
        (lambda: dimension.lipschitz_volume(2, 1, 0), "the Lipschitz constant must be positive, but is 0"),
    ],
)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(DomainError, match=message):
        call()
