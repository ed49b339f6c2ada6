"""Which units are ridge functions: the weights against exact fractions, and networks whose units are none."""

from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.ridges import NoRidges, Ridges, ridges
from fvproof.empirical.networks.zoo import model_of


def settled(network):
    """Give batch norms statistics that are not those of the start."""
    for norm in (one for one in network.modules() if isinstance(one, nn.BatchNorm2d)):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.1, 3)
        nn.init.uniform_(norm.weight, -2, 2)
    return network.eval()


def exactly(tensor):
    return [[Fraction(x) for x in row] for row in tensor.detach().double().flatten(1).tolist()]


def off(found, rows):
    """Return, for each unit, the exact sum of how far its weights are from these."""
    return [
        sum(abs(Fraction(x) - y) for x, y in zip(row, exact, strict=True))
        for row, exact in zip(found.weights.tolist(), rows, strict=True)
    ]


def test_the_weights_of_two_linear_layers_are_the_exact_ones_up_to_the_bound():
    first, second = nn.Linear(6, 40), nn.Linear(40, 3)
    found = ridges(Model("two", nn.Sequential(nn.Flatten(), first, second, nn.Tanh()), (1, 2, 3)), "3")
    assert isinstance(found, Ridges)
    one, two = exactly(first.weight), exactly(second.weight)
    rows = [[sum(row[k] * one[k][j] for k in range(40)) for j in range(6)] for row in two]
    missed = off(found, rows)
    assert all(0 < gap <= bound for gap, bound in zip(missed, found.error.tolist(), strict=True))
    assert found.error.max() < 1e-13
    assert found.link == ("tanh",)
    assert found.certified.all()


def test_the_weights_through_convolution_normalization_and_division_are_the_exact_ones_up_to_the_bound():
    getcontext().prec = 60
    conv, norm = nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2)

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.norm, self.link = conv, norm, nn.Sigmoid()

        def forward(self, x):
            return self.link(self.norm(self.conv((x - 0.4) / 0.3)).flatten(1))

    settled(net := Network())
    found = ridges(Model("one", net, (1, 2, 2)), "link")
    scales = [
        Fraction(w) / Fraction((Decimal(v) + Decimal(norm.eps)).sqrt()) / Fraction(0.3)
        for w, v in zip(norm.weight.tolist(), norm.running_var.tolist(), strict=True)
    ]
    rows = [[s * w for w in row] for s, row in zip(scales, exactly(conv.weight), strict=True)]
    assert all(gap <= bound for gap, bound in zip(off(found, rows), found.error.tolist(), strict=True))


def test_the_weights_of_bilinear_samples_are_the_exact_ones_up_to_the_bound():
    places = 2.4 * torch.rand(1, 1, 30, 2) - 1.2  # some look beyond the border

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.link = nn.ELU()

        def forward(self, x):
            grid = places.expand(len(x), -1, -1, -1)
            return self.link(functional.grid_sample(x, grid, align_corners=True)[:, 0, 0])

    found = ridges(Model("samples", Network(), (1, 4, 5)), "link")
    rows = []
    for right, down in places[0, 0].tolist():
        i, j = (Fraction(down) + 1) / 2 * 3, (Fraction(right) + 1) / 2 * 4
        rows.append([max(0, 1 - abs(i - p)) * max(0, 1 - abs(j - q)) for p in range(4) for q in range(5)])
    assert all(gap <= bound for gap, bound in zip(off(found, rows), found.error.tolist(), strict=True))
    assert found.error.max() < 1e-12


def test_weights_that_are_a_little_wrong_break_the_bound():
    first, second = nn.Linear(6, 40), nn.Linear(40, 3)
    found = ridges(Model("two", nn.Sequential(nn.Flatten(), first, second), (1, 2, 3)), "2")
    exact = second.weight.detach().double().numpy() @ first.weight.detach().double().numpy()
    assert (np.abs(found.weights * (1 + 1e-10) - exact).sum(1) > found.error).all()


def test_a_unit_that_does_not_depend_on_the_image_is_not_certified():
    linear = nn.Linear(4, 3)
    nn.init.zeros_(linear.weight[1])
    found = ridges(Model("one", nn.Sequential(nn.Flatten(), linear), (1, 2, 2)), "1")
    assert found.certified.tolist() == [True, False, True]


def test_a_channel_with_positions_is_read_by_its_mean_before_the_link_and_not_after():
    conv = nn.Conv2d(1, 2, 3)
    model = Model("maps", nn.Sequential(conv, nn.ELU(), nn.Flatten(), nn.Linear(32, 2)), (1, 6, 6))
    before, after = ridges(model, "0"), ridges(model, "1")
    drive = torch.rand(1, 1, 6, 6, dtype=torch.double, requires_grad=True)
    functional.conv2d(drive, conv.weight.double())[:, 1].mean().backward()
    assert np.allclose(before.weights[1], drive.grad.flatten().numpy(), rtol=0, atol=1e-15)
    assert isinstance(after, NoRidges)
    assert "comes after ELU" in after.reason


