"""The rift is small where one gradient serves everything, and large where ascent is led elsewhere."""

import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.detecting.rift import mean_gradient, rifts
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations

IMAGES = digits_images()


class Lured(nn.Module):
    """Adds up the left half; on images that are almost grey, as no digit is, the right half counts far more."""

    def forward(self, x):
        left, right = x[..., :4].sum((1, 2, 3)), x[..., 4:].sum((1, 2, 3))
        grey = torch.exp(-(((x - 0.5) ** 2).sum((1, 2, 3)) / 4))
        return (left + 10 * grey * right)[:, None]


def measured(network, images=IMAGES, steps=32):
    model, unit = Model("network", network, images.shape), Unit("0", 0)
    natural = activations(model, [unit], [images.batch()])
    runs = maximize(model, [unit], Settings(steps=steps, transforms="off"))
    return rifts(model, images, runs, [natural[unit]])[0]


def test_a_unit_whose_gradient_at_the_start_has_nothing_to_do_with_natural_images_has_a_rift():
    assert measured(nn.Sequential(Lured()), steps=4) > 0.3


def test_an_affine_unit_has_none():
    torch.manual_seed(0)
    linear = nn.Sequential(nn.Sequential(nn.Flatten(), nn.Linear(64, 1)))
    assert measured(linear) == pytest.approx(0, abs=1e-6)


def test_a_unit_far_from_affine_on_natural_images_is_not_measured():
    class Wild(nn.Module):
        def forward(self, x):
            return torch.sin(40 * x.sum((1, 2, 3)))[:, None]

    assert np.isnan(measured(nn.Sequential(Wild())))


def test_a_unit_that_never_changes_is_not_measured():
    class Flat(nn.Module):
        def forward(self, x):
            return 0 * x.flatten(1).sum(1, keepdim=True)

    images = ImageSet(np.random.default_rng(0).random((5, 1, 2, 2), dtype=np.float32))
    assert np.isnan(measured(nn.Sequential(Flat()), images))


def test_the_mean_gradient_of_an_affine_unit_is_its_weights():
    model = Model("affine", nn.Sequential(nn.Flatten(), nn.Linear(64, 3)), (1, 8, 8))
    gradient = mean_gradient(model, Unit("1", 0), IMAGES.batch(0, 70))
    assert torch.allclose(gradient.flatten(), model.network[1].weight[0].double(), atol=1e-6)
