"""What each operator of a network does to weighted sums of pixels: it makes other ones, bends them upwards, or neither.

Only the linear part of a weighted sum is followed: what is added to it does not change where it rises. `LinearPart.run`
is that of one operator in doubles, and `LinearPart.bound` the same with absolute values of all weights.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

aten = torch.ops.aten
ROUNDOFF = 2.0**-53

Args = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Moving:
    """Stands among an operator's arguments for a tensor that depends on the image.

    Attributes
    ----------
    shape
        Of one image's.
    bends
        The rising functions that each entry is, one of the other, of a weighted sum of pixels; none of the sum itself.
    """

    shape: torch.Size
    bends: tuple[str, ...] = ()


class Refused(Exception):
    """What an operator gives is no weighted sum of pixels and no rising function of one; says what it does."""


@dataclass(frozen=True, slots=True)
class LinearPart:
    """The linear part of one operator.

    Attributes
    ----------
    run
        From its moving arguments, in doubles, to its output.
    bound
        The same with the absolute values of all weights.
    terms
        No product passes more roundings than this, in whatever order the products are added.
    stray
        From magnitudes to what errors of weights add that are no share of the weight.
    """

    run: Callable[..., Tensor]
    bound: Callable[..., Tensor]
    terms: int = 0
    stray: Callable[[Tensor], Tensor] | None = None


Rule = Callable[[Args, torch.Size], LinearPart]
"""From an operator's positional arguments and the shape of its output to its linear part; may raise `Refused`."""


def gamma(terms: int) -> float:
    """Return γₙ = n·u/(1 − n·u), rounded up: by what share n roundings change a product at most (Higham 2002, 3.1).

    Examples
    --------
    >>> gamma(0), gamma(2) > 2 * 2.0**-53
    (0.0, True)
    """
    return 1.0001 * terms * ROUNDOFF


def _moved(run: Callable[..., Tensor]) -> LinearPart:
    """Return a step that computes nothing: it moves numbers, or takes some of them."""
    return LinearPart(run, run)


def _double(constant: object) -> Tensor:
    """Return a constant in doubles, which hold weights in float32 and Python's numbers exactly."""
    if isinstance(constant, Moving):
        raise Refused("has weights that depend on the image")
    found = constant if isinstance(constant, Tensor) else torch.tensor(constant, dtype=torch.double)
    if not bool(torch.isfinite(found).all()):
        raise Refused("has a constant that is not finite")
    return found.double()


def _add(args: Args, shape: torch.Size) -> LinearPart:
    """Return a sum; of a constant nothing is left."""
    if all(isinstance(one, Moving) for one in args[:2]):
        return LinearPart(lambda x, y: x + y, lambda x, y: x + y, 1)
    return _moved(lambda x: x.expand(shape))


def _sub(args: Args, shape: torch.Size) -> LinearPart:
    """Return a difference; of a constant nothing is left."""
    if all(isinstance(one, Moving) for one in args[:2]):
        return LinearPart(lambda x, y: x - y, lambda x, y: x + y, 1)
    sign = 1 if isinstance(args[0], Moving) else -1
    return LinearPart(lambda x: sign * x.expand(shape), lambda x: x.expand(shape))


def _mul(args: Args, _shape: torch.Size) -> LinearPart:
    """Return a product with a constant."""
    if all(isinstance(one, Moving) for one in args[:2]):
        raise Refused("multiplies two numbers that both depend on the image")
    factor = _double(args[1] if isinstance(args[0], Moving) else args[0])
    return LinearPart(lambda x: x * factor, lambda x: x * factor.abs(), 1)


def _div(args: Args, _shape: torch.Size) -> LinearPart:
    """Return a quotient by a constant."""
    if isinstance(args[1], Moving):
        raise Refused("divides by a number that depends on the image")
    divisor = _double(args[1])
    if bool((divisor == 0).any()):
        raise Refused("divides by 0")
    return LinearPart(lambda x: x / divisor, lambda x: x / divisor.abs(), 1)


