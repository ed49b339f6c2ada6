import numpy as np
import pytest

from fvproof.empirical.measurement.bootstrap import estimate, pairwise, resampled, unweighted


def test_replicates_scatter_like_the_mean_of_independent_draws():
    generator = np.random.default_rng(0)
    values = generator.normal(size=400)
    found = resampled(np.zeros(400), seed=1) @ values
    assert found.std() == pytest.approx(values.std() / 20, rel=0.1)
    assert found.mean() == pytest.approx(values.mean(), abs=0.01)


def test_every_group_counts_alike_however_large():
    groups = np.array([0] * 9 + [1])
    assert unweighted(groups) @ groups == pytest.approx(0.5)
    assert np.allclose(resampled(groups, seed=0) @ groups, 0.5)


def test_pairs_scatter_like_those_of_fresh_samples():
    generator = np.random.default_rng(2)

    def mean_over_pairs(values):
        products = np.outer(values, values)
        partners = (products.sum(1) - np.diag(products)) / (len(values) - 1)
        return partners, partners.mean()

    fresh = [mean_over_pairs(generator.normal(1, 1, 60))[1] for _ in range(2000)]
    spreads = []
    for i in range(50):
        partners, value = mean_over_pairs(generator.normal(1, 1, 60))
        spreads.append(pairwise(resampled(np.zeros(60), seed=i, replicates=200), partners, value).std())
    assert np.mean(spreads) == pytest.approx(np.std(fresh), rel=0.1)


def test_an_interval_covers_the_truth_about_as_often_as_it_says():
    generator, covered = np.random.default_rng(3), 0
    for i in range(300):
        values = generator.normal(size=80)
        found = estimate(values.mean(), resampled(np.zeros(80), seed=i, replicates=300) @ values)
        covered += found.low <= 0 <= found.high
    assert 0.9 <= covered / 300 <= 0.98


def test_an_interval_of_undefined_replicates_has_no_ends():
    found = estimate(1.0, np.array([1.0, np.nan] * 50))
    assert found.value == 1
    assert np.isnan([found.low, found.high]).all()
