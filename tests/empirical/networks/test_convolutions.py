from itertools import product

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fvproof.empirical.networks.convolutions import Kernel, stands


def gradient(convolved, images):
    output = convolved(images)
    (found,) = torch.autograd.grad(output.float().pow(2).sum(), images)
    return output.detach(), found


@pytest.mark.parametrize(
    ("side", "stride", "padding", "sides"),
    [
        *product([1, 2, 3, 7], [2, 3, (2, 4)], [0, 2, (1, 0)], [(17, 22)]),
        (4, 4, 0, (16, 19)),
        ((5, 3), (3, 2), (4, 1), (9, 30)),
    ],
)
def test_values_and_gradients_of_strided_convolutions_are_torchs(side, stride, padding, sides):
    torch.manual_seed(0)
    rows, columns = (side, side) if isinstance(side, int) else side
    weight, bias = torch.randn(5, 3, rows, columns, dtype=torch.float64), torch.randn(5, dtype=torch.float64)
    images = torch.randn(2, 3, *sides, dtype=torch.float64, requires_grad=True)
    found = gradient(lambda x: Kernel.of(weight, bias).convolve(x, stride, padding), images)
    known = gradient(lambda x: F.conv2d(x, weight, bias, stride, padding), images)
    for one, other in zip(found, known, strict=True):
        assert torch.allclose(one, other, rtol=1e-12, atol=1e-12)


def test_a_kernel_is_rounded_as_autocast_rounds_it():
    weight, images = torch.randn(4, 3, 3, 3), torch.rand(1, 3, 8, 8, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        found = Kernel.of(weight, None).convolve(images, 2)
        assert torch.equal(found, F.conv2d(images, weight, stride=2))
    assert found.dtype == torch.bfloat16


@pytest.mark.parametrize("options", [{"padding": "valid"}, {"dilation": 2}, {"groups": 3}, {"stride": (1, 2)}])
def test_other_convolutions_are_computed_too(options):
    weight = torch.randn(6, 1 if "groups" in options else 3, 3, 3)
    images = torch.rand(2, 3, 9, 9, requires_grad=True)
    found = gradient(lambda x: Kernel.of(weight, None).convolve(x, **options), images)
    known = gradient(lambda x: F.conv2d(x, weight, None, **options), images)
    assert all(torch.allclose(one, other, atol=1e-4) for one, other in zip(found, known, strict=True))


def test_weights_that_are_learned_or_computed_do_not_stand():
    layer, images = nn.Conv2d(3, 4, 3), torch.rand(1, 3, 8, 8)
    assert not stands(images, layer.weight, layer.bias)
    layer.requires_grad_(False)
    assert stands(images, layer.weight, layer.bias)
    assert not stands(images, 2 * layer.weight, layer.bias)