def test_what_the_network_does_to_a_layer_in_place_afterwards_does_not_count():
    linear = nn.Linear(4, 2)
    found = ridges(Model("place", nn.Sequential(nn.Flatten(), linear, nn.ReLU(inplace=True)), (1, 2, 2)), "1")
    assert (found.weights == linear.weight.detach().double().numpy()).all()
    assert found.link == ()


class Formula(nn.Module):
    """A linear layer, and a formula after it."""

    def __init__(self, formula):
        super().__init__()
        self.linear, self.formula, self.end = nn.Linear(4, 3), formula, nn.Identity()

    def forward(self, x):
        return self.end(self.formula(self.linear(x.flatten(1))))


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (functional.relu, "relu"),
        (functional.softplus, "softplus"),
        (functional.gelu, "gelu"),
        (lambda x: x * x, "multiplies two numbers"),
        (lambda x: x / (1 + x.exp()), "div"),
        (lambda x: functional.layer_norm(x, (3,)), "layer_norm"),
        (lambda x: functional.leaky_relu(x, -0.1), "does not rise with these parameters"),
        (lambda x: -functional.elu(x), "comes after ELU"),
        (lambda x: -2.0 * functional.elu(x), "comes after ELU"),
        (lambda x: functional.elu(x) @ torch.ones(3, 2), "comes after ELU"),
        (lambda x: functional.elu(x) + x, "does not rise|comes after"),
        (lambda x: x.sort(1).values, "sort"),
        (lambda x: x.double(), "does not compute in float32"),
        (lambda x: x + torch.rand(3), "draws random numbers"),
        (lambda x: torch.add(x, torch.ones(3), alpha=2).exp() * x, "has the option alpha"),
        (
            lambda x: functional.batch_norm(x, torch.zeros(3), torch.ones(3), bias=x[0]),
            "weights that depend on the image",
        ),
        (lambda x: functional.linear(x, torch.ones(3, 3), x[0]), "weights that depend on the image"),
        (lambda x: torch.cat([x, x.exp()], 1), "cat"),
        (lambda x: x if x.sum() > 0 else -x, "torch.export cannot read the network"),
        (lambda x: torch.full((len(x), 3), 2.0), "units are not known"),
    ],
)
def test_what_is_no_ridge_function_is_not_taken_for_one(formula, said):
    found = ridges(Model("formula", Formula(formula).eval(), (1, 2, 2)), "end")
    assert isinstance(found, NoRidges)
    assert any(one in found.reason for one in said.split("|")), found.reason


@pytest.mark.parametrize(
    ("formula", "link"),
    [
        (lambda x: functional.elu(x) + 1, ("ELU", "+ constant")),
        (lambda x: 3 * (x - 1).tanh() / 2, ("tanh", "· positive constant", "· positive constant")),
        (lambda x: (x.sum(1, keepdim=True) - x).exp(), ("exp",)),
        (lambda x: functional.leaky_relu(x[:, :2], 0.1), ("LeakyReLU",)),
        (lambda x: x.reshape(-1, 3, 1).squeeze(2).sigmoid(), ("sigmoid",)),
    ],
)
def test_the_order_of_any_two_images_is_that_of_the_weighted_sums(formula, link):
    model = Model("formula", Formula(formula).eval(), (1, 2, 2))
    found = ridges(model, "end")
    images = torch.rand(40, 1, 2, 2)
    with torch.no_grad():
        values = model.network.double()(images.double()).numpy()
    sums = images.double().flatten(1).numpy() @ found.weights.T
    assert found.link == link
    assert (np.argsort(values, axis=0) == np.argsort(sums, axis=0)).all()


def test_how_a_network_reads_images_is_part_of_the_way_and_a_sum_may_have_one_part_twice():
    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.end = nn.Linear(12, 2, bias=False), nn.Identity()

        def forward(self, x):
            drive = self.linear(x.flatten(1))
            return self.end(drive + drive - drive.mean(1, keepdim=True))

    model = model_of(
        network := Network(), shape=(3, 2, 2), mean=(10, 20, 30), std=(2, 3, 4), value_range=(0, 255), bgr=True
    )
    found = ridges(model, "end")
    weight = network.linear.weight.detach().double()
    rows = (2 * weight - weight.mean(0)).reshape(2, 3, 2, 2) * 255 / torch.tensor([2.0, 3.0, 4.0])[:, None, None]
    assert np.allclose(found.weights, rows.flip(1).flatten(1).numpy(), rtol=1e-6, atol=0)


def test_networks_are_left_as_they_were_and_images_can_be_too_large():
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.Dropout(0.5)).train()
    ridges(Model("two", network, (1, 2, 2)), "1")
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())
    huge = ridges(Model("huge", nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (3, 224, 224)), "1")
    assert "are not tried" in huge.reason
