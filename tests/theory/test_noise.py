"""Exemplars whose values are known up to an error, against linear programs that know as much."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.classes import Affine, BlackBox, Lipschitz, Monotone
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.exemplars import ambiguity
from fvproof.theory.noise import noisy_ambiguity
from fvproof.theory.visualization import Visualization
from tests.theory.cases import cases, many, points
from tests.theory.programs import TOLERANCE, minus
from tests.theory.rows import rows

PHI = Visualization([0], [1], 0, 1)
WITH_A_RISE = ["black-box", "relu-network", "lipschitz", "monotone", "monotone-lipschitz"]


def outcome(function, *arguments):
    """The interval, or None where no member has the data."""
    try:
        return function(*arguments)
    except InfeasibleVisualization:
        return None


def drawn(data, phi, errors):
    """Exemplars with values around [m, M] and errors."""
    where = data.draw(st.lists(points(phi.dimension), max_size=3, unique=True))
    shares = st.sampled_from([Fraction(n, 6) for n in (-1, 1, 2, 3, 5, 6, 7)])
    return [(z, phi.minimum + data.draw(shares) * phi.spread, data.draw(errors)) for z in where]


@pytest.mark.parametrize("name", WITH_A_RISE)
@many
@given(cases(), st.data())
def test_with_errors_it_is_what_the_linear_program_finds(name, case, data):
    (phi, x), (within, program) = case, data.draw(rows(name, case[0]))
    exemplars = drawn(data, phi, st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(1, 2), Fraction(3)]))
    found = outcome(noisy_ambiguity, within, phi, x, exemplars)
    built = program(phi, [x, *(z for z, _, _ in exemplars)])
    for z, v, s in exemplars:
        built.at_most(built.values[z], v + s)
        built.at_most(minus(built.values[z]), s - v)
    highest = built.largest(built.values[x])
    if found is None:
        assert highest == -float("inf")
    else:
        assert float(found.high) == pytest.approx(highest, abs=TOLERANCE)
        assert float(found.low) == pytest.approx(-built.largest(minus(built.values[x])), abs=TOLERANCE)


@pytest.mark.parametrize("name", WITH_A_RISE)
@many
@given(cases(), st.data())
def test_without_errors_it_is_what_exact_exemplars_leave(name, case, data):
    (phi, x), (within, _) = case, data.draw(rows(name, case[0]))
    exemplars = drawn(data, phi, st.just(Fraction(0)))
    exactly = [(z, v) for z, v, _ in exemplars]
    found = outcome(noisy_ambiguity, within, phi, x, exemplars)
    assert found == outcome(ambiguity, within, phi, x, exactly)


def test_what_does_not_go_together_is_said():
    with pytest.raises(InfeasibleVisualization, match="from at most 1/4 at the exemplar 0 to at least 1/2 at the exem"):
        noisy_ambiguity(Monotone(), PHI, ["1/2"], [(["2/3"], 0, "1/4"), (["1/3"], "3/4", "1/4")])
    with pytest.raises(InfeasibleVisualization, match=r"the value of exemplar 0 lies in \[3/2, 5/2\]"):
        noisy_ambiguity(BlackBox(), PHI, ["1/2"], [(["1/3"], 2, "1/2")])
    with pytest.raises(DomainError, match="the error of exemplar 0 must not be negative"):
        noisy_ambiguity(Lipschitz(2), PHI, ["1/2"], [(["1/3"], 0, -1)])
    with pytest.raises(DomainError, match="not available for affine"):
        noisy_ambiguity(Affine(), PHI, ["1/2"], [])
