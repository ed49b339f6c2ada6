"""Radial functions: the order is read off the distance to the argmax."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.classes import Radial
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.exact.norms import Norm, distance
from fvproof.theory.exact.points import fractions
from fvproof.theory.network import affine
from fvproof.theory.tasks import Task, solvable
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.profile import RadialFunction
from tests.theory.cases import many, points
from tests.theory.tally import passed

norms = st.sampled_from(list(Norm))
triples = st.integers(1, 3).flatmap(lambda d: st.tuples(points(d), points(d), points(d)))


def farthest(b, norm):
    """A corner of the cube that is farthest from b, by looking at all of them."""
    return max(product((Fraction(0), Fraction(1)), repeat=len(b)), key=lambda z: distance(b, z, norm))


def far(p, z, norm):
    """The distance from p to z, squared in l2."""
    gaps = [abs(s - t) for s, t in zip(p, z, strict=True)]
    return max(gaps) if norm == "linf" else sum(g if norm == "l1" else g * g for g in gaps)


@many
@given(triples, norms, st.sampled_from([Fraction(0), Fraction(1), Fraction(3, 7)]))
def test_the_order_and_the_values_of_a_radial_function_are_as_claimed(pts, norm, bend):
    b, x, y = pts
    within, a = Radial(norm), farthest(b, norm)

    def f(z):
        r = far(b, z, norm)
        return -r - bend * r**2

    phi = Visualization(a, b, f(a), f(b))
    assert within.feasible(phi)
    assert within.at_most(phi, x, y) == (f(x) <= f(y))
    assert solvable(Task.ORDER, within, phi, x, y)
    assert f(x) in within.ambiguity(phi, x)
    passed("order", within, phi, x, y)
    passed("values", within, phi, x, bend)


def test_a_radial_function_by_its_knots_belongs_to_its_class():
    profile = ((Fraction(0), Fraction(1)), (Fraction(1, 3), Fraction(3, 4)), (Fraction(2), Fraction(0)))
    assert Radial("l1").contains(RadialFunction((Fraction(0), Fraction(0)), Norm.L1, profile))
    assert not Radial("l2").contains(RadialFunction((Fraction(0), Fraction(0)), Norm.L1, profile))


@many
@given(triples, norms)
def test_every_value_between_has_a_witness(pts, norm):
    b, x, y = pts
    within, phi = Radial(norm), Visualization(farthest(b, norm), b, 0, 1)
    possible = within.ambiguity(phi, x)
    assume(possible.radius > 0)
    for value in (Fraction(1, 100), Fraction(1, 2), Fraction(99, 100)):
        f = within.witness(phi, x, value)
        assert isinstance(f, RadialFunction)
        assert (f(phi.argmin), f(phi.argmax), f(x)) == (0, 1, value)
        assert within.contains(f)
        assert 0 <= f(y) <= 1
        if norm != Norm.L2:
            assert f.network()(y) == f(y)
        passed("witness", within, phi, x, y, value)


@many
@given(triples, norms)
def test_a_visualization_is_feasible_if_no_corner_is_farther(pts, norm):
    b, a, _ = pts
    assume(a != b)
    phi = Visualization(a, b, 0, 1)
    most = distance(b, farthest(b, norm), norm)
    assert Radial(norm).feasible(phi) == (distance(b, a, norm) == most)
    unique = sum(distance(b, z, norm) == most for z in product((0, Fraction(1, 2), 1), repeat=len(b))) == 1
    assert Radial(norm).feasible(phi, unique_extrema=True) == (Radial(norm).feasible(phi) and unique)
    passed("feasible", Radial(norm), phi)


def test_images_are_answered_as_their_fractions():
    random = np.random.default_rng(0)
    b, x, y = random.random((3, 5))
    phi = Visualization((b < 0.5).astype(float), b, 0, 1)
    same = Visualization(fractions(phi.argmin), fractions(phi.argmax), 0, 1)
    assert Radial().ambiguity(phi, x) == Radial().ambiguity(same, fractions(phi.query(x)))
    assert Radial().at_most(phi, x, y) == (np.linalg.norm(x - b) >= np.linalg.norm(y - b))


def test_what_is_no_radial_function_is_told_apart():
    one = Fraction(1)
    rising = RadialFunction((one,), Norm.L1, ((Fraction(0), Fraction(0)), (one, one)))
    assert not Radial("l1").contains(rising)
    assert not Radial().contains(affine({}, one, dimension=1))
    with pytest.raises(DomainError, match="decided for radial functions"):
        Radial().contains(affine([one], Fraction(0), dimension=1))
    with pytest.raises(DomainError, match="needs the norm l1 or linf"):
        RadialFunction((one,), Norm.L2, ((Fraction(0), one), (one, Fraction(0)))).network()


@pytest.mark.parametrize(
    ("extrema", "options", "message"),
    [
        (([1, 1], ["1/4", "3/4"], 0, 1), {}, r"5/8 away from the argmax \(in l2 squared\), the farthest point 9/8"),
        (([1, 0], ["1/4", "3/4"], 1, 1), {}, "a strictly decreasing profile falls"),
        (([1, 0], ["1/2", "3/4"], 0, 1), {"unique_extrema": True}, "several points of the cube are farthest"),
    ],
)
def test_infeasible_visualizations_are_refused(extrema, options, message):
    with pytest.raises(InfeasibleVisualization, match=message):
        Radial().ambiguity(Visualization(*extrema), [0, 0], **options)
