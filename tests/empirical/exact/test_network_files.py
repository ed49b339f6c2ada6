"""A network's files are the network."""

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from fvproof.empirical.exact.network_files import write_network
from fvproof.empirical.images import ImageSet
from fvproof.empirical.networks.model import Model
from fvproof.theory.errors import DomainError
from fvproof.verify.files.onnx_files import evaluate


def standardized_network():
    layers = [nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 25, 2)]
    return Model("small", nn.Sequential(*layers).eval(), (3, 5, 5), normalize=lambda images: (images - 0.5) / 0.25)


def images(count):
    return ImageSet(np.random.default_rng(0).random((count, 3, 5, 5), dtype=np.float32))


def test_both_files_read_images_and_take_batches_of_any_size(tmp_path):
    model = standardized_network()
    record = write_network(model, tmp_path, images(4), name="fooled")
    assert [check["holds"] for check in record["checks"]] == [True, True]
    batch = images(7).batch()
    wanted = model(batch).detach()
    assert torch.allclose(torch.export.load(tmp_path / "fooled.pt2").module()(batch), wanted, atol=1e-6)
    assert np.allclose(evaluate(onnx.load(tmp_path / "fooled.onnx"), batch.numpy()), wanted, atol=1e-5)


def test_the_network_is_left_as_it_was(tmp_path):
    model = standardized_network()
    model.network.train()
    before = {key: tensor.clone() for key, tensor in model.network.state_dict().items()}
    write_network(model, tmp_path, images(2))
    assert model.network.training
    assert all(parameter.requires_grad for parameter in model.network.parameters())
    assert all(torch.equal(before[key], tensor) for key, tensor in model.network.state_dict().items())


def test_a_network_that_cannot_be_exported_is_one_clear_line(tmp_path):
    class Asking(nn.Module):
        def forward(self, x):
            return x.flatten(1) if x.sum().item() > 0 else -x.flatten(1)

    with pytest.raises(DomainError, match="the network cannot be exported"):
        write_network(Model("asking", Asking(), (1, 2, 2)), tmp_path, ImageSet(np.ones((1, 1, 2, 2), np.float32)))
