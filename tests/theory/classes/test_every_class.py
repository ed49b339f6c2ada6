"""Every class against a linear program over the values at finitely many points, which knows no closed form."""

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.classes import CLASSES
from tests.theory import checks
from tests.theory.cases import cases, few, many
from tests.theory.rows import NAMES, rows

every_class = pytest.mark.parametrize("name", NAMES)


@every_class
@many
@given(cases(), st.data())
def test_a_visualization_is_feasible_if_and_only_if_the_program_is(name, case, data):
    (phi, _), (asked, program) = case, data.draw(rows(name, case[0]))
    checks.feasibility_agrees(asked, program, phi)


@every_class
@many
@given(cases(), st.data())
def test_the_ambiguity_set_is_what_the_program_finds(name, case, data):
    (phi, x), (asked, program) = case, data.draw(rows(name, case[0]))
    assume(asked.feasible(phi))
    checks.ambiguity_agrees(asked, program, phi, x)


@every_class
@many
@given(cases(queries=2), st.data())
def test_the_order_of_two_queries_is_what_the_program_finds(name, case, data):
    (phi, x, y), (asked, program) = case, data.draw(rows(name, case[0]))
    assume(asked.feasible(phi))
    checks.order_agrees(asked, program, phi, x, y)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "constant"])
@many
@given(cases(opposite=8), st.data())
def test_an_end_is_open_only_if_unique_extrema_leave_no_margin_there(name, case, data):
    (phi, x), (asked, program) = case, data.draw(rows(name, case[0]))
    assume(asked.feasible(phi, unique_extrema=True))
    checks.unique_ends_agree(asked, program, phi, x)


@every_class
@few
@given(cases(max_dimension=2, opposite=3), st.data())
def test_witnesses_are_members_with_the_value_and_the_extrema(name, case, data):
    (phi, x), (asked, _) = case, data.draw(rows(name, case[0]))
    assume(asked.feasible(phi))
    checks.witnesses_hold(asked, phi, x)


def test_no_class_goes_untested():
    folder = Path(__file__).parent
    own = {name for name, each in CLASSES.items() if (folder / f"test_{each.__module__.split('.')[-1]}.py").exists()}
    assert [name for name in CLASSES if name not in {*NAMES, *own}] == []
