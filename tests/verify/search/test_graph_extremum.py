"""Certified extrema of graphs: they hold at every point, agree with the search on matrices, and come in time."""

from fractions import Fraction

import numpy as np
import pytest

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.certificates.checker import check
from fvproof.verify.files.vnnlib import property_from
from fvproof.verify.graphs.network import NetworkGraph, graph_of
from fvproof.verify.graphs.operations import Dense, Given, Rectified, Scaled
from fvproof.verify.graphs.steps import NetworkStep
from fvproof.verify.linear_forms import BoxDomain, LinearForm
from fvproof.verify.search.extremum import certified_extremum
from fvproof.verify.search.graph_extremum import certified_graph_extremum, decide_graph
from fvproof.verify.search.property import decide
from tests.verify.graphs.networks import convolutional
from tests.verify.search.graph_fuzzing import tried

FIRST = LinearForm({0: Fraction(1)}, {})


def cube(d, size=1):
    return BoxDomain((Fraction(-size),) * d, (Fraction(size),) * d)


@pytest.mark.parametrize("seed", range(40))
def test_random_networks_are_bounded_as_points_and_matrices_say(seed):
    width = tried(seed, points=6)
    assert width is None or width < 1


@pytest.mark.slow
def test_thousands_of_random_networks_are_bounded_as_points_and_matrices_say():
    widths = [tried(seed) for seed in range(10_000, 12_000)]
    assert sum(width is not None and width <= 1e-4 for width in widths) > 1800


@pytest.mark.parametrize("minimize", [False, True])
def test_a_residual_network_is_certified_to_the_tolerance_by_splitting_signs(minimize):
    network = convolutional(1)
    found = certified_graph_extremum(network, FIRST, cube(9, 0.5), minimize=minimize, tolerance=1e-3)
    assert found.high - found.low <= Fraction("1e-3")
    assert found.nodes > 1
    check(found.certificate, network)


def test_a_chain_has_the_same_extrema_as_a_graph_and_as_matrices(random_network):
    chain = random_network((4, 12, 9, 1), 5)
    found = certified_graph_extremum(graph_of(chain), FIRST, cube(4), tolerance=1e-4)
    other = certified_extremum(chain, 0, cube(4), tolerance=1e-4)
    assert abs(found.low - other.low) <= Fraction("1e-4")


@pytest.mark.parametrize("power", [-30, -12, 12, 30])
def test_huge_and_tiny_weights_leave_bounds_that_hold(power):
    wide = np.random.default_rng(0).standard_normal((6, 3)) * 2.0**power
    steps = (
        NetworkStep(Given(), (), 3),
        NetworkStep(Dense(wide), (0,), 6),
        NetworkStep(Rectified(), (1,), 6),
        NetworkStep(Scaled(np.full(6, 2.0**-power)), (2,), 6),
        NetworkStep(Dense(np.array([[1.0, -1, 1, -1, 1, -1]])), (3,), 1),
    )
    network = NetworkGraph(steps)
    found = certified_graph_extremum(network, FIRST, cube(3), tolerance=1e-3)
    check(found.certificate, network)
    assert found.high >= found.low
    assert abs(power) > 20 or found.high - found.low <= Fraction("1e-3")


@pytest.mark.parametrize("timeout_s", [0.0, 0.3])
def test_when_the_time_is_up_the_best_interval_is_returned_and_can_be_checked(timeout_s):
    network = convolutional(2)
    found = certified_graph_extremum(network, FIRST, cube(9, 8), tolerance=1e-9, timeout_s=timeout_s)
    check(found.certificate, network)


def test_properties_are_decided_as_on_matrices(random_network):
    chain = random_network((2, 9, 6, 2), 8)
    box = "(declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real) (declare-const Y_1 Real)"
    box += "(assert (and (>= X_0 -1) (<= X_0 1) (>= X_1 -1) (<= X_1 1)))"
    for bound in (-1.0, 0.1, 0.3, 0.6, 2.0):
        cases = property_from(box + f"(assert (or (>= Y_0 {bound}) (and (>= Y_1 {bound}) (>= Y_1 Y_0))))")
        ours, theirs = decide_graph(graph_of(chain), cases), decide(chain, cases)
        assert ours.verdict == theirs.verdict
        check(ours.certificate, graph_of(chain))


def test_a_network_without_relus_is_bounded_at_once():
    network = NetworkGraph((NetworkStep(Given(), (), 2), NetworkStep(Dense(np.array([[1.0, -2.0]])), (0,), 1)))
    found = certified_graph_extremum(network, FIRST, cube(2))
    assert (found.low, found.point) == (3, (1, -1))
    assert found.high - 3 < Fraction("1e-5")


def test_what_does_not_fit_is_refused():
    network = convolutional(1)
    for row, domain, tolerance, error in (
        (LinearForm({2: Fraction(1)}, {}), cube(9), 1e-3, DomainError),
        (FIRST, cube(8), 1e-3, ShapeError),
        (FIRST, cube(9), 0.0, DomainError),
    ):
        with pytest.raises(error):
            certified_graph_extremum(network, row, domain, tolerance=tolerance)
