"""Silent units change nothing on natural images and everything in visualizations; files prove the first."""

import json

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from fvproof.empirical.exact.network_files import write_network
from fvproof.empirical.fooling.firing import beyond, firing
from fvproof.empirical.fooling.hull import recheck_hull, write_hull
from fvproof.empirical.fooling.ingredients import rings
from fvproof.empirical.fooling.sameness import sameness
from fvproof.empirical.fooling.silent import Strength, WithSilent, orthogonal, silence
from fvproof.empirical.fooling.silent_findings import silent_shifts
from fvproof.empirical.fooling.unchanged import compared
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.engines import ENGINES, engines
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, parse_units
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, ShapeError, UnknownName
from tests.empirical.manipulation.other_engine import look

IMAGES = digits_images()
SEEN, UNSEEN = IMAGES.subset(range(300)), IMAGES.subset(range(300, 450))


@pytest.fixture(scope="module")
def digits():
    return load_model("digits")


@pytest.fixture(scope="module")
def silenced(digits):
    return silence(digits, parse_units("conv2", digits), SEEN)


@pytest.mark.parametrize("layer", ["conv1", "conv2", "hidden", "logits"])
def test_no_output_for_a_natural_image_changes_in_any_bit(digits, layer):
    found = silence(digits, parse_units(layer, digits), SEEN, strength=Strength(margin=0.0))
    same = compared(digits, found.model, SEEN)
    assert same.unchanged == 1.0
    assert same.largest_change == 0.0
    assert isinstance(found.model.network.get_submodule(layer), WithSilent)


def test_the_network_that_was_given_stays_as_it_was(digits, silenced):
    assert isinstance(digits.network.conv2, nn.Conv2d)
    assert digits.network.conv2.weight is not silenced.model.network.conv2.natural.weight


def test_a_filter_differs_from_its_original_in_a_direction_orthogonal_to_it(digits, silenced):
    natural = digits.network.conv2.weight.detach().double().flatten(1).numpy()
    change = silenced.filters / 100 - natural
    assert np.abs((change * natural).sum(1)).max() < 1e-5
    assert np.linalg.norm(change, axis=1) == pytest.approx(8 * np.linalg.norm(natural, axis=1), rel=1e-5)


def test_visualizations_become_nearly_identical_and_far_stronger(digits):
    units, settings = [Unit("hidden", channel) for channel in (3, 6, 9, 12)], Settings(steps=96)
    found = silence(digits, units, SEEN)
    runs = {name: maximize(model, units, settings) for name, model in (("before", digits), ("after", found.model))}
    pictures = {name: np.stack([run.image for run in runs[name]]) for name in runs}
    before, after = (sameness(digits, "hidden", pictures[name], SEEN) for name in ("before", "after"))
    assert (found.reach > 0.05).all()
    assert before.features < 0.5
    assert after.features > 0.9
    assert after.pixels > before.pixels + 0.4
    assert all(late.activation > 50 * early.activation for early, late in zip(*runs.values(), strict=True))


@pytest.mark.parametrize("layer", ["conv2", "hidden"])
def test_the_starts_of_every_engine_open_the_units_and_natural_images_do_not(digits, layer):
    found = silence(digits, parse_units(f"{layer}:0-7", digits), SEEN)
    assert list(found.opened) == list(ENGINES)
    assert min(found.opened.values()) > 0.9
    assert compared(digits, found.model, SEEN).largest_change == 0.0


def test_an_engine_of_plain_gradients_is_fooled_and_not_without_regard_to_its_starts(digits):
    units = parse_units("hidden:0-9", digits)
    straight = rings(digits.shape)
    aware = silence(digits, units, SEEN)
    before, after = (look(model, "hidden", range(10)) for model in (digits, aware.model))
    assert (after[1] > 20 * before[1].clamp(min=1)).sum() >= 8
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fvproof.empirical.fooling.aim.separation", lambda *_: None)
        unaware = silence(digits, units, SEEN, target=straight)
    assert max(unaware.opened.values()) < 0.5


def test_what_silent_units_show_is_compared_with_what_they_would_show_alone(digits):
    units = [Unit("hidden", 3), Unit("hidden", 6)]
    found = silence(digits, units, SEEN)
    shifts = silent_shifts(digits, found, units, engines(["plain"], Settings(steps=48))["plain"], SEEN)
    assert all(shift.fools for shift in shifts)
    assert all(shift.fooled.activation > 50 * shift.own.activation for shift in shifts)


def test_only_the_chosen_units_change(digits):
    found = silence(digits, parse_units("conv2:3,conv2:7", digits), SEEN)
    silent = found.model.network.conv2.silent
    assert torch.nonzero(silent.weight.flatten(1).abs().sum(1)).flatten().tolist() == [3, 7]
    assert torch.nonzero(silent.bias).flatten().tolist() == [3, 7]


def test_on_images_never_seen_units_fire_less_the_larger_the_margin(silenced):
    rows = firing(silenced, UNSEEN, (0.0, 0.05, 0.2, 5.0))
    assert [row.images for row in rows] == sorted((row.images for row in rows), reverse=True)
    assert rows[-1].images == rows[-1].strength == 0.0