def _neg(_args: Args, _shape: torch.Size) -> LinearPart:
    """Return the negative."""
    return LinearPart(lambda x: -x, lambda x: x)


def _weighted(args: Args, apply: Callable[[Tensor, Tensor], Tensor], terms: int) -> LinearPart:
    """Return sums of products with constant weights, the second argument."""
    weight = _double(args[1])
    return LinearPart(lambda x: apply(x, weight), lambda x: apply(x, weight.abs()), terms)


def _convolution(call: Callable[..., Tensor]) -> Rule:
    """Return the rule of a convolution; a product is one of as many as a filter has weights."""

    def rule(args: Args, _shape: torch.Size) -> LinearPart:
        if isinstance(args[1], Moving):
            raise Refused("has weights that depend on the image")
        return _weighted(args, lambda x, weight: call(x, weight, None, *args[3:]), args[1][0].numel())

    return rule


def _linear(args: Args, _shape: torch.Size) -> LinearPart:
    """Return a linear layer."""
    return _weighted(args, functional.linear, args[0].shape[-1])


def _matmul(args: Args, _shape: torch.Size) -> LinearPart:
    """Return a product of matrices, one of them constant."""
    if isinstance(args[0], Moving):
        return _weighted(args, torch.matmul, args[0].shape[-1])
    return _weighted((args[1], args[0]), lambda x, weight: weight @ x, args[0].shape[-1])


def _batch_norm(args: Args, shape: torch.Size) -> LinearPart:
    """Return batch normalization at rest: each channel times w/√(v + ε), which takes four roundings."""
    _, weight, _, _, variance, _, epsilon = args
    scale = (1.0 if weight is None else _double(weight)) / torch.sqrt(_double(variance) + epsilon)
    scale = _double(scale).reshape(-1, *[1] * (len(shape) - 2))
    return LinearPart(lambda x: x * scale, lambda x: x * scale.abs(), 6)


def _summed(call: Callable[..., Tensor], *, windows: bool = False) -> Rule:
    """Return the rule of sums or means: of as many numbers as there are more before, or of windows within a map."""

    def rule(args: Args, shape: torch.Size) -> LinearPart:
        def run(x: Tensor) -> Tensor:
            return call(x, *args[1:])

        count = args[0].shape[-2:].numel() if windows else args[0].shape.numel() // shape.numel()
        return LinearPart(run, run, count + 1)

    return rule


def _rearranged(call: Callable[..., Tensor]) -> Rule:
    """Return the rule of an operator that moves numbers, or takes some of them."""

    def rule(args: Args, _shape: torch.Size) -> LinearPart:
        return _moved(lambda x: call(x, *args[1:]))

    return rule


def _pad(args: Args, _shape: torch.Size) -> LinearPart:
    """Return padding with a constant, of which nothing is left."""
    return _moved(lambda x: functional.pad(x, args[1]))


def _grid_sample(args: Args, _shape: torch.Size) -> LinearPart:
    """Return bilinear samples at constant places, with 0 outside.

    The weight of pixel (p, q) is h(i − p)·h(j − q) with h(t) = max(0, 1 − |t|), which no step of 1 changes by more than
    1. If the places i and j are computed up to δ, it errs by at most 2δ + δ² besides its roundings, whichever pixel it
    is of; nine pixels at most have such a weight.
    """
    _, grid, mode, outside, corners = args
    if isinstance(grid, Moving) or (mode, outside) != (0, 0) or grid.ndim != 4:
        raise Refused("samples in another way than bilinearly, at constant places, with 0 outside")
    places = _double(grid)
    reach = float(places.abs().max()) + 1

    def run(x: Tensor) -> Tensor:
        return functional.grid_sample(x, places, align_corners=corners)

    def stray(size: Tensor) -> Tensor:
        delta = gamma(6) * (reach * max(size.shape[2:]) + 1)
        return 27 * delta * size.amax((2, 3), keepdim=True).expand(-1, -1, *grid.shape[1:3])

    return LinearPart(run, run, 8, stray)


