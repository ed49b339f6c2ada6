"""Exact linear programs, held against SciPy."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from fvproof.theory.exact import linear_program
from fvproof.theory.exact.linear_program import Infeasible, Program, Unbounded, largest

numbers = st.integers(-4, 4).map(Fraction) | st.fractions(min_value=-2, max_value=2, max_denominator=5)


@st.composite
def programs(draw):
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 7))
    entries = st.lists(numbers, min_size=rows, max_size=rows)
    matrix = draw(st.lists(entries, min_size=columns, max_size=columns))
    repeated = draw(st.booleans())
    matrix = [[*column, column[0]] if repeated else column for column in matrix]
    bounds = draw(entries)
    return Program(
        draw(st.lists(numbers, min_size=columns, max_size=columns)),
        matrix,
        [*bounds, bounds[0]] if repeated else bounds,
    )


def outcome(program):
    try:
        return largest(program)
    except (Infeasible, Unbounded) as error:
        return type(error)


@given(programs())
def test_the_optimum_is_that_of_scipy(program):
    matrix = np.array(program.columns, dtype=float).T
    found = linprog([-float(c) for c in program.objective], A_eq=matrix, b_eq=np.array(program.bounds, dtype=float))
    result = outcome(program)
    if found.status == 0:
        assert float(result) == pytest.approx(-found.fun, abs=1e-7)
    else:
        assert result in (Infeasible, Unbounded)
        assert found.status in (2, 3, 4)


@given(programs())
def test_the_simplex_method_needs_no_proposal(program):
    expected = outcome(program)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linear_program, "_proposed", lambda _: [])
        assert outcome(program) == expected


@given(programs(), st.randoms())
def test_a_misleading_proposal_does_no_harm(program, random):
    expected = outcome(program)
    misled = random.sample(range(len(program.columns)), k=random.randint(0, len(program.columns)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linear_program, "_proposed", lambda _: misled)
        assert outcome(program) == expected


def test_a_degenerate_program_ends():
    # Beale's example, on which the simplex method cycles without a rule against it.
    columns = [
        [Fraction(1, 4), Fraction(1, 2), 0],
        [-60, -90, 0],
        [Fraction(-1, 25), Fraction(-1, 50), 1],
        [9, 3, 0],
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
    ]
    objective = [Fraction(3, 4), -150, Fraction(1, 50), -6, 0, 0, 0]
    program = Program(
        list(map(Fraction, objective)),
        [list(map(Fraction, c)) for c in columns],
        [Fraction(0), Fraction(0), Fraction(1)],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linear_program, "_proposed", lambda _: [])
        assert largest(program) == Fraction(1, 20)
