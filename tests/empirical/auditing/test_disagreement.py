from dataclasses import replace

import numpy as np
import pytest

from fvproof.empirical.auditing.disagreement import disagreement
from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.sweep import sweep
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model

SETTINGS = Settings(steps=32)
UNITS = [Unit("logits", 3), Unit("conv2", 2)]


@pytest.fixture(scope="module")
def images():
    return digits_images().subset(range(60))


@pytest.fixture
def work(images, tmp_path):
    return workspace(load_model("digits"), images, SETTINGS, tmp_path, pytest.fail)


@pytest.fixture
def findings(make_unit, work):
    """Return a function that makes up how well each unit is read."""
    natural = activations(work.model, UNITS, [work.images.batch()])
    for minimize in (True, False):
        sweep(work, UNITS, natural=natural, minimize=minimize)

    def make(order):
        made = zip(UNITS, order, strict=True)
        return [replace(make_unit(order=share), unit=unit, natural=natural[unit]) for unit, share in made]

    return make


@pytest.mark.parametrize("best", [0, 1])
def test_the_twin_is_of_the_unit_that_is_read_best_and_disagrees_on_one_image_only(findings, work, images, best):
    units = findings([0.9 if place == best else 0.6 for place in range(2)])
    twin = disagreement(work, units)
    assert twin.unit == UNITS[best]
    assert twin.check.agreeing == twin.check.others == 59
    assert twin.check.same_visualization
    spread = twin.check.maximum - twin.check.minimum
    assert abs(twin.check.at_image - twin.original) > 0.4 * spread
    assert twin.found_again == 0
    place = images.names.index(twin.image_name)
    assert np.array_equal(twin.image, images.images[place])
    assert twin.original == pytest.approx(units[best].natural[place], rel=1e-5)


def test_a_twin_is_kept(findings, work):
    units = findings([0.9, 0.6])
    first = disagreement(work, units)
    count = len(list(work.folder.glob("*.npz")))
    again = disagreement(work, units)
    assert repr(first.check) == repr(again.check)
    assert len(list(work.folder.glob("*.npz"))) == count


def test_there_is_no_twin_where_nothing_was_read(findings, work):
    units = [replace(unit, reading=None) for unit in findings([0.9, 0.6])]
    assert disagreement(work, units) is None


def test_there_is_no_twin_where_every_image_is_given_twice(findings, work, images):
    twice = replace(work, natural=ImageSet(np.concatenate([images.images, images.images])))
    units = [replace(unit, natural=np.concatenate([unit.natural] * 2)) for unit in findings([0.9, 0.6])]
    assert disagreement(twice, units) is None
