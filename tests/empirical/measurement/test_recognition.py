import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.fooling.unchanged import compared
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.measurement.recognition import accuracy, doubt, output_count, recognised
from fvproof.empirical.measurement.sanity import check_sanity
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.preprocessing import Preprocessing
from fvproof.theory.errors import DomainError


def images(count=24, classes=3):
    pixels = np.random.default_rng(0).random((count, 3, 8, 8), dtype=np.float32)
    return ImageSet(pixels, np.arange(count) % classes)


def convolutional(*, pooled):
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 8, 3), nn.ReLU(), *([nn.AdaptiveAvgPool2d(1)] if pooled else []), nn.Conv2d(8, 3, 1)]
    return Model("convolutional", nn.Sequential(*layers), (3, 8, 8))


def test_outputs_of_one_position_are_scores_of_classes():
    model, natural = convolutional(pooled=True), images()
    by_hand = model(natural.batch())[:, :, 0, 0].argmax(1).numpy() == natural.labels
    assert accuracy(model, natural) == by_hand.mean()
    assert compared(model, model, natural).top1_after == by_hand.mean()
    assert output_count(model) == 3


def test_maps_have_no_accuracy_and_nothing_is_lost_for_it():
    model, natural = convolutional(pooled=False), images()
    with pytest.raises(DomainError, match=r"accuracy needs one output per class .* gives \(3, 6, 6\)"):
        accuracy(model, natural)
    found = check_sanity(model, natural, Settings(steps=2))
    assert found.accuracy is None
    assert "one output per class" in found.doubt
    assert len(found.runs) == 3
    assert compared(model, model, natural).top1_before is None


def test_no_share_exceeds_one_however_few_classes_there_are():
    scores = np.random.default_rng(0).random((50, 3))
    labels = np.arange(50) % 3
    shares = [recognised(scores, labels, most) for most in range(1, 8)]
    assert shares == sorted(shares)
    assert shares[2:] == [1.0] * 5
    assert recognised(scores, labels + 3) == 0


def bright(reads):
    """Return a network that tells whether images are bright, dark or in between, if it reads them as it was made to."""
    network = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3))
    with torch.no_grad():
        network[2].weight.copy_(torch.eye(3))
        network[2].bias.zero_()
    return Model("colours", network, (3, 8, 8), normalize=reads)


def colours():
    """Return red, green and blue images."""
    pixels = np.full((60, 3, 8, 8), 0.1, np.float32)
    labels = np.arange(60) % 3
    pixels[np.arange(60), labels] = 0.9
    return ImageSet(pixels, labels)


def test_a_network_that_is_given_other_images_than_it_was_made_for_is_told_which_would_do():
    natural = colours()
    right, wrong = bright(Preprocessing()), bright(lambda x: x.roll(1, dims=1))
    assert doubt(right, natural, accuracy(right, natural)) is None
    told = doubt(wrong, natural, accuracy(wrong, natural))
    assert told.startswith("only 0.0% of 60 images are recognised, hardly more than by chance")
    assert "see --mean, --std, --range and --bgr" in told
    assert "it would recognise 100% of 60 of them" in told


def test_hardly_is_no_more_than_by_chance():
    natural = images(count=100, classes=2)
    assert doubt(convolutional(pooled=True), natural, 0.55) is not None
    assert doubt(convolutional(pooled=True), natural, 0.9) is None
