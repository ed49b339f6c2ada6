import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.reading_radius import SHARE, reading_radii
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError


@pytest.fixture(scope="module")
def images():
    return digits_images().subset(range(60))


class Paraboloid(nn.Module):
    """⟨w, x⟩ + curvature·‖x − c‖²/2 with ‖w‖ = 1."""

    def __init__(self, centre, curvature):
        super().__init__()
        self.centre, self.curvature = centre, curvature

    def forward(self, x):
        offset = x.flatten(1) - self.centre
        return (offset.sum(1, keepdim=True) / 8) + self.curvature / 2 * offset.square().sum(1, keepdim=True)


def around(network, images, layer="0", place=0, **options):
    return reading_radii(Model("test", nn.Sequential(network), (1, 8, 8)), Unit(layer, 0), images, [place], **options)[
        0
    ]


def test_an_affine_unit_is_read_everywhere_and_that_is_certified(images):
    affine = nn.Sequential(nn.Flatten(), nn.Linear(64, 1))
    (found,) = reading_radii(Model("affine", affine, (1, 8, 8)), Unit("1", 0), images, [3])
    assert found.within == 59
    assert found.certified >= found.estimated
    assert found.inside == pytest.approx(0, abs=1e-4)
    assert found.natural == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("curvature", [0.2, 1.0])
def test_the_estimate_is_that_of_a_unit_whose_error_is_known(images, curvature):
    # u = w·x + k‖x‖²/2 on the ball ρ: M = ρ + kρ²/2; a = −w where kρ < 1, m = −ρ + kρ²/2; the error is kρ²/2 at the
    # centre, and the range 2ρ: it is a share of the range up to ρ = 4·share/k
    centre = torch.from_numpy(images.images[0]).flatten()
    found = around(Paraboloid(centre, curvature), images)
    exact = 4 * SHARE / curvature
    assert found.certified is None
    assert exact / 2 <= found.estimated <= exact * 1.001
    assert found.radius == found.estimated


def test_beyond_the_radius_errors_are_larger_than_within(images):
    found = reading_radii(load_model("digits"), Unit("logits", 3), images, [0, 1])
    for one in found:
        assert one.certified is None
        assert one.inside <= 2 * SHARE < one.outside


def test_what_is_certified_is_never_beyond_what_is_refuted(images):
    found = reading_radii(load_model("digits-small"), Unit("logits", 3), images, range(4))
    assert all(0 < one.certified < 2 * one.estimated for one in found)
    assert [one.place for one in found] == [0, 1, 2, 3]


def test_a_unit_that_never_changes_has_no_radius(images):
    constant = nn.Sequential(nn.Flatten(), nn.Linear(64, 1))
    nn.init.zeros_(constant[1].weight)
    (found,) = reading_radii(Model("constant", constant, (1, 8, 8)), Unit("1", 0), images, [0])
    assert (found.radius, found.within, found.inside, found.natural) == (0, 0, None, None)


def test_the_network_is_left_as_it_was(images):
    model = load_model("digits")
    model.network.train()
    before = torch.random.get_rng_state()
    reading_radii(model, Unit("conv2", 3), images, [0])
    assert model.network.training
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(parameter.grad is None and parameter.requires_grad for parameter in model.network.parameters())
    assert not any(module._forward_hooks for module in model.network.modules())


@pytest.mark.parametrize(
    ("places", "share", "message"),
    [([0], 0.5, "share must lie"), ([60], 0.1, "from 0 to 59"), ([-1], 0.1, "from 0 to 59")],
)
def test_what_cannot_be_measured_is_one_clear_line(images, places, share, message):
    with pytest.raises(DomainError, match=message):
        reading_radii(load_model("digits-small"), Unit("logits", 0), images, places, share=share)


def test_equal_images_have_no_distance_to_measure_by():
    same = ImageSet(np.zeros((3, 1, 8, 8), np.float32))
    with pytest.raises(DomainError, match="two different images"):
        reading_radii(load_model("digits-small"), Unit("logits", 0), same, [0])
