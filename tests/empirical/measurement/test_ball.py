"""The order of stimuli from the most exciting one on a ball, by theorem and measured."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.ball import near, on_ball, pink_noise, usual_radius
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.ridges import ridges
from fvproof.empirical.networks.units import Unit
from fvproof.theory.classes import Ridge
from fvproof.theory.domains import Ball
from fvproof.theory.errors import DomainError
from fvproof.theory.visualization import Visualization


def of(*layers, shape=(1, 4, 6)):
    return Model("one", nn.Sequential(nn.Flatten(), *layers), shape)


def test_no_point_of_the_ball_excites_a_ridge_function_more_than_the_stimulus_that_is_told():
    model = of(nn.Linear(24, 5), nn.ELU())
    units = [Unit("2", channel) for channel in range(5)]
    found = on_ball(model, units, ridges(model, "2"), pink_noise(model.shape, 20), 0.7)
    offsets = torch.randn(4000, 24)
    points = 0.5 + 0.7 * offsets / offsets.norm(dim=1, keepdim=True)
    with torch.no_grad():
        best = model.network(points.reshape(-1, 1, 4, 6)).amax(0).numpy()
    assert (found.responses > best).all()
    reach = np.linalg.norm((found.most_exciting - 0.5).reshape(5, -1), axis=1)
    assert np.allclose(reach, 0.7, rtol=1e-6)


def test_the_order_that_is_read_is_that_of_every_pair_and_of_the_theory():
    model, stimuli = of(nn.Linear(4, 2), nn.Tanh(), shape=(1, 2, 2)), pink_noise((1, 2, 2), 30)
    rows, lengths = [[1, -3, 3, 9], [2, 4, -5, 6]], [10, 9]
    model.network[1].weight.data = torch.tensor(rows).float() / 16
    units = [Unit("2", 0), Unit("2", 1)]
    found = on_ball(model, units, ridges(model, "2"), stimuli, 1.0)
    assert [order.value for order in found.order] == [1, 1]
    assert found.undecided.tolist() == [0, 0]
    points = [[Fraction(x) for x in row] for row in stimuli.batch().flatten(1).double().tolist()]
    grey = [Fraction(1, 2)] * 4
    for row, length, shown in zip(rows, lengths, found.most_exciting.reshape(2, 4), strict=True):
        ends = [[c + sign * Fraction(w, length) for c, w in zip(grey, row, strict=True)] for sign in (-1, 1)]
        assert np.allclose(shown, np.array(ends[1], float), atol=1e-6)
        theory, phi = Ridge(Ball(grey, 1)), Visualization(*ends, -1, 1, Ball(grey, 1))
        inside = [p for p in points if sum((x - c) ** 2 for x, c in zip(p, grey, strict=True)) <= 1]
        sums = [sum(w * x for w, x in zip(row, p, strict=True)) for p in inside]
        pairs = list(combinations(range(len(inside)), 2))
        assert len(pairs) > 100
        assert all(theory.at_most(phi, inside[i], inside[j]) == (sums[i] <= sums[j]) for i, j in pairs)


def test_a_pair_within_what_rounding_leaves_open_is_undecided():
    model = of(nn.Linear(24, 2))
    stimuli = pink_noise(model.shape, 6).images
    doubled = ImageSet(np.concatenate([stimuli, stimuli[:2]]))
    found = on_ball(model, [Unit("1", 0), Unit("1", 1)], ridges(model, "1"), doubled, 1.0)
    assert found.undecided.tolist() == [2, 2]
    assert found.pairs == 28


def test_one_unit_that_is_constant_leaves_its_layer_measured():
    linear = nn.Linear(24, 2)
    nn.init.zeros_(linear.weight[1])
    model = of(linear)
    found = on_ball(model, [Unit("1", 0)], ridges(model, "1"), pink_noise(model.shape, 8), 1.0)
    assert found.certified
    both = on_ball(model, [Unit("1", 0), Unit("1", 1)], ridges(model, "1"), pink_noise(model.shape, 8), 1.0)
    assert not both.certified
    assert "whether each depends on its input" in both.reason


def test_ascent_finds_the_most_exciting_stimulus_of_a_unit_that_is_not_known_to_be_a_ridge_function():
    model = of(nn.Linear(24, 4), nn.Softplus())
    units = [Unit("2", channel) for channel in range(4)]
    found = on_ball(model, units, ridges(model, "2"), pink_noise(model.shape, 40), 1.5)
    weight = model.network[1].weight.detach().numpy()
    best = 1.5 * weight / np.linalg.norm(weight, axis=1, keepdims=True)
    assert not found.certified
    assert "softplus" in found.reason
    assert np.abs((found.most_exciting - 0.5).reshape(4, -1) - best).max() < 1e-3
    assert all(order.low > 0.999 for order in found.order)


def test_the_order_of_a_unit_that_answers_to_contrast_is_not_told():
    class Energy(nn.Module):
        def forward(self, x):
            return 10 * (x.flatten(1) - 0.5).square().sum(1, keepdim=True) + x.flatten(1)[:, :1]

    model = Model("energy", nn.Sequential(Energy()), (1, 4, 6))
    images = ImageSet(torch.rand(60, 1, 4, 6).numpy())
    found = on_ball(model, [Unit("0", 0)], ridges(model, "0"), images, 1.0)
    assert found.order[0].low < 0.75


def test_near_counts_pairs():
    values = np.random.default_rng(0).normal(size=50)
    assert near(values, 0.3) == sum(abs(x - y) <= 0.3 for x, y in combinations(values, 2))


def test_pink_noise_is_around_grey_with_amplitudes_that_fall_with_frequency():
    noise = pink_noise((1, 32, 64), 50).images
    power = np.abs(np.fft.fft2(noise[:, 0] - noise.mean((1, 2, 3))[:, None, None])).mean(0)
    assert abs(noise.mean() - 0.5) < 0.02
    assert power[0, 1] > 3 * power[0, 8] > 3 * power[0, 30]
    assert (pink_noise((1, 8, 8), 2, seed=3).images == pink_noise((1, 8, 8), 2, seed=3).images).all()


def test_a_ball_without_size_is_refused():
    model, grey = of(nn.Linear(24, 2)), ImageSet(np.full((3, 1, 4, 6), 0.5, np.float32))
    with pytest.raises(DomainError, match="the median stimulus is grey"):
        usual_radius(grey)
    with pytest.raises(DomainError, match="a ball has a radius above 0"):
        on_ball(model, [Unit("1", 0)], ridges(model, "1"), grey, 0.0)
