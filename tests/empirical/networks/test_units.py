import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations, channel_counts, parse_units, responses
from fvproof.theory.errors import DomainError, ShapeError, UnknownName


class Patches(nn.Module):
    """A small vision transformer: its layers give (N, T, C)."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Conv2d(3, 8, 4, stride=4)
        self.encoder = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        return self.head(self.encoder(self.embed(x).flatten(2).transpose(1, 2)).mean(1))


@pytest.fixture
def model():
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(2, 6, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(6 * 4, 3))
    return Model("convolutional", layers, (2, 4, 4))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3:1", ["3:1"]),
        ("0:2-4", ["0:2", "0:3", "0:4"]),
        (" 0:5 , 3:0-1,", ["0:5", "3:0", "3:1"]),
        ("3", ["3:0", "3:1", "3:2"]),
        ("0:1,0:0-1", ["0:1", "0:0"]),
    ],
)
def test_units_are_read_in_their_order_and_each_once(model, text, expected):
    assert [str(unit) for unit in parse_units(text, model)] == expected


@pytest.mark.parametrize("text", ["", " ,", "0:", "0:a", "0:1-b", "0:-1", "0:4-2", "0:1:2"])
def test_text_that_names_no_units_is_refused_with_what_was_received(model, text):
    with pytest.raises(DomainError, match="received"):
        parse_units(text, model)


def test_a_unit_out_of_range_is_answered_with_the_range(model):
    with pytest.raises(DomainError, match="layer '3' has units 0 to 2, received 3"):
        parse_units("3:0-3", model)


def test_an_unknown_layer_is_answered_with_the_near_names():
    model = Model("named", nn.ModuleDict({"conv1": nn.Flatten()}), (1, 2, 2))
    with pytest.raises(UnknownName, match=r"no layer 'conv11'; did you mean conv1\?"):
        parse_units("conv11:0", model)


def test_a_layers_number_of_units_is_its_channels_or_its_entries(model):
    assert channel_counts(model, ["0", "3"]) == {"0": 6, "3": 3}
    assert channel_counts(Model("patches", Patches(), (3, 8, 8)), ["embed", "encoder", "head"]) == {
        "embed": 8,
        "encoder": 8,
        "head": 5,
    }


@pytest.mark.parametrize(
    ("shape", "mean", "center"),
    [
        ((2, 3), lambda x: x, lambda x: x),
        ((2, 5, 3), lambda x: x.mean(2), lambda x: x[:, :, 1]),
        ((2, 3, 4, 5), lambda x: x.mean((2, 3)), lambda x: x[:, :, 2, 2]),
        ((2, 3, 4, 5, 6), lambda x: x.mean((2, 3, 4)), lambda x: x[:, :, 2, 2, 3]),
    ],
)
def test_a_response_is_the_mean_over_all_positions_or_the_one_in_the_middle(shape, mean, center):
    output = torch.rand(shape)
    assert torch.equal(responses(output), mean(output))
    assert torch.equal(responses(output, "center"), center(output))


def test_an_output_without_units_is_refused():
    with pytest.raises(ShapeError, match="received"):
        responses(torch.zeros(3))


def test_activations_are_those_of_the_layers_themselves_whatever_the_batches(model):
    images = torch.rand(7, 2, 4, 4)
    units = [Unit("3", 2), Unit("0", 5), Unit("0", 1)]
    found = activations(model, units, images.split(3))
    with torch.no_grad():
        convolved = model.network[0](images).mean((2, 3))
        expected = {units[0]: model.network(images)[:, 2], units[1]: convolved[:, 5], units[2]: convolved[:, 1]}
    for unit in units:
        np.testing.assert_allclose(found[unit], expected[unit], rtol=1e-5, atol=1e-6)


def test_reading_activations_leaves_a_training_network_as_it_was(model):
    model.network.train()
    activations(model, [Unit("3", 0)], [torch.rand(2, 2, 4, 4)])
    assert model.network.training
    assert all(parameter.requires_grad and parameter.grad is None for parameter in model.network.parameters())


def test_dropout_does_not_touch_activations():
    model = Model("patches", Patches().train(), (3, 8, 8))
    first, again = (activations(model, [Unit("encoder", 0)], [torch.ones(2, 3, 8, 8)]) for _ in range(2))
    np.testing.assert_array_equal(first[Unit("encoder", 0)], again[Unit("encoder", 0)])
