import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from fvproof.empirical.measurement import ranks
from fvproof.empirical.measurement.ranks import AGREEMENT, LARGE, average_ranks, centred_ranks

TIED = st.lists(st.integers(-3, 3), min_size=2, max_size=40)
DRAWS = {
    "normal": lambda generator: generator.normal(size=2 * LARGE),
    "rectified": lambda generator: np.maximum(generator.normal(size=2 * LARGE), 0),
    "heavy-tailed": lambda generator: generator.normal(size=2 * LARGE) ** 9,
    "tiny": lambda generator: 1e-20 * generator.normal(size=2 * LARGE),
    "whole numbers": lambda generator: generator.integers(-5, 5, 2 * LARGE).astype(float),
    "signed zeros": lambda generator: generator.choice([-0.0, 0.0, 1.0, -2.0], 2 * LARGE),
}


def quick(values):
    return centred_ranks(values, values.norm(dim=1))


def exact(values):
    return average_ranks(values) - (values.shape[1] - 1)


@given(TIED)
def test_ranks_are_those_of_scipy_ties_included(values):
    found = average_ranks(torch.tensor([values], dtype=torch.float32))[0] / 2 + 1
    np.testing.assert_allclose(found, scipy.stats.rankdata(values))


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_binned_ranks_agree_with_exact_ones_as_promised(draw):
    values = torch.from_numpy(np.stack([draw(np.random.default_rng(i)) for i in range(3)]).astype(np.float32))
    found, wanted = quick(values).double(), exact(values).double()
    correlations = [np.corrcoef(one, other)[0, 1] ** 2 for one, other in zip(found, wanted, strict=True)]
    assert min(correlations) >= AGREEMENT
    assert found.sum(1).abs().max() <= 1e-6 * found.abs().sum(1).max()


def test_binned_ranks_are_used_and_never_reverse_an_order():
    values = torch.randn(2, 2 * LARGE)
    found, wanted = quick(values), exact(values)
    assert not torch.equal(found, wanted)
    order = wanted.argsort(dim=1)
    assert (found.gather(1, order).diff(dim=1) >= 0).all()


@pytest.mark.parametrize("values", [100 + torch.rand(2, 2 * LARGE), torch.ones(2, 2 * LARGE)], ids=["close", "equal"])
def test_values_that_hardly_differ_are_ranked_exactly(values):
    assert torch.equal(quick(values), exact(values))


def test_the_bound_on_what_is_lost_is_attained_where_bins_hold_different_values():
    values = torch.randn(1, 2 * LARGE)
    counts = torch.bincount(ranks._bins(values, values.norm(dim=1))[0], minlength=ranks.BINS).float()[None]
    bound = float(ranks.agreement(counts, ranks._tables(counts), torch.zeros(1)))
    found, wanted = quick(values)[0].double(), exact(values)[0].double()
    assert np.corrcoef(found, wanted)[0, 1] ** 2 == pytest.approx(bound, abs=1e-6)


def test_small_rows_are_ranked_exactly():
    values = torch.randn(3, LARGE - 1)
    assert torch.equal(quick(values), exact(values))
