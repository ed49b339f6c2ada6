"""Convolutions by fixed weights, on a CPU: prepared once, with a quick way back through those of a few channels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

FEW = 4
"""Channels of an input for which torch's kernel of the gradient leaves most of a processor idle."""

Sides = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """A convolution by fixed weights `(out, in, rows, columns)` as it is computed fastest.

    Attributes
    ----------
    weight
        Laid out as the images are, and in the precision in which autocast wants them.
    bias
        `(out,)`, or None.
    """

    weight: Tensor
    bias: Tensor | None

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor | None, layout: torch.memory_format = torch.channels_last) -> "Kernel":
        """Return the convolution in the precision of now; what comes out of it is laid out as its weights are."""
        dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else weight.dtype
        return cls(weight.detach().to(dtype, memory_format=layout).contiguous(memory_format=layout), bias)

    def convolve(
        self,
        images: Tensor,
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] | str = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
    ) -> Tensor:
        """Return what `torch.nn.functional.conv2d` gives.

        Examples
        --------
        >>> weight, image = torch.rand(8, 3, 7, 7), torch.rand(1, 3, 16, 16, requires_grad=True)
        >>> torch.allclose(Kernel.of(weight, None).convolve(image, 2), F.conv2d(image, weight, stride=2))
        True
        """
        step, plain = _pair(stride), _pair(dilation) != (1, 1) or groups != 1 or not images.requires_grad
        if plain or isinstance(padding, str) or min(step) < 2 or self.weight.shape[1] > FEW:
            return torch.conv2d(images, self.weight, self.bias, stride, padding, dilation, groups)
        dtype = self.weight.dtype
        bias = None if self.bias is None else self.bias.to(dtype)
        return _Strided.apply(images.to(dtype), self.weight, bias, step, _pair(padding))


def layout_of(images: Tensor) -> torch.memory_format:
    """Return how images lie in memory: channel by channel, or with the channels of each pixel together."""
    return torch.contiguous_format if images.is_contiguous() else torch.channels_last


def stands(images: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
    """Return whether the weights of a convolution of images are a network's own, held fixed, all of it on a CPU."""
    fixed = isinstance(weight, nn.Parameter) and not weight.requires_grad
    alike = images.device.type == weight.device.type == "cpu" and images.dim() == 4
    quick = {images.dtype, weight.dtype} <= {torch.float32, torch.bfloat16}  # autocast leaves doubles alone
    return fixed and alike and quick and (bias is None or not bias.requires_grad)


def _pair(value: int | Sequence[int]) -> Sides:
    """Return a setting of a convolution for rows and columns."""
    if isinstance(value, int):
        return value, value
    return value[0], value[-1]


class _Strided(torch.autograd.Function):
    """A convolution with strides, whose gradient is one without, of all phases of the stride at once.

    With `i + padding = stride·q + r`, the gradient at input `i` is `Σ_t g[q − t] · w[stride·t + r]`: for each phase `r`
    a convolution of `g` by every stride-th weight.
    """

    @staticmethod
    @override
    def forward(ctx: Any, images: Tensor, weight: Tensor, bias: Tensor | None, stride: Sides, padding: Sides) -> Tensor:
        ctx.weight, ctx.stride, ctx.padding, ctx.sides = weight, stride, padding, images.shape[2:]
        return torch.conv2d(images, weight, bias, stride, padding)

    @staticmethod
    @override
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        phases = _phases(ctx.weight, ctx.stride)
        back = torch.conv2d(gradients[0], phases, padding=[side - 1 for side in phases.shape[2:]])
        rows, columns = ctx.stride
        woven = back.unflatten(1, (-1, rows, columns)).permute(0, 1, 4, 2, 5, 3).flatten(4).flatten(2, 3)
        (top, left), (height, width) = ctx.padding, ctx.sides
        cut = (-left, left + width - woven.shape[3], -top, top + height - woven.shape[2])
        return F.pad(woven, cut), None, None, None, None


def _phases(weight: Tensor, stride: Sides) -> Tensor:
    """Return every stride-th weight from each phase on, turned about, with all phases of all inputs as outputs."""
    high, wide = (-(-side // step) for side, step in zip(weight.shape[2:], stride, strict=True))
    filled = F.pad(weight, (0, wide * stride[1] - weight.shape[3], 0, high * stride[0] - weight.shape[2]))
    parts = filled.unflatten(3, (wide, stride[1])).unflatten(2, (high, stride[0])).flip(2, 4)
    turned = parts.permute(1, 3, 5, 0, 2, 4).reshape(-1, weight.shape[0], high, wide)
    return turned.contiguous(memory_format=torch.channels_last)
