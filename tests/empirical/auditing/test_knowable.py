import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.auditing.knowable import knowable, knowledge, slopes
from fvproof.empirical.images import ImageSet
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.visualization import Visualization


def uniform(count, dimension, seed=0):
    return list(np.random.default_rng(seed).random((count, dimension)))


def rows(phi, points, slope=1.0):
    return {row.title: row for row in knowable(phi, points, slope)}


@pytest.fixture
def phi():
    a, b = uniform(2, 48, seed=1)
    return Visualization(a, b, -1.5, 2.25)


def test_nothing_is_known_of_a_relu_network(phi):
    row = rows(phi, uniform(20, 48))["a ReLU network"]
    assert (row.error, row.side, row.order) == (1.0, 0.0, 0.0)


def test_the_flattest_function_is_known_best_at_the_visualization_and_worst_far_from_it(phi):
    title = "as flat as its visualization allows"
    near = [np.clip(phi.argmin + 0.01 * step, 0, 1) for step in uniform(10, 48)]
    assert rows(phi, near)[title].error < 0.1
    assert 0.5 < rows(phi, uniform(10, 48))[title].error < 1


def test_a_steeper_function_is_known_less(phi):
    errors = [rows(phi, uniform(10, 48), slope)["no steeper than at natural images"].error for slope in (0, 0.2, 100)]
    assert errors == sorted(errors)
    assert errors[0] < errors[2] == 1.0


def test_the_error_of_an_affine_unit_at_opposite_corners_is_that_of_the_closed_form():
    corner = np.random.default_rng(0).integers(0, 2, 48).astype(float)
    phi = Visualization(corner, 1 - corner, 0, 1)
    points = uniform(50, 48)
    way = np.abs(np.stack(points) - corner)
    assert rows(phi, points)["affine"].error == pytest.approx((way.max(axis=1) - way.min(axis=1)).mean())


def test_a_class_without_such_a_function_says_so():
    phi = Visualization(np.zeros(3), np.full(3, 0.4), 0, 1)
    row = rows(phi, uniform(2, 3))["affine"]
    assert row.impossible is not None
    assert row.error is None


def test_slopes_are_the_largest_partial_derivatives():
    linear = nn.Linear(12, 3)
    model = Model("linear", nn.Sequential(nn.Flatten(), linear), (3, 2, 2))
    found = slopes(model, Unit("1", 2), torch.rand(4, 3, 2, 2))
    assert found == pytest.approx(np.full(4, linear.weight[2].abs().max().item()))
    assert all(parameter.grad is None for parameter in model.network.parameters())


def test_slopes_agree_with_finite_differences():
    model, unit, images = load_model("digits"), Unit("logits", 4), digits_images().batch(0, 3)
    found = slopes(model, unit, images)
    for image, slope in zip(images, found, strict=True):
        steps = torch.eye(64).reshape(64, 1, 8, 8) * 1e-3
        up, down = (activations(model, [unit], [image + sign * steps])[unit].astype(float) for sign in (1, -1))
        assert slope == pytest.approx(np.abs(up - down).max() / 2e-3, rel=0.05)


def test_an_image_sized_unit_is_answered_for_the_images_given():
    model, images = load_model("digits"), digits_images()
    phi = Visualization(np.zeros(64), np.ones(64), -10, 10)
    known = knowledge(model, Unit("logits", 0), phi, images).rows
    assert [row.function_class for row in known] == ["relu-network", "lipschitz", "lipschitz", "convex", "affine"]
    assert known[0].error == 1.0
    assert all(row.error is None or 0 <= row.error <= 1 for row in known)


def test_a_network_that_bends_otherwise_than_relus_is_taken_for_a_continuous_function():
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3), nn.GELU())
    model, images = (
        Model("gelu", network, (3, 2, 2)),
        ImageSet(np.random.default_rng(0).random((4, 3, 2, 2), np.float32)),
    )
    row = knowledge(model, Unit("2", 0), Visualization(np.zeros(12), np.ones(12), 0, 1), images).rows[0]
    assert (row.function_class, row.title, row.error) == ("continuous", "a continuous function", 1.0)
