import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.linearity import POINTS, linearity
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError
from fvproof.theory.visualization import Visualization


class Squared(nn.Module):
    def forward(self, x):
        return x.flatten(1).sum(1, keepdim=True) ** 2


@pytest.fixture(scope="module")
def images():
    return digits_images().subset(range(30))


def measured(network, name, images, low=0.0, high=1.0):
    unit = Unit(name, 0)
    phi = Visualization(np.zeros(64), np.ones(64), low, high)
    return linearity(Model("test", network, (1, 8, 8)), {unit: phi}, images)[unit]


def test_an_affine_unit_does_not_stray(images):
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 1))
    ends = [network(torch.full((1, 64), value)).item() for value in (0.0, 1.0)]
    found = measured(network, "1", images, min(ends), max(ends))
    assert found.deviation == pytest.approx(0, abs=1e-6)
    assert found.natural.value == pytest.approx(0, abs=1e-5)
    assert found.natural_relative.value == pytest.approx(0, abs=1e-5)


def test_a_square_strays_by_a_quarter_in_the_middle(images):
    found = measured(nn.Sequential(Squared()), "0", images, 0.0, 64.0**2)
    assert found.along == pytest.approx(64**2 * np.linspace(0, 1, POINTS) ** 2)
    assert found.deviation == pytest.approx(0.25)


def test_ways_between_natural_images_are_those_written_out(images):
    found = measured(nn.Sequential(Squared()), "0", images, 0.0, 64.0**2)
    order = np.random.default_rng(0).permutation(30)
    sums = images.images.reshape(30, -1).sum(1).astype(float)[order]
    first, second = sums[0::2], sums[1::2]
    strays, changes = (first - second) ** 2 / 4, np.abs(first**2 - second**2)
    assert found.natural.value == pytest.approx(strays.mean() / 64**2, rel=1e-4)
    assert found.natural_relative.value == pytest.approx(strays.mean() / changes.mean(), rel=1e-4)
    assert found.natural.low < found.natural.value < found.natural.high


def test_a_unit_that_never_changes_between_natural_images_has_no_relative_distance(images):
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 1), nn.ReLU())
    nn.init.zeros_(network[1].weight)
    assert np.isnan(measured(network, "2", images).natural_relative.value)


def test_one_image_is_too_few():
    with pytest.raises(DomainError, match="at least 2 images"):
        measured(nn.Sequential(Squared()), "0", ImageSet(np.zeros((1, 1, 8, 8), np.float32)))


def test_visualizations_of_equal_activation_are_an_error(images):
    with pytest.raises(DomainError, match="must have different activations"):
        measured(nn.Sequential(Squared()), "0", images, 1.0, 1.0)
