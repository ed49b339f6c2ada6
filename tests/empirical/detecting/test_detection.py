"""Manipulated units are suspected, others are not; what is measured is what it is said to be."""

import pytest

from fvproof.empirical.detecting.census import census
from fvproof.empirical.detecting.detection import RIFT, detect, rare_channels, signs, units_to_look_at
from fvproof.empirical.fooling.ingredients import rings
from fvproof.empirical.fooling.silent import silence
from fvproof.empirical.fooling.slingshot import Sling, sling
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit, activations, parse_units
from fvproof.empirical.networks.zoo import load_model

IMAGES, SEEN = digits_images(), digits_images(held_out=False)
SETTINGS = Settings(steps=96)


@pytest.fixture(scope="module")
def digits():
    return load_model("digits")


def test_nothing_is_found_in_the_outputs_of_an_untouched_network(digits):
    found = detect(digits, IMAGES, parse_units("logits", digits), SETTINGS)
    assert found.suspected == ()
    assert max(abs(one.reliance) for one in found.signs) < 0.1


def test_silent_units_are_found_by_what_their_visualizations_rest_on(digits):
    units = parse_units("hidden:3-6", digits)
    found = detect(silence(digits, units, SEEN).model, IMAGES, units, SETTINGS)
    assert len(found.suspected) == 4
    assert all(one.reliance > 0.9 for one in found.signs)
    assert "rests on channels that hardly any image opens" in found.suspected[0].reasons[0]


def test_a_slingshot_is_found_by_its_rift_and_the_units_beside_it_are_not_suspected(digits):
    slung = sling(digits, Unit("logits", 3), SEEN, rings(digits.shape), Sling(steps=250, batch=48))
    found = detect(slung.model, IMAGES, parse_units("logits", digits), SETTINGS)
    assert [one.unit for one in found.suspected] == ["logits:3"]
    assert found.suspected[0].rift >= RIFT
    assert "one gradient serves its visualization" in found.suspected[0].reasons[0]


def test_visualizations_that_are_there_already_tell_the_same(digits):
    units = parse_units("hidden:3-4", digits)
    model = silence(digits, units, SEEN).model
    found = detect(model, IMAGES, units, SETTINGS)
    natural = activations(model, units, [IMAGES.batch()])
    rare = {one.name: rare_channels(one, len(IMAGES)) for one in found.rectifiers}
    again = signs(model, IMAGES, found.runs, natural, rare)
    assert [one.reliance for one in again] == pytest.approx([one.reliance for one in found.signs], rel=1e-5)
    assert all(one.reasons for one in again)


def test_layers_with_silent_rectifiers_are_looked_at_first(digits):
    fooled = silence(digits, parse_units("hidden", digits), SEEN).model
    units = units_to_look_at(fooled, census(fooled, IMAGES), layers=2, channels=3)
    assert [str(unit) for unit in units[:3]] == ["hidden:0", "hidden:16", "hidden:31"]
    assert {unit.layer for unit in units} >= {"hidden", "logits"}
