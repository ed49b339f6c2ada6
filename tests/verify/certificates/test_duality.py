"""Integer bounds: they hold at every point, whatever the multipliers."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.verify.certificates.certificate import BoxSplits, ProvenBound
from fvproof.verify.certificates.derivation import grid_rows, upper_bound
from fvproof.verify.certificates.duality import (
    Box,
    Cuts,
    GridBall,
    GridMap,
    Rows,
    activations,
    cut_constants,
    grid_maps,
    natural_bounds,
    natural_multipliers,
    upper_bounds,
)
from fvproof.verify.certificates.fixed import UNIT, floored, matmul, times
from fvproof.verify.files.readers import layered_from
from fvproof.verify.linear_forms import BallDomain, BoxDomain, LinearForm

SEEDS = st.integers(0, 10**6)


def box_of(low, high):
    return Box(floored(np.asarray(low, dtype=float))[None], floored(np.asarray(high, dtype=float))[None])


@given(SEEDS)
def test_products_on_the_grid_are_those_of_unbounded_integers(seed):
    rng = np.random.default_rng(seed)
    a = rng.integers(-(1 << 50), 1 << 50, (3, 4)) >> rng.integers(0, 50)
    b = rng.integers(-(1 << 50), 1 << 50, (4, 2)) >> rng.integers(0, 50)
    assert (matmul(a, b) == (a.astype(object) @ b.astype(object)) >> 32).all()
    assert (times(a[:, :2], b[:3]) == (a[:, :2].astype(object) * b[:3].astype(object)) >> 32).all()


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_double_is_rounded_down_to_the_grid(value):
    assert int(floored(np.array([value]))[0]) == (Fraction(value) * UNIT).__floor__()


@given(SEEDS)
def test_any_multipliers_give_a_valid_upper_bound(random_network, seed):
    rng = np.random.default_rng(seed)
    network = random_network((3, 6, 5, 2), seed)
    maps, box = grid_maps(network), box_of([-1, 0, -0.5], [1, 0.7, 2])
    bounds = natural_bounds(maps[:-1], box)
    rows = grid_rows([LinearForm({0: Fraction(1), 1: Fraction(-1, 3)}, {2: Fraction(1, 7)})], network)
    mu = [rng.integers(-2 * UNIT, 2 * UNIT, (1, 1, n)) for n in network.widths]
    slopes = rng.integers(-UNIT, UNIT, (3, 3)), rng.integers(-UNIT, UNIT, (3, 6))
    neurons = rng.integers(0, 5, 3)
    inputs = box, activations(bounds[0])
    cuts = [
        (Cuts(neurons, s, cut_constants(neurons, s, layer, i)), rng.integers(0, UNIT, (1, 1, 3)))
        for s, layer, i in zip(slopes, maps[:2], inputs, strict=True)
    ]
    loose = upper_bounds(maps[:-1], rows, box, bounds, lambda j, *_: mu[j], cuts)
    natural = upper_bounds(maps[:-1], rows, box, bounds, natural_multipliers)
    for x in rng.uniform([-1, 0, -0.5], [1, 0.7, 2], (5, 3)):
        point = [Fraction(c) for c in x]
        y = network.outputs(point)
        value = y[0] - y[1] / 3 + point[2] / 7
        assert value * UNIT <= int(natural[0, 0])
        assert value * UNIT <= int(loose[0, 0])


@given(SEEDS)
def test_bounds_of_every_layer_hold_on_a_ball(random_network, seed):
    rng = np.random.default_rng(seed)
    network = random_network((4, 5, 4, 1), seed)
    maps, centre = grid_maps(network), rng.uniform(-1, 1, 4)
    ball = GridBall(floored(centre), UNIT // 2)
    bounds = natural_bounds(maps[:-1], ball)
    direction = rng.standard_normal(4)
    x = centre + 0.499 * direction / np.linalg.norm(direction)
    for (weights, biases), (low, high) in zip(network.doubles, bounds, strict=False):
        z = weights @ x + biases
        assert (z * UNIT >= low[0]).all()
        assert (z * UNIT <= high[0]).all()
        x = np.maximum(z, 0)


def test_the_bound_of_an_affine_function_on_a_ball_is_its_value_at_the_pole(random_network):
    network = random_network((3, 4, 1), 0)
    row = grid_rows([LinearForm({}, {0: Fraction(3), 1: Fraction(4)}, Fraction(1))], network)
    ball = GridBall(floored(np.zeros(3)), UNIT)
    bounds = natural_bounds(grid_maps(network)[:-1], ball)
    top = upper_bounds(grid_maps(network)[:-1], row, ball, bounds, natural_multipliers)
    assert int(top[0, 0]) / UNIT == pytest.approx(6, abs=1e-6)
    assert int(top[0, 0]) >= 6 * UNIT


@given(SEEDS, st.integers(20, 57), st.integers(57, 63), st.integers(0, 32))
def test_bounds_are_those_of_unbounded_integers_wherever_64_bits_end(seed, bits, edge, small):
    rng = np.random.default_rng(seed)
    sizes, wide = (2,) * 16, edge + 32 - bits  # so that multipliers times bounds have as many bits as the edge
    maps = [GridMap(signed(rng, small, (n, m)), signed(rng, 32, (n,))) for m, n in pairwise(sizes)]
    domain = Box(*np.sort(signed(rng, min(wide, 60), (2, 1, 2)), axis=0))
    bounds = [tuple(np.sort(signed(rng, min(wide, 60), (2, 1, n)), axis=0)) for n in sizes[1:]]
    near = [signed(rng, bits, (1, 3, n)) for n in sizes[1:]]
    rows = Rows(signed(rng, bits, (3, 2)), signed(rng, min(edge, 61), (3,)), signed(rng, min(bits, 50), (3, 2)))
    cuts = []
    for below, inputs, width in zip([domain, *map(activations, bounds)], sizes, sizes[1:], strict=False):
        neurons, slopes = rng.integers(0, width, 3), signed(rng, bits, (3, inputs))
        constants = cut_constants(neurons, slopes, maps[len(cuts)], below)
        cuts.append((Cuts(neurons, slopes, constants), abs(signed(rng, bits, (1, 3, 3)))))
    found = upper_bounds(maps, rows, domain, bounds, lambda j, *_: near[j], cuts)
    exact = upper_bounds(
        [GridMap(*unbounded(layer.weights, layer.biases)) for layer in maps],
        Rows(*unbounded(rows.weights, rows.constants, rows.inputs)),
        Box(*unbounded(domain.low, domain.high)),
        [unbounded(*pair) for pair in bounds],
        lambda j, *_: near[j].astype(object),
        [(Cuts(c.neurons, *unbounded(c.slopes, c.constants)), used.astype(object)) for c, used in cuts],
    )
    assert (found == exact).all()


def signed(rng, bits, shape):
    """Return whole numbers of either sign and of up to so many bits, most of them near that."""
    return rng.integers(1 << bits, (1 << (bits + 1)), shape) // 2 * rng.choice([-1, 1], shape)


def unbounded(*arrays):
    """Return the arrays in Python's own integers."""
    return tuple(array.astype(object) for array in arrays)


@pytest.mark.parametrize("power", range(24, 40))
@pytest.mark.parametrize("domain", ["box", "ball"])
def test_no_bound_lies_below_a_value_of_a_network_with_large_numbers(domain, power):
    far = Fraction(1 << power)
    network = layered_from([(2 * np.eye(3), np.zeros(3)), (2 * np.eye(3), np.zeros(3)), (np.ones((1, 3)), np.zeros(1))])
    where = BoxDomain((-far,) * 3, (far,) * 3) if domain == "box" else BallDomain((Fraction(0),) * 3, far)
    part = ProvenBound((LinearForm({0: Fraction(1)}, {}),), where, Fraction(0), BoxSplits(np.array([-1])))
    assert upper_bound(part, network) >= 4 * far


def test_the_grid_keeps_its_promise_far_beyond_64_bits():
    huge = np.array([[1 << 57]])
    assert matmul(huge, huge)[0, 0] == 1 << 82
