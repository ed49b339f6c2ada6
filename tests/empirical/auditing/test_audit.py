import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.auditing.audit import Means, audit, default_units
from fvproof.empirical.auditing.report import figures, page
from fvproof.empirical.fooling.silent import silence
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, parse_units
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError

SETTINGS = Settings(steps=24)
MEANS = Means(radii=6)


@pytest.fixture(scope="module")
def model():
    return load_model("digits")


@pytest.fixture(scope="module")
def images():
    return digits_images().subset(range(120))


@pytest.fixture(scope="module")
def units(model):
    return parse_units("conv2:0-1,logits:3", model)


@pytest.fixture(scope="module")
def found(model, images, units, tmp_path_factory):
    return audit(model, images, units, SETTINGS, tmp_path_factory.mktemp("audit"), MEANS)


def templates():
    """Return a linear classifier of digits by their mean images: a unit that can be read."""
    data = digits_images(held_out=False)
    pixels, labels = data.batch().flatten(1), torch.from_numpy(data.labels)
    means = torch.stack([pixels[labels == digit].mean(dim=0) for digit in range(10)])
    linear = nn.Linear(64, 10)
    with torch.no_grad():
        linear.weight.copy_(means - means.mean(dim=0))
        linear.bias.zero_()
    return Model("templates", nn.Sequential(nn.Flatten(), linear), (1, 8, 8))


def test_every_unit_is_reported_with_both_ends_readings_and_theory(found, units):
    assert [unit.unit for unit in found.units] == units
    for unit in found.units:
        assert unit.minimization.activation < unit.maximization.activation
        assert unit.minimization.natural_best == unit.natural.min()
        assert unit.maximization.natural_best == unit.natural.max()
        assert len(unit.reading.scores) > 2
        assert unit.knowable[0].error == 1.0
        assert len(unit.whereabouts.radii) == 2
        assert 0 < unit.whereabouts.radius < unit.whereabouts.nearest
        assert 0 < unit.whereabouts.nonlinearity.value < 1
    assert [unit.meaning for unit in found.units] == [None, None, "3"]


def test_the_curve_names_the_audited_layers_and_the_twin_was_run(found):
    assert {"conv2", "logits"} <= {row.layer for row in found.curve}
    assert found.twin.check.agreeing == found.twin.check.others == 119
    assert found.twin.check.same_visualization
    assert found.accuracy > 0.9


def test_an_untouched_network_shows_no_signs_of_manipulation(found):
    assert [unit.signs.unit for unit in found.units] == [str(unit.unit) for unit in found.units]
    assert not any(unit.signs.reasons for unit in found.units)
    assert all(row.silent <= len(row.rare) < row.channels for row in found.silence)


def test_silent_units_are_found_from_the_visualizations_of_the_audit_and_what_was_found_is_kept(
    model, images, tmp_path, monkeypatch
):
    units = parse_units("hidden:3-4", model)
    fooled = replace(silence(model, units, digits_images(held_out=False)).model, name="fooled")
    first = audit(fooled, images, units, SETTINGS, tmp_path)
    assert all("rests on channels" in unit.signs.reasons[0] for unit in first.units)
    assert "yes, in 2 of 2 units" in [reason.answer for reason in first.verdict.reasons]
    assert "May be manipulated" in page(first)
    assert all(unit["suspicions"] for unit in json.loads(figures(first))["units"])
    for name in ("audit.census", "work.signs"):
        monkeypatch.setattr(f"fvproof.empirical.auditing.{name}", lambda *_, **__: pytest.fail("computed twice"))
    assert figures(audit(fooled, images, units, SETTINGS, tmp_path)) == figures(first)


def test_channels_that_no_image_opens_are_counted_rectifier_by_rectifier(found, model, images):
    rows = [(row.rectifier, row.channels) for row in found.silence]
    assert rows == [("relu1#1", 16), ("relu2#1", 32), ("relu3#1", 32)]
    with torch.no_grad():
        maps = model.network[:4](images.batch()).amax(dim=(0, 2, 3))
    assert found.silence[1].silent == int((maps <= 0).sum())


@pytest.mark.slow  # quickly as the command: tests/cli/test_audit.py
def test_the_same_seed_gives_the_same_report_in_another_folder(found, model, images, units, tmp_path):
    again = audit(model, images, units, SETTINGS, tmp_path, MEANS)
    assert figures(again) == figures(found)
    assert page(again) == page(found)


