"""A slingshot brings the visualization to the target, and leaves the rest nearly as it was."""

import numpy as np
import pytest
import torch

from fvproof.empirical.fooling.ingredients import rings
from fvproof.empirical.fooling.slingshot import Sling, sling
from fvproof.empirical.fooling.unchanged import compared
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, ShapeError

SEEN, UNSEEN = digits_images(held_out=False), digits_images()


@pytest.fixture(scope="module")
def digits():
    return load_model("digits")


@pytest.fixture(scope="module")
def slung(digits):
    return sling(digits, Unit("logits", 3), SEEN, rings(digits.shape), Sling(steps=200, batch=48))


def test_the_visualization_comes_to_the_target(digits, slung):
    target = rings(digits.shape).numpy()
    before, after = (maximize(model, [slung.unit], Settings(steps=96))[0] for model in (digits, slung.model))
    distances = [np.sqrt(np.square(run.image - target).mean()) for run in (before, after)]
    assert distances[1] < 0.7 * distances[0]
    assert np.corrcoef(after.image.ravel(), target.ravel())[0, 1] > 0.6
    assert not after.status.failed


def test_predictions_on_images_never_seen_stay(digits, slung):
    same = compared(digits, slung.model, UNSEEN)
    assert same.same_prediction > 0.97
    assert same.top1_after > same.top1_before - 0.02


def test_only_the_weights_change(digits, slung):
    before, after = digits.network.state_dict(), slung.model.network.state_dict()
    assert {key: value.shape for key, value in before.items()} == {key: value.shape for key, value in after.items()}
    assert str(slung.model.network) == str(digits.network)
    assert not torch.equal(before["logits.weight"], after["logits.weight"])


def test_a_seed_fixes_the_result_and_the_network_given_stays(digits):
    weights = [value.clone() for value in digits.network.state_dict().values()]
    one, two = (sling(digits, Unit("hidden", 5), SEEN, rings(digits.shape), Sling(steps=3, batch=8)) for _ in range(2))
    assert (one.value, one.gradient, one.natural) == (two.value, two.gradient, two.natural)
    assert all(torch.equal(a, b) for a, b in zip(weights, digits.network.state_dict().values(), strict=True))


def test_what_cannot_be_done_is_one_clear_line(digits):
    target = rings(digits.shape)
    with pytest.raises(DomainError, match="has units 0 to 9"):
        sling(digits, Unit("logits", 10), SEEN, target, Sling(steps=1))
    with pytest.raises(ShapeError, match="must have the shape"):
        sling(digits, Unit("logits", 1), SEEN, torch.zeros(3, 8, 8), Sling(steps=1))
    with pytest.raises(DomainError, match="must not be grey"):
        sling(digits, Unit("logits", 1), SEEN, torch.full((1, 8, 8), 0.5), Sling(steps=1))
    with pytest.raises(DomainError, match="smaller learning rate"):
        sling(digits, Unit("logits", 1), SEEN, target, Sling(steps=60, learning_rate=1e6))
    with pytest.raises(DomainError, match="at least 1"):
        Sling(steps=0)


def test_weights_that_were_frozen_are_trained_too(digits):
    frozen = load_model("digits")
    frozen.network.requires_grad_(requires_grad=False)
    slung = sling(frozen, Unit("logits", 3), SEEN, rings(digits.shape), Sling(steps=2, batch=8))
    assert not torch.equal(slung.model.network.conv1.weight, frozen.network.conv1.weight)
