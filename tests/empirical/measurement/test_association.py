from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from fvproof.empirical.measurement.association import linearity_association, rank_correlation
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError, ShapeError

VALUES = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=3, max_size=30)


@given(VALUES)
def test_the_correlation_is_that_of_scipy_ties_included(values):
    one, other = map(list, zip(*values, strict=True))
    found = rank_correlation(one, other).value
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(scipy.stats.spearmanr(one, other).statistic, abs=1e-12)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    truth, covered = 6 / np.pi * np.arcsin(0.6 / 2), 0
    for seed in range(60):
        normal = np.random.default_rng(seed).normal(size=(2, 60))
        found = rank_correlation(normal[0], 0.6 * normal[0] + 0.8 * normal[1], seed=seed)
        covered += found.low <= truth <= found.high
    assert covered >= 50  # of 60; 57 are expected


def test_values_that_are_not_defined_are_left_out():
    with_nan = rank_correlation([1, 2, float("nan"), 3, 4], [2, 1, 9, 4, 3])
    assert with_nan == rank_correlation([1, 2, 3, 4], [2, 1, 4, 3])


def test_values_must_come_in_pairs():
    with pytest.raises(ShapeError, match="not 2 and 3"):
        rank_correlation([1, 2], [1, 2, 3])


def measured(distances):
    """Units that are read the worse, the farther they are from affine."""
    found, read = {}, {}
    for channel, distance in enumerate(distances):
        unit = Unit("layer", channel)
        found[unit] = SimpleNamespace(natural_relative=SimpleNamespace(value=distance))
        score = SimpleNamespace(
            order=SimpleNamespace(value=1 - distance), relative_error=SimpleNamespace(value=distance**2)
        )
        read[unit] = SimpleNamespace(chosen=score, in_pixels=score)
    return found, read


def test_units_nearer_to_affine_that_are_read_better_show_in_the_signs():
    found, read = measured([0.1, 0.5, 0.2, 0.4, 0.9])
    read[Unit("other", 0)] = read[Unit("layer", 0)]
    association = linearity_association(found, read)
    assert association.units == 5
    assert (association.order.value, association.error.value) == (pytest.approx(-1), pytest.approx(1))
    assert association.error_in_pixels == association.error


def test_too_few_units_are_one_clear_line():
    with pytest.raises(DomainError, match="at least 4 units, not 3"):
        linearity_association(*measured([0.1, 0.2, 0.3]))
