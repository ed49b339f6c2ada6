"""Membership is decided: what belongs to a class is told from what does not."""

from fractions import Fraction

import pytest

from fvproof.theory.classes import function_class
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.norms import Norm
from fvproof.theory.network import affine, combination, maximum, minimum, positive_part, spike
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.shepard import Shepard

HALF, ONE = Fraction(1, 2), Fraction(1)
ORIGIN, TOP = (Fraction(0),) * 2, (ONE,) * 2
FLAT = affine({}, HALF, dimension=2)
SLOPE = affine([ONE, -ONE], Fraction(0), dimension=2)
CLIMB = affine([ONE, ONE], Fraction(0), dimension=2)
BENT = positive_part(affine([ONE, ONE], -ONE, dimension=2))
HAT = minimum([CLIMB, affine([-ONE, -ONE], Fraction(2), dimension=2)])
ROOF = maximum([BENT, SLOPE, affine([-ONE, ONE], Fraction(0), dimension=2)])
SPIKE = spike((HALF, HALF), Fraction(4))
WAVE = combination([ONE, -ONE], [BENT, SPIKE])
SMOOTH = Shepard((ORIGIN, TOP), (Fraction(0), ONE))
CONE = Extension((ORIGIN, TOP), (Fraction(0), ONE), ONE, Norm.L2)

EVERY = {"FLAT", "SLOPE", "CLIMB", "BENT", "HAT", "ROOF", "SPIKE", "WAVE"}
MEMBERS = {
    "black-box": EVERY | {"SMOOTH", "CONE"},
    "continuous": EVERY | {"SMOOTH", "CONE"},
    "smooth": {"FLAT", "SLOPE", "CLIMB", "SMOOTH"},
    "relu-network": EVERY,
    "piecewise-affine": EVERY,
    "lipschitz-unknown": EVERY | {"SMOOTH", "CONE"},
    "two-piece-affine": {"FLAT", "SLOPE", "CLIMB", "BENT", "HAT"},
    "monotone": {"FLAT", "CLIMB", "BENT"},
    "convex": {"FLAT", "SLOPE", "CLIMB", "BENT", "ROOF"},
    "concave": {"FLAT", "SLOPE", "CLIMB", "HAT"},
    "affine": {"FLAT", "SLOPE", "CLIMB"},
    "constant": {"FLAT"},
}
UNDECIDED = {
    ("smooth", "CONE"),
    *((name, "CONE") for name in ("relu-network", "piecewise-affine")),
    *(
        (name, member)
        for name in ("two-piece-affine", "monotone", "convex", "concave", "affine", "constant")
        for member in ("SMOOTH", "CONE")
    ),
}


@pytest.mark.parametrize("member", sorted(EVERY | {"SMOOTH", "CONE"}))
@pytest.mark.parametrize("name", MEMBERS)
def test_members_are_told_from_others(name, member):
    asked, f = function_class(name), globals()[member]
    if (name, member) in UNDECIDED:
        with pytest.raises(DomainError):
            asked.contains(f)
    else:
        assert asked.contains(f) == (member in MEMBERS[name])


@pytest.mark.parametrize(("norm", "enough", "less"), [("l1", 3, "2.99"), ("linf", 5, "4.99"), ("l2", "3.61", "3.6")])
def test_the_lipschitz_constant_of_a_network_is_that_of_its_steepest_piece(norm, enough, less):
    steep = positive_part(affine([Fraction(3), Fraction(-2)], Fraction(0), dimension=2))
    assert function_class("lipschitz", lipschitz=enough, norm=norm).contains(steep)
    assert not function_class("lipschitz", lipschitz=less, norm=norm).contains(steep)


def test_a_steep_or_falling_network_is_not_monotone_and_lipschitz():
    gentle = function_class("monotone-lipschitz", lipschitz=2, norm="linf")
    assert gentle.contains(CLIMB)
    assert not gentle.contains(SLOPE)
    assert not gentle.contains(combination([Fraction(3)], [CLIMB]))


def test_a_network_that_misses_a_label_does_not_minimise_the_risk():
    trained = function_class("erm", training=[([0, 0], 0), ([1, 1], 2)])
    assert trained.contains(CLIMB)
    assert not trained.contains(BENT)


def test_a_function_of_another_kind_is_refused():
    with pytest.raises(DomainError, match="not for function"):
        function_class("convex").contains(lambda x: x[0])  # type: ignore[arg-type]
