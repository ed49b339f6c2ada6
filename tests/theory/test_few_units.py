"""What one and two hidden units leave open, against linear programs over the networks themselves."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.few_units import one_unit, one_unit_leaves, two_units, two_units_leave
from fvproof.theory.pieces import extrema
from fvproof.theory.visualization import Visualization
from tests.theory.cases import built, cases, many

SHARES = (Fraction(0), Fraction(1, 3), Fraction(1))
CLOSE = 1e-6
STEPS = [Fraction(n, 4) for n in (-6, -3, -2, -1, 1, 2, 3, 5, 6, 8)]


def on_the_line(case, t):
    """Return the visualization, and the point at the place t of the line through its extrema."""
    phi, _ = case
    x = tuple(p + t * (q - p) for p, q in zip(phi.argmin, phi.argmax, strict=True))
    assume(all(0 <= z <= 1 for z in x))
    return phi, x


def asked(case):
    """Return the visualization and the query, if the query is no extremum."""
    phi, x = case
    assume(phi.spread and phi.argmin != phi.argmax and x not in (phi.argmin, phi.argmax))
    return phi, x


queries = st.one_of(
    cases(), st.tuples(cases(), built(lambda pick: pick(STEPS))).map(lambda pair: (pair[0][0], pair[1], None))
)


def drawn(case):
    """Return a case as it is, or moved to the line through the extrema."""
    return asked(on_the_line((*case[:1], None), case[1]) if len(case) == 3 else case)


def holds(f, units, phi, x, value):
    """The network has that many units, the visualization, and the value."""
    low, _, high, _ = extrema(f)
    assert f.widths == (units,)
    assert (low, high) == (phi.minimum, phi.maximum) == (f(phi.argmin), f(phi.argmax))
    assert f(x) == value


@many
@given(queries)
def test_two_units_attain_all_that_they_leave_open(case):
    phi, x = drawn(case)
    left = two_units_leave(phi, x)
    for share in SHARES:
        value = left.low + share * (left.high - left.low)
        holds(two_units(phi, x, value), 2, phi, x, value)


@many
@given(queries)
def test_one_unit_attains_all_that_it_leaves_open(case):
    phi, x = drawn(case)
    try:
        parts = one_unit_leaves(phi, x)
    except InfeasibleVisualization:
        assume(False)
    for part, share in product(parts, SHARES):
        value = part.low + share * (part.high - part.low)
        holds(one_unit(phi, x, value), 1, phi, x, value)


def of_one_unit(phi, x, sign):
    """Return the ends of the values at x of max(m, ·), upside down for sign −1: a linear program over affine maps."""
    a, b = (phi.argmin, phi.argmax)[::sign]
    rows = [[*corner, 1] for corner in product((0.0, 1.0), repeat=phi.dimension)] + [[*map(float, a), 1]]
    bounds = [1.0] * (len(rows) - 1) + [0.0]
    at_b, at_x = [[*map(float, b), 1]], np.array([*map(float, x), 1])
    ends = [
        linprog(way * at_x, rows, bounds, at_b, [1.0], bounds=[(-1e3, 1e3)] * (phi.dimension + 1)) for way in (1, -1)
    ]
    if ends[0].status == 2:
        return None
    low, high = (max(0.0, way * end.fun) for way, end in zip((1, -1), ends, strict=True))
    m, spread = float(phi.minimum), float(phi.spread)
    return (m + spread * low, m + spread * high) if sign > 0 else (m + spread * (1 - high), m + spread * (1 - low))


@many
@given(queries)
def test_one_unit_leaves_what_a_linear_program_over_its_weights_finds(case):
    phi, x = drawn(case)
    expected = [ends for sign in (1, -1) if (ends := of_one_unit(phi, x, sign)) is not None]
    if not expected:
        with pytest.raises(InfeasibleVisualization, match="one hidden unit"):
            one_unit_leaves(phi, x)
        return
    found = [(float(part.low), float(part.high)) for part in one_unit_leaves(phi, x)]
    assert np.allclose(found, expected, atol=CLOSE)


def of_two_units(phi, x, kinks, signs):
    """Return the ends of the values at x of c + Σ c_i·ReLU(±(z − k_i)) on [0, 1]: a linear program over c, c_1, c_2."""

    def row(z):
        return [1.0, *(max(0.0, sign * (float(z) - k)) for sign, k in zip(signs, kinks, strict=True))]

    everywhere = np.array([row(z) for z in (0, 1, *kinks)])
    m, high = float(phi.minimum), float(phi.maximum)
    fixed = [row(phi.argmin[0]), row(phi.argmax[0])]
    limits = np.concatenate([np.full(len(everywhere), high), np.full(len(everywhere), -m)])
    found = [
        linprog(way * np.array(row(x[0])), np.vstack([everywhere, -everywhere]), limits, fixed, [m, high],
                bounds=[(None, None)] * 3)
        for way in (1, -1)
    ]  # fmt: skip
    return None if found[0].status == 2 else (found[0].fun, -found[1].fun)


@many
@given(cases(max_dimension=1))
def test_no_two_kinks_do_more_than_two_units_are_said_to(case):
    phi, x = asked(case)
    special = {0.0, 1.0, *(float(z[0]) for z in (phi.argmin, phi.argmax, x))}
    kinks = list(combinations(sorted(special | {0.1, 0.4, 0.6, 0.95}), 2))
    ends = [of_two_units(phi, x, pair, signs) for pair in kinks for signs in product((1, -1), repeat=2)]
    possible = [pair for pair in ends if pair is not None]
    left = two_units_leave(phi, x)
    assert min(low for low, _ in possible) == pytest.approx(float(left.low), abs=CLOSE)
    assert max(high for _, high in possible) == pytest.approx(float(left.high), abs=CLOSE)


def test_beyond_an_interior_maximum_two_units_can_tell_the_side():
    quarter = Visualization(["1/4", "1/4"], ["1/2", "1/2"], 0, 1)
    assert two_units_leave(quarter, ["3/4", "3/4"]).low == Fraction(1, 2)
    assert two_units_leave(quarter, ["3/4", "2/3"]).low == 0


def test_what_few_units_cannot_do_is_said():
    inside = Visualization(["1/4"], ["1/2"], 0, 1)
    with pytest.raises(DomainError, match=r"must lie in \[1/2, 1\], not 1/3"):
        two_units(inside, ["3/4"], "1/3")
    with pytest.raises(InfeasibleVisualization, match="no network with one hidden unit"):
        one_unit_leaves(inside, ["3/4"])
    with pytest.raises(DomainError, match=r"must lie in \[0, 2/3\], not 1"):
        one_unit(Visualization(["1/4"], [1], 0, 1), ["3/4"], 1)
    with pytest.raises(InfeasibleVisualization, match="m < M"):
        two_units_leave(Visualization([0], [1], 1, 1), ["1/2"])
