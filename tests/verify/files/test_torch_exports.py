"""What torch's own exporters write is read, and takes the values that a runtime computes."""

import warnings
from fractions import Fraction
from hashlib import sha256

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn
from torch.nn import functional

from fvproof.theory.errors import FvproofError
from fvproof.verify.files.readers import read_layered

SMALL = (1, 4, 4)


class Functional(nn.Module):
    """A convolutional network written out, flattened in one of several ways."""

    def __init__(self, flattened):
        super().__init__()
        self.conv, self.last, self.flattened = nn.Conv2d(1, 2, 2), nn.Linear(18, 3), flattened

    def forward(self, x):
        return self.last(self.flattened(functional.relu(self.conv(x))))


class Residual(nn.Module):
    """A block with a skip connection, and one before the ReLU."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c, self.d = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x):
        y = functional.relu(self.a(x))
        y = functional.relu(y + self.b(y))
        return self.d(y + self.c(functional.relu(self.b(y))) - x)


class Matrices(nn.Module):
    """Parameters that are multiplied by hand, and a normalised input."""

    def __init__(self):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(3, 4)), nn.Parameter(torch.randn(3))

    def forward(self, x):
        return 2 * ((x - 0.25) / torch.tensor([0.5, 1.0, 3.0, 7.0]) @ self.weight.T + self.bias).clamp(min=0) - 1


class LowRank(nn.Module):
    """Means, powers of shapes and padding."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding="same")

    def forward(self, x):
        return functional.pad(self.conv(x).clamp(0, 1), (1, 0, 0, 1)).mean((2, 3))


NETWORKS = {
    "layers": (
        nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 5, bias=False), nn.ReLU(), nn.Linear(5, 2)),
        (4,),
    ),
    "wide": (nn.Sequential(nn.Linear(40, 50), nn.ReLU(), nn.Linear(50, 2)), (40,)),
    "images": (nn.Sequential(nn.Conv2d(1, 2, 2), nn.ReLU(), nn.Flatten(), nn.Linear(18, 2)), SMALL),
    "norms": (
        nn.Sequential(
            nn.BatchNorm2d(1), nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.BatchNorm1d(18)
        ),
        SMALL,
    ),
    "norms of layers": (nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 2)), (4,)),
    "pooling": (
        nn.Sequential(nn.Conv2d(1, 2, 1), nn.ReLU(), nn.AvgPool2d(3, 2, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        SMALL,
    ),
    "rows": (nn.Sequential(nn.Linear(4, 5), nn.ReLU6(), nn.Dropout(), nn.Linear(5, 2)), (3, 4)),
    "one axis": (nn.Sequential(nn.Conv1d(1, 2, 2), nn.ReLU(), nn.AvgPool1d(3), nn.Flatten(), nn.Linear(2, 2)), (1, 4)),
    "unflatten": (nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Unflatten(1, (2, 2, 2)), nn.Conv2d(2, 2, 1)), (4,)),
    "view": (Functional(lambda x: x.view(x.size(0), -1)), SMALL),
    "reshape": (Functional(lambda x: x.reshape(-1, 18)), SMALL),
    "flatten": (Functional(lambda x: torch.flatten(x, 1)), SMALL),
    "residual": (Residual(), (4,)),
    "matrices": (Matrices(), (4,)),
    "low rank": (LowRank(), SMALL),
}


def exported(path, name, *, dynamo, dynamic=False, **options):
    """Write a network with random weights and statistics, as a user would, and return its path."""
    network, shape = NETWORKS[name]
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.running_mean.normal_(), module.running_var.uniform_(0.5, 2)
            module.weight.data.normal_(), module.bias.data.normal_()
    if dynamic:
        given = {"dynamic_shapes": ({0: torch.export.Dim("n")},)} if dynamo else {"dynamic_axes": {"x": {0: "n"}}}
        options |= {"input_names": ["x"], **given}
    with warnings.catch_warnings(action="ignore"):
        example = torch.randn(2 if dynamic else 1, *shape)
        torch.onnx.export(network.eval(), (example,), path, dynamo=dynamo, verbose=False, **options)
    return path


def agrees(path):
    """Return whether the exact network takes the runtime's values at a random point, up to single precision."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    shape = [size if isinstance(size, int) else 1 for size in given.shape]
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    (outputs,) = session.run(None, {given.name: x})
    exact = read_layered(path).outputs([Fraction(float(c)) for c in x.reshape(-1)])
    return np.allclose([float(y) for y in exact], outputs.reshape(-1), atol=1e-5)


@pytest.mark.parametrize("name", ["images", "residual"])
def test_the_default_exporter_is_read(tmp_path, name):
    assert agrees(exported(tmp_path / "n.onnx", name, dynamo=True))


@pytest.mark.parametrize("name", ["norms", "pooling", "one axis", "view", "low rank"])
def test_the_older_exporter_is_read_for_a_batch_of_any_size(tmp_path, name):
    assert agrees(exported(tmp_path / "n.onnx", name, dynamo=False, dynamic=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_all_of_them_are_read_from_both_exporters_however_they_are_called(tmp_path, name):
    for dynamo, plain in ((True, {"optimize": False}), (False, {"do_constant_folding": False})):
        for options in ({}, {"dynamic": True}, plain, {"external_data": False}):
            assert agrees(exported(tmp_path / "n.onnx", name, dynamo=dynamo, **options)), (dynamo, options)


def test_weights_in_another_file_are_read_and_belong_to_what_a_certificate_is_about(tmp_path):
    path = exported(tmp_path / "n.onnx", "wide", dynamo=True)
    assert agrees(path)
    beside, before = tmp_path / "n.onnx.data", read_layered(path)
    weights = bytearray(beside.read_bytes())
    assert before.digest != sha256(path.read_bytes() + weights).hexdigest()  # another file may hold both
    weights[100] ^= 1
    beside.write_bytes(weights)
    assert read_layered(path).digest != before.digest
    beside.unlink()
    with pytest.raises(FvproofError, match="lies in another file, which cannot be read"):
        read_layered(path)
