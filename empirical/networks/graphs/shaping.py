"""ONNX operators that move numbers and change none: reshaping, permuting, cutting, joining."""

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np
import torch
from torch import Tensor, nn

from fvproof.empirical.networks.graphs.constants import axes_of, reshaped_sizes, slices_of, split_sizes
from fvproof.empirical.networks.graphs.nodes import (
    Array,
    Made,
    Maker,
    NodeCall,
    NodeFunction,
    Value,
    as_tensor,
    integers,
    operator,
)
from fvproof.theory.errors import ShapeError


def _reshape(call: NodeCall) -> Made:
    shape = list(call.tensor().shape)
    sizes = reshaped_sizes(call, shape, integers(call.values[1]))
    one = {"before": shape, "after": list(call.tensor().reshape(sizes).shape)}
    if call.single and call.constants[1]:
        return Made(NodeFunction("Reshape", _reshaped_many, {}, one))
    if not call.constants[1]:
        settings = {"stated": sizes, **one} if call.single else {}
        return operator(call, _reshaped_as, keep=not call.attribute("allowzero", 0), **settings)
    kept = [0 if size == 0 else size for size in integers(call.values[1])]
    if not call.attribute("allowzero", 0):
        return Made(NodeFunction("Reshape", _reshaped, {}, {"sizes": kept}))
    return Made(NodeFunction("Reshape", _viewed, {}, {"sizes": sizes}))


def _reshaped_as(
    value: Tensor,
    sizes: Value,
    *,
    keep: bool,
    stated: Sequence[int] | None = None,
    before: Sequence[int] = (),
    after: Sequence[int] = (),
) -> Tensor:
    """Return a value in a shape that is computed; in a file for one image perhaps without regard to their number."""
    wanted = integers(sizes)
    if stated is not None and wanted == list(stated):
        return _reshaped_many(value, before=before, after=after)
    return _reshaped(value, sizes=wanted) if keep else value.reshape(wanted)


def _reshaped(value: Tensor, *, sizes: Sequence[int]) -> Tensor:
    return value.reshape([value.shape[i] if type(size) is int and size == 0 else size for i, size in enumerate(sizes)])


def _viewed(value: Tensor, *, sizes: Sequence[int]) -> Tensor:
    return value.reshape(list(sizes))


def _reshaped_many(value: Tensor, *, before: Sequence[int], after: Sequence[int]) -> Tensor:
    """Return for several images what a `Reshape` in a file for one image gives for each.

    The numbers of one image stay together or apart as they were: only where the count of the images goes is found.

    Parameters
    ----------
    value
        Whose shape is that for one image, one axis of it longer by the number of images.
    before, after
        What the shape is and what it becomes, for one image.
    """
    if list(value.shape) == list(before):
        return value.reshape(list(after))
    axis = next((i for i, (now, one) in enumerate(zip(value.shape, before, strict=True)) if now != one), 0)
    count = value.shape[axis] // before[axis]
    place = _place_of_images(after, prod(before[:axis]), prod(before[: axis + 1]))
    if place is None or value.numel() != prod(before) * count:
        raise ShapeError("it cannot be told where several images would lie")
    return value.reshape([size * count if i == place else size for i, size in enumerate(after)])


def _place_of_images(shape: Sequence[int], slow: int, fast: int) -> int | None:
    """Return which axis of a shape for one image counts images if there are several; None if it cannot be told.

    It is one of length 1 where the images were: after `slow` parts of the numbers, or after `fast` ones, if the axis
    that counted them also counted parts of each. Else images are counted together with what is there: with what comes
    after, as images and heads are in attention; with what comes before if that makes rows of a matrix.
    """
    starts = [prod(shape[:i]) for i in range(len(shape))]
    for start in (slow, fast):
        if (start, 1) in (found := list(zip(starts, shape, strict=True))):
            return found.index((start, 1))
    if slow not in starts:
        return None
    place = starts.index(slow)
    return place - 1 if place and len(shape) == 2 else place


def _flatten(call: NodeCall) -> Made:
    axis, rank = call.attribute("axis", 1), call.tensor().dim()
    if not -rank <= axis <= rank:
        raise ShapeError(f"a tensor of {rank} axes cannot be flattened from axis {axis} on")
    if rank and axis % rank == 1:
        return Made(nn.Flatten())
    return operator(call, _flattened, axis=axis if axis >= 0 else axis + rank)


def _flattened(value: Tensor, *, axis: int) -> Tensor:
    return value.reshape(prod(value.shape[:axis]), prod(value.shape[axis:]))


def _transpose(call: NodeCall) -> Made:
    rank = call.tensor().dim()
    return operator(call, _permuted, order=tuple(call.attribute("perm", range(rank)[::-1])))


def _permuted(value: Tensor, *, order: Sequence[int]) -> Tensor:
    return value.permute(*order)


def _squeeze(call: NodeCall) -> Made:
    axes = axes_of(call, 1, call.tensor().dim())
    if axes is None:  # also where there is one image, the axis that counts them stays
        axes = [i for i, size in enumerate(call.tensor().shape) if size == 1 and i]
    return Made(NodeFunction("Squeeze", _squeezed, {}, {"axes": tuple(axes)}))


