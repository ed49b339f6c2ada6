"""What can be solved, and the minimax lemma behind it."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.classes import Affine, BlackBox, Convex, Lipschitz, Monotone
from fvproof.theory.decoders import chebyshev, uninformed
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.tasks import Task, solvable
from fvproof.theory.visualization import Visualization
from tests.theory.cases import cases, few
from tests.theory.rows import NAMES, rows

every_class = pytest.mark.parametrize("name", NAMES)


def drawn(data, name, case):
    (phi, x), (asked, _) = case, data.draw(rows(name, case[0]))
    assume(asked.feasible(phi))
    return asked, phi, x


@every_class
@few
@given(cases(), st.data())
def test_the_chebyshev_decoder_errs_by_the_radius_at_both_ends(name, case, data):
    asked, phi, x = drawn(data, name, case)
    possible, best = asked.ambiguity(phi, x), chebyshev(asked)(phi, x)
    errors = [abs(float(best - asked.witness(phi, x, end)(x))) for end in (possible.low, possible.high)]
    assert errors == pytest.approx([float(possible.radius)] * 2)


@every_class
@few
@given(cases(), st.data())
def test_the_uninformed_decoder_errs_by_half_the_spread_at_most(name, case, data):
    asked, phi, x = drawn(data, name, case)
    possible = asked.ambiguity(phi, x)
    assert max(abs(uninformed(phi, x) - end) for end in (possible.low, possible.high)) <= phi.spread / 2


@every_class
@few
@given(cases(), st.data())
def test_a_task_that_is_not_solvable_has_two_members_with_different_answers(name, case, data):
    asked, phi, x = drawn(data, name, case)
    possible = asked.ambiguity(phi, x)
    twins = [asked.witness(phi, x, end)(x) for end in (possible.low, possible.high)]
    exact, approximate, side = (solvable(task, asked, phi, x) for task in (Task.EXACT, Task.APPROXIMATE, Task.SIDE))
    assert exact == (twins[0] == twins[1])
    assert side == ((twins[0] >= phi.middle) == (twins[1] >= phi.middle))
    assert approximate == (exact or float(twins[1] - twins[0]) < float(phi.spread))


def test_open_ends_can_settle_the_side():
    phi = Visualization(["1/2"], [1], 0, 1)
    assert not solvable(Task.SIDE, Convex(), phi, ["1/4"])
    assert solvable(Task.SIDE, Convex(), phi, ["1/4"], unique_extrema=True)


def test_a_small_lipschitz_constant_beats_the_uninformed_decoder_near_the_extrema():
    phi = Visualization([0, 0], [1, 1], 0, 1)
    close, far = ["1/8", "1/8"], ["1/2", "1/2"]
    assert solvable(Task.APPROXIMATE, Lipschitz(3, "l1"), phi, close)
    assert not solvable(Task.APPROXIMATE, Lipschitz(3, "l1"), phi, far)
    assert solvable(Task.EXACT, Lipschitz("1/2", "l1"), phi, far)


def test_affine_functions_are_known_on_the_diagonal_and_hopeless_at_mixed_corners():
    phi = Visualization([0, 0, 0], [1, 1, 1], 0, 1)
    assert solvable(Task.EXACT, Affine(), phi, ["1/3", "1/3", "1/3"])
    assert not solvable(Task.APPROXIMATE, Affine(), phi, [0, 1, 1])


def test_the_order_is_known_where_the_points_are_comparable():
    phi = Visualization(["1/4", "1/4"], ["3/4", "3/4"], 0, 1)
    assert solvable(Task.ORDER, Monotone(), phi, [0, "1/2"], ["1/3", "1/2"])
    assert not solvable(Task.ORDER, Monotone(), phi, [0, "1/2"], ["1/2", 0])
    assert not solvable(Task.ORDER, BlackBox(), phi, [0, "1/2"], ["1/3", "1/2"])


def test_the_number_of_queries_is_checked():
    phi = Visualization([0], [1], 0, 1)
    with pytest.raises(DomainError, match="order needs 2 queries, not 1"):
        solvable(Task.ORDER, BlackBox(), phi, [0])
    with pytest.raises(DomainError, match="exact needs 1 query, not 2"):
        solvable(Task.EXACT, BlackBox(), phi, [0], [1])


def test_an_infeasible_visualization_is_refused():
    with pytest.raises(InfeasibleVisualization):
        chebyshev(Monotone())(Visualization([1], [0], 0, 1), (Fraction(0),))
