import numpy as np
import pytest
import torch

from fvproof.empirical.fooling import detector as file
from fvproof.empirical.fooling.detector import Detector, calibrate, changed, detected, detection, train_detector


def images(kind, count, seed):
    """Return smooth images, or noise, as uint8 (count, 1, 12, 12)."""
    random = np.random.default_rng(seed)
    if kind == "noise":
        return torch.from_numpy(random.integers(0, 256, (count, 1, 12, 12), dtype=np.uint8))
    slopes, side = random.normal(size=(count, 2, 1, 1)), np.linspace(-1, 1, 12)
    ramp = 0.5 + 0.3 * (slopes[:, 0] * side[None, :, None] + slopes[:, 1] * side[None, None, :])
    return torch.from_numpy(np.rint(255 * np.clip(ramp, 0, 1)).astype(np.uint8))[:, None]


@pytest.fixture(scope="module")
def trained():
    found = train_detector(images("smooth", 60, 0), images("noise", 60, 1))
    calibrate(found, images("smooth", 30, 2), images("noise", 30, 3))
    return found


def test_images_that_it_has_not_seen_get_exactly_0_and_exactly_1(trained):
    found = detection(trained, images("smooth", 100, 4), images("noise", 100, 5))
    assert (found.natural, found.visualizations) == (100, 100)
    assert found.accuracy == 1
    assert found.natural_at_0 >= 0.98
    assert found.visualizations_at_1 >= 0.98


def test_two_kinds_that_are_one_are_not_told_apart():
    blind = train_detector(images("noise", 40, 0), images("noise", 40, 1))
    calibrate(blind, images("noise", 30, 2), images("noise", 30, 3))
    found = detection(blind, images("noise", 100, 4), images("noise", 100, 5))
    assert found.accuracy < 0.7
    assert found.natural_at_0 > 0.9  # natural images go first


def test_the_same_seed_gives_the_same_detector_and_leaves_the_global_random_state(monkeypatch):
    monkeypatch.setattr(file, "EPOCHS", 2)
    state = torch.random.get_rng_state()
    first, again, other = (train_detector(images("smooth", 20, 0), images("noise", 25, 1), seed=s) for s in (3, 3, 4))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(first.head.weight, again.head.weight)
    assert not torch.equal(first.head.weight, other.head.weight)


def test_bytes_and_floats_are_seen_alike(trained):
    pixels = images("smooth", 5, 6)
    assert np.array_equal(detected(trained, pixels), detected(trained, pixels.float() / 255))


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32), (3, 224, 224), (3, 40, 70)])
def test_maps_are_small_but_not_too_small_at_every_size(shape):
    maps = Detector(shape).features(torch.zeros(1, *shape))
    assert maps.shape[1] == 64
    assert 7 <= min(maps.shape[2:]) < 14


def test_changed_images_stay_images_and_differ():
    before = torch.rand(16, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    after = changed(before, torch.Generator().manual_seed(0))
    assert after.shape == before.shape
    assert 0 <= after.min() <= after.max() <= 1
    assert all((a - b).abs().max() > 0.01 for a, b in zip(before, after, strict=True))
