"""Reading outputs whose images and units lie anywhere."""

import pytest
import torch
from torch import nn

from fvproof.empirical.networks.layouts import Layout, layouts
from fvproof.empirical.networks.model import Model


@pytest.mark.parametrize(
    ("layout", "shape", "index"),
    [
        (Layout((1, 4, 6), 2, "known"), (3, 4, 6), "nlc->ncl"),
        (Layout((4, 1, 6), 2, "known", 1), (4, 3, 6), "lnc->ncl"),
        (Layout((4, 1, 6), 0, "known", 1), (4, 3, 6), "cnl->ncl"),
        (Layout((1, 4, 5, 6), 3, "known"), (3, 4, 5, 6), "nhwc->nchw"),
    ],
)
def test_reading_moves_images_and_units_to_the_front(layout, shape, index):
    output = torch.rand(shape)
    assert torch.equal(layout.read(output, 3), torch.einsum(index, output))


def test_reading_tells_parts_of_images_apart():
    output = torch.rand(3, 4, 5, 6)
    beside = Layout((4, 5, 6), 2, "known", 0, (1, 4))
    assert torch.equal(beside.read(output.flatten(0, 1), 3), output.permute(0, 3, 1, 2))
    before = Layout((4, 5, 6), 2, "known", 0, (4, 1))
    assert torch.equal(before.read(output.transpose(0, 1).flatten(0, 1), 3), output.permute(0, 3, 1, 2))
    assert beside.positions == before.positions == (4, 5)


def test_the_network_is_left_as_it_was():
    network = nn.Sequential(nn.Conv2d(3, 5, 3), nn.Dropout()).train()
    state = torch.get_rng_state()
    layouts(Model("net", network, (3, 8, 8)))
    assert network.training
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())
    assert torch.equal(torch.get_rng_state(), state)


def test_a_layer_that_was_exchanged_is_followed_again():
    network = nn.Sequential(nn.Conv2d(3, 5, 3), nn.Flatten())
    model = Model("net", network, (3, 8, 8))
    assert layouts(model)["0"].units == 5
    network[0] = nn.Conv2d(3, 7, 3)
    assert layouts(model)["0"].units == 7
