"""How many numbers a node gives for one image, at most: looked at before it is carried out.

A few bytes in a file can ask for any amount of memory, with a pad, a repeat, or a sum of a row and a column.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil, prod

import numpy as np
from torch import nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from fvproof.empirical.networks.graphs.nodes import NodeCall, NodeFunction, integers
from fvproof.theory.errors import DomainError
from fvproof.verify.files.onnx_values import check_size

Shape = tuple[int, ...]
Bound = Callable[[NodeCall, Sequence[Shape]], int]


def require_room(call: NodeCall, module: nn.Module) -> None:
    """Raise ShapeError if a node would give more than 2^26 numbers for one image.

    Examples
    --------
    >>> from fvproof.empirical.networks.graphs.nodes import GraphNode
    >>> node = GraphNode("a", "Tile", ("x", "n"), ("y",), {})
    >>> require_room(NodeCall(node, 17, [np.zeros((1, 8)), np.array([1, 1 << 40])], [True, True]), nn.Identity())
    Traceback (most recent call last):
    fvproof.theory.errors.ShapeError: an array of 8796093022208 numbers would be needed, more than 67108864
    """
    shapes = [tuple(value.shape) for value in call.values if value is not None]
    check_size(BOUNDS.get(call.node.op, _broadcast if len(shapes) > 1 else _first)(call, shapes))
    for size in _windows(shapes[0], module):
        check_size(size)


def _first(_call: NodeCall, shapes: Sequence[Shape]) -> int:
    return prod(shapes[0])


def _broadcast(_call: NodeCall, shapes: Sequence[Shape]) -> int:
    return prod(max(sizes) for sizes in zip(*(_padded(shape, max(map(len, shapes))) for shape in shapes), strict=True))


def _padded(shape: Shape, rank: int) -> Shape:
    return (1,) * (rank - len(shape)) + shape


def _product(_call: NodeCall, shapes: Sequence[Shape]) -> int:
    one, other = shapes[:2]
    around = _broadcast(_call, [one[:-2], other[:-2]])
    return around * prod(one[-2:-1]) * prod(other[-1:] if len(other) > 1 else ())


def _matrices(_call: NodeCall, shapes: Sequence[Shape]) -> int:
    return max(shapes[0]) * max(shapes[1])


def _einsum(call: NodeCall, shapes: Sequence[Shape]) -> int:
    equation = call.attribute("equation").decode().replace(" ", "")
    if "." in equation or "->" not in equation:
        raise DomainError("an equation must name all axes, and those of the output")
    given, _, kept = equation.partition("->")
    sizes = {
        label: n
        for labels, shape in zip(given.split(","), shapes, strict=True)
        for label, n in zip(labels, shape, strict=True)
    }
    return prod(sizes[label] for label in kept)


def _tiled(call: NodeCall, shapes: Sequence[Shape]) -> int:
    return prod(shapes[0]) * prod(integers(call.values[1]))


def _expanded(call: NodeCall, shapes: Sequence[Shape]) -> int:
    return _broadcast(call, [shapes[0], tuple(integers(call.values[1]))])


def _gathered(call: NodeCall, shapes: Sequence[Shape]) -> int:
    table, axis = shapes[0], call.attribute("axis", 0)
    return prod(table) // max(table[axis], 1) * prod(shapes[1])


def _joined(call: NodeCall, shapes: Sequence[Shape]) -> int:
    axis = call.attribute("axis") % len(shapes[0])
    longest = [max(sizes) for sizes in zip(*shapes, strict=True)]
    return prod(longest[:axis] + longest[axis + 1 :]) * sum(shape[axis] for shape in shapes)


def _resized(call: NodeCall, shapes: Sequence[Shape]) -> int:
    sizes = call.values[3] if call.has(3) else None
    if isinstance(sizes, np.ndarray) and sizes.size:
        return prod(integers(sizes))
    scales = [value for value in call.values[1:] if isinstance(value, np.ndarray) and value.size == len(shapes[0])]
    factors = scales[-1].tolist() if scales else call.attribute("scales", (1.0,))
    return ceil(prod(shapes[0]) * prod(map(float, factors)))


BOUNDS: Mapping[str, Bound] = {
    "MatMul": _product,
    "Gemm": _matrices,
    "Einsum": _einsum,
    "Tile": _tiled,
    "Expand": _expanded,
    "Gather": _gathered,
    "Concat": _joined,
    **dict.fromkeys(("Resize", "Upsample"), _resized),
    **dict.fromkeys(("Conv", "ConvTranspose", "Pad", "Split", "Slice", "Clip", "Dropout"), _first),
    **dict.fromkeys(("Reshape", "Squeeze", "Unsqueeze", "LayerNormalization", "GroupNormalization"), _first),
    **dict.fromkeys(("BatchNormalization", "InstanceNormalization"), _first),
}
"""How many numbers come out, at most, where it is not that of what comes in, one for one."""


def _windows(shape: Shape, module: nn.Module) -> Iterator[int]:
    """Yield how many numbers a padding gives, and the convolution after it."""
    channels, positions = shape[1:2], shape[2:]
    for one in module.modules():
        if isinstance(one, NodeFunction) and one.kind == "Pad" and "sizes" in one.settings:
            pads = [*one.settings["sizes"], *[0] * (2 * len(shape) - len(one.settings["sizes"]))]
            shape = tuple(max(n + a + b, 0) for n, a, b in zip(shape, pads[-2::-2], pads[::-2], strict=True))
            positions = shape[2:]
            yield prod(shape)
        if isinstance(one, _ConvTransposeNd):
            steps = zip(positions, one.stride, one.dilation, one.kernel_size, one.output_padding, strict=True)
            yield one.out_channels * prod((n - 1) * s + d * (k - 1) + more + 1 for n, s, d, k, more in steps)
        elif isinstance(one, _ConvNd) and not isinstance(one.padding, str):
            sizes = [n + 2 * p for n, p in zip(positions, one.padding, strict=True)]
            yield prod(channels) * prod(sizes)
            taken = zip(sizes, one.dilation, one.kernel_size, one.stride, strict=True)
            yield one.out_channels * prod((n - d * (k - 1) - 1) // s + 1 for n, d, k, s in taken)