def test_a_unit_fires_exactly_where_it_is_driven_beyond_the_margin(digits):
    found = silence(digits, parse_units("conv2", digits), SEEN.subset(range(40)), strength=Strength(margin=0.02))
    with torch.no_grad():
        inputs = digits.network.relu1(digits.network.conv1(UNSEEN.batch()))
        fires = torch.relu(found.model.network.conv2.silent(inputs)).flatten(2).amax(2).numpy() > 0
    reach = beyond(found, UNSEEN)
    clear = np.abs(reach - 0.02) > 1e-3
    assert fires.any()
    assert (fires == (reach > 0.02))[clear].all()


def test_the_certificate_is_checked_from_its_files_and_the_networks(tmp_path, silenced):
    files = write_network(silenced.model, tmp_path, SEEN)
    write_hull(silenced, tmp_path, files["onnx"]["file"])
    checks = recheck_hull(tmp_path / "hull.json")
    assert [check.holds for check in checks] == [True, True, True]


def test_the_bound_in_the_certificate_is_no_less_than_the_exact_value(silenced):
    (unit, *_), n = silenced.filters, 40
    maps = silenced.maps[:n].astype(object)
    exact = max(
        sum(int(w * 2.0**60) * int(h * 2.0**60) for w, h in zip(unit.astype(float), window.astype(float), strict=True))
        for window in _dense(maps)
    )
    assert exact / 4.0**60 + float(silenced.biases[0]) <= silenced.bound[0] <= 0


def _dense(maps):
    padded = np.pad(maps.astype(np.float64), ((0, 0), (0, 0), (1, 1), (1, 1)))
    return [padded[i, :, y : y + 3, x : x + 3].ravel() for i in range(3) for y in (0, 2, 4, 6) for x in (0, 2, 4, 6)]


def test_a_bias_that_is_too_large_is_found(tmp_path, silenced):
    write_hull(silenced, tmp_path)
    biases = silenced.biases.copy()
    biases[5] = -np.float32(silenced.high[5]) * (1 - 1e-6)
    np.savez(tmp_path / "filters.npz", filters=silenced.filters, biases=biases)
    with pytest.raises(DomainError, match="its sha256 differs"):
        recheck_hull(tmp_path / "hull.json")
    _accept(tmp_path, "filters")
    assert [check.holds for check in recheck_hull(tmp_path / "hull.json")] == [False, False]


def test_a_network_with_other_filters_is_found(tmp_path, silenced):
    files = write_network(silenced.model, tmp_path, SEEN)
    write_hull(silenced, tmp_path, files["onnx"]["file"])
    graph = onnx.load(tmp_path / "network.onnx")
    (held,) = [one for one in graph.graph.initializer if _is(one, silenced.filters)]
    changed = numpy_helper.to_array(held).copy()
    changed.ravel()[0] += 1
    held.CopyFrom(numpy_helper.from_array(changed, held.name))
    onnx.save(graph, tmp_path / "network.onnx")
    assert [check.holds for check in recheck_hull(tmp_path / "hull.json")] == [True, True, False]


def _is(tensor, filters):
    array = numpy_helper.to_array(tensor)
    return array.size == filters.size and (array.ravel() == filters.ravel()).all()


def _accept(folder, name):
    """Make the certificate be about the file as it is now."""
    from fvproof.empirical.exact.twin_files import file_record

    record = json.loads((folder / "hull.json").read_text())
    record[name] = file_record(folder / record[name]["file"])
    (folder / "hull.json").write_text(json.dumps(record))


def test_a_filter_of_zeros_gets_a_direction_too():
    rows = orthogonal(np.array([1.0, 2.0]), np.array([[0.0, 0.0], [4.0, 0.0]]))
    assert np.linalg.norm(rows, axis=1) == pytest.approx([2.0, 4.0])


def test_what_cannot_be_done_is_one_clear_line(digits):
    with pytest.raises(UnknownName):
        silence(digits, [Unit("conv9", 0)], SEEN)
    with pytest.raises(DomainError, match="must be a Linear layer, or a Conv1d or Conv2d"):
        silence(digits, [Unit("relu1", 0)], SEEN)
    with pytest.raises(DomainError, match="has units 0 to 31"):
        silence(digits, [Unit("conv2", 32)], SEEN)
    with pytest.raises(ShapeError, match="must have the shape"):
        silence(digits, [Unit("conv2", 0)], SEEN, target=torch.zeros(3, 8, 8))
    with pytest.raises(ShapeError):
        silence(digits, [Unit("conv2", 0)], ImageSet(np.zeros((2, 3, 8, 8), np.float32)))
    with pytest.raises(DomainError, match="margin"):
        Strength(margin=-0.1)
    grouped = Model("grouped", nn.Sequential(nn.Conv2d(2, 2, 3, groups=2)), (2, 8, 8))
    with pytest.raises(DomainError, match="one group"):
        silence(grouped, [Unit("0", 0)], ImageSet(np.zeros((2, 2, 8, 8), np.float32)))
