import pytest
import torch
from torch import Tensor, nn

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Unit
from fvproof.empirical.networks.piecewise import Kind, kind_of
from fvproof.empirical.networks.zoo import load_model


class Calls(nn.Module):
    """A network that calls one function."""

    def __init__(self, function) -> None:
        super().__init__()
        self.function, self.last = function, nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.function(x))


def kind(network: nn.Module, layer: str) -> Kind:
    return kind_of(Model("net", network.eval(), (3, 8, 8)), Unit(layer, 0))


@pytest.mark.parametrize(
    "network",
    [
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.AvgPool2d(3)),
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.LeakyReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)),
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU6(), nn.Dropout(), nn.PixelShuffle(2), nn.Hardtanh()),
    ],
    ids=["norm", "leaky", "six"],
)
def test_networks_of_affine_maps_maxima_and_relus_are_relu_networks(network):
    assert kind(network, str(len(network) - 1)) is Kind.RELU


@pytest.mark.parametrize(
    ("function", "known"),
    [
        (lambda x: x * 2 - x.relu() / 3, Kind.RELU),
        (lambda x: torch.where(torch.arange(8) > 3, x, -x), Kind.CONTINUOUS),
        (lambda x: x * x.mean(), Kind.CONTINUOUS),
        (lambda x: 1 / (1 + x), Kind.CONTINUOUS),
        (lambda x: (x.flatten(2) @ x.flatten(2).mT).flatten(1), Kind.CONTINUOUS),
        (nn.functional.gelu, Kind.CONTINUOUS),
        (nn.LayerNorm(8), Kind.CONTINUOUS),
        (nn.LocalResponseNorm(2), Kind.CONTINUOUS),
        (torch.round, Kind.ANY),
        (lambda x: (x > 0.5).float(), Kind.ANY),
    ],
)
def test_what_else_is_done_is_named_for_what_it_is(function, known):
    assert kind(Calls(function), "last") is known


def test_only_what_a_unit_is_made_of_counts():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.GELU())
    assert kind(network, "1") is Kind.RELU
    assert kind(network, "2") is Kind.CONTINUOUS


def test_the_embedded_networks_are_relu_networks():
    assert kind_of(load_model("digits"), Unit("logits", 0)) is Kind.RELU
