"""Bounds in doubles over many boxes: those of the integers to within rounding, box by box."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.verify.certificates.derivation import grid_rows
from fvproof.verify.certificates.duality import Box, grid_maps, natural_bounds, natural_multipliers, upper_bounds
from fvproof.verify.certificates.fixed import UNIT, floored
from fvproof.verify.linear_forms import LinearForm
from fvproof.verify.search.ascent import float_rows, with_means
from fvproof.verify.search.crown import bound_boxes

ROWS = [
    LinearForm({0: Fraction(1), 1: Fraction(-1)}, {}, Fraction(1, 8)),
    LinearForm({1: Fraction(2)}, {2: Fraction(1, 4)}),
]


def random_boxes(rng, count):
    ends = np.sort(rng.uniform(-1, 1, (2, count, 3)) * rng.choice([0.05, 1], (1, count, 1)), axis=0)
    return floored(ends[0]), floored(ends[1])


@given(st.integers(0, 10**6))
def test_estimates_are_the_bounds_in_integers_to_within_rounding(random_network, seed):
    rng = np.random.default_rng(seed)
    network, (low, high) = random_network((3, 9, 7, 2), seed), random_boxes(rng, 5)
    signs = np.zeros((5, 16), dtype=np.int8)
    seen = bound_boxes(network.doubles, float_rows(ROWS, network), (low / UNIT, high / UNIT), signs)
    hidden = grid_maps(network)[:-1]
    for place in range(5):
        box = Box(low[place : place + 1], high[place : place + 1])
        bounds = natural_bounds(hidden, box)
        tops = upper_bounds(hidden, grid_rows(ROWS, network), box, bounds, natural_multipliers)
        assert seen.tops[place] == pytest.approx(int(tops.min()) / UNIT, abs=1e-4)


@given(st.integers(0, 10**6))
def test_no_point_of_a_box_exceeds_its_estimate_and_stable_signs_are_right(random_network, seed):
    rng = np.random.default_rng(seed)
    network, (low, high) = random_network((3, 9, 7, 2), seed), random_boxes(rng, 4)
    ends, rows = (low / UNIT, high / UNIT), with_means(float_rows(ROWS, network))
    first = bound_boxes(network.doubles, rows, ends, np.zeros((4, 16), dtype=np.int8))
    again = bound_boxes(network.doubles, rows, ends, first.signs)
    x = ends[0] + (ends[1] - ends[0]) * rng.random((50, 4, 3))
    y, signs = x, []
    for weights, biases in network.doubles[:-1]:
        z = y @ weights.T + biases
        signs.append(np.where(z > 0, 1, -1))
        y = np.maximum(z, 0)
    outputs = y @ network.doubles[-1][0].T + network.doubles[-1][1]
    least = np.minimum(outputs[..., 0] - outputs[..., 1] + 0.125, 2 * outputs[..., 1] + x[..., 2] / 4)
    for seen in (first, again):
        assert (least <= seen.tops + 1e-9).all()
        assert (np.concatenate(signs, axis=-1) * seen.signs >= 0).all()
