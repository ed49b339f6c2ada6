"""ONNX operators that work number by number, or along an axis without a weight."""

from collections.abc import Mapping
from functools import reduce
from math import inf
from typing import Any

import numpy as np
import torch
from onnx import helper
from torch import Tensor, nn
from torch.nn import functional as F

from fvproof.empirical.networks.graphs.constants import FLOATS, axes_of
from fvproof.empirical.networks.graphs.nodes import Made, Maker, NodeCall, NodeFunction, Value, as_tensor, operator
from fvproof.theory.errors import DomainError


def _pair(one: Value, other: Value) -> tuple[Tensor, Tensor]:
    """Return two operands as tensors on one device."""
    like = one if isinstance(one, Tensor) else other
    assert isinstance(like, Tensor)
    return as_tensor(one, like), as_tensor(other, like)


def _add(one: Value, other: Value) -> Tensor:
    return torch.add(*_pair(one, other))


def _sub(one: Value, other: Value) -> Tensor:
    return torch.sub(*_pair(one, other))


def _mul(one: Value, other: Value) -> Tensor:
    return torch.mul(*_pair(one, other))


def _div(one: Value, other: Value) -> Tensor:
    left, right = _pair(one, other)
    return left / right if left.is_floating_point() else torch.div(left, right, rounding_mode="trunc")


def _power(call: NodeCall) -> Made:
    if call.constants[1] and call.array(1).size == 1:  # a number, whose logarithm no gradient asks for
        return Made(NodeFunction("Pow", _to_the, {}, {"exponent": call.array(1).item()}))
    return operator(call, _pow)


def _to_the(value: Tensor, *, exponent: float) -> Tensor:
    return value.pow(exponent)


def _pow(one: Value, other: Value) -> Tensor:
    return torch.pow(*_pair(one, other))


def _compared(name: str) -> Maker:
    return lambda call: operator(call, _compare, name=name)


def _compare(one: Value, other: Value, *, name: str) -> Tensor:
    return getattr(torch, name)(*_pair(one, other))


def _where(condition: Value, one: Value, other: Value) -> Tensor:
    like = next(value for value in (one, other, condition) if isinstance(value, Tensor))
    return torch.where(as_tensor(condition, like).bool(), as_tensor(one, like), as_tensor(other, like))


def _extreme(*values: Value, name: str) -> Tensor:
    like = next(value for value in values if isinstance(value, Tensor))
    return reduce(getattr(torch, name), (as_tensor(value, like) for value in values))


def _sum(*values: Value) -> Tensor:
    return reduce(_add, values)  # type: ignore[arg-type, return-value]


def _named(name: str) -> Maker:
    """Return an operator that torch has under a name, of one tensor."""
    return lambda call: operator(call, _apply, name=name)


def _apply(value: Tensor, *, name: str) -> Tensor:
    return getattr(torch, name)(value)


def _module(kind: type[nn.Module], **attributes: tuple[str, Any]) -> Maker:
    """Return an operator that torch has as a module: its parameters by name, each the attribute and its default."""
    return lambda call: Made(kind(**{name: call.attribute(*given) for name, given in attributes.items()}))


def _clip(call: NodeCall) -> Made:
    if call.opset < 11:
        ends = [call.attribute("min", -inf), call.attribute("max", inf)]
    elif all(not call.has(i) or call.constants[i] for i in (1, 2)):
        ends = [float(call.array(i).reshape(-1)[0]) if call.has(i) else end for i, end in ((1, -inf), (2, inf))]
    else:
        return operator(call, _clamp)
    low, high = ends
    if (low, high) == (0, inf):
        return Made(nn.ReLU())
    if (low, high) == (0, 6):
        return Made(nn.ReLU6())
    return Made(nn.Hardtanh(low, high)) if low < high else operator(call, _clamp)


def _clamp(value: Tensor, low: Value = None, high: Value = None) -> Tensor:
    ends = [None if end is None else as_tensor(end, value) for end in (low, high)]
    return torch.clamp(value, *ends) if any(end is not None for end in ends) else value


def _hard_sigmoid(call: NodeCall) -> Made:
    alpha, beta = call.attribute("alpha", 0.2), call.attribute("beta", 0.5)
    if np.float32(alpha) == np.float32(1 / 6) and beta == 0.5:
        return Made(nn.Hardsigmoid())
    return operator(call, _line_between, alpha=alpha, beta=beta)


def _line_between(value: Tensor, *, alpha: float, beta: float) -> Tensor:
    return torch.clamp(alpha * value + beta, 0, 1)


def _softmax(kind: type[nn.Module]) -> Maker:
    def make(call: NodeCall) -> Made:
        rank = call.tensor().dim()
        axis = call.attribute("axis", -1 if call.opset >= 13 else 1) % rank
        if call.opset >= 13 or axis == rank - 1:
            return Made(kind(dim=axis))
        return operator(call, _flat_softmax, axis=axis, log=kind is nn.LogSoftmax)

    return make


def _flat_softmax(value: Tensor, *, axis: int, log: bool) -> Tensor:
    """Return the softmax over all axes from one on, as it was before version 13."""
    flat = value.flatten(axis)
    return (F.log_softmax(flat, -1) if log else F.softmax(flat, -1)).view_as(value)


def _gelu(call: NodeCall) -> Made:
    return Made(nn.GELU(call.attribute("approximate", b"none").decode()))


