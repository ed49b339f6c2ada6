"""ONNX operators that have weights, as the layers of torch that they are."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from fvproof.empirical.networks.graphs.nodes import Made, Maker, NodeCall, NodeFunction, Value, as_tensor, operator
from fvproof.empirical.networks.graphs.windows import padding_of
from fvproof.theory.errors import DomainError, ShapeError

CONVOLUTIONS: Sequence[Callable[..., nn.Module]] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED: Sequence[Callable[..., nn.Module]] = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
BATCH_NORMS: Mapping[int, Callable[..., nn.Module]] = {
    2: nn.BatchNorm1d,
    3: nn.BatchNorm1d,
    4: nn.BatchNorm2d,
    5: nn.BatchNorm3d,
}
INSTANCE_NORMS: Mapping[int, Callable[..., nn.Module]] = {
    3: nn.InstanceNorm1d,
    4: nn.InstanceNorm2d,
    5: nn.InstanceNorm3d,
}


def _loaded(module: nn.Module, **weights: Tensor | None) -> nn.Module:
    """Give a module, made without memory, its weights."""
    for name, weight in weights.items():
        if weight is not None:
            given = nn.Parameter(weight) if name in module._parameters else weight
            if tuple(given.shape) != tuple(getattr(module, name).shape):
                raise ShapeError(f"its {name} has shape {tuple(given.shape)}, not {tuple(getattr(module, name).shape)}")
            setattr(module, name, given)
    return module


def _spatial(call: NodeCall, weight: Tensor) -> int:
    """Return over how many dimensions a convolution goes."""
    rank = weight.dim() - 2
    if not 1 <= rank <= 3 or call.tensor().dim() != rank + 2:
        raise ShapeError(f"a weight of {weight.dim()} axes does not fit an input of {call.tensor().dim()}")
    return rank


def _convolution(call: NodeCall) -> Made:
    weight, bias = call.weight(1), call.weight(2) if call.has(2) else None
    rank, groups = _spatial(call, weight), call.attribute("group", 1)
    kernel = tuple(weight.shape[2:])
    if tuple(call.attribute("kernel_shape", kernel)) != kernel:
        raise ShapeError(f"its kernel_shape is not that of its weight, {kernel}")
    stride, dilation = (tuple(call.attribute(name, (1,) * rank)) for name in ("strides", "dilations"))
    before, padding = padding_of(call, kernel, stride, dilation)
    layer = CONVOLUTIONS[rank - 1](
        weight.shape[1] * groups,
        len(weight),
        kernel,
        stride,
        padding,
        dilation,
        groups,
        bias is not None,
        device="meta",
    )
    return _after(before, _loaded(layer, weight=weight, bias=bias))


def _after(before: nn.Module | None, layer: nn.Module) -> Made:
    """Return a layer, or two: what pads its input, and the layer."""
    name = "pool" if isinstance(layer, NodeFunction) or "Pool" in type(layer).__name__ else "conv"
    return Made(layer if before is None else nn.Sequential(OrderedDict([("pad", before), (name, layer)])))


def _transposed(call: NodeCall) -> Made:
    weight, bias = call.weight(1), call.weight(2) if call.has(2) else None
    rank, groups = _spatial(call, weight), call.attribute("group", 1)
    kernel = tuple(weight.shape[2:])
    call.attribute("kernel_shape")
    stride, dilation = (tuple(call.attribute(name, (1,) * rank)) for name in ("strides", "dilations"))
    pads, further = call.attribute("pads", (0,) * 2 * rank), tuple(call.attribute("output_padding", (0,) * rank))
    if call.attribute("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID") or call.attribute("output_shape") is not None:
        raise DomainError("auto_pad and output_shape are not supported here: only pads")
    if tuple(pads[:rank]) != tuple(pads[rank:]):
        raise DomainError("pads must be as many before as after")
    layer = TRANSPOSED[rank - 1](
        len(weight),
        weight.shape[1] * groups,
        kernel,
        stride,
        tuple(pads[:rank]),
        further,
        groups,
        bias is not None,
        dilation,
        device="meta",
    )
    return Made(_loaded(layer, weight=weight, bias=bias))


def _linear(weight: Tensor, bias: Tensor | None) -> Made:
    """Return a linear layer, its weight one row per output."""
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias is not None, device="meta")
    return Made(_loaded(layer, weight=weight.contiguous(), bias=bias))


def _gemm(call: NodeCall) -> Made:
    alpha, beta = call.attribute("alpha", 1.0), call.attribute("beta", 1.0)
    turned = [bool(call.attribute(name, 0)) for name in ("transA", "transB")]
    row = not call.has(2) or (call.constants[2] and call.array(2).size == call.array(2).shape[-1:][0])
    if call.constants[1] and call.array(1).ndim != 2:
        raise ShapeError(f"its matrix has {call.array(1).ndim} axes, not 2")
    if turned[0] or not call.constants[1] or not row:
        return operator(call, _general_product, alpha=alpha, beta=beta, turned=turned)
    weight = call.weight(1) if turned[1] else call.weight(1).T
    bias = beta * call.weight(2).reshape(-1) if call.has(2) else None
    return _linear(alpha * weight, None if bias is None else bias.expand(len(weight)).clone())


def _general_product(
    one: Value, other: Value, added: Value = None, *, alpha: float, beta: float, turned: Sequence[bool]
) -> Tensor:
    """Return alpha·A·B + beta·C."""
    like = one if isinstance(one, Tensor) else other
    assert isinstance(like, Tensor)
    left, right = (
        as_tensor(value, like).T if turn else as_tensor(value, like)
        for value, turn in zip((one, other), turned, strict=True)
    )
    product = alpha * (left @ right)
    return product if added is None else product + beta * as_tensor(added, like)


def _matmul(call: NodeCall) -> Made:
    """Return a linear layer where the second factor is a weight; a third input is a bias that was added next."""
    if call.constants[1] and call.array(1).ndim == 2 and isinstance(call.values[0], Tensor):
        return _linear(call.weight(1).T, call.weight(2) if call.has(2) else None)
    return operator(call, _matrix_product)


def _matrix_product(one: Value, other: Value) -> Tensor:
    like = one if isinstance(one, Tensor) else other
    assert isinstance(like, Tensor)
    return as_tensor(one, like) @ as_tensor(other, like)


def _batch_norm(call: NodeCall) -> Made:
    if call.attribute("training_mode", 0) or not call.attribute("spatial", 1):
        raise DomainError("statistics of a batch are not supported, only those in the file, of each channel")
    call.attribute("momentum")
    rank = call.tensor().dim()
    if rank not in BATCH_NORMS:
        raise ShapeError(f"an input of {rank} axes has no channels along the second")
    scale, shift, mean, variance = (call.weight(i) for i in range(1, 5))
    norm = BATCH_NORMS[rank](len(scale), eps=call.attribute("epsilon", 1e-5), device="meta")
    counted = torch.zeros((), dtype=torch.long)
    return Made(
        _loaded(norm, weight=scale, bias=shift, running_mean=mean, running_var=variance, num_batches_tracked=counted)
    )


def _instance_norm(call: NodeCall) -> Made:
    scale, shift, rank = call.weight(1), call.weight(2), call.tensor().dim()
    if rank not in INSTANCE_NORMS:
        raise ShapeError(f"an input of {rank} axes has no positions")
    norm = INSTANCE_NORMS[rank](len(scale), eps=call.attribute("epsilon", 1e-5), affine=True, device="meta")
    return Made(_loaded(norm, weight=scale, bias=shift))


def _layer_norm(call: NodeCall) -> Made:
    rank = call.tensor().dim()
    axis, epsilon = call.attribute("axis", -1) % rank, call.attribute("epsilon", 1e-5)
    call.attribute("stash_type")
    shape = list(call.tensor().shape[axis:])
    scale, shift = call.weight(1), call.weight(2) if call.has(2) else None
    norm = nn.LayerNorm(shape, epsilon, bias=shift is not None, device="meta")
    return Made(
        _loaded(norm, weight=scale.expand(shape).clone(), bias=None if shift is None else shift.expand(shape).clone())
    )


def _group_norm(call: NodeCall) -> Made:
    scale, shift, groups = call.weight(1), call.weight(2), call.attribute("num_groups")
    call.attribute("stash_type")
    channels = call.tensor().shape[1]
    if call.opset < 21:  # one number per group, and not per channel
        scale, shift = (given.repeat_interleave(channels // groups) for given in (scale, shift))
    norm = nn.GroupNorm(groups, channels, call.attribute("epsilon", 1e-5), device="meta")
    return Made(_loaded(norm, weight=scale, bias=shift))


def _prelu(call: NodeCall) -> Made:
    slope = call.weight(1)
    channels = call.tensor().shape[1]
    along = slope.dim() == call.tensor().dim() - 1 and slope.shape[0] == slope.numel() == channels
    if slope.numel() > 1 and not along:
        return operator(call, _slanted)
    return Made(_loaded(nn.PReLU(slope.numel(), device="meta"), weight=slope.reshape(-1)))


def _slanted(value: Tensor, slope: Tensor) -> Tensor:
    return torch.where(value < 0, slope * value, value)


def _einsum(call: NodeCall) -> Made:
    return operator(call, _summed, equation=call.attribute("equation").decode())


def _summed(*values: Value, equation: str) -> Tensor:
    like = next(value for value in values if isinstance(value, Tensor))
    return torch.einsum(equation, *(as_tensor(value, like) for value in values))


WEIGHTED: Mapping[str, Maker] = {
    "Conv": _convolution,
    "ConvTranspose": _transposed,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "BatchNormalization": _batch_norm,
    "InstanceNormalization": _instance_norm,
    "LayerNormalization": _layer_norm,
    "GroupNormalization": _group_norm,
    "PRelu": _prelu,
    "Einsum": _einsum,
}
"""The operators by name."""
