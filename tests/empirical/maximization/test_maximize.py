import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.images import load_images
from fvproof.empirical.maximization.maximize import Settings, Status, maximize, record
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, UnknownName

PLAIN = Settings(parametrization="pixel", transforms="off", precision="float32")


class Cosine(nn.Module):
    """The cosine between a prototype and the image seen from grey."""

    def __init__(self, prototype):
        super().__init__()
        self.prototype, self.cosine = nn.Parameter(prototype), nn.Identity()

    def forward(self, x):
        seen = x.flatten(1) - 0.5
        return self.cosine((seen @ self.prototype)[:, None] / (seen.norm(dim=1, keepdim=True) + 1e-9))


class Distance(nn.Module):
    """Minus the squared distance from an image."""

    def __init__(self, image):
        super().__init__()
        self.image, self.unit = nn.Parameter(image), nn.Identity()

    def forward(self, x):
        return self.unit(-(x - self.image).square().flatten(1).sum(1, keepdim=True))


@pytest.fixture
def convolutional():
    torch.manual_seed(0)
    layers = nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.BatchNorm2d(8),
        nn.Tanh(),
        nn.Dropout(0.5),
        nn.Conv2d(8, 6, 3),
        nn.Flatten(),
        nn.LazyLinear(4),
    )
    layers(torch.zeros(2, 3, 10, 10))
    return Model("convolutional", layers, (3, 10, 10))


def linear(weight, bias=0.0):
    layer = nn.Linear(weight.shape[1], len(weight))
    layer.weight.data, layer.bias.data = weight, torch.full((len(weight),), bias)
    return nn.Sequential(nn.Flatten(), layer)


@pytest.mark.parametrize("parametrization", ["pixel", "fourier"])
@pytest.mark.parametrize("minimize", [False, True])
def test_an_affine_unit_reaches_its_optimum_on_the_cube(parametrization, minimize):
    weight = torch.randn(2, 64, generator=torch.Generator().manual_seed(0))
    settings = Settings(parametrization=parametrization, transforms="off", precision="float32", learning_rate=0.2)
    runs = maximize(
        Model("affine", linear(weight, 0.25), (1, 8, 8)), [Unit("1", 0), Unit("1", 1)], settings, minimize=minimize
    )
    for row, run in zip(weight, runs, strict=True):
        optimum = (row.clamp(max=0) if minimize else row.clamp(min=0)).sum().item() + 0.25
        assert run.activation == pytest.approx(optimum, rel=0.03)
        corner = (row < 0) if minimize else (row > 0)
        strong = row.abs() > 0.2
        assert ((torch.from_numpy(run.image).flatten() > 0.5) == corner)[strong].all()
        assert run.status is Status.OK


def test_a_cosine_unit_reaches_its_prototype():
    prototype = torch.randn(64, generator=torch.Generator().manual_seed(1))
    (run,) = maximize(Model("cosine", Cosine(prototype / prototype.norm()), (1, 8, 8)), [Unit("cosine", 0)], PLAIN)
    assert run.activation == pytest.approx(1, abs=1e-3)


def test_a_unit_with_its_maximum_inside_the_cube_shows_that_image():
    image = 0.2 + 0.6 * torch.rand(1, 8, 8, generator=torch.Generator().manual_seed(2))
    (run,) = maximize(Model("distance", Distance(image), (1, 8, 8)), [Unit("unit", 0)], PLAIN)
    np.testing.assert_allclose(run.image, image.numpy(), atol=1e-3)
    assert run.activation == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("shape", [(1, 8, 8), (4, 9, 7), (3, 6, 6), (2, 5, 5)])
def test_images_of_any_size_and_number_of_channels_are_optimized(shape):
    torch.manual_seed(0)
    model = Model("conv", nn.Sequential(nn.Conv2d(shape[0], 3, 3, padding=1), nn.Tanh()), shape)
    runs = maximize(model, [Unit("1", 0), Unit("1", 2)], Settings(steps=64))
    assert all(run.image.shape == shape and run.image.dtype == np.float32 for run in runs)
    assert all(run.image.min() >= 0 and run.image.max() <= 1 for run in runs)
    assert all(run.activation > run.trace[0] + 0.05 for run in runs)


@pytest.mark.parametrize("position", ["mean", "center"])
def test_a_transformers_tokens_are_optimized(position):
    torch.manual_seed(0)
    encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    model = Model(
        "transformer", nn.Sequential(nn.Conv2d(3, 8, 4, 4), nn.Flatten(2), Transposed(), encoder), (3, 12, 12)
    )
    (run,) = maximize(model, [Unit("3", 5)], Settings(steps=64, position=position))
    assert run.status in (Status.OK, Status.NOT_CONVERGED)
    assert run.activation > run.noise_best


class Transposed(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)


def test_runs_come_in_the_order_of_the_units_whatever_their_layers(convolutional):
    units = [Unit("6", 3), Unit("0", 1), Unit("4", 2), Unit("6", 0), Unit("0", 1)]
    runs = maximize(convolutional, units, Settings(steps=2))
    assert [run.unit for run in runs] == units


