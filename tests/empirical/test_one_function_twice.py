"""One function, written in two ways: channels first and channels last, in one dimension and in two, in windows.

Whatever is measured, the figures are the same, up to the rounding of sums in another order.
"""

from dataclasses import astuple

import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.auditing.audit import audit
from fvproof.empirical.detecting.census import census
from fvproof.empirical.detecting.detection import detect, units_to_look_at
from fvproof.empirical.detecting.rift import mean_gradient
from fvproof.empirical.fooling.silent import silence
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.measurement.sanity import check_sanity
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.naming import parse_objectives
from fvproof.empirical.networks.units import Unit, activations, channel_counts, parse_units
from fvproof.theory.errors import DomainError

SETTINGS = Settings(steps=8, precision="float32")
CLOSE = {"rtol": 2e-3, "atol": 2e-5}


class Written(nn.Module):
    """Two layers with rectifiers, and a head on the mean over positions."""

    def __init__(self, first, second, *, before=lambda x: x, between=lambda x: x, after=lambda x: x.mean((2, 3))):
        super().__init__()
        self.before, self.between, self.after = before, between, after
        self.first, self.second, self.act, self.relu = first, second, nn.ReLU(), nn.ReLU()
        self.head = nn.Linear(10, 3)

    def forward(self, x):
        x = self.between(self.relu(self.first(self.before(x))))
        return self.head(self.after(self.act(self.second(x))))


def copied(layer, weight, bias):
    """Return the layer with these weights, in its own shape."""
    layer.weight.data, layer.bias.data = weight.reshape(layer.weight.shape).clone(), bias.clone()
    return layer


def maps_first(conv, linear):
    return Written(conv, copied(nn.Conv2d(6, 10, 1), linear.weight, linear.bias))


def maps_last(conv, linear):
    return Written(conv, linear, between=lambda x: x.permute(0, 2, 3, 1), after=lambda x: x.mean((1, 2)))


def tokens(conv, linear):
    return Written(conv, linear, between=lambda x: x.flatten(2).transpose(1, 2), after=lambda x: x.mean(1))


def tokens_before_images(conv, linear):
    return Written(conv, linear, between=lambda x: x.flatten(2).permute(2, 0, 1), after=lambda x: x.mean(0))


def windows(conv, linear):
    """Maps of 4 x 4 positions in four windows, all windows of all images one after the other."""
    return Written(
        conv,
        linear,
        between=lambda x: x.view(-1, 6, 2, 2, 2, 2).permute(0, 2, 4, 3, 5, 1).reshape(-1, 4, 6),
        after=lambda x: x.view(-1, 16, 10).mean(1),
    )


def signal(conv, linear):
    """Return a one-dimensional convolution of what the two-dimensional one sees as one row."""
    flat = copied(nn.Conv1d(6, 10, 1), linear.weight, linear.bias)
    return Written(conv, flat, between=lambda x: x.flatten(2), after=lambda x: x.mean(2))


def volume(conv, linear):
    deep = copied(nn.Conv3d(6, 10, 1), linear.weight, linear.bias)
    return Written(conv, deep, between=lambda x: x.unsqueeze(2), after=lambda x: x.mean((2, 3, 4)))


@pytest.fixture(scope="module")
def images():
    """Return images of three classes, each with its own colour and edge."""
    generator = np.random.default_rng(0)
    labels = np.arange(60) % 3
    pixels = 0.3 * generator.random((60, 3, 8, 8), dtype=np.float32)
    for label in range(3):
        pixels[labels == label, label, :, label : label + 4] += 0.6
    return ImageSet(pixels.astype(np.float32), labels.astype(np.int64))


@pytest.fixture(
    params=[maps_last, tokens, tokens_before_images, windows, signal, volume], ids=lambda made: made.__name__
)
def pair(request):
    """Return a network, and the same function written otherwise."""
    torch.manual_seed(0)
    conv, linear = nn.Conv2d(3, 6, 2, 2), nn.Linear(6, 10)
    linear.bias.data[:3] = -50.0  # silent channels
    one, other = maps_first(conv, linear), request.param(conv, linear)
    other.head = one.head
    names = ("airplane", "cat", "dog")
    return tuple(Model("net", network.eval(), (3, 8, 8), names) for network in (one, other))


def test_units_and_their_activations_are_the_same(pair, images):
    assert [channel_counts(model, ["first", "second", "act", "head"]) for model in pair] == 2 * [
        {"first": 6, "second": 10, "act": 10, "head": 3}
    ]
    units = [Unit(layer, channel) for layer in ("first", "second", "act", "head") for channel in range(3)]
    first, other = (activations(model, units, [images.batch()]) for model in pair)
    for unit in units:
        np.testing.assert_allclose(first[unit], other[unit], rtol=1e-5, atol=1e-5)
    assert parse_units("second,act", pair[0]) == parse_units("second,act", pair[1])
    assert list(map(str, parse_objectives("all", pair[0]))) == list(map(str, parse_objectives("all", pair[1])))


