import itertools

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from fvproof.empirical.measurement.prediction import Predicted
from fvproof.empirical.measurement.scores import concordance, reach, score
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.visualization import Visualization

PHI = Visualization([0], [1], -1, 3)


def scored(truth, guess, **options):
    return score(Predicted("similarity", "relu1", np.asarray(guess, float)), np.asarray(truth, float), PHI, **options)


def test_a_perfect_decoder_has_no_error_and_knows_every_order_and_side():
    truth = np.random.default_rng(0).uniform(-1, 3, 60)
    found = scored(truth, truth)
    assert (found.error.value, found.relative_error.value, found.worst) == (0, 0, 0)
    assert (found.side.value, found.side_balanced.value, found.order.value, found.order_extreme.value) == (1, 1, 1, 1)


def test_the_uninformed_decoder_has_relative_error_one_and_guesses_the_order():
    truth = np.random.default_rng(0).uniform(-1, 3, 60)
    found = scored(truth, np.full(60, 1.0))
    assert (found.relative_error.value, found.relative_error.low, found.relative_error.high) == (1, 1, 1)
    assert (found.order.value, found.order.low, found.order.high) == (0.5, 0.5, 0.5)
    assert found.side_balanced.value == 0.5
    assert found.worst <= 1


def test_errors_are_shares_of_half_the_spread_of_the_visualization():
    found = scored([0, 1, 2], [1, 1, 1])
    assert found.error.value == pytest.approx(1 / 3)
    assert found.worst == 0.5


def test_a_decoder_that_is_right_only_because_all_images_are_on_one_side_is_found_out():
    found = scored([-1, -0.5, 0, 0.5], [-1, -1, -1, -1])
    assert found.side.value == 1
    assert np.isnan(found.side_balanced.value)
    assert reach(np.array([-1, -0.5, 0, 0.5]), PHI).upper == 0


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=20))
def test_concordance_is_that_of_every_pair_looked_at(pairs):
    truth, guess = np.array(pairs, float).T
    known, counted = concordance(truth, guess)
    told = [
        0.5 if p[1] == q[1] else float((p[0] > q[0]) == (p[1] > q[1]))
        for p, q in itertools.combinations(pairs, 2)
        if p[0] != q[0]
    ]
    assert known.sum() / 2 == pytest.approx(sum(told))
    assert counted.sum() / 2 == len(told)


def test_order_is_kendalls_correlation_on_another_scale():
    generator = np.random.default_rng(1)
    truth = generator.normal(size=1200)
    guess = truth + generator.normal(size=1200)
    assert scored(truth, guess).order.value == pytest.approx((1 + scipy.stats.kendalltau(truth, guess).statistic) / 2)


def test_the_interval_of_order_is_that_of_fresh_samples():
    generator = np.random.default_rng(2)

    def sample():
        truth = generator.normal(size=100)
        return scored(truth, truth + 2 * generator.normal(size=100), seed=int(generator.integers(1 << 30)))

    found = [sample() for _ in range(150)]
    width = np.mean([one.order.high - one.order.low for one in found])
    assert width == pytest.approx(3.92 * np.std([one.order.value for one in found]), rel=0.2)


def test_extreme_images_are_easier_to_order_than_any_two():
    generator = np.random.default_rng(3)
    truth = generator.normal(size=400)
    found = scored(truth, truth + 2 * generator.normal(size=400))
    assert found.order_extreme.low > found.order.high
    tops, bottoms = np.argsort(truth)[-40:], np.argsort(truth)[:40]
    assert truth[bottoms].max() < truth[tops].min()


def test_extremes_that_are_equal_have_no_order():
    found = scored([0.0] * 30 + [1.0], np.arange(31))
    assert np.isnan(found.order_extreme.value)
    assert found.order.value == 1


def test_activations_beyond_the_visualizations_are_counted_and_measured():
    found = reach(np.array([-2.0, 0, 1, 5]), PHI)
    assert (found.outside, found.below, found.above, found.upper) == (0.5, 0.25, 0.5, 0.5)
    assert scored([-2, 0, 1, 5], [1, 1, 1, 1]).worst == 2


def test_a_seed_fixes_the_intervals():
    truth = np.random.default_rng(0).normal(1, 1, size=30)
    assert scored(truth, -truth, seed=4) == scored(truth, -truth, seed=4)
    assert scored(truth, truth**2, seed=4).error != scored(truth, truth**2, seed=5).error


def test_scores_of_what_cannot_be_scored_are_one_clear_line():
    with pytest.raises(ShapeError, match="a prediction for each of at least 2 images"):
        scored([1, 2], [1])
    with pytest.raises(DomainError, match="must be finite"):
        scored([1, np.nan], [1, 1])
