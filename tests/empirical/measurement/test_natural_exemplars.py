import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.directions import similarities
from fvproof.empirical.measurement.holdout import halves, readings
from fvproof.empirical.measurement.natural_exemplars import exemplar_ends, exemplar_places, mean_gain
from fvproof.empirical.measurement.prediction import predicted
from fvproof.empirical.measurement.scores import concordance, order_gain
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.visualization import Visualization

UNIT, LAYERS = Unit("logits", 3), ["relu1", "relu2", "logits"]


@pytest.fixture(scope="module")
def model():
    return load_model("digits-small")


@pytest.fixture(scope="module")
def images():
    return digits_images().subset(range(120))


@pytest.fixture(scope="module")
def natural(model, images):
    return activations(model, [UNIT], [images.batch()])


@pytest.fixture(scope="module")
def reading(model, images, natural):
    phi = Visualization(np.zeros(64, np.float32), images.images[3].ravel(), -5, 5)
    return readings(model, {UNIT: phi}, images, natural, layers=LAYERS)[UNIT]


def test_the_similarity_to_a_group_is_the_mean_of_those_to_its_images(model, images):
    alone = similarities(model, images, images.images[:5], layers=LAYERS)
    grouped = similarities(model, images, images.images[:5], layers=LAYERS, groups=[0, 1, 0, 1, 1])
    for layer in LAYERS:
        means = np.stack([alone[layer][:, [0, 2]].mean(1), alone[layer][:, [1, 3, 4]].mean(1)], axis=1)
        np.testing.assert_allclose(grouped[layer], means, atol=1e-5)


def test_exemplars_are_the_most_extreme_images_of_the_half_on_which_nothing_is_measured(reading, natural, images):
    first, _ = halves(len(images), seed=0)
    ranked = first[np.argsort(natural[UNIT][first], kind="stable")].tolist()
    assert list(reading.exemplars.least) == ranked[:4]
    assert list(reading.exemplars.greatest) == ranked[::-1][:4]


def test_the_gain_is_the_difference_of_both_orders_on_the_other_half(model, images, natural, reading):
    _, second = halves(len(images), seed=0)
    shown = exemplar_ends(images, natural[UNIT], reading.exemplars.least, reading.exemplars.greatest)
    (made,) = predicted(model, [shown], images, layers=LAYERS)
    known, pairs = concordance(natural[UNIT][second], made[reading.exemplars.best].values[second])
    assert reading.exemplars.chosen.order.value == pytest.approx(known.sum() / pairs.sum())
    gain = reading.exemplars.gain
    assert gain.value == pytest.approx(reading.chosen.order.value - reading.exemplars.chosen.order.value)
    assert gain.low <= gain.value <= gain.high


def test_exemplars_read_a_linear_unit_that_a_misleading_picture_does_not():
    """The picture goes across the unit's weights, so that along it nothing of the unit is seen."""
    generator = np.random.default_rng(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 1))
    network.load_state_dict({"1.weight": torch.tensor([[1.0, 1, 0, 0]]), "1.bias": torch.zeros(1)})
    images = ImageSet(generator.random((64, 1, 2, 2), dtype=np.float32))
    model, unit = Model("linear", network, (1, 2, 2)), Unit("1", 0)
    natural = activations(model, [unit], [images.batch()])
    phi = Visualization(np.float32([0, 1, 0, 0]), np.float32([1, 0, 1, 1]), 0, 2)
    found = readings(model, {unit: phi}, images, natural, layers=["0"])[unit]
    assert found.exemplars.chosen.order.low > 0.8
    assert found.exemplars.gain.high < 0


def test_units_without_differences_have_exemplars_that_tell_nothing(model, images):
    natural = {UNIT: np.zeros(len(images))}
    phi = Visualization(np.zeros(64, np.float32), np.ones(64, np.float32), -5, 5)
    found = readings(model, {UNIT: phi}, images, natural, layers=LAYERS)[UNIT]
    assert np.isnan(found.exemplars.gain.value)


def test_few_images_give_fewer_exemplars():
    least, greatest = exemplar_places(np.arange(8.0), np.arange(4))
    assert (least, greatest) == ((0,), (3,))


def test_a_prediction_gains_nothing_over_itself():
    truth = np.arange(9.0)
    same = order_gain(truth, truth % 4, truth % 4)
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_the_mean_gain_over_units_leaves_out_what_is_not_known():
    one, unknown = Estimate(0.1, 0.05, 0.15), Estimate(float("nan"), float("nan"), float("nan"))
    assert mean_gain([one, unknown]) == one
    assert np.isnan(mean_gain([unknown]).value)
    wide = mean_gain([Estimate(0.1, 0.0, 0.2), Estimate(0.1, 0.0, 0.2)])
    assert (wide.low, wide.high) == pytest.approx((0.0, 0.2))


def test_the_interval_of_the_mean_gain_covers_the_mean_of_units_drawn_like_these():
    """Units with noise of their own and noise in common, of which 95% at least must be covered."""
    generator, covered = np.random.default_rng(1), 0
    for _ in range(400):
        common = generator.normal(scale=0.02)
        values = 0.1 + common + generator.normal(scale=0.05, size=12)
        found = mean_gain([Estimate(v, v - 0.04, v + 0.04) for v in values])
        covered += found.low <= 0.1 <= found.high
    assert covered >= 0.94 * 400
