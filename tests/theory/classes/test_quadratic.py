"""Quadratic forms on the sphere, against forms with known eigenvalues and against floating-point eigenvalues."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.classes import Quadratic
from fvproof.theory.domains import UNIT_SPHERE
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.network import affine, spike
from fvproof.theory.tasks import Task, solvable
from fvproof.theory.visualization import Visualization
from tests.theory.cases import many
from tests.theory.spheres import bases, units
from tests.theory.tally import passed

FORMS = Quadratic()
cases = st.integers(2, 5).flatmap(lambda d: st.tuples(bases(d), units(d), units(d)))
shares = st.lists(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1)]), min_size=5, max_size=5)


def visualization(basis):
    return Visualization(basis[0], basis[1], -1, 2, UNIT_SPHERE)


def matrix_of(basis, eigenvalues):
    """The form ⟨z, Az⟩ with these eigenvectors and eigenvalues, by its matrix."""
    d = range(len(basis))
    a = [[sum(v * e[i] * e[j] for e, v in zip(basis, eigenvalues, strict=True)) for j in d] for i in d]
    return lambda z: sum(z[i] * a[i][j] * z[j] for i in d for j in d)


@many
@given(cases, shares)
def test_the_values_of_any_form_with_the_visualization_are_possible(case, eigenvalues):
    basis, x, y = case
    phi = visualization(basis)
    middle = [phi.minimum + share * phi.spread for share in eigenvalues]
    values = [phi.minimum, phi.maximum, *middle][: len(basis)]
    form = matrix_of(basis, values)
    assert (form(phi.argmin), form(phi.argmax)) == (phi.minimum, phi.maximum)
    assert form(x) in FORMS.ambiguity(phi, x)
    passed("values", FORMS, phi, x, values)
    if FORMS.at_most(phi, x, y):
        assert form(x) <= form(y)
    passed("member", FORMS, phi, x, y, values)


@many
@given(cases)
def test_both_ends_have_witnesses(case):
    basis, x, y = case
    phi = visualization(basis)
    possible = FORMS.ambiguity(phi, x)
    for value in (possible.low, possible.midpoint, possible.high):
        form = FORMS.witness(phi, x, value)
        assert (form(phi.argmin), form(phi.argmax), form(x)) == (phi.minimum, phi.maximum, value)
        assert phi.minimum <= form(y) <= phi.maximum
        assert FORMS.contains(form)
    passed("witness", FORMS, phi, x, y)


@many
@given(cases)
def test_the_order_is_decided_by_the_largest_eigenvalue(case):
    basis, x, y = case
    phi = visualization(basis)
    a, b, p, q = (np.array(z, dtype=float) for z in (phi.argmin, phi.argmax, x, y))
    rest = np.eye(len(p)) - np.outer(a, a) - np.outer(b, b)
    spread = rest @ (np.outer(p, p) - np.outer(q, q)) @ rest
    worst = (b @ p) ** 2 - (b @ q) ** 2 + max(np.linalg.eigvalsh(spread).clip(0).sum(), 0)
    if abs(worst) > 1e-9:
        assert FORMS.at_most(phi, x, y) == (worst < 0)
        passed("order", FORMS, phi, x, y)


@given(bases(2), units(2), units(2))
def test_in_two_dimensions_everything_is_known(basis, x, y):
    phi = visualization(basis)
    assert solvable(Task.EXACT, FORMS, phi, x)
    assert solvable(Task.ORDER, FORMS, phi, x, y)


def test_what_cannot_be_is_refused():
    with pytest.raises(InfeasibleVisualization, match="orthogonal, but ⟨a, b⟩ = 3/5"):
        FORMS.ambiguity(Visualization([1, 0], ["3/5", "4/5"], 0, 1, UNIT_SPHERE), [1, 0])
    with pytest.raises(InfeasibleVisualization, match="no extremum is unique"):
        FORMS.ambiguity(Visualization([1, 0], [0, 1], 0, 1, UNIT_SPHERE), [1, 0], unique_extrema=True)
    assert FORMS.contains(affine({}, Fraction(3), dimension=2))
    assert not FORMS.contains(affine([Fraction(1), Fraction(0)], Fraction(0), dimension=2))
    with pytest.raises(DomainError, match="decided for quadratic forms"):
        FORMS.contains(spike((Fraction(0), Fraction(0)), Fraction(1)))
    flat = Visualization([1, 0], [1, 0], 1, 1, UNIT_SPHERE)
    assert FORMS.at_most(flat, ["3/5", "4/5"], [0, 1])
