import pytest
import torch
from torch import nn

from fvproof.empirical.maximization.pruning import pruned


class Counting(torch.autograd.Function):
    """The identity, which counts how often a gradient comes back through it."""

    @staticmethod
    def forward(ctx, x, passes):
        ctx.passes = passes
        ctx.set_materialize_grads(False)
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        if gradient is not None:
            ctx.passes.append(gradient)
        return gradient, None


def gradients(read):
    """Return the gradient of a reading of two convolutions side by side, and how often each was gone through."""
    left, right = nn.Conv2d(2, 3, 3, padding=1), nn.Conv2d(2, 4, 1)
    x = torch.rand(2, 2, 5, 5, generator=torch.Generator().manual_seed(0)).requires_grad_()
    passes = ([], [])
    joined = torch.cat([Counting.apply(left(x), passes[0]), Counting.apply(right(x), passes[1])], dim=1)
    return torch.autograd.grad(read(joined), x)[0], tuple(map(len, passes))


@pytest.mark.parametrize(("channel", "passes"), [(1, (1, 0)), (5, (0, 1))])
def test_only_the_branch_of_the_unit_is_gone_through(channel, passes):
    torch.manual_seed(0)
    expected, all_passes = gradients(lambda joined: joined[:, channel].sum())
    torch.manual_seed(0)
    with pruned():
        found, own_passes = gradients(lambda joined: joined[:, channel].sum())
    torch.testing.assert_close(found, expected)
    assert (all_passes, own_passes) == ((1, 1), passes)


def test_units_of_all_branches_have_torchs_gradient():
    torch.manual_seed(0)
    expected, _ = gradients(lambda joined: joined.square().sum())
    torch.manual_seed(0)
    with pruned():
        found, passes = gradients(lambda joined: joined.square().sum())
    torch.testing.assert_close(found, expected)
    assert passes == (1, 1)


def test_a_gradient_that_sums_to_zero_is_not_taken_for_none():
    x = torch.ones(2, requires_grad=True)
    with pruned():
        joined = torch.cat([x, x.detach()])
    assert torch.autograd.grad(joined[0] - joined[1], x)[0].tolist() == [1, -1]


@pytest.mark.parametrize("join", [torch.cat, torch.concat, torch.concatenate])
def test_every_name_and_argument_of_torchs_function_is_understood(join):
    parts = [torch.ones(2, 1, requires_grad=True), torch.zeros(2, 2)]
    with pruned():
        assert join(parts, -1).shape == join(tensors=parts, dim=1).shape == (2, 3)
        assert join([torch.ones(2), torch.ones(1)]).shape == (3,)
        assert join([torch.ones(0), torch.ones(2, 1, requires_grad=True)]).shape == (2, 1)
