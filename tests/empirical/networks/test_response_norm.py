import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fvproof.empirical.networks.response_norm import local_response_norm, quick_norms


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("shape", [(2, 7, 4, 3), (3, 5, 6)])
def test_it_is_torchs_norm_with_torchs_gradient(size, shape):
    inputs = 3 * torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    weights = torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    found = []
    for norm in (local_response_norm, F.local_response_norm):
        x = inputs.clone().requires_grad_()
        y = norm(x, size, alpha=0.7, beta=0.6, k=1.5)
        found.append((y, torch.autograd.grad((weights * y).sum(), x)[0]))
    for own, torchs in zip(*found, strict=True):
        assert torch.allclose(own, torchs, rtol=1e-10, atol=1e-12)


def test_low_precision_costs_one_unit_in_the_last_place():
    x = (100 * torch.rand(2, 16, 3, 3)).to(torch.bfloat16)
    found, exact = local_response_norm(x, 5), F.local_response_norm(x.double(), 5)
    assert found.dtype == torch.bfloat16
    assert torch.allclose(found.double(), exact, rtol=torch.finfo(torch.bfloat16).eps)


def test_half_precision_does_not_overflow():
    x = torch.full((1, 8, 2, 2), 1000.0, dtype=torch.float16)
    found = local_response_norm(x, 5)
    assert found.dtype == torch.float16
    assert torch.allclose(found.double(), F.local_response_norm(x.double(), 5), rtol=2e-3)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_memory_layout_does_not_matter(layout):
    x = torch.rand(2, 8, 4, 5).contiguous(memory_format=layout)
    assert torch.allclose(local_response_norm(x, 5), F.local_response_norm(x, 5))


def test_it_takes_torchs_place_only_where_a_network_has_such_norms():
    with quick_norms(nn.Sequential(nn.LocalResponseNorm(5))):
        assert "ResponseNorm" in F.local_response_norm(torch.rand(1, 6, 2, 2, requires_grad=True), 5).grad_fn.name()
    with quick_norms(nn.ReLU()):
        assert "ResponseNorm" not in F.local_response_norm(torch.rand(1, 6, 2, 2, requires_grad=True), 5).grad_fn.name()
