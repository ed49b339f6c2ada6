"""Certified extrema: against brute force, against an independent MILP, and when time runs out."""

import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction
from multiprocessing import get_context

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, milp

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.certificates.certificate import certificate_from, certificate_record
from fvproof.verify.certificates.checker import check
from fvproof.verify.linear_forms import BoxDomain, LinearForm
from fvproof.verify.processes import process_pool
from fvproof.verify.search.bounding import BoundTask, by_boxes
from fvproof.verify.search.extremum import certified_extremum
from fvproof.verify.search.search import SearchEffort, spread


def cube(d):
    return BoxDomain((Fraction(0),) * d, (Fraction(1),) * d)


def big_m_maximum(network, output):
    """Return the maximum by a big-M encoding with interval bounds, solved by SciPy."""
    d, widths = network.dimension, network.widths
    low, high = np.zeros(d), np.ones(d)
    n = d + 3 * sum(widths)
    rows, lows, highs, upper, integral = [], [], [], np.full(n, np.inf), np.zeros(n)
    upper[:d] = 1
    inputs, place = slice(0, d), d
    for weights, biases in network.doubles[:-1]:
        m = len(biases)
        top = np.maximum(weights, 0) @ high + np.minimum(weights, 0) @ low + biases
        bottom = np.maximum(weights, 0) @ low + np.minimum(weights, 0) @ high + biases
        y, s, a = (slice(place + k * m, place + (k + 1) * m) for k in range(3))
        for i in range(m):
            row = np.zeros(n)
            row[inputs], row[y.start + i], row[s.start + i] = -weights[i], 1, -1
            on, off = np.zeros(n), np.zeros(n)
            on[y.start + i], on[a.start + i] = 1, -max(top[i], 0)
            off[s.start + i], off[a.start + i] = 1, max(-bottom[i], 0)
            rows += [row, on, off]
            lows += [biases[i], -np.inf, -np.inf]
            highs += [biases[i], 0, max(-bottom[i], 0)]
        upper[a], integral[a] = 1, 1
        low, high, inputs, place = np.maximum(bottom, 0), np.maximum(top, 0), y, place + 3 * m
    weights, biases = network.doubles[-1]
    costs = np.zeros(n)
    costs[inputs] = -weights[output]
    found = milp(
        costs, integrality=integral, bounds=(0, upper), constraints=LinearConstraint(np.array(rows), lows, highs)
    )
    return -found.fun + biases[output]


@pytest.mark.parametrize("sizes", [(3, 8, 2), (4, 8, 8, 2), (12, 10, 6, 1), (2, 70, 1)])
@pytest.mark.parametrize("seed", range(3))
def test_the_interval_is_narrow_certified_and_holds_the_maximum_of_a_milp(random_network, sizes, seed):
    network = random_network(sizes, seed)
    found = certified_extremum(network, 0, cube(sizes[0]), tolerance=1e-3)
    check(certificate_from(certificate_record(found.certificate)), network)
    assert found.high - found.low <= Fraction(1e-3)
    assert network.outputs(found.point)[0] == found.low
    assert float(found.low) - 1e-6 <= big_m_maximum(network, 0) <= float(found.high) + 1e-6


@pytest.mark.parametrize("sizes", [(3, 8, 8, 1), (2, 40, 30, 1)])
def test_no_random_point_goes_below_a_certified_minimum(random_network, sizes):
    network = random_network(sizes, 7)
    found = certified_extremum(network, 0, cube(sizes[0]), minimize=True, tolerance=1e-3)
    check(found.certificate, network)
    values = np.random.default_rng(0).random((2000, sizes[0]))
    for weights, biases in network.doubles[:-1]:
        values = np.maximum(values @ weights.T + biases, 0)
    assert (values @ network.doubles[-1][0].T + network.doubles[-1][1]).min() >= float(found.low) - 1e-9
    assert found.low <= found.high == network.outputs(found.point)[0]


def test_few_inputs_and_many_neurons_are_done_by_halving_boxes(random_network):
    row = (LinearForm({0: Fraction(1)}, {}),)
    assert by_boxes(BoundTask(random_network((2, 70, 1), 0), row, cube(2)))
    assert not by_boxes(BoundTask(random_network((20, 70, 1), 0), row, cube(20)))