def _cast(call: NodeCall) -> Made:
    if call.tensor().is_floating_point() and is_float(call.attribute("to")):
        return Made(nn.Identity())
    return operator(call, _converted, to=_torch_type(call.attribute("to")))


def is_float(kind: int) -> bool:
    """Return whether a type of ONNX is one of floating point numbers."""
    return np.dtype(helper.tensor_dtype_to_np_dtype(kind)).name in FLOATS


def _torch_type(kind: int) -> torch.dtype:
    name = np.dtype(helper.tensor_dtype_to_np_dtype(kind)).name
    found = torch.float32 if name in FLOATS else getattr(torch, name, None)
    if not isinstance(found, torch.dtype):
        raise DomainError(f"the type {name} is not supported")
    return found


def _converted(value: Tensor, *, to: torch.dtype) -> Tensor:
    return value.to(to)


def _dropout(call: NodeCall) -> Made:
    for name in ("seed", "is_test"):
        call.attribute(name)
    if call.has(2) and np.any(call.array(2)):
        raise DomainError("it is exported for training: export the network in evaluation mode")
    ratio = call.attribute("ratio", 0.5)
    return Made(nn.Dropout(float(call.array(1).reshape(-1)[0]) if call.has(1) else ratio))


def _reduced(name: str) -> Maker:
    def make(call: NodeCall) -> Made:
        rank, keep = call.tensor().dim(), bool(call.attribute("keepdims", 1))
        axes, idle = axes_of(call, 1, rank), call.attribute("noop_with_empty_axes", 0)
        if not axes and idle:
            return Made(nn.Identity())
        made = operator(call, _reduce, name=name, axes=tuple(axes or range(rank)), keep=keep)
        return Made(made.module, (0,))

    return make


def _reduce(value: Tensor, _axes: Value = None, *, name: str, axes: tuple[int, ...], keep: bool) -> Tensor:
    return REDUCTIONS[name](value, axes, keep)


def _product(value: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:  # noqa: FBT001  torch's own order
    for axis in sorted(axes, reverse=True):
        value = value.prod(axis, keepdim=keep)
    return value


REDUCTIONS = {
    "Mean": lambda value, axes, keep: value.mean(axes, keepdim=keep),
    "Sum": lambda value, axes, keep: value.sum(axes, keepdim=keep),
    "Max": lambda value, axes, keep: value.amax(axes, keepdim=keep),
    "Min": lambda value, axes, keep: value.amin(axes, keepdim=keep),
    "L1": lambda value, axes, keep: value.abs().sum(axes, keepdim=keep),
    "L2": lambda value, axes, keep: torch.linalg.vector_norm(value, 2, axes, keepdim=keep),
    "SumSquare": lambda value, axes, keep: value.square().sum(axes, keepdim=keep),
    "LogSumExp": lambda value, axes, keep: value.logsumexp(axes, keepdim=keep),
    "LogSum": lambda value, axes, keep: value.sum(axes, keepdim=keep).log(),
    "Prod": _product,
}
"""What is taken over some axes."""

ELEMENTWISE: Mapping[str, Maker] = {
    "Add": lambda call: operator(call, _add),
    "Sub": lambda call: operator(call, _sub),
    "Mul": lambda call: operator(call, _mul),
    "Div": lambda call: operator(call, _div),
    "Pow": _power,
    "Mod": _compared("remainder"),
    "Sum": lambda call: operator(call, _sum),
    "Max": lambda call: operator(call, _extreme, name="maximum"),
    "Min": lambda call: operator(call, _extreme, name="minimum"),
    "Where": lambda call: operator(call, _where),
    "Equal": _compared("eq"),
    "Greater": _compared("gt"),
    "GreaterOrEqual": _compared("ge"),
    "Less": _compared("lt"),
    "LessOrEqual": _compared("le"),
    "And": _compared("logical_and"),
    "Or": _compared("logical_or"),
    **{op: _named(op.lower()) for op in ("Abs", "Ceil", "Cos", "Erf", "Exp", "Floor", "Log", "Neg", "Reciprocal")},
    **{op: _named(op.lower()) for op in ("Round", "Sign", "Sin", "Sqrt", "Tan", "Atan", "Sinh", "Cosh")},
    "Not": _named("logical_not"),
    "Identity": _module(nn.Identity),
    "Relu": _module(nn.ReLU),
    "LeakyRelu": _module(nn.LeakyReLU, negative_slope=("alpha", 0.01)),
    "Elu": _module(nn.ELU, alpha=("alpha", 1.0)),
    "Celu": _module(nn.CELU, alpha=("alpha", 1.0)),
    "Sigmoid": _module(nn.Sigmoid),
    "Tanh": _module(nn.Tanh),
    "Softplus": _module(nn.Softplus),
    "Softsign": _module(nn.Softsign),
    "HardSwish": _module(nn.Hardswish),
    "Mish": _module(nn.Mish),
    "HardSigmoid": _hard_sigmoid,
    "Gelu": _gelu,
    "Clip": _clip,
    "Softmax": _softmax(nn.Softmax),
    "LogSoftmax": _softmax(nn.LogSoftmax),
    "Cast": _cast,
    "Dropout": _dropout,
    **{f"Reduce{name}": _reduced(name) for name in REDUCTIONS},
}
"""The operators by name."""
