import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.maximization.baselines import Status, noise_batches, noise_extremes, status
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.networks.memory import Capacity
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model

RISEN = np.r_[np.linspace(0, 1, 20), np.ones(80)]


def fate(activation=1.0, trace=RISEN, sign=1, felt=True, noise_best=0.5, natural_best=None):
    return status(activation, trace, sign=sign, felt=felt, noise_best=noise_best, natural_best=natural_best)


def noise(shape, count, seed=0, batch=16):
    return torch.cat(list(noise_batches(shape, count, seed, batch=batch)))


def test_noise_does_not_depend_on_the_size_of_the_batches():
    assert torch.equal(noise((3, 8, 8), 7, batch=2), noise((3, 8, 8), 7, batch=7))


def test_noise_depends_on_the_seed():
    assert not torch.equal(noise((1, 8, 8), 3, seed=0), noise((1, 8, 8), 3, seed=1))


@pytest.mark.parametrize("shape", [(1, 8, 8), (4, 7, 9), (3, 1, 1)])
def test_noise_images_fill_the_unit_interval(shape):
    images = noise(shape, 200)
    assert images.shape == (200, *shape)
    assert images.min() >= 0
    assert images.max() <= 1
    assert images.min() < 0.1
    assert images.max() > 0.9


def test_noise_runs_from_speckles_to_clouds():
    images = noise((1, 32, 32), 100)[:, 0]
    steps = (images[:, :, 1:] - images[:, :, :-1]).std((1, 2)) / images.std((1, 2))
    assert steps.max() > 1.2
    assert steps.min() < 0.4
    assert images.mean((1, 2)).std() > 0.05


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        (Status.OK, {}),
        (Status.OK, {"natural_best": 0.9}),
        (Status.OK, {"noise_best": 1.0, "natural_best": 1.0}),
        (Status.NOT_CONVERGED, {"trace": np.linspace(0, 1, 100)}),
        (Status.NOT_CONVERGED, {"trace": np.array([0.5])}),
        (Status.WEAKER_THAN_NATURAL, {"natural_best": 1.1}),
        (Status.WEAKER_THAN_NOISE, {"natural_best": 1.1, "noise_best": 1.1}),
        (Status.SILENT, {"trace": np.zeros(100), "noise_best": 2.0}),
        (Status.SILENT, {"felt": False}),
        (Status.NOT_A_NUMBER, {"trace": np.array([0.0, np.nan])}),
        (Status.NOT_A_NUMBER, {"activation": np.inf}),
    ],
)
def test_the_gravest_status_is_told_at_both_ends(expected, changes):
    assert fate(**changes) is expected
    mirrored = {key: value if key == "felt" else -value for key, value in changes.items()}
    assert fate(**{"activation": -1.0, "trace": -RISEN, "noise_best": -0.5, **mirrored}, sign=-1) is expected


def test_scatter_alone_is_no_rise():
    scattered = 1 + 0.3 * np.random.default_rng(0).standard_normal(100)
    assert fate(trace=np.r_[0.9, scattered]) is Status.OK


def test_only_a_good_or_an_unfinished_visualization_has_not_failed():
    assert {status for status in Status if not status.failed} == {Status.OK, Status.AT_PLATEAU, Status.NOT_CONVERGED}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_noise_to_beat_is_the_most_extreme_of_all_in_single_precision(sign, precision):
    model, units = load_model("digits"), [Unit("logits", 0), Unit("conv2", 3)]
    settings = Settings(steps=40, batch=16, precision=precision)
    found = noise_extremes(model, units, settings, sign=sign, capacity=Capacity(16))
    for unit, values in activations(model, units, [noise(model.shape, 40)]).items():
        assert np.isclose(values, found[unit], rtol=1e-5).any()
        assert found[unit] == pytest.approx(sign * (sign * values).max(), abs=0.02 * float(np.ptp(values)))


def test_a_unit_that_is_never_a_number_has_no_noise_to_beat():
    model = Model("roots", nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (1, 2, 2))
    nn.init.constant_(model.network[1].weight, torch.nan)
    found = noise_extremes(model, [Unit("1", 0)], Settings(steps=4), sign=1, capacity=Capacity())
    assert np.isnan(found[Unit("1", 0)])
