"""The exact condition under which a Lipschitz constant helps everywhere, against a fine grid."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.classes import Lipschitz
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.exact.norms import Norm, distance
from fvproof.theory.small_lipschitz import covering_radius, helps_everywhere
from fvproof.theory.tasks import Task, solvable
from fvproof.theory.visualization import Visualization
from tests.theory.cases import points

STEP = 16
pairs = st.integers(1, 3).flatmap(lambda d: st.tuples(points(d), points(d)))


def gridded(a, b, norm):
    """The largest distance from a grid point to the nearer of a and b."""
    grid = np.array(list(product(np.linspace(0, 1, STEP + 1), repeat=len(a))))
    order = {"l1": 1, "l2": 2, "linf": np.inf}[norm]
    gaps = [np.linalg.norm(grid - np.array(p, dtype=float), order, axis=1) for p in (a, b)]
    return np.minimum(*gaps).max()


@given(pairs, st.sampled_from(list(Norm)))
def test_the_covering_radius_is_the_largest_on_a_fine_grid(pair, norm):
    a, b = pair
    radius, found = float(covering_radius(a, b, norm)), gridded(a, b, norm)
    reach = {"l1": len(a), "l2": len(a) ** 0.5, "linf": 1}[norm] / (2 * STEP)
    assert found - 1e-12 <= radius <= found + reach


@given(st.integers(1, 5), st.sampled_from(list(Norm)))
def test_opposite_corners_have_a_closed_form(d, norm):
    zero, one = (Fraction(0),) * d, (Fraction(1),) * d
    nearly = (Fraction(1, 10**9), *zero[1:])
    assert float(covering_radius(zero, one, norm)) == pytest.approx(float(covering_radius(nearly, one, norm)), abs=1e-8)


@given(pairs, st.sampled_from(list(Norm)), st.sampled_from([Fraction(n, 8) for n in range(8, 24)]), points(3))
def test_where_it_helps_everywhere_every_query_is_solvable(pair, norm, factor, x):
    a, b = pair
    assume(a != b)
    within = Lipschitz(Fraction(round(64 * factor / float(distance(a, b, norm))), 64), norm)
    phi = Visualization(a, b, 0, 1)
    assume(within.feasible(phi))
    if helps_everywhere(within, phi):
        assert solvable(Task.APPROXIMATE, within, phi, x[: len(a)])


@pytest.mark.parametrize("norm", ["l1", "l2"])
def test_some_constant_helps_everywhere_between_opposite_corners(norm):
    zero, one = (Fraction(0),) * 4, (Fraction(1),) * 4
    assert covering_radius(zero, one, norm) < distance(zero, one, Norm(norm))


def test_no_constant_helps_everywhere_in_the_maximum_norm_beyond_one_dimension():
    zero, one = (Fraction(0),) * 2, (Fraction(1),) * 2
    assert covering_radius(zero, one, "linf") == distance(zero, one, Norm.LINF) == 1


def test_the_smallest_feasible_constant_gives_the_segment_exactly():
    phi = Visualization([0, "1/4"], [1, "3/4"], 0, 1)
    assert solvable(Task.EXACT, Lipschitz("2/3", "l1"), phi, ["1/3", "5/12"])


def test_hard_cases_and_infeasible_ones_are_refused():
    zero, inside = (Fraction(0),) * 13, (Fraction(1, 2),) * 13
    with pytest.raises(DomainError, match="at most 12 dimensions, not 13"):
        covering_radius(zero, inside, "l1")
    with pytest.raises(InfeasibleVisualization):
        helps_everywhere(Lipschitz("1/2", "l1"), Visualization([0], [1], 0, 1))


@given(st.integers(1, 3).flatmap(lambda d: st.tuples(points(d), points(d), points(d))), st.sampled_from(["l1", "linf"]))
def test_a_value_off_the_extrema_is_known_for_the_smallest_constant_only_and_between_them(places, norm):
    a, b, x = places
    assume(len({a, b, x}) == 3)
    phi, straight = Visualization(a, b, 0, 1), distance(x, a, norm) + distance(x, b, norm) == distance(a, b, norm)
    smallest = 1 / distance(a, b, norm)
    assert solvable(Task.EXACT, Lipschitz(smallest, norm), phi, x) == straight
    assert not solvable(Task.EXACT, Lipschitz(smallest * Fraction(11, 10), norm), phi, x)
