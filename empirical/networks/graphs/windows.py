"""ONNX operators that slide a window or change the resolution: pooling, padding, resizing."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fvproof.empirical.networks.graphs.nodes import Made, Maker, NodeCall, NodeFunction, integers, operator
from fvproof.theory.errors import DomainError, ShapeError

MAX_POOLS: Sequence[Callable[..., nn.Module]] = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)
AVERAGE_POOLS: Sequence[Callable[..., nn.Module]] = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
PADDINGS = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
"""What ONNX's ways of padding are called in torch."""


def padding_of(
    call: NodeCall, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tuple[NodeFunction | None, tuple[int, ...]]:
    """Return what pads the input of a convolution where it cannot do so itself, and by how much it pads else."""
    rank, how = len(kernel), call.attribute("auto_pad", b"NOTSET").decode()
    pads = tuple(call.attribute("pads", (0,) * 2 * rank))
    if how in ("SAME_UPPER", "SAME_LOWER"):
        settings = {"kernel": kernel, "stride": stride, "dilation": dilation, "upper": how == "SAME_UPPER"}
        return NodeFunction("Pad", padded_same, {}, settings), (0,) * rank
    if how == "VALID":
        return None, (0,) * rank
    if how != "NOTSET":
        raise DomainError(f"auto_pad is not {how!r}")
    if len(pads) != 2 * rank:
        raise ShapeError(f"there must be {2 * rank} pads, not {len(pads)}")
    if pads[:rank] == pads[rank:] and min(pads, default=0) >= 0:
        return None, pads[:rank]
    return _pad_by(pads), (0,) * rank


def padded_same(
    value: Tensor,
    *,
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    upper: bool,
    fill: float = 0.0,
) -> Tensor:
    """Return a value padded so that a window gives an output for each stride, what is odd after (upper) or before."""
    pads: list[int] = []
    for size, k, s, d in reversed(list(zip(value.shape[2:], kernel, stride, dilation, strict=True))):
        total = max((-(-size // s) - 1) * s + d * (k - 1) + 1 - size, 0)
        less, more = total // 2, total - total // 2
        pads += [less, more] if upper else [more, less]
    return F.pad(value, pads, value=fill)


def _in_torch(pads: Sequence[int]) -> list[int]:
    """Return pads as torch takes them: before and after of the last axis first."""
    rank = len(pads) // 2
    return [pads[i + side * rank] for i in reversed(range(rank)) for side in (0, 1)]


def _padded(value: Tensor, *, sizes: Sequence[int], mode: str = "constant", fill: float = 0.0) -> Tensor:
    return F.pad(value, list(sizes), mode, fill if mode == "constant" else None)


def _pad_by(pads: Sequence[int], fill: float = 0.0) -> NodeFunction:
    """Return what pads by so many before each axis, and after each."""
    return NodeFunction("Pad", _padded, {}, {"sizes": _in_torch(pads), "fill": fill})


def _window(call: NodeCall) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return kernel, stride and dilation of a pooling."""
    kernel = tuple(call.attribute("kernel_shape"))
    if call.tensor().dim() != len(kernel) + 2 or not 1 <= len(kernel) <= 3:
        raise ShapeError(f"a window of {len(kernel)} axes does not fit an input of {call.tensor().dim()}")
    stride, dilation = (tuple(call.attribute(name, (1,) * len(kernel))) for name in ("strides", "dilations"))
    return kernel, stride, dilation


def _max_pool(call: NodeCall) -> Made:
    kernel, stride, dilation = _window(call)
    call.attribute("storage_order")
    before, padding = padding_of(call, kernel, stride, dilation)
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        before, padding = _pad_by(padding * 2), (0,) * len(kernel)
    if before is not None:
        before.settings["fill"] = -torch.inf
    layer = MAX_POOLS[len(kernel) - 1](
        kernel, stride, padding, dilation, ceil_mode=bool(call.attribute("ceil_mode", 0))
    )
    return Made(layer if before is None else nn.Sequential(OrderedDict(pad=before, pool=layer)))


def _average_pool(call: NodeCall) -> Made:
    kernel, stride, dilation = _window(call)
    if set(dilation) != {1}:
        raise DomainError("dilations are not supported")
    before, padding = padding_of(call, kernel, stride, dilation)
    counted, ceil = bool(call.attribute("count_include_pad", 0)), bool(call.attribute("ceil_mode", 0))
    if before is not None or any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        if ceil:
            raise DomainError("ceil_mode with uneven pads is not supported")
        settings = {"pad": before or _pad_by(padding * 2), "kernel": kernel, "stride": stride, "counted": counted}
        return Made(NodeFunction(call.node.op, _average, {}, settings))
    return Made(AVERAGE_POOLS[len(kernel) - 1](kernel, stride, padding, ceil, counted))


def _average(
    value: Tensor, *, pad: NodeFunction, kernel: Sequence[int], stride: Sequence[int], counted: bool
) -> Tensor:
    """Return means over windows of a padded value; over what is not padding alone, unless padding is counted."""
    pool = getattr(F, f"avg_pool{len(kernel)}d")
    found = pool(pad(value), kernel, stride)
    return found if counted else found / pool(pad(torch.ones_like(value[:1, :1])), kernel, stride)


def _global_pool(kind: str) -> Maker:
    def make(call: NodeCall) -> Made:
        rank = call.tensor().dim() - 2
        if not 1 <= rank <= 3:
            raise ShapeError(f"an input of {rank + 2} axes has no positions")
        return Made(getattr(nn, f"Adaptive{kind}Pool{rank}d")((1,) * rank if rank > 1 else 1))

    return make


def _pad(call: NodeCall) -> Made:
    rank, mode = call.tensor().dim(), call.attribute("mode", b"constant").decode()
    pads = (
        list(call.attribute("pads") or call.attribute("paddings") or ())
        if call.opset < 11
        else integers(call.values[1])
    )
    if call.has(3):
        axes = [axis % rank for axis in integers(call.values[3])]
        pads = [
            dict(zip(axes, side, strict=True)).get(i, 0)
            for side in (pads[: len(axes)], pads[len(axes) :])
            for i in range(rank)
        ]
    fill = (
        call.attribute("value", 0.0) if call.opset < 11 else float(call.array(2).reshape(-1)[0]) if call.has(2) else 0.0
    )
    if mode not in PADDINGS or len(pads) != 2 * rank:
        raise DomainError(f"the mode {mode!r} with {len(pads)} pads for {rank} axes is not supported")
    sizes = _in_torch(pads)
    while (
        mode != "constant" and len(sizes) > 2 and sizes[-2:] == [0, 0]
    ):  # torch wants these only of axes with positions
        sizes = sizes[:-2]
    return Made(NodeFunction("Pad", _padded, {}, {"sizes": sizes, "mode": PADDINGS[mode], "fill": fill}))


def _local_norm(call: NodeCall) -> Made:
    size = call.attribute("size")
    if size % 2 == 0:
        raise DomainError("only windows of an odd size are supported")
    alpha, beta, bias = (call.attribute(*given) for given in (("alpha", 1e-4), ("beta", 0.75), ("bias", 1.0)))
    return Made(nn.LocalResponseNorm(size, alpha, beta, bias))


def _resize(call: NodeCall) -> Made:
    """Return a resizing of the axes after the second, by torch's interpolation, where it does the same."""
    mode = call.attribute("mode", b"nearest").decode()
    how = call.attribute("coordinate_transformation_mode", b"asymmetric" if call.opset < 11 else b"half_pixel").decode()
    rounding = call.attribute("nearest_mode", b"round_prefer_floor").decode()
    cubic = call.attribute("cubic_coeff_a", -0.75)
    for name in ("exclude_outside", "antialias", "extrapolation_value"):
        if call.attribute(name, 0):
            raise DomainError(f"{name} is not supported")
    if call.attribute("axes") is not None or call.attribute("keep_aspect_ratio_policy", b"stretch") != b"stretch":
        raise DomainError("axes and keep_aspect_ratio_policy are not supported")
    shape = list(call.tensor().shape)
    scales, sizes = _scales(call, shape)
    if any(scale != 1 for scale in scales[:2]):
        raise DomainError("only axes after the second can be resized")
    settings = {"scales": scales[2:], "sizes": sizes and sizes[2:], **_interpolation(mode, how, rounding, scales[2:])}
    if mode == "cubic" and cubic != -0.75:
        raise DomainError("only the cubic coefficient -0.75 is supported")
    return Made(NodeFunction(call.node.op, _resized, {}, settings))


def _scales(call: NodeCall, shape: list[int]) -> tuple[list[float], list[int] | None]:
    """Return by how much each axis grows, and to what size where that is stated."""
    if call.node.op == "Upsample":
        stated = call.attribute("scales") if call.opset < 9 else call.array(1).tolist()
        return list(stated), None
    place = 1 if call.opset < 11 else 2
    if call.has(3) and call.values[3].size:  # type: ignore[union-attr]
        sizes = integers(call.values[3])
        sizes[0] = shape[0]  # batches of any size
        return [size / old for size, old in zip(sizes, shape, strict=True)], sizes
    scales = call.values[place] if call.has(place) else None
    if not isinstance(scales, np.ndarray) or scales.size != len(shape):
        raise DomainError("its scales or sizes must not depend on what is in the image")
    return [float(scale) for scale in scales], None


def _interpolation(mode: str, how: str, rounding: str, scales: Sequence[float]) -> dict[str, Any]:
    """Return torch's settings that do the same, or raise DomainError."""
    whole = all(scale == int(scale) for scale in scales)
    if mode == "nearest":
        floor = how == "asymmetric" and (
            rounding == "floor" or (whole and rounding == "round_prefer_floor" and max(scales) <= 2)
        )
        half = how in ("half_pixel", "pytorch_half_pixel") and whole
        if floor or half:
            return {"mode": "nearest"}
        if how in ("half_pixel", "pytorch_half_pixel") and rounding == "round_prefer_floor":
            return {"mode": "nearest-exact"}
    else:
        name = {"linear": {1: "linear", 2: "bilinear", 3: "trilinear"}.get(len(scales)), "cubic": "bicubic"}.get(mode)
        if name and how in ("half_pixel", "pytorch_half_pixel", "align_corners"):
            return {"mode": name, "align_corners": how == "align_corners"}
    raise DomainError(f"resizing by {mode}, {how}, {rounding} is nothing that torch does")


def _resized(
    value: Tensor, *, scales: Sequence[float], sizes: Sequence[int] | None, mode: str, align_corners: bool | None = None
) -> Tensor:
    if sizes is not None:
        return F.interpolate(value, tuple(sizes), None, mode, align_corners)
    return F.interpolate(value, None, tuple(scales), mode, align_corners, recompute_scale_factor=False)


def _shuffled(call: NodeCall) -> Made:
    size, mode = call.attribute("blocksize"), call.attribute("mode", b"DCR").decode()
    return Made(nn.PixelShuffle(size)) if mode == "CRD" else operator(call, _depth_to_space, size=size)


def _depth_to_space(value: Tensor, *, size: int) -> Tensor:
    n, c, h, w = value.shape
    parts = value.reshape(n, size, size, c // size**2, h, w).permute(0, 3, 4, 1, 5, 2)
    return parts.reshape(n, c // size**2, h * size, w * size)


WINDOWS: Mapping[str, Maker] = {
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "GlobalAveragePool": _global_pool("Avg"),
    "GlobalMaxPool": _global_pool("Max"),
    "Pad": _pad,
    "LRN": _local_norm,
    "Resize": _resize,
    "Upsample": _resize,
    "DepthToSpace": _shuffled,
}
"""The operators by name."""
