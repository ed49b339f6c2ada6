import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.measurement.structured import cosine_prediction, distance_prediction
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.readable import Cosine, Prototype
from fvproof.theory.errors import DomainError
from fvproof.theory.visualization import Visualization

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "readable_structure.py"


@pytest.fixture(scope="module")
def images():
    return digits_images()


def values(layer, images):
    with torch.no_grad():
        return layer(images.batch().flatten(1))[:, 0].double().numpy()


def test_the_true_visualization_of_a_cosine_unit_tells_all_its_values(images):
    layer = Cosine(64, 1)
    weight = layer.weight.detach()[0].double()
    up, down, length = weight.clamp(min=0), (-weight).clamp(min=0), weight.norm()
    ends = [(part / part.max()).tolist() for part in (down, up)]
    phi = Visualization(ends[0], ends[1], -float(down.norm() / length), float(up.norm() / length))
    np.testing.assert_allclose(cosine_prediction(phi, images).values, values(layer, images), atol=1e-6)


def test_the_true_visualization_of_a_prototype_unit_tells_all_its_values(images):
    layer = Prototype(64, 1)
    best = layer.prototypes.detach()[0]
    worst = (best < 0.5).float()
    with torch.no_grad():
        low, high = (float(layer(end[None])[0, 0]) for end in (worst, best))
    phi = Visualization(worst.tolist(), best.tolist(), low, high)
    np.testing.assert_allclose(distance_prediction(phi, images).values, values(layer, images), atol=2e-3)


def test_the_black_image_has_the_cosine_zero():
    black = ImageSet(np.zeros((1, 1, 1, 2), np.float32))
    assert cosine_prediction(Visualization([0, 1], [1, 0], -1, 1), black).values.tolist() == [0]
    assert Cosine(2, 1)(torch.zeros(1, 2)).item() == 0


def test_the_distance_needs_two_different_visualizations(images):
    with pytest.raises(DomainError, match="must be different images"):
        distance_prediction(Visualization([0] * 64, [0] * 64, 0, 0), images)


def test_structure_makes_visualizations_readable_at_the_same_accuracy():
    spec = importlib.util.spec_from_file_location("readable_structure", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    settings = Settings(steps=128, parametrization="pixel", transforms="off")
    found = {
        (name, decoder): (right, order, error)
        for network, layer in example.NETWORKS.items()
        for name, right, _, decoder, order, error in example.rows(network, layer, settings, count=6)
    }
    plain = [numbers for (name, _), numbers in found.items() if name == "digits-plain"]
    for readable in (found["digits-cosine", "cosine"], found["digits-prototype", "distance"]):
        assert readable[0] > plain[0][0] - 0.015
        assert readable[1] > max(order for _, order, _ in plain) + 0.05
        assert readable[2] < 0.75 * min(error for _, _, error in plain)
