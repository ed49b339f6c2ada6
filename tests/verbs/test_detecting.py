"""`fv.detect`, held against the activations themselves and the command."""

import json

import numpy as np
import pytest
import torch
from torch import nn

import fvproof as fv
from fvproof.cli.main import main
from fvproof.empirical.fooling.silent import silence
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.objectives import Unit
from fvproof.theory.errors import FvproofError

QUICK = {"steps": 24}


@pytest.fixture(scope="module")
def digits():
    return fv.model("digits")


@pytest.fixture(scope="module")
def found(digits):
    return fv.detect(digits, [Unit("logits", 3), "logits:5"], **QUICK)


def test_the_excess_is_that_of_the_activations_themselves(digits, found):
    with torch.no_grad():
        natural = digits(digits.natural.batch()).numpy()
        shown = digits(torch.from_numpy(np.stack([run.image for run in found.found.runs]))).numpy()
    for place, (row, channel) in enumerate(zip(found.rows, (3, 5), strict=True)):
        middle, most = np.median(natural[:, channel]), natural[:, channel].max()
        assert row["excess"] == pytest.approx((shown[place, channel] - middle) / (most - middle), abs=1e-3)


def test_a_network_with_silent_units_is_suspected(digits):
    units = [Unit("hidden", 3), Unit("hidden", 4)]
    fooled = silence(digits.model, units, digits_images(held_out=False)).model.network
    found = fv.detect(fv.model(fooled, images=digits.images), units, steps=64)
    assert found.suspected
    assert found.code == 1
    assert {reason.partition(" ")[0] for reason in found.reasons} == {"hidden:3:", "hidden:4:"}
    assert found.reasons[0].partition(": ")[2] in found.rows[0]["reasons"]


def test_what_is_printed_is_what_the_command_prints(found, capsys):
    for options, text in (([], str(found)), (["--json"], found.to_json())):
        with pytest.raises(SystemExit) as ended:
            main(["detect", "digits", "--units", "logits:3,logits:5", "--steps", "24", *options])
        assert ended.value.code == found.code == 0
        assert capsys.readouterr().out == f"{text}\n"


def test_units_are_chosen_where_none_are_named():
    found = fv.detect("digits-small", layer_count=2, per_layer=2, steps=2)
    assert [row["unit"] for row in found.rows] == ["logits:0", "logits:9", "flatten:0", "flatten:63"]


def test_it_can_be_kept_and_shown(found, tmp_path):
    found.save(tmp_path / "new")
    assert json.loads((tmp_path / "new" / "detect.json").read_text()) == found.record()
    assert (tmp_path / "new" / "sheet.png").exists()
    assert found._repr_html_().count("data:image/png;base64") == 2
    assert repr(found) == "<DetectResult: digits: nothing speaks for a manipulation: 0 of 2 units, on 450 images>"


@pytest.mark.parametrize(
    ("units", "settings", "told"),
    [
        ("logits:10", {}, "layer 'logits' has units 0 to 9, received 10"),
        ([Unit("logits", -1)], {}, "layer 'logits' has units 0 to 9, received -1"),
        (7, {}, "units are written LAYER:CHANNELS"),
        (None, {"layer_count": 0}, "layer_count and per_layer must be at least 1, received 0 and 4"),
        (None, {"step": 1}, "there is no setting 'step'; did you mean steps"),
        (None, {"steps": 0}, "steps must be at least 1"),
    ],
)
def test_what_cannot_be_is_one_sentence(units, settings, told):
    with pytest.raises(FvproofError) as error:
        fv.detect("digits-small", units, **settings)
    assert told in str(error.value)


def test_a_module_without_images_says_what_it_needs():
    module = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    with pytest.raises(FvproofError, match="needs images to be measured on"):
        fv.detect(fv.model(module, shape=(3, 2, 2)))
