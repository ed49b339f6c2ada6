"""Manipulated units are suspected, others are not; what is measured is what it is said to be."""

import numpy as np
import pytest
import torch
from torch import nn

from empirical.images import ImageSet
from empirical.manipulation.census import census
from empirical.manipulation.detection import all_turns, detect, mean_gradient, units_to_look_at
from empirical.manipulation.silent import silence
from empirical.manipulation.slingshot import Sling, sling
from empirical.maximization.maximize import Settings
from empirical.networks.digits import digits_images
from empirical.networks.units import Unit, parse_units
from empirical.networks.zoo import Model, load_model

IMAGES, SEEN = digits_images(), digits_images(held_out=False)
SETTINGS = Settings(steps=96)


@pytest.fixture(scope="module")
def digits():
    return load_model("digits")


def test_nothing_is_found_in_the_outputs_of_an_untouched_network(digits):
    found = detect(digits, IMAGES, parse_units("logits", digits), SETTINGS)
    assert found.suspected == ()
    assert max(abs(one.reliance) for one in found.suspicions) < 0.1


def test_silent_units_are_found_by_what_their_visualizations_rest_on(digits):
    units = parse_units("hidden:3-6", digits)
    found = detect(silence(digits, units, SEEN).model, IMAGES, units, SETTINGS)
    assert len(found.suspected) == 4
    assert all(one.reliance > 0.9 for one in found.suspicions)
    assert "rests on channels that hardly any image opens" in found.suspected[0].reasons[0]


def test_a_slingshot_is_found_by_where_its_gradient_turns(digits):
    stripes = 0.1 + 0.8 * ((torch.arange(8)[:, None] // 2) % 2).float().expand(8, 8)[None]
    slung = sling(digits, Unit("logits", 3), SEEN, stripes, Sling(steps=250, batch=48))
    found = detect(slung.model, IMAGES, parse_units("logits", digits), SETTINGS)
    assert [one.unit.channel for one in found.suspected] == [3]
    assert found.suspected[0].turn > 3 * found.suspected[0].usual


def test_layers_with_silent_rectifiers_are_looked_at_first(digits):
    fooled = silence(digits, parse_units("hidden", digits), SEEN).model
    units = units_to_look_at(fooled, census(fooled, IMAGES), layers=2, channels=3)
    assert [str(unit) for unit in units[:3]] == ["hidden:0", "hidden:16", "hidden:31"]
    assert {unit.layer for unit in units} >= {"hidden", "logits"}


def test_the_gradient_of_an_affine_unit_never_turns():
    model = Model("affine", nn.Sequential(nn.Flatten(), nn.Linear(64, 3)), (1, 8, 8))
    turns = all_turns(model, IMAGES, [Unit("1", 0)], SETTINGS)
    assert list(turns.values()) == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    gradient = mean_gradient(model, Unit("1", 0), IMAGES.batch(0, 70), SETTINGS)
    assert torch.allclose(gradient.flatten(), model.network[1].weight[0].double(), atol=1e-6)


def test_a_unit_that_responds_to_nothing_has_no_turn():
    model = Model("flat", nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (1, 2, 2))
    nn.init.zeros_(model.network[1].weight)
    images = ImageSet(np.random.default_rng(0).random((5, 1, 2, 2), dtype=np.float32))
    assert all(np.isnan(turn) for turn in all_turns(model, images, [Unit("1", 0)], SETTINGS).values())
