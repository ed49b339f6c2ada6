"""Gradients through ReLUs that block them: what lets ascent start where a unit is not yet active.

Where a ReLU's inputs are all negative for some image, no gradient reaches that image and ascent never starts. During
the first steps the gradient of such an image is passed on wherever it asks for a larger output, as if the ReLU were
open (Olah et al. 2017).
"""

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import override

from fvproof.empirical.networks.dictionaries import gated
from fvproof.empirical.networks.substitution import substituted


class _OpenedReLU(torch.autograd.Function):
    """Clamping to [low, high] whose gradient, if blocked for a whole image, passes where it asks for more."""

    @staticmethod
    @override
    def forward(ctx: Any, inputs: Tensor, low: float, high: float, inplace: bool) -> Tensor:
        clamped = _clamped(inputs, low, high, inplace=inplace)
        if inplace:
            ctx.mark_dirty(inputs)
        ctx.save_for_backward(clamped)
        ctx.low, ctx.high = low, high
        ctx.set_materialize_grads(False)
        return clamped

    @staticmethod
    @override
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, None, None, None]:
        (gradient,), (clamped,) = gradients, ctx.saved_tensors
        if gradient is None:
            return None, None, None, None
        passed = _passed(gradient, clamped, ctx.low, ctx.high)
        if passed.device.type == "cpu" and _reaches_all(passed):
            return passed, None, None, None  # on a CPU, where looking is free: no image is blocked
        opened = gradient.clamp(max=0) * (clamped < ctx.high)
        images = tuple(range(1, gradient.dim()))
        blocked = passed.abs().amax(dim=images, keepdim=True) == 0 if images else passed == 0
        return torch.where(blocked, opened, passed), None, None, None


def _clamped(inputs: Tensor, low: float, high: float, *, inplace: bool) -> Tensor:
    """Return the inputs clamped, by the quickest of torch's functions."""
    if (low, high) == (0.0, inf):
        return torch.relu_(inputs) if inplace else torch.relu(inputs)
    return inputs.clamp_(low, high) if inplace else inputs.clamp(low, high)


def _passed(gradient: Tensor, clamped: Tensor, low: float, high: float) -> Tensor:
    """Return the gradient as torch passes it through the clamping."""
    if (low, high) == (0.0, inf):
        return torch.ops.aten.threshold_backward(gradient, clamped, 0)
    return torch.ops.aten.hardtanh_backward(gradient, clamped, low, high)


def _reaches_all(passed: Tensor) -> bool:
    """Return whether some of the gradient reaches each image; mostly one row of its positions tells."""
    if passed.dim() > 3 and _each(passed.select(-2, passed.shape[-2] // 2)):
        return True
    return _each(passed)


def _each(values: Tensor) -> bool:
    """Return whether there is an entry in each row that is not zero."""
    dims = tuple(range(1, values.dim()))
    return bool((values.abs().amax(dim=dims) if dims else values).all())


def _relu(input: Tensor, inplace: bool = False) -> Tensor:  # noqa: FBT001, FBT002 (torch's own signature)
    """Return the opened ReLU of the inputs."""
    return _hardtanh(input, 0.0, inf, inplace)


def _relu6(input: Tensor, inplace: bool = False) -> Tensor:  # noqa: FBT001, FBT002 (torch's own signature)
    """Return the opened ReLU6 of the inputs."""
    return _hardtanh(input, 0.0, 6.0, inplace)


def _hardtanh(
    input: Tensor,
    min_val: float = -1.0,
    max_val: float = 1.0,
    inplace: bool = False,  # noqa: FBT001, FBT002
) -> Tensor:
    """Return the inputs, opened and clamped; in place if asked, since later layers may read the inputs again."""
    if not torch.is_grad_enabled():
        return _clamped(input, min_val, max_val, inplace=inplace)
    return _OpenedReLU.apply(input, min_val, max_val, inplace)


class _OpenedGate(torch.autograd.Function):
    """A gate whose gradient, if blocked for a whole image, passes where it asks for more: a feature of a dictionary."""

    @staticmethod
    @override
    def forward(ctx: Any, values: Tensor, lets: Tensor) -> Tensor:
        ctx.save_for_backward(lets)
        return torch.where(lets, values, torch.zeros((), device=values.device, dtype=values.dtype))

    @staticmethod
    @override
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,), (lets,) = gradients, ctx.saved_tensors
        passed = gradient * lets
        blocked = passed.abs().amax(dim=tuple(range(1, gradient.dim())), keepdim=True) == 0
        return torch.where(blocked, gradient.clamp(max=0), passed), None


OPENED: dict[Callable[..., Tensor], Callable[..., Tensor]] = {
    gated: _OpenedGate.apply,
    F.relu: _relu,
    torch.relu: _relu,
    Tensor.relu: _relu,
    F.relu_: partial(_relu, inplace=True),
    torch.relu_: partial(_relu, inplace=True),
    Tensor.relu_: partial(_relu, inplace=True),
    F.relu6: _relu6,
    F.hardtanh: _hardtanh,
    torch.ops.aten.relu.default: _relu,
    torch.ops.aten.relu_.default: partial(_relu, inplace=True),
    torch.ops.aten.relu6.default: _relu6,
    torch.ops.aten.hardtanh.default: _hardtanh,
}
"""Every way to call a ReLU (`nn.ReLU6` calls `hardtanh`, a torch export the operators), and its kin, opened."""


def opened_relus() -> substituted:
    """Return a context in which ReLUs that block an image's whole gradient let it pass.

    It is the gradient of a loss to be lowered: a negative entry asks for a larger output. The first dimension counts
    the images.

    Examples
    --------
    >>> x = torch.tensor([[-1.0]], requires_grad=True)
    >>> with opened_relus():
    ...     loss = -torch.relu(x).sum()
    >>> torch.autograd.grad(loss, x)
    (tensor([[-1.]]),)
    """
    return substituted(OPENED)
