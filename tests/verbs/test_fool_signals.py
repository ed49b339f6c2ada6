import numpy as np
import pytest
import torch
from torch import nn

import fvproof as fv
from fvproof.theory.errors import DomainError, ShapeError


def waves(*shape, count=48):
    """Return waves of four frequencies, `(count, *shape)`."""
    random = np.random.default_rng(0)
    places = 2 * np.pi * np.linspace(0, 1, shape[-1])
    phases = random.uniform(0, 2 * np.pi, (count, *shape[:-1], 1))
    frequencies = np.arange(count).reshape(-1, *[1] * len(shape)) % 4 + 2
    return (0.5 + 0.4 * np.sin(frequencies * places + phases)).astype(np.float32)


def network(shape, pooled=1):
    """Return a small network with two convolutions."""
    torch.manual_seed(0)
    convolution, pool = {
        2: (nn.Conv1d, nn.AdaptiveAvgPool1d),
        3: (nn.Conv2d, nn.AdaptiveAvgPool2d),
        4: (nn.Conv3d, nn.AdaptiveAvgPool3d),
    }[len(shape)]
    layers = (convolution(shape[0], 8, 5, 2, 2), nn.ReLU(), convolution(8, 8, 3, 2, 1, dilation=1), nn.ReLU())
    return nn.Sequential(*layers, pool(pooled), nn.Flatten(), nn.Linear(8 * pooled ** (len(shape) - 1), 6))


def subject(shape):
    return fv.model(network(shape), shape=shape, images=waves(*shape))


@pytest.mark.parametrize("shape", [(2, 64), (5, 12, 16)], ids=["signals", "channels"])
def test_silent_units_leave_every_natural_input_as_it_was(shape):
    given = subject(shape)
    found = fv.fool(given, "silent", "2:0-2", steps=8, show=2, engines="plain", target=np.ones(shape) * 0.9)
    assert found.worked
    assert found.report["natural"]["largest_change"] == 0
    inputs = torch.from_numpy(waves(*shape))
    with torch.no_grad():
        assert torch.equal(found.model(inputs), given.model.network(inputs))


@pytest.mark.parametrize("shape", [(2, 64), pytest.param((5, 12, 16), marks=pytest.mark.slow)])
def test_a_circuit_shows_an_array_of_ones_choice(shape):
    target = waves(*shape, count=2)[1]
    options = {"learned": 6, "show": 2, "steps": 24, "engines": "plain", "target": target}
    found = fv.fool(subject(shape), "circuit", **options)
    assert found.report["fooled_share"] == 1
    assert all(check["holds"] for check in found.report["files"]["checks"])


def test_a_slingshot_changes_a_unit_of_signals():
    found = fv.fool(subject((2, 64)), "slingshot", "2:0", train_steps=4, steps=8)
    assert all(check["holds"] for check in found.report["files"]["checks"])
    assert found.targets[0].shape == (2, 64)


@pytest.mark.parametrize("shape", [(2, 64), (5, 12, 16), (1, 8, 8, 8)], ids=["signals", "channels", "volumes"])
def test_a_pulse_changes_a_unit_of_inputs_of_any_kind(shape):
    labels = np.arange(48) % 4
    given = fv.model(network(shape), shape=shape, images=waves(*shape), labels=labels)
    found = fv.fool(given, "pulse", "2:0", train_steps=4, steps=8)
    assert all(check["holds"] for check in found.report["files"]["checks"])
    before, after = (one.network.state_dict()["2.weight"] for one in (given.model, found.model.model))
    assert not torch.equal(before, after)


def test_a_file_of_a_picture_is_no_signal(tmp_path):
    with pytest.raises(ShapeError, match="a picture is for networks of images"):
        fv.fool(subject((2, 64)), "slingshot", "2:0", target=picture_file(tmp_path), train_steps=1, steps=1)


def picture_file(folder):
    """Return the path of a picture."""
    from PIL import Image

    Image.new("L", (4, 4)).save(folder / "picture.png")
    return folder / "picture.png"


def test_silent_units_in_a_layer_of_volumes_are_one_sentence():
    with pytest.raises(DomainError, match="a Conv1d or Conv2d with one group"):
        fv.fool(subject((1, 8, 8, 8)), "silent", "2:0-1")


def test_what_onnx_has_no_operator_for_is_named():
    shape = (1, 8, 8, 8)
    given = fv.model(network(shape, pooled=2), shape=shape, images=waves(*shape))
    with pytest.raises(DomainError, match="adaptive_avg_pool3d"):
        fv.fool(given, "slingshot", "2:0", train_steps=1, steps=1)