def test_another_seed_gives_other_figures(found, model, images, units, tmp_path):
    other = audit(model, images, units, replace(SETTINGS, seed=1), tmp_path)
    assert figures(other) != figures(found)


def test_a_linear_classifier_is_trusted(tmp_path):
    # All pixels are added up with fixed weights.
    chosen = [Unit("1", channel) for channel in (0, 4, 6)]
    settings = Settings(steps=256, transforms="off")
    assert audit(templates(), digits_images(), chosen, settings, tmp_path).verdict.trusted


def test_an_untrained_network_is_not_trusted(tmp_path, images):
    torch.manual_seed(0)
    untrained = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    found = audit(Model("untrained", untrained, (1, 8, 8)), images, [Unit("3", 0)], SETTINGS, tmp_path)
    assert not found.verdict.trusted


def test_a_silent_unit_has_no_reading_and_is_reported(tmp_path, images):
    dead = nn.Sequential(nn.Flatten(), nn.Linear(64, 4), nn.ReLU())
    with torch.no_grad():
        dead[1].weight[0] = 0
        dead[1].bias[0] = -1
    found = audit(Model("dead", dead, (1, 8, 8)), images, [Unit("2", 0)], SETTINGS, tmp_path)
    (unit,) = found.units
    assert unit.reading is None
    assert unit.maximization.status == "silent"
    assert not found.verdict.trusted
    assert "<html" in page(found)
    json.loads(figures(found), parse_constant=pytest.fail)


class Broken(nn.Module):
    """Gives no number for its first unit."""

    def forward(self, x):
        return torch.cat([x[:, :1].detach() * float("nan"), x[:, 1:]], dim=1)


@pytest.mark.filterwarnings("ignore:unit 2.0 .* stopped at step 0")
def test_a_unit_that_gives_no_number_is_named_and_the_others_are_measured(tmp_path, images):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 4), Broken())
    found = audit(Model("broken", network, (1, 8, 8)), images, [Unit("2", 0), Unit("2", 1)], SETTINGS, tmp_path)
    broken, whole = found.units
    assert broken.maximization.status == broken.minimization.status == "stopped: not a number"
    assert broken.reading is None
    assert whole.reading is not None
    assert any("2:0 max (stopped: not a number)" in reason.detail for reason in found.verdict.reasons)
    assert "<html" in page(found)
    assert json.loads(figures(found), parse_constant=pytest.fail)["units"][0]["natural_quantiles"]["50%"] is None


def test_images_without_labels_are_audited_but_the_sanity_check_is_not_met(model, images, tmp_path):
    found = audit(model, ImageSet(images.images), [Unit("conv2", 2)], SETTINGS, tmp_path)
    assert found.curve == ()
    assert found.accuracy is None
    assert any("could not be made: the images have no labels" in note for note in found.notes)
    assert not found.verdict.trusted


def test_labels_that_are_no_outputs_are_pointed_out(model, images, tmp_path):
    wrong = ImageSet(images.images, (images.labels + 5) % 10)
    found = audit(model, wrong, [Unit("conv2", 2)], SETTINGS, tmp_path)
    assert any("images are recognised, hardly more than by chance" in note for note in found.notes)


def test_skipped_images_are_named(model, images, tmp_path):
    skipped = replace(images, skipped=("broken.png",))
    found = audit(model, skipped, [Unit("conv2", 2)], SETTINGS, tmp_path)
    assert found.notes == ("1 image could not be read and was skipped: broken.png.",)


def test_too_few_images_are_refused(model, images, tmp_path):
    with pytest.raises(DomainError, match="at least 8 images"):
        audit(model, images.subset(range(6)), [Unit("conv2", 2)], SETTINGS, tmp_path)


def test_units_are_chosen_in_the_middle_and_at_the_output():
    torch.manual_seed(0)
    small = Model("small", nn.Sequential(nn.Flatten(), nn.Linear(4, 3)), (1, 2, 2))
    assert [str(unit) for unit in default_units(small)] == ["1:0", "1:1", "1:2"]
    assert len(default_units(load_model("digits-small"))) == 16


def test_a_network_of_several_channels_and_sizes_is_audited(tmp_path):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(5, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
    pixels = np.random.default_rng(0).random((24, 5, 5, 7)).astype(np.float32)
    images = ImageSet(pixels, np.arange(24) % 2)
    found = audit(Model("five", network, (5, 5, 7)), images, [Unit("0", 1), Unit("4", 0)], SETTINGS, tmp_path)
    assert "<html" in page(found)
