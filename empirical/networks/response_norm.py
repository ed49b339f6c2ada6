"""Local response normalization (Krizhevsky et al. 2012) in a quarter of torch's time."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from fvproof.empirical.networks.substitution import substituted


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """Return `x_c · (k + alpha/size · Σ x_i²)^(−beta)`, the sum over `size` channels around `c`, and its gradient.

    The arguments are those of `torch.nn.functional.local_response_norm`.

    Examples
    --------
    >>> x = torch.rand(2, 8, 3, 3)
    >>> torch.allclose(local_response_norm(x, 5), F.local_response_norm(x, 5))
    True
    """
    return _ResponseNorm.apply(input, size, alpha / size, beta, k)


def quick_norms(network: nn.Module) -> AbstractContextManager[object]:
    """Return a context in which the network's response norms, if it has any, are computed by `local_response_norm`."""
    if not any(isinstance(module, nn.LocalResponseNorm) for module in network.modules()):
        return nullcontext()
    return substituted({F.local_response_norm: local_response_norm})


class _ResponseNorm(torch.autograd.Function):
    """The norm and its gradient `g·t − 2·alpha·beta · x · Σ g·x·t/d`, with `d` the base and `t` its power.

    The sums over neighbouring channels are products with a band matrix, which is what processors do best.
    """

    @staticmethod
    @override
    def forward(ctx: Any, x: Tensor, size: int, alpha: float, beta: float, k: float) -> Tensor:
        inputs = x.movedim(1, -1).flatten(0, -2).to(torch.promote_types(x.dtype, torch.bfloat16))
        band = alpha * _band(inputs, before=size // 2, after=(size - 1) // 2)
        with torch.autocast(x.device.type, enabled=False):
            base = torch.addmm(inputs.new_tensor(k), inputs * inputs, band)
        power = base.log().mul_(-beta).exp_()
        ctx.save_for_backward(inputs, base, power, band)
        ctx.beta, ctx.shape = beta, x.movedim(1, -1).shape
        return (inputs * power).to(x.dtype).view(ctx.shape).movedim(-1, 1)

    @staticmethod
    @override
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None, None]:
        inputs, base, power, band = ctx.saved_tensors
        passed = gradients[0].movedim(1, -1).flatten(0, -2) * power
        shared = (passed * inputs).div_(base) @ band.T
        gradient = passed.addcmul_(shared, inputs, value=-2 * ctx.beta)
        return gradient.to(gradients[0].dtype).view(ctx.shape).movedim(-1, 1), None, None, None, None


def _band(values: Tensor, *, before: int, after: int) -> Tensor:
    """Return the matrix that sums, for each entry of the last dimension, it and so many before and after it."""
    square = values.new_ones(values.shape[-1], values.shape[-1])
    return square.triu(-after).tril(before)
