"""Torch models as ONNX graphs: what is certified is the network in memory."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.sequential import sequential_onnx
from fvproof.empirical.networks.units import Unit, responses
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError
from fvproof.verify.files.onnx_files import evaluate
from fvproof.verify.files.readers import layered_from_bytes


def convolutional():
    """Return a small network with all supported layers, nested, strided and grouped."""
    torch.manual_seed(0)
    inner = nn.Sequential(nn.Conv2d(4, 6, 3, stride=2, padding=(1, 0), groups=2, bias=False), nn.ReLU(), nn.Dropout())
    layers = [nn.Conv2d(2, 4, 2, dilation=2), nn.ReLU(), inner, nn.Identity(), nn.Flatten(), nn.Linear(24, 3)]
    return Model("small", nn.Sequential(*layers).eval(), (2, 6, 8))


def at_random_images(model, unit=None):
    """Return what ONNX says, what the exact reader says, and what torch says, for four images."""
    data = sequential_onnx(model, unit)
    images = torch.rand(4, *model.shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        if unit is None:
            wanted = model(images)
        else:
            with capturing(model, [unit.layer], responses) as run:
                wanted = run(images)[unit.layer][:, unit.channel, None]
    graph, net = onnx.load_model_from_string(data), layered_from_bytes(Path("m.onnx"), data)
    onnx.checker.check_model(graph, full_check=True)
    from_onnx = np.concatenate([evaluate(graph, image[None].numpy()) for image in images])
    y = images.double().reshape(4, -1).numpy()
    for weights, biases in net.doubles[:-1]:
        y = np.maximum(y @ weights.T + biases, 0)
    return from_onnx, y @ net.doubles[-1][0].T + net.doubles[-1][1], wanted.double().numpy()


@pytest.mark.parametrize("unit", [None, Unit("0", 1), Unit("2.0", 5), Unit("2.1", 0), Unit("5", 2)])
def test_the_graph_the_exact_reader_and_torch_agree(unit):
    from_onnx, exact, wanted = at_random_images(convolutional(), unit)
    assert from_onnx.reshape(wanted.shape) == pytest.approx(wanted, abs=1e-5)
    assert exact == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("name", ["digits", "digits-small"])
def test_the_embedded_networks_can_be_read(name):
    from_onnx, exact, wanted = at_random_images(load_model(name))
    assert from_onnx == pytest.approx(wanted, abs=1e-4)
    assert exact == pytest.approx(wanted, abs=1e-4)


def test_doubles_stay_doubles():
    model = Model("double", nn.Sequential(nn.Flatten(), nn.Linear(4, 2)).double(), (1, 2, 2))
    net = layered_from_bytes(Path("m.onnx"), sequential_onnx(model))
    assert (net.maps[0].weights == model.network[1].weight.detach().numpy()).all()


@pytest.mark.parametrize(
    ("network", "unit", "message"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.Sigmoid()), None, r"layer 2 \(Sigmoid\(\)\)"),
        (nn.Sequential(nn.Conv2d(1, 1, 3, padding="same")), None, "layer 0"),
        (nn.Linear(4, 2), None, "must be an nn.Sequential"),
        (nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), Unit("7", 0), "no layer '7'; it has 0, 1"),
        (nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), Unit("1", 2), "has units 0 to 1"),
    ],
)
def test_what_cannot_be_certified_is_named(network, unit, message):
    with pytest.raises(DomainError, match=message):
        sequential_onnx(Model("given", network, (1, 2, 2)), unit)
