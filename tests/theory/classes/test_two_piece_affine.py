"""Maxima and minima of two affine functions, against linear programs and against random members."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.classes import TwoPieceAffine
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.faces import opposite
from fvproof.theory.exact.points import as_point
from fvproof.theory.network import affine, maximum, negated
from fvproof.theory.pieces import extrema
from fvproof.theory.visualization import Visualization
from tests.theory import checks
from tests.theory.cases import ROUND, cases, coordinates, few, many, points
from tests.theory.programs import TOLERANCE, Program, corners, minus, plus, times
from tests.theory.tally import passed

TWO = TwoPieceAffine()
STEPS = [Fraction(n, d) for n, d in ((0, 1), (1, 4), (1, 3), (1, 2), (2, 3), (3, 4), (1, 1))]
"""Shares θ: the maximum of ℓ₁ and ℓ₂ is at least m wherever θ·ℓ₁ + (1 − θ)·ℓ₂ is, and for some θ only there."""


def two_planes(phi, share):
    """A program for max(ℓ₁, ℓ₂) with visualization φ; returns it with both planes as functions of a point."""
    program, planes = Program(phi, []), []
    for _ in range(2):
        weights, constant = [program.variable() for _ in phi.argmin], program.variable()
        planes.append(lambda z, w=weights, c=constant: plus(c, *(times(t, v) for t, v in zip(z, w, strict=True))))
    for corner in corners(phi):
        for plane in planes:
            program.at_most(plane(corner), phi.maximum)
        mixed = plus(*(times(s, plane(corner)) for s, plane in zip((share, 1 - share), planes, strict=True)))
        program.at_most(minus(mixed), -phi.minimum)
    for plane in planes:
        program.at_most(plane(phi.argmin), phi.minimum)
    program.equals(planes[0](phi.argmax), phi.maximum)
    return program, planes


def maxima(phi, x):
    """The least and greatest value at x over the shares."""
    low, high = float("inf"), -float("inf")
    for share in STEPS:
        program, planes = two_planes(phi, share)
        high = max(high, *(program.largest(plane(x)) for plane in planes))
        ceiling = program.variable()
        for plane in planes:
            program.at_most(plus(plane(x), minus(ceiling)), 0)
        low = min(low, -program.largest(minus(ceiling)))
    return low, high


def mirrored(phi):
    return Visualization(phi.argmax, phi.argmin, -phi.maximum, -phi.minimum)


@many
@given(cases(inside=ROUND))
def test_the_parts_are_what_linear_programs_find(case):
    phi, x = case
    assume(phi.spread and TWO.feasible(phi) and x not in (phi.argmin, phi.argmax))
    found = [maxima(phi, x), tuple(-end for end in maxima(mirrored(phi), x)[::-1])]
    expected = [(low, high) for low, high in found if abs(low) != float("inf")]
    parts = TWO.parts(phi, x)
    assert len(parts) == len(expected)
    for part, (low, high) in zip(parts, expected, strict=True):
        assert float(part.low) == pytest.approx(low, abs=TOLERANCE)
        assert float(part.high) == pytest.approx(high, abs=TOLERANCE)
    passed("parts", TWO, phi, x)


@few
@given(cases(max_dimension=2, opposite=3))
def test_every_value_of_the_parts_has_a_witness(case):
    phi, x = case
    assume(TWO.feasible(phi))
    assume(phi.spread and x not in (phi.argmin, phi.argmax))
    for part in TWO.parts(phi, x):
        for share in checks.SHARES:
            member = TWO.witness(phi, x, value := part.low + share * (part.high - part.low))
            assert (member(phi.argmin), member(phi.argmax), member(x)) == (phi.minimum, phi.maximum, value)
            assert TWO.contains(member)
            unique = TWO.feasible(phi, unique_extrema=True) and any(
                value in listed for listed in TWO.parts(phi, x, unique_extrema=True)
            )
            checks.extrema_hold(member, phi, unique=unique)
    passed("witness", TWO, phi, x)


@st.composite
def edges(draw):
    """A visualization with one extremum at a corner and the other at a corner or inside an edge, and a query."""
    d = draw(st.integers(1, 3))
    corner, other = draw(st.tuples(*[st.sampled_from([Fraction(0), Fraction(1)])] * d)), list(draw(points(d)))
    inside = draw(st.integers(0, d - 1))
    other = tuple(c if i == inside else Fraction(round(c)) for i, c in enumerate(other))
    assume(other != corner)
    phi = Visualization(other, corner, 0, 1)
    shares = draw(st.sampled_from([Fraction(1, 4), Fraction(2, 3)]))
    between = st.just(tuple((1 - shares) * p + shares * q for p, q in zip(other, corner, strict=True)))
    return (phi if draw(st.booleans()) else mirrored(phi)), draw(points(d) | between)


@few
@given(edges())
def test_witnesses_for_unique_extrema_have_no_others(case):
    phi, x = case
    assume(x not in (phi.argmin, phi.argmax))
    for part in TWO.parts(phi, x, unique_extrema=True):
        for share in (Fraction(0), Fraction(1, 50), Fraction(1, 3), Fraction(1, 2), Fraction(49, 50), Fraction(1)):
            value = part.low + share * (part.high - part.low)
            if value in part:
                member = TWO.witness(phi, x, value)
                assert member(x) == value
                checks.extrema_hold(member, phi, unique=True)


numbers = st.integers(-6, 6).map(Fraction)


@st.composite
def members(draw):
    """A maximum or minimum of two random affine functions, of which many have a fold in the cube."""
    d = draw(st.integers(1, 3))
    centre = draw(st.tuples(*[coordinates] * d))
    planes = []
    for _ in range(2):
        weights = draw(st.tuples(*[numbers] * d))
        constant = -sum(w * c for w, c in zip(weights, centre, strict=True)) + draw(st.sampled_from([0, 0, 1]))
        planes.append(affine(weights, Fraction(constant), dimension=d))
    folded = maximum(planes)
    return folded if draw(st.booleans()) else negated(folded)


@many
@given(members(), st.data())
def test_the_values_of_random_members_are_listed(member, data):
    low, argmin, high, argmax = extrema(member)
    phi = Visualization(min(argmin), max(argmax), low, high)
    x = data.draw(points(member.dimension))
    unique = len(argmin) == len(argmax) == 1
    assert TWO.contains(member)
    assert TWO.feasible(phi, unique_extrema=unique)
    if x not in (phi.argmin, phi.argmax) and phi.spread:
        assert any(member(x) in part for part in TWO.parts(phi, x, unique_extrema=unique))
        assert member(x) in TWO.ambiguity(phi, x, unique_extrema=unique)
    passed("member", TWO, member, phi, x)


@many
@given(members(), st.data())
def test_random_members_between_opposite_corners_keep_the_order_that_is_claimed(member, data):
    low, argmin, high, argmax = extrema(member)
    pairs = [(a, b) for a, b in product(argmin, argmax) if len(opposite(a, b)) == member.dimension]
    assume(pairs)
    phi = Visualization(*pairs[0], low, high)
    x, y = data.draw(points(member.dimension)), data.draw(points(member.dimension))
    if TWO.at_most(phi, x, y):
        assert member(x) <= member(y)
    passed("member order", TWO, member, phi, x, y)


@many
@given(cases(inside=ROUND, queries=2).map(lambda case: case[1:]))
def test_queries_between_opposite_corners_that_are_not_ordered_have_a_member_that_shows_it(pair):
    x, y = pair
    phi = Visualization((0,) * len(x), (1,) * len(x), 0, 1)
    if not TWO.at_most(phi, x, y):
        assert max(_largest_difference(phi, x, y), _largest_difference(mirrored(phi), y, x)) > TOLERANCE
    passed("order", TWO, phi, x, y)


def _largest_difference(phi, x, y):
    """The most by which some max(ℓ₁, ℓ₂) is larger at x than at y, over the shares."""
    best = -float("inf")
    for share in STEPS:
        program, planes = two_planes(phi, share)
        ceiling = program.variable()
        for plane in planes:
            program.at_most(plus(plane(y), minus(ceiling)), 0)
        best = max(best, *(program.largest(plus(plane(x), minus(ceiling))) for plane in planes))
    return best


def test_a_gap_is_no_value():
    phi = Visualization(["1/2", 0], [0, "1/2"], 0, 1)
    with pytest.raises(DomainError, match=r"must lie in \[0, 2/5\] or \[3/5, 1\], not 1/2"):
        TWO.witness(phi, ["2/5", "2/5"], "1/2")


def test_the_order_is_decided_for_opposite_corners_only():
    phi = Visualization([0, 0], [1, "1/2"], 0, 1)
    with pytest.raises(DomainError, match="opposite corners only"):
        TWO.at_most(phi, as_point([0, 1]), as_point([0, "1/2"]))
