import numpy as np
import pytest
from torch import nn

from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.measurement.holdout import all_layers, decoder_layers, halves, readings
from fvproof.empirical.measurement.prediction import predictions, visualization
from fvproof.empirical.measurement.scores import concordance
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, UnknownName

UNITS = [Unit("conv2", 2), Unit("logits", 3)]
LAYERS = ["relu1", "conv2", "logits"]


@pytest.fixture(scope="module")
def model():
    return load_model("digits")


@pytest.fixture(scope="module")
def shown(model):
    lows, highs = (maximize(model, UNITS, Settings(steps=64), minimize=minimize) for minimize in (True, False))
    return {low.unit: visualization(low, high) for low, high in zip(lows, highs, strict=True)}


@pytest.fixture(scope="module")
def natural(model):
    return activations(model, UNITS, [digits_images().batch()])


@pytest.fixture(scope="module")
def found(model, shown, natural):
    return readings(model, shown, digits_images(), natural, layers=LAYERS)


def test_the_halves_share_no_image_and_miss_none():
    first, second = halves(101, seed=3)
    assert sorted([*first, *second]) == list(range(101))
    assert abs(len(first) - len(second)) == 1


def test_halves_of_images_that_come_class_by_class_in_turn_hold_all_classes():
    labels = np.arange(200) % 10
    assert all(len(np.unique(labels[half])) == 10 for half in halves(200, seed=0))


def test_the_decoder_is_chosen_on_the_first_half_and_measured_on_the_second(model, shown, natural, found):
    first, second = halves(len(digits_images()), seed=0)
    for unit, made in predictions(model, shown, digits_images(), layers=LAYERS).items():
        shares = []
        for half in (first, second):
            counts = [concordance(natural[unit][half], one.values[half]) for one in made]
            shares.append([known.sum() / pairs.sum() for known, pairs in counts])
        assert found[unit].best == np.argmax(shares[0])
        assert [score.order.value for score in found[unit].scores] == pytest.approx(shares[1])


def test_the_parts_of_a_reading_can_be_told_apart(found):
    reading = found[UNITS[1]]
    assert [score.layer for score in reading.scores] == [None, None, *LAYERS]
    assert reading.in_pixels.decoder == "pixel projection"
    assert reading.chosen is reading.scores[reading.best]


def test_a_unit_that_does_not_vary_is_read_by_nobody(model, shown, natural):
    flat = {unit: np.zeros_like(values) for unit, values in natural.items()}
    found = readings(model, shown, digits_images(), flat, layers=LAYERS)
    assert all(np.isnan(reading.chosen.order.value) for reading in found.values())


def test_too_few_images_are_refused(model, shown, natural):
    with pytest.raises(DomainError, match="at least 8 images, not 7"):
        readings(model, shown, digits_images().subset(range(7)), natural, layers=LAYERS)


def test_a_deep_network_is_read_at_some_layers_and_at_the_audited_ones():
    deep = Model("deep", nn.Sequential(nn.Flatten(), *(nn.Linear(4, 4) for _ in range(40))), (1, 2, 2))
    layers = decoder_layers(deep, ["7", "8"])
    assert {"0", "7", "8", "40"} <= set(layers)
    assert len(layers) <= 14
    assert layers == sorted(layers, key=int)


def test_a_layer_inside_a_container_that_gives_its_output_is_measured_under_both_names():
    nested = Model("nested", nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(4, 3), nn.ReLU())), (1, 2, 2))
    assert "1.1" in all_layers(nested, ["1.1"])


def test_a_layer_of_one_number_is_left_out_and_an_unknown_one_refused():
    one = Model("one", nn.Sequential(nn.Flatten(), nn.Linear(4, 1)), (1, 2, 2))
    assert all_layers(one, ["1"]) == ["0"]
    with pytest.raises(UnknownName, match="no layer 'x'"):
        all_layers(one, ["x"])