@pytest.mark.parametrize("sizes", [(10, 24, 24, 1), (2, 70, 70, 1)])
def test_when_time_runs_out_the_interval_is_wide_but_proven(random_network, sizes):
    network = random_network(sizes, 1)
    found = certified_extremum(network, 0, cube(sizes[0]), tolerance=1e-9, effort=SearchEffort(0.0))
    check(found.certificate, network)
    assert found.high - found.low > Fraction(1e-9)


def test_any_executor_carries_the_search_out(random_network, monkeypatch):
    monkeypatch.setattr("fvproof.verify.search.search.FIRST_S", 0.02)
    monkeypatch.setattr("fvproof.verify.search.search.STRETCH_S", 0.1)
    network = random_network((8, 14, 14, 1), 2)
    with ThreadPoolExecutor(2) as executor:
        found = certified_extremum(network, 0, cube(8), tolerance=1e-4, effort=SearchEffort(3600, executor))
    check(found.certificate, network)
    assert found.high - found.low <= Fraction(1e-4)


@pytest.mark.parametrize("sizes", [(8, 14, 14, 1), (3, 40, 40, 1)])
def test_other_processes_find_the_same_interval(random_network, monkeypatch, sizes):
    monkeypatch.setattr("fvproof.verify.search.search.FIRST_S", 0.02)
    network = random_network(sizes, 2)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        found = certified_extremum(network, 0, cube(sizes[0]), tolerance=1e-3, effort=SearchEffort(3600, executor, 4))
    alone = certified_extremum(network, 0, cube(sizes[0]), tolerance=1e-3)
    check(found.certificate, network)
    assert max(found.low, alone.low) <= min(found.high, alone.high)
    assert found.high - found.low <= Fraction(1e-3)


@pytest.mark.parametrize("sizes", [(8, 14, 14, 1), (3, 40, 40, 1)])
def test_the_search_goes_on_when_a_process_is_killed(random_network, monkeypatch, sizes):
    monkeypatch.setattr("fvproof.verify.search.search.FIRST_S", 0.02)
    network = random_network(sizes, 2)
    with process_pool(2) as executor:
        executor.submit(os._exit, 1)
        found = certified_extremum(network, 0, cube(sizes[0]), tolerance=1e-3, effort=SearchEffort(3600, executor, 4))
    check(found.certificate, network)
    assert found.high - found.low <= Fraction(1e-3)


def test_what_a_killed_process_left_is_done_here():
    with process_pool(1) as executor:
        executor.submit(os._exit, 1)
        assert spread(abs, [-1, 2], executor) == [1, 2]


def test_a_network_without_hidden_layers_has_its_extremum_at_a_corner(random_network):
    network = random_network((3, 1), 0)
    found = certified_extremum(network, 0, cube(3))
    check(found.certificate, network)
    weights, biases = network.doubles[0]
    assert float(found.high) == pytest.approx(np.maximum(weights[0], 0).sum() + biases[0])


def test_a_box_of_one_point_has_its_value_as_extremum(random_network):
    network = random_network((3, 5, 1), 0)
    point = (Fraction(1, 3), Fraction(1, 2), Fraction(2, 3))
    found = certified_extremum(network, 0, BoxDomain(point, point))
    assert found.point == point
    assert found.low == network.outputs(point)[0]


@pytest.mark.parametrize(
    ("output", "domain", "tolerance", "error"),
    [
        (1, cube(3), 1e-3, DomainError),
        (0, cube(2), 1e-3, ShapeError),
        (0, BoxDomain((Fraction(1),) * 3, (Fraction(0),) * 3), 1e-3, DomainError),
        (0, cube(3), 0.0, DomainError),
        (0, cube(3), float("nan"), DomainError),
    ],
)
def test_bad_input_is_one_clear_sentence(random_network, output, domain, tolerance, error):
    with pytest.raises(error, match="must"):
        certified_extremum(random_network((3, 4, 1), 0), output, domain, tolerance=tolerance)
