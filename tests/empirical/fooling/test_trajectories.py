from itertools import pairwise

import numpy as np
import pytest

from fvproof.empirical.fooling.trajectories import kept_steps, trajectories
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model

UNITS = [Unit("logits", 0), Unit("logits", 7)]


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 64, 512])
def test_kept_steps_go_from_the_first_to_the_last_with_growing_gaps(steps):
    kept = kept_steps(steps)
    assert kept[0] == 0
    assert kept[-1] == steps - 1
    gaps = [later - earlier for earlier, later in pairwise(kept)]
    assert all(gap > 0 for gap in gaps)
    assert gaps[:-1] == sorted(gaps[:-1])
    assert all(later <= 2 * earlier + 1 for earlier, later in pairwise(kept))


def test_a_trajectory_starts_grey_and_ends_with_the_image_that_is_found():
    model, settings = load_model("digits"), Settings(steps=24)
    paths = trajectories(model, UNITS, settings)
    assert paths.shape == (2, len(kept_steps(24)) + 1, 1, 8, 8)
    assert np.ptp(paths[:, 0].astype(int)) < 64
    assert np.ptp(paths[:, -1].astype(int)) > 128
    found = maximize(model, UNITS, settings)
    assert np.array_equal(paths[:, -1], np.rint(255 * np.stack([run.image for run in found])).astype(np.uint8))


def test_images_on_the_way_are_moved_as_the_optimiser_moves_them():
    still, moved = (
        trajectories(load_model("digits"), UNITS, Settings(steps=1, transforms=t)) for t in ("off", "light")
    )
    assert np.abs(still[:, 0].astype(int) - still[:, 1]).max() < 64  # one step apart
    assert not np.array_equal(still[:, 0], moved[:, 0])
