"""Branches that a unit does not depend on are not gone through on the way back.

The units of a block whose branches are put side by side (Inception, DenseNet) each depend on one branch. The gradient
of the others is zero, and torch would carry these zeros through every layer of them.
"""

from typing import Any

import torch
from torch import Tensor
from typing_extensions import override

from fvproof.empirical.networks.substitution import substituted


class _Joined(torch.autograd.Function):
    """Tensors side by side; those whose gradient is zero get none at all."""

    @staticmethod
    @override
    def forward(ctx: Any, dim: int, *parts: Tensor) -> Tensor:
        ctx.dim, ctx.sizes = dim, [part.shape[dim] for part in parts]
        ctx.set_materialize_grads(False)
        return torch.cat(parts, dim)

    @staticmethod
    @override
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        (gradient,) = gradients
        if gradient is None:
            return None, *([None] * len(ctx.sizes))
        return None, *(part if _counts(part) else None for part in gradient.split(ctx.sizes, ctx.dim))


def _counts(gradient: Tensor) -> bool:
    """Return whether a gradient is not zero everywhere; mostly one row of its positions tells."""
    middle = gradient.select(-2, gradient.shape[-2] // 2) if gradient.dim() > 3 else gradient
    return bool(middle.any()) or bool(gradient.any())


def _joined(tensors: Any, dim: int = 0, **options: Any) -> Tensor:  # noqa: ANN401 (torch's own signature)
    """Return the tensors side by side, as `torch.cat` does; on a CPU, where it costs nothing to look, pruned."""
    plain = options or isinstance(dim, str) or not all(part.device.type == "cpu" for part in tensors)
    if plain or len({part.dim() for part in tensors}) > 1 or not torch.is_grad_enabled():
        return torch.cat(tensors, dim, **options)
    return _Joined.apply(dim, *tensors)


def pruned() -> substituted:
    """Return a context in which a gradient that is zero for a whole branch is not carried through it.

    Examples
    --------
    >>> x = torch.ones(2, requires_grad=True)
    >>> with pruned():
    ...     both = torch.cat([x.sin(), x.cos()])
    >>> torch.autograd.grad(both[0], x)[0]
    tensor([0.5403, 0.0000])
    """
    names = (torch.cat, torch.concat, torch.concatenate, torch.ops.aten.cat.default)
    return substituted(dict.fromkeys(names, _joined))
