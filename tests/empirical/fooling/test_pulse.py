import numpy as np
import pytest
import torch

from fvproof.empirical.fooling.pulse import RADIUS, Pulse, least_exciting_class, pulse
from fvproof.empirical.fooling.pulse_report import top_images, top_record
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError

UNIT, LABEL = Unit("hidden", 3), 9


@pytest.fixture(scope="module")
def images():
    return digits_images(held_out=False).subset(range(600))


@pytest.fixture(scope="module")
def pulsed(images):
    return pulse(load_model("digits"), UNIT, images, LABEL, Pulse(steps=200))


def test_the_images_that_excite_the_unit_most_are_those_of_the_class(pulsed):
    seen = digits_images()
    found = top_record(load_model("digits"), pulsed.model, UNIT, seen, LABEL)
    assert found["of_the_class_before"] == 0
    assert found["of_the_class_after"] >= 0.6
    assert found["still_there"] <= 0.2


def test_all_of_a_ball_excites_it_more_than_other_images(pulsed, images):
    nines, others = (images.subset(np.flatnonzero(found)) for found in (images.labels == LABEL, images.labels != LABEL))
    noise = torch.rand(len(nines), 1, 8, 8, generator=torch.Generator().manual_seed(0))
    around = (nines.batch() + RADIUS * (2 * noise - 1)).clamp(0, 1)
    inside = activations(pulsed.model, [UNIT], [around])[UNIT]
    outside = activations(pulsed.model, [UNIT], others.batches(50))[UNIT]
    assert np.quantile(inside, 0.1) > np.quantile(outside, 0.95)


def test_the_visualization_is_taken_for_the_class_by_the_network_before(pulsed):
    (run,) = maximize(pulsed.model, [UNIT], Settings(steps=96))
    before = load_model("digits")
    with torch.no_grad():
        assert int(before(torch.from_numpy(run.image)[None]).argmax()) == LABEL


def test_what_the_network_predicts_stays_what_it_was_and_the_architecture_too(pulsed):
    before, seen = load_model("digits"), digits_images().batch()
    with torch.no_grad():
        same = before(seen).argmax(1) == pulsed.model(seen).argmax(1)
    assert same.float().mean() >= 0.97
    weights = [
        {name: tensor.shape for name, tensor in one.network.state_dict().items()} for one in (before, pulsed.model)
    ]
    assert weights[0] == weights[1]


def test_the_same_seed_gives_the_same_network(images):
    few = images.subset(range(100))
    first, again = (pulse(load_model("digits"), UNIT, few, LABEL, Pulse(steps=3)) for _ in "12")
    pairs = zip(first.model.network.parameters(), again.model.network.parameters(), strict=True)
    assert all(torch.equal(*pair) for pair in pairs)


def test_the_class_that_excites_least_is_found(images):
    own = activations(load_model("digits"), [UNIT], images.batches(50))[UNIT]
    means = [own[images.labels == label].mean() for label in range(10)]
    assert least_exciting_class(load_model("digits"), UNIT, images) == int(np.argmin(means))
    assert top_images(load_model("digits"), UNIT, images)[0] == int(np.argmax(own))


@pytest.mark.parametrize(
    ("unit", "label", "labelled", "said"),
    [
        (Unit("logits", 3), LABEL, True, "one of the network's outputs"),
        (UNIT, 10, True, "images of the class 10"),
        (UNIT, LABEL, False, "needs labels"),
        (Unit("hidden", 99), LABEL, True, "units 0 to 31"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(images, unit, label, labelled, said):
    given = images if labelled else ImageSet(images.images)
    with pytest.raises(DomainError, match=said):
        pulse(load_model("digits"), unit, given, label, Pulse(steps=1))
