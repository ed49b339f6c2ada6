import pytest
from torch import nn
from torch.nn import functional

from fvproof.empirical.networks.layouts import layouts
from fvproof.empirical.networks.model import Model


class Looking(nn.Module):
    """Maps that are read at places of which a layer before them decides."""

    def __init__(self):
        super().__init__()
        self.where, self.conv = nn.Linear(8, 2), nn.Conv2d(3, 5, 3)

    def forward(self, x):
        places = self.where(x.mean(2)).tanh()[:, None]
        return functional.grid_sample(self.conv(x), places, align_corners=False)


class Chosen(nn.Module):
    """A linear layer, and the three of its tokens of which an earlier one thinks most."""

    def __init__(self, features, units):
        super().__init__()
        self.score, self.mix = nn.Linear(features, 1), nn.Linear(features, units)

    def forward(self, x):
        chosen = self.score(x).topk(3, dim=1).indices
        mixed = self.mix(x)
        return mixed.gather(1, chosen.expand(-1, -1, mixed.shape[2]))


class Rows(nn.Module):
    """Images as sequences of their rows, (N, H, C·W)."""

    def forward(self, x):
        return x.movedim(1, 2).flatten(2)


@pytest.mark.parametrize(("layers", "axis"), [((Looking(),), 1), ((Rows(), Chosen(24, 5)), 2)])
def test_where_something_is_picked_moves_no_units(layers, axis):
    network = nn.Sequential(*layers, nn.Identity())
    found = layouts(Model("picking", network, (3, 8, 8)))[str(len(layers))]
    assert (found.axis, found.units, found.source) == (axis, 5, "known")


def test_a_vector_that_is_made_into_maps_has_its_channels_first():
    network = nn.Sequential(nn.Flatten(), nn.Linear(192, 32), nn.Unflatten(1, (8, 2, 2)))
    found = layouts(Model("maps", network, (3, 8, 8)))["2"]
    assert (found.axis, found.units, found.source) == (1, 8, "assumed")
