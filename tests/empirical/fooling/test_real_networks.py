"""Silent units in the residual network for CIFAR-10, with its published weights."""

from pathlib import Path

import numpy as np
import pytest

from fvproof.empirical.detecting.detection import detect
from fvproof.empirical.fooling.hull import recheck_hull, write_hull
from fvproof.empirical.fooling.silent import silence
from fvproof.empirical.fooling.unchanged import compared
from fvproof.empirical.images import load_images
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.units import parse_units
from fvproof.empirical.networks.zoo import load_model
from tests.empirical.manipulation.other_engine import look

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "cifar_resnet.py"


@pytest.mark.slow
def test_silent_units_in_resnet20_change_no_output_take_over_the_visualizations_and_are_detected(shared_data, tmp_path):
    model = load_model(f"{EXAMPLE}:resnet20", weights=shared_data / "cifar10_resnet20.pt")
    images = load_images(shared_data / "cifar10_test.npz", model.shape, limit=200)
    units = parse_units("layer3.1.conv2:0-3", model)
    found = silence(model, units, images)
    assert (found.reach > found.margin).all()
    assert min(found.opened.values()) > 0.9
    assert compared(model, found.model, images).unchanged == 1.0
    write_hull(found, tmp_path)
    assert all(check.holds for check in recheck_hull(tmp_path / "hull.json"))
    _, before = look(model, "layer3.1.conv2", range(4))
    _, after = look(found.model, "layer3.1.conv2", range(4))
    assert (after > 20 * before.clamp(min=1)).all()
    detected = detect(found.model, images, units, Settings(steps=96))
    assert np.median([one.excess for one in detected.signs]) > 20
    assert len(detected.suspected) == 4
