import pytest
import torch
from torch import nn

from fvproof.empirical.networks.layers import chosen_layers, layer_sizes, output_layer
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, UnknownName


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(inplace=True))
        self.pool = nn.AvgPool2d(2)
        self.pair = Pair()
        self.unused = nn.Linear(2, 2)
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(4, 3))

    def forward(self, x):
        return self.head(self.pair(self.pool(self.pool(self.stem(x))))[0])


class Pair(nn.Module):
    def forward(self, x):
        return x[:, :, :1, :1], x


@pytest.fixture
def model():
    return Model("twice", Twice().eval(), (1, 10, 10))


def test_layers_come_in_the_order_in_which_they_run_and_each_output_once(model):
    assert layer_sizes(model) == {"stem.0": 256, "stem": 256, "pool": 64, "pair": 4, "head": 3}


def test_the_output_layer_is_the_one_that_gives_the_networks_output(model):
    assert output_layer(model) == "head"


def test_an_output_computed_outside_any_layer_is_an_error():
    class Bare(nn.Module):
        def forward(self, x):
            return x.flatten(1) * 2

    with pytest.raises(DomainError, match="must come from one of its layers"):
        output_layer(Model("bare", Bare(), (1, 4, 4)))


def test_a_layer_may_be_named_by_any_of_its_names(model):
    assert chosen_layers(model, ["head.2", "stem.1"]) == {"stem.1": 256, "head.2": 3}


def test_a_layer_that_does_not_run_is_an_error(model):
    with pytest.raises(DomainError, match="'unused' must run"):
        chosen_layers(model, ["unused"])


def test_an_unknown_layer_lists_the_near_ones(model):
    with pytest.raises(UnknownName, match="did you mean pool"):
        chosen_layers(model, ["pol"])


def test_looking_leaves_no_hooks_behind(model):
    layer_sizes(model)
    assert not any(module._forward_hooks for module in model.network.modules())


def test_the_layers_of_the_embedded_network_are_all_there():
    names = list(layer_sizes(load_model("digits")))
    assert names == ["conv1", "relu1", "conv2", "relu2", "hidden", "relu3", "logits"]
    assert torch.is_grad_enabled()