def test_the_census_is_the_same(pair, images):
    first, other = (census(model, images) for model in pair)
    assert [one.name for one in first] == [one.name for one in other] == ["relu#1", "act#1"]
    for one, same in zip(first, other, strict=True):
        np.testing.assert_array_equal(one.opened, same.opened)
        np.testing.assert_allclose(one.high, same.high, rtol=1e-5, atol=1e-5)
    assert first[1].silent[:3].all()


def test_detection_is_the_same(pair, images):
    units = [units_to_look_at(model, census(model, images), layers=2, channels=2) for model in pair]
    assert units[0] == units[1]
    wanted = [Unit("act", 4), Unit("head", 1)]
    first, other = (detect(model, images, wanted, SETTINGS).signs for model in pair)
    for one, same in zip(first, other, strict=True):
        np.testing.assert_allclose(astuple(one)[1:], astuple(same)[1:], **CLOSE)


def test_gradients_are_the_same(pair, images):
    first, other = (mean_gradient(model, Unit("act", 4), images.batch()) for model in pair)
    torch.testing.assert_close(first, other, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("settings", [SETTINGS, Settings(steps=8, precision="float32", diversity=2)])
def test_maximization_is_the_same(pair, settings):
    units = [Unit("second", 4), Unit("act", 5)]
    first, other = (maximize(model, units, settings) for model in pair)
    for one, same in zip(first, other, strict=True):
        np.testing.assert_allclose(one.image, same.image, atol=1e-3)
        np.testing.assert_allclose(one.activation, same.activation, **CLOSE)
        np.testing.assert_allclose(one.noise_best, same.noise_best, **CLOSE)
        assert one.likeness == pytest.approx(same.likeness, abs=1e-3) if one.likeness else same.likeness is None


def test_the_sanity_curve_is_the_same(pair, images):
    first, other = (check_sanity(model, images, SETTINGS, layers=["first", "second", "act", "head"]) for model in pair)
    assert [(row.layer, row.measure) for row in first.curve] == [(row.layer, row.measure) for row in other.curve]
    for row, same in zip(first.curve, other.curve, strict=True):
        for name in ("same", "different", "visualization"):
            assert getattr(row, name) == pytest.approx(getattr(same, name), abs=2e-3)
    assert first.accuracy == other.accuracy


@pytest.mark.parametrize("pair", [maps_last, signal], indirect=True, ids=lambda made: made.__name__)
def test_the_audit_is_the_same(pair, images, tmp_path):
    units, some = [Unit("second", 4), Unit("head", 1)], images.subset(range(30))
    first, other = (audit(model, some, units, SETTINGS, tmp_path / str(i)) for i, model in enumerate(pair))
    assert first.silence == other.silence
    for one, same in zip(first.units, other.units, strict=True):
        np.testing.assert_allclose(one.natural, same.natural, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(one.maximization.activation, same.maximization.activation, **CLOSE)
        np.testing.assert_allclose(one.minimization.activation, same.minimization.activation, **CLOSE)
        assert one.reading is not None
        assert same.reading is not None
        for score, beside in zip(one.reading.scores, same.reading.scores, strict=True):
            assert (score.decoder, score.layer) == (beside.decoder, beside.layer)
            assert score.order.value == pytest.approx(beside.order.value, abs=0.02)
    assert first.verdict.word == other.verdict.word
    assert first.twin is not None
    assert other.twin is not None
    assert first.twin.check.agreeing == other.twin.check.agreeing


def test_silent_units_of_linear_layers_are_as_those_of_convolutions(images):
    torch.manual_seed(0)
    conv, linear = nn.Conv2d(3, 6, 2, 2), nn.Linear(6, 10)
    units = [Unit("second", channel) for channel in (2, 7)]
    made = [
        silence(Model("net", build(conv, linear).eval(), (3, 8, 8)), units, images) for build in (maps_first, maps_last)
    ]
    np.testing.assert_allclose(made[0].filters, made[1].filters, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(made[0].reach, made[1].reach, rtol=1e-3)


def test_silent_units_along_an_axis_without_filters_are_refused(images):
    model = Model("net", maps_last(nn.Conv2d(3, 6, 2, 2), nn.Linear(6, 10)).eval(), (3, 8, 8), axes={"second": 1})
    with pytest.raises(DomainError, match="not along the axis 1"):
        silence(model, [Unit("second", 2)], images)
