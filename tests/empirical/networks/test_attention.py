import pytest
import torch
from torch.nn import functional as F

from fvproof.empirical.networks.attention import MOST_TOKENS, attention, quick_attention


def drawn(tokens=50, dtype=torch.bfloat16):
    torch.manual_seed(0)
    return torch.randn(3, 2, 3, tokens, 16).to(dtype).requires_grad_()


def gradient(function, drawn, **options):
    output = function(*drawn.unbind(), **options)
    return output, torch.autograd.grad(output.float().square().sum(), drawn)[0]


@pytest.mark.parametrize("options", [{}, {"scale": 0.5}, {"attn_mask": None, "dropout_p": 0.0, "is_causal": False}])
def test_values_and_gradients_are_those_of_torch(options):
    made = drawn()
    exact = gradient(F.scaled_dot_product_attention, made.detach().double().requires_grad_(), **options)
    for found, known in zip(gradient(attention, made, **options), exact, strict=True):
        assert (found.double() - known).norm() < 0.02 * known.norm()


@pytest.mark.parametrize(
    ("made", "options"),
    [
        (drawn(dtype=torch.float32), {}),
        (drawn(), {"is_causal": True}),
        (drawn(), {"attn_mask": torch.tril(torch.ones(50, 50)).bool()}),
        (drawn(MOST_TOKENS + 1), {}),
    ],
    ids=["float32", "causal", "mask", "long"],
)
def test_everything_else_is_torchs_own(made, options):
    with torch.no_grad():
        assert torch.equal(attention(*made, **options), F.scaled_dot_product_attention(*made, **options))


def test_the_context_reaches_a_networks_calls():
    query, key, value = drawn().detach().unbind()
    with quick_attention():
        found = F.scaled_dot_product_attention(query, key, value)
    assert torch.equal(found, attention(query, key, value))
    assert not torch.equal(found, F.scaled_dot_product_attention(query, key, value))
