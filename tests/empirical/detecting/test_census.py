"""The census counts what no image opens, wherever rectifiers are computed; shut channels stay at their floor."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from fvproof.empirical.detecting.census import census
from fvproof.empirical.detecting.rectifiers import watching
from fvproof.empirical.exact.network_files import write_network
from fvproof.empirical.images import ImageSet
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.zoo import load_model

IMAGES = digits_images()


class Functional(nn.Module):
    """Rectifiers by functions, in place, and by clamps, of maps, tokens and vectors."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)

    def forward(self, x):
        maps = functional.relu_(self.conv(x))
        tokens = functional.relu6(maps.flatten(2).transpose(1, 2) - 0.1)
        vector = tokens.mean(1).clamp(min=-1.0)
        return torch.clamp_min(vector - 5, -5.5) + functional.gelu(vector)


def test_counts_and_heights_are_those_of_the_layers_inputs():
    model = load_model("digits")
    with torch.no_grad():
        inputs = model.network.conv1(IMAGES.batch())
    first, *_ = census(model, IMAGES)
    assert first.opened.tolist() == (inputs.flatten(2).amax(2) > 0).sum(0).tolist()
    assert first.high == pytest.approx(inputs.amax((0, 2, 3)).numpy())
    assert first.silent.tolist() == [count == 0 for count in first.opened]


def test_rectifiers_in_the_middle_of_a_forward_pass_are_seen():
    found = census(Model("functional", Functional(), (1, 8, 8)), IMAGES.subset(range(60)))
    assert [(one.name, len(one.opened)) for one in found] == [("#1", 4), ("#2", 4), ("#3", 4), ("#4", 4)]
    assert found[2].silent.sum() == 0
    assert (found[2].high > 0.9).all()


def test_a_torch_export_has_the_census_of_the_network_it_was_made_from(tmp_path):
    model = load_model("digits")
    write_network(model, tmp_path, IMAGES)
    exported = load_model(str(tmp_path / "network.pt2"))
    with torch.no_grad():
        heights = {}
        with watching(exported, heights.__setitem__) as start:
            start(len(IMAGES))
            exported(IMAGES.batch())
    assert [(found > 0).sum(0).tolist() for found in heights.values()] == [
        one.opened.tolist() for one in census(model, IMAGES)
    ]


def test_channels_that_are_shut_stay_at_the_floor():
    model, x = load_model("digits"), IMAGES.batch(0, 5)
    shut = torch.arange(16) < 3
    seen = {}
    with torch.no_grad(), watching(model, seen.__setitem__, {"relu1#1": shut}) as start:
        start(5)
        found = model.network(x)
    with torch.no_grad():
        opened = functional.relu(model.network.conv1(x))
        opened[:, :3] = 0
        wanted = model.network[2:](opened)
    assert torch.allclose(found, wanted, atol=1e-5)
    assert list(seen) == ["relu1#1", "relu2#1", "relu3#1"]


def test_the_network_is_left_without_hooks_and_in_its_mode():
    model = load_model("digits")
    model.network.train()
    census(model, IMAGES)
    assert model.network.training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.network.modules())


def test_a_network_without_rectifiers_has_an_empty_census():
    model = Model("smooth", nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.GELU()), (1, 2, 2))
    assert census(model, ImageSet(np.zeros((2, 1, 2, 2), np.float32))) == ()
