from dataclasses import replace

import numpy as np
import pytest

from empirical.auditing.disagreement import disagreement
from empirical.images import ImageSet
from empirical.maximization.maximize import Settings
from empirical.measurement.prediction import visualization
from empirical.networks.digits import digits_images
from empirical.networks.units import Unit, activations
from empirical.networks.zoo import load_model
from empirical.store import open_store
from empirical.sweep import Workplace, context_of, sweep

SETTINGS = Settings(steps=32)
UNITS = [Unit("logits", 3), Unit("conv2", 2)]


@pytest.fixture(scope="module")
def images():
    return digits_images().subset(range(60))


@pytest.fixture
def work(images, tmp_path):
    model = load_model("digits")
    return Workplace(model, SETTINGS, open_store(tmp_path), context_of(model, images, SETTINGS), pytest.fail)


@pytest.fixture
def shown(work, images):
    natural = activations(work.model, UNITS, [images.batch()])
    lows, highs = (sweep(work, UNITS, natural=natural, minimize=minimize) for minimize in (True, False))
    return {unit: visualization(lows[unit], highs[unit]) for unit in UNITS}


def findings(make_unit, work, images, order):
    natural = activations(work.model, UNITS, [images.batch()])
    made = zip(UNITS, order, strict=True)
    return [replace(make_unit(order=share), unit=unit, natural=natural[unit]) for unit, share in made]


@pytest.mark.parametrize("best", [0, 1])
def test_the_twin_is_of_the_unit_that_is_read_best_and_disagrees_on_one_image_only(
    make_unit, work, images, shown, best
):
    units = findings(make_unit, work, images, [0.9 if place == best else 0.6 for place in range(2)])
    twin = disagreement(work, units, shown, images)
    assert twin.unit == UNITS[best]
    assert twin.check.agreeing == twin.check.others == 59
    assert twin.check.same_visualization
    spread = float(shown[twin.unit].spread)
    assert abs(twin.check.at_image - twin.original) > 0.4 * spread
    assert twin.found_again == 0
    place = images.names.index(twin.image_name)
    assert np.array_equal(twin.image, images.images[place])
    assert twin.original == pytest.approx(units[best].natural[place], rel=1e-5)


def test_a_twin_is_kept(make_unit, work, images, shown):
    units = findings(make_unit, work, images, [0.9, 0.6])
    first = disagreement(work, units, shown, images)
    count = len(list(work.folder.glob("*.npz")))
    again = disagreement(work, units, shown, images)
    assert repr(first.check) == repr(again.check)
    assert len(list(work.folder.glob("*.npz"))) == count


def test_there_is_no_twin_where_nothing_was_read(make_unit, work, images):
    units = [replace(unit, reading=None) for unit in findings(make_unit, work, images, [0.9, 0.6])]
    assert disagreement(work, units, {}, images) is None


def test_there_is_no_twin_where_every_image_is_given_twice(make_unit, work, images, shown):
    twice = ImageSet(np.concatenate([images.images, images.images]))
    units = findings(make_unit, work, twice, [0.9, 0.6])
    assert disagreement(work, units, shown, twice) is None