def test_a_units_result_does_not_depend_on_its_company(convolutional):
    units = [Unit("4", channel) for channel in range(6)]
    settings = Settings(steps=40, precision="float32")
    together = {run.unit: run for run in maximize(convolutional, units, settings)}
    reversed_in_twos = maximize(convolutional, units[::-1], Settings(steps=40, precision="float32", batch=2))
    for run in [*reversed_in_twos, *maximize(convolutional, units[3:4], settings)]:
        np.testing.assert_allclose(run.image, together[run.unit].image, atol=1e-3)
        np.testing.assert_allclose(run.trace, together[run.unit].trace, atol=1e-4)
        assert run.noise_best == pytest.approx(together[run.unit].noise_best)


def test_the_same_seed_gives_the_same_result_and_another_seed_another(convolutional):
    first, again, other = (
        maximize(convolutional, [Unit("4", 0)], Settings(steps=20, seed=seed))[0] for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.trace, again.trace)
    assert record(first) == record(again)
    assert np.abs(first.image - other.image).max() > 0.01


def test_the_network_and_the_global_random_state_are_left_as_they_were(convolutional):
    network = convolutional.network.train()
    network[3].eval()
    network[0].bias.requires_grad = False
    network(torch.rand(2, 3, 10, 10)).sum().backward()
    own = network[1].register_forward_hook(lambda *_: None)
    states = {name: value.clone() for name, value in network.state_dict().items()}
    gradients = {name: None if p.grad is None else p.grad.clone() for name, p in network.named_parameters()}
    modes = [module.training for module in network.modules()]
    flags = [parameter.requires_grad for parameter in network.parameters()]
    randomness = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    maximize(convolutional, [Unit("6", 0), Unit("0", 0)], Settings(steps=20))
    assert all(torch.equal(value, states[name]) for name, value in network.state_dict().items())
    for name, parameter in network.named_parameters():
        before = gradients[name]
        assert parameter.grad is None if before is None else torch.equal(parameter.grad, before)
    assert [module.training for module in network.modules()] == modes
    assert [parameter.requires_grad for parameter in network.parameters()] == flags
    hooks = [hook for module in network.modules() for hook in (*module._forward_hooks, *module._forward_pre_hooks)]
    assert hooks == [own.id]
    assert torch.equal(torch.get_rng_state(), randomness[0])
    assert (random.getstate(), np.random.get_state()[1].tolist()) == randomness[1:]  # noqa: NPY002


def test_a_network_that_fails_midway_is_left_as_it_was_too(convolutional):
    convolutional.network.train()
    with pytest.raises(KeyboardInterrupt):
        maximize(convolutional, [Unit("6", 0)], Settings(steps=20), progress=interrupt)
    assert convolutional.network.training
    assert all(parameter.requires_grad for parameter in convolutional.network.parameters())
    assert not any(module._forward_hooks for module in convolutional.network.modules())


def interrupt(_count):
    raise KeyboardInterrupt


def test_the_clean_activation_is_that_of_the_image_and_the_seen_one_that_of_the_last_steps(convolutional):
    (run,) = maximize(convolutional, [Unit("4", 1)], Settings(steps=64, precision="float32"))
    found = activations(convolutional, [Unit("4", 1)], [torch.from_numpy(run.image)[None]])
    assert run.activation == pytest.approx(found[Unit("4", 1)].item(), rel=1e-4)
    assert run.activation_seen == pytest.approx(run.trace[-16:].mean())


def test_a_record_can_be_written_and_read_as_json(convolutional):
    (run,) = maximize(convolutional, [Unit("4", 1)], Settings(steps=3))
    found = json.loads(json.dumps(record(run), allow_nan=False))
    assert found["unit"] == "4:1"
    assert found["settings"]["steps"] == 3
    assert found["trace"] == pytest.approx(run.trace.tolist())


def test_no_units_give_no_runs(convolutional):
    assert maximize(convolutional, []) == []


def test_a_unit_that_its_layer_does_not_have_is_refused(convolutional):
    with pytest.raises(DomainError, match="layer '4' has units 0 to 5, received 6"):
        maximize(convolutional, [Unit("4", 6)])


def test_a_layer_that_does_not_exist_is_refused(convolutional):
    with pytest.raises(UnknownName, match="no layer '44'"):
        maximize(convolutional, [Unit("44", 0)])


def test_a_trained_networks_units_beat_natural_images(shared_data):
    resnet = f"{Path(__file__).parents[3]}/docs/examples/cifar_resnet.py:resnet20"
    model = load_model(resnet, weights=shared_data / "cifar10_resnet20.pt")
    images = load_images(shared_data / "cifar10_test.npz", model.shape, limit=200)
    units = [*(Unit("linear", label) for label in range(10)), Unit("layer2.0.conv1", 5)]
    natural = activations(model, units, [images.batch()])
    for minimize in (False, True):
        runs = maximize(model, units, Settings(steps=64), minimize=minimize, natural=natural)
        assert not any(run.status.failed for run in runs)
        if not minimize:
            shown = torch.stack([torch.from_numpy(run.image) for run in runs[:10]])
            assert model(shown).argmax(1).tolist() == list(range(10))
