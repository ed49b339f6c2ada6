from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
import torch
from torch import nn

from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.measurement.prediction import predictions, visualization
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.classes.relu_network import ReluNetworks
from fvproof.theory.errors import DomainError, ShapeError, UnknownName
from fvproof.theory.visualization import Visualization

UNIT = Unit("logits", 3)


@pytest.fixture(scope="module")
def model():
    return load_model("digits-small")


@pytest.fixture(scope="module")
def images():
    return digits_images().subset(range(40))


@pytest.fixture(scope="module")
def phi(images):
    return Visualization(images.images[5].ravel(), images.images[9].ravel(), -2, 6)


def test_decoders_come_in_order_layer_by_layer(model, images, phi):
    found = predictions(model, {UNIT: phi}, images)[UNIT]
    assert [(one.decoder, one.layer) for one in found] == [
        ("uninformed", None),
        ("pixel projection", None),
        *(("similarity", layer) for layer in ("flatten", "hidden1", "relu1", "hidden2", "relu2", "logits")),
    ]
    assert all(one.values.shape == (40,) for one in found)


def test_every_decoder_but_the_uninformed_knows_the_visualizations_themselves(model, images, phi):
    uninformed, *others = predictions(model, {UNIT: phi}, images)[UNIT]
    assert uninformed.values.tolist() == [2] * 40
    for one in others:
        np.testing.assert_allclose(one.values[[5, 9]], [-2, 6], atol=1e-4)
        assert one.values.min() >= -2
        assert one.values.max() <= 6


def test_the_projection_reads_an_affine_unit_along_the_segment_exactly():
    weight = torch.randn(1, 6, generator=torch.Generator().manual_seed(0))
    network = nn.Sequential(nn.Flatten(), nn.Linear(6, 1))
    network.load_state_dict({"1.weight": weight, "1.bias": torch.zeros(1)})
    low, high = (weight < 0).float(), (weight > 0).float()
    ends = [float(network(end.view(1, 1, 2, 3)).item()) for end in (low, high)]
    segment = torch.stack([torch.lerp(low, high, share).view(1, 2, 3) for share in torch.linspace(0, 1, 5)])
    phi = Visualization(low.numpy(), high.numpy(), *ends)
    unit, model = Unit("1", 0), Model("affine", network, (1, 2, 3))
    found = predictions(model, {unit: phi}, ImageSet(segment.numpy()), layers=["0"])[unit]
    np.testing.assert_allclose(found[1].values, network(segment).detach()[:, 0], atol=1e-6)


def test_the_similarity_decoder_is_its_formula_with_scipys_correlations(model, images, phi):
    found = predictions(model, {UNIT: phi}, images, layers=["flatten"])[UNIT][2]
    rows = images.images.reshape(40, -1)
    to_low, to_high = ([scipy.stats.spearmanr(row, rows[i]).statistic for row in rows] for i in (5, 9))
    far_low, far_high = 1 - np.array(to_low), 1 - np.array(to_high)
    np.testing.assert_allclose(found.values, -2 + 8 * far_low / (far_low + far_high), atol=1e-4)


def test_units_are_decoded_together_as_alone(model, images, phi):
    other = Visualization(phi.argmax, phi.argmin, 0, 1)
    together = predictions(model, {UNIT: phi, Unit("hidden1", 2): other}, images)
    alone = predictions(model, {UNIT: phi}, images)
    for one, two in zip(together[UNIT], alone[UNIT], strict=True):
        np.testing.assert_allclose(one.values, two.values, atol=1e-5)


def test_two_runs_make_a_visualization_that_a_relu_network_can_have(model):
    settings = Settings(steps=16, parametrization="pixel", transforms="off")
    (low,), (high,) = (maximize(model, [UNIT], settings, minimize=minimize) for minimize in (True, False))
    phi = visualization(low, high)
    assert float(phi.maximum) == high.activation
    assert ReluNetworks().violation(phi) is None
    with pytest.raises(DomainError, match="must be of one unit"):
        visualization(replace(low, unit=Unit("logits", 4)), high)


def test_visualizations_that_do_not_fit_are_one_clear_line(model, images, phi):
    with pytest.raises(DomainError, match="must have different activations, not both 1"):
        predictions(model, {UNIT: Visualization(phi.argmin, phi.argmax, 1, 1)}, images)
    with pytest.raises(DomainError, match="must be different images"):
        predictions(model, {UNIT: Visualization(phi.argmin, phi.argmin, 0, 1)}, images)
    with pytest.raises(ShapeError, match="must have 64 pixels, not 2"):
        predictions(model, {UNIT: Visualization([0, 0], [1, 1], 0, 1)}, images)
    with pytest.raises(UnknownName, match="logits"):
        predictions(model, {UNIT: phi}, images, layers=["logit"])