def _squeezed(value: Tensor, *, axes: tuple[int, ...]) -> Tensor:
    return value.squeeze(axes)


def _unsqueeze(call: NodeCall) -> Made:
    count = len(call.attribute("axes") or integers(call.values[1]))
    axes = sorted(axes_of(call, 1, call.tensor().dim() + count) or ())
    return Made(NodeFunction("Unsqueeze", _unsqueezed, {}, {"axes": tuple(axes)}))


def _unsqueezed(value: Tensor, *, axes: tuple[int, ...]) -> Tensor:
    for axis in axes:
        value = value.unsqueeze(axis)
    return value


def _slice(call: NodeCall) -> Made:
    if call.opset < 10 or all(call.constants[1:]):
        starts, ends, axes, steps = slices_of(call, call.tensor().dim())
        stated = {"starts": starts, "ends": ends, "axes": axes, "steps": steps}
        return Made(NodeFunction("Slice", _cut, {}, stated))
    return operator(call, _cut_at)


def _cut_at(value: Tensor, starts: Value, ends: Value, axes: Value = None, steps: Value = None) -> Tensor:
    first = integers(starts)
    places = list(range(len(first))) if axes is None else integers(axes)
    return _cut(
        value,
        starts=first,
        ends=integers(ends),
        axes=places,
        steps=[1] * len(first) if steps is None else integers(steps),
    )


def _cut(
    value: Tensor, *, starts: Sequence[int], ends: Sequence[int], axes: Sequence[int], steps: Sequence[int]
) -> Tensor:
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if step < 0:  # which torch's own slices do not know
            places = np.arange(value.shape[axis])[slice(start, None if end < -value.shape[axis] else end, step)]
            value = value.index_select(axis, torch.from_numpy(places.copy()).to(value.device))
        else:
            parts = [slice(None)] * value.dim()
            parts[axis] = slice(start, end, step)
            value = value[tuple(parts)]
    return value


def _split(call: NodeCall) -> Made:
    axis = call.attribute("axis", 0) % call.tensor().dim()
    sizes = split_sizes(call, call.tensor().shape[axis])
    return Made(NodeFunction("Split", _parts, {}, {"sizes": sizes, "axis": axis}))


def _parts(value: Tensor, *, sizes: Sequence[int], axis: int) -> tuple[Tensor, ...]:
    return tuple(value.split(list(sizes), axis))


def _concat(call: NodeCall) -> Made:
    return operator(call, _joined, axis=call.attribute("axis"))


def _joined(*values: Value, axis: int) -> Tensor:
    """Return tensors side by side; one that is the same for all images is repeated for each."""
    like = next(value for value in values if isinstance(value, Tensor))
    tensors = [as_tensor(value, like) for value in values]
    sizes = [max(tensor.shape[i] for tensor in tensors) for i in range(like.dim())]
    fitted = [
        tensor.expand([n if i == axis % like.dim() else sizes[i] for i, n in enumerate(tensor.shape)])
        for tensor in tensors
    ]
    return torch.cat(fitted, axis)


def _gather(call: NodeCall) -> Made:
    axis, value = call.attribute("axis", 0), call.values[0]
    assert value is not None
    if call.constants[1] and _is_all_in_order(call.array(1), value.shape):  # what torch writes for some views
        return Made(
            NodeFunction("Gather", _reshaped_many, {}, {"before": list(value.shape), "after": call.array(1).shape})
        )
    return operator(call, _picked, axis=axis % len(value.shape))


def _is_all_in_order(places: Array, shape: Sequence[int]) -> bool:
    """Return whether places are all those of a vector, one after the other."""
    return len(shape) == 1 and np.array_equal(places.reshape(-1), np.arange(shape[0]))


def _picked(value: Value, places: Value, *, axis: int) -> Tensor:
    like = value if isinstance(value, Tensor) else places
    assert isinstance(like, Tensor)
    table = as_tensor(value, like)
    if not isinstance(places, Tensor) and np.ndim(places) == 0:  # type: ignore[arg-type]
        return table.select(axis, int(places))  # type: ignore[arg-type]
    where = as_tensor(places, like).long()
    where = torch.where(where < 0, where + table.shape[axis], where)
    picked = table.index_select(axis, where.reshape(-1))
    return picked if where.dim() == 1 else picked.reshape(*table.shape[:axis], *where.shape, *table.shape[axis:][1:])


def _expand(call: NodeCall) -> Made:
    return operator(call, _expanded)


def _expanded(value: Tensor, sizes: Value) -> Tensor:
    wanted = integers(sizes)
    shape = [1] * (len(wanted) - value.dim()) + list(value.shape)
    wanted = [1] * (len(shape) - len(wanted)) + wanted
    return value.expand([old if type(new) is int and new == 1 else new for old, new in zip(shape, wanted, strict=True)])


def _tile(call: NodeCall) -> Made:
    return operator(call, _tiled)


def _tiled(value: Tensor, repeats: Value) -> Tensor:
    return value.repeat(integers(repeats))


SHAPING: Mapping[str, Maker] = {
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Slice": _slice,
    "Split": _split,
    "Concat": _concat,
    "Gather": _gather,
    "Expand": _expand,
    "Tile": _tile,
}
"""The operators by name."""