REARRANGED = (
    *(aten.view.default, aten.reshape.default, aten.permute.default, aten.transpose.int, aten.t.default),
    *(aten.squeeze.default, aten.squeeze.dim, aten.squeeze.dims, aten.unsqueeze.default, aten.expand.default),
    *(aten.slice.Tensor, aten.select.int, aten.alias.default, aten.clone.default, aten.detach.default),
    *(aten.flip.default, aten.reflection_pad2d.default, aten.replication_pad2d.default),
)
"""Operators that move numbers, or take some of them."""

SUMS = (aten.add.Tensor, aten.sub.Tensor)
"""Operators that may have two arguments that depend on the image."""

LINEAR: Mapping[Any, Rule] = {
    aten.add.Tensor: _add,
    aten.sub.Tensor: _sub,
    aten.mul.Tensor: _mul,
    aten.div.Tensor: _div,
    aten.neg.default: _neg,
    aten.linear.default: _linear,
    aten.matmul.default: _matmul,
    aten.mm.default: _matmul,
    **{one: _convolution(one) for one in (aten.conv1d.default, aten.conv2d.default, aten.conv3d.default)},
    **{one: _convolution(one) for one in (aten.conv1d.padding, aten.conv2d.padding)},
    aten._native_batch_norm_legit_no_training.default: _batch_norm,
    **{one: _summed(one) for one in (aten.sum.dim_IntList, aten.mean.dim, aten.mean.default, aten.sum.default)},
    **{one: _summed(one, windows=True) for one in (aten.avg_pool2d.default, aten.adaptive_avg_pool2d.default)},
    aten.constant_pad_nd.default: _pad,
    aten.grid_sampler.default: _grid_sample,
    **{one: _rearranged(one) for one in REARRANGED},
}
"""Operators that give weighted sums of what goes in, plus constants."""

RISING: Mapping[Any, tuple[str, tuple[int, ...]]] = {
    aten.elu.default: ("ELU", (1, 2, 3)),
    aten.celu.default: ("CELU", (1,)),
    aten.selu.default: ("SELU", ()),
    aten.leaky_relu.default: ("LeakyReLU", (1,)),
    aten.exp.default: ("exp", ()),
    aten.expm1.default: ("expm1", ()),
    aten.sigmoid.default: ("sigmoid", ()),
    aten.tanh.default: ("tanh", ()),
    aten.atan.default: ("atan", ()),
    aten.asinh.default: ("asinh", ()),
}
"""Functions that rise strictly on the whole line, with the places of the parameters that must be above 0 for that.

ReLU and its kin do not: below 0 they stand still. Nor does softplus as torch defines it: where βx passes the threshold
of 20 it goes over to x, and so falls by log(1 + e⁻²⁰)/β.
"""


def bend(operator: object, args: Args) -> str:
    """Return the name of the strictly increasing function that an operator applies to each entry, or raise `Refused`.

    Examples
    --------
    >>> bend(aten.add.Tensor, (Moving(torch.Size([1])), 1, 1))
    '+ constant'
    """
    if operator in RISING:
        name, places = RISING[operator]
        if all(args[i] > 0 and isfinite(args[i]) for i in places):
            return name
        raise Refused("does not rise with these parameters")
    alone = isinstance(args[0], Moving) and not any(isinstance(one, Moving) for one in args[1:])
    if alone and operator in SUMS:
        return "+ constant"
    if alone and operator in (aten.mul.Tensor, aten.div.Tensor) and bool((_double(args[1]) > 0).all()):
        return "· positive constant"
    bends = [name for one in args if isinstance(one, Moving) for name in one.bends]
    if bends and operator in LINEAR:
        raise Refused(f"comes after {', '.join(bends)}")
    raise Refused("does not rise strictly on the whole line")
