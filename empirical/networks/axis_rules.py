"""What each of torch's operators does to the axes of its tensors.

Layers decide where their units lie: convolutions, batch and group norms along dimension 1, products with a matrix,
layer norms, embeddings, recurrent and attention layers along the last. Every other operator keeps the units of what
comes in, wherever it moves them. Below autograd all modules, functions and torch exports come down to these operators.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from fvproof.empirical.networks.axes import (
    Axes,
    Factor,
    axis,
    born,
    broadcast,
    fitted,
    inserted,
    ordered,
    regrouped,
    size_of,
    unknown,
    without,
)


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of an operator.

    Attributes
    ----------
    name
        Of the operator, without its namespace.
    arguments
        By name; those that were left out are missing.
    known
        From a tensor to its axes; None of one that does not depend on the images, such as a weight.
    clock
        The number of the call.
    """

    name: str
    arguments: Mapping[str, Any]
    known: Callable[[object], Axes | None]
    clock: int

    def operands(self) -> Iterator[Axes]:
        """Yield the axes of all tensors that come in and depend on the images."""
        for value in self.arguments.values():
            for one in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(one, Tensor) and (found := self.known(one)) is not None:
                    yield found

    def of(self, name: str) -> Axes | None:
        """Return the axes of an argument."""
        return self.known(self.arguments[name])

    def elder(self) -> Axes:
        """Return the axes of the operand with the eldest channels, of several the one with most dimensions."""
        return min(self.operands(), key=lambda one: (one.age, -len(one.axes)))


Rule = Callable[[Call, Tensor], Axes]


def axes_after(call: Call, output: Tensor, *, first: bool) -> Axes | None:
    """Return the axes of an output of a call; None if it does not depend on the images.

    Parameters
    ----------
    call
        What was called.
    output
        One of its outputs.
    first
        Whether it is the first one. Layers give their units in their first.
    """
    if not any(True for _ in call.operands()):
        return None
    rule = _rule(call.name)
    try:
        return _generic(call, output) if rule is None else rule(call, output) if first else unknown(output.shape)
    except (IndexError, KeyError, TypeError, ValueError):  # an operator of the same name that works otherwise
        return unknown(output.shape)


def _rule(name: str) -> Rule | None:
    """Return the rule of an operator; None where the general one holds."""
    plain = name.rstrip("_")
    if plain in RULES:
        return RULES[plain]
    return next((rule for part, rule in LAYERS.items() if part in plain and "convert" not in plain), None)


def _generic(call: Call, output: Tensor) -> Axes:
    """Return the axes where nothing is known of the operator but the dimension that it works along, if any."""
    elder, dim = call.elder(), call.arguments.get("dim")
    places = [dim] if isinstance(dim, int) else dim
    fewer = len(elder.axes) - output.dim()
    if fewer <= 0 and not (fewer == -1 and isinstance(dim, int)):
        return broadcast(elder, output.shape)
    if fewer == -1 and isinstance(dim, int):
        return fitted(inserted(elder, dim, 1), output.shape)
    if places and len(places) == fewer:
        return fitted(without(elder, places), output.shape)
    return unknown(output.shape)


def _second(call: Call, output: Tensor) -> Axes:
    """Return the axes of a layer whose units lie along dimension 1, such as a convolution: `(N, C, ...)`."""
    came = next(call.operands())
    found = born(came, output.shape, 1, call.clock)
    images, *_ = came.axes[1] if len(came.axes) > 1 else axis("other", 1)
    if images.kind == "image" and output.shape[1] % images.size == 0:  # each image has filters of its own
        return Axes(
            (found.axes[0], (images, Factor("channel", output.shape[1] // images.size)), *found.axes[2:]), found.age
        )
    return found


def _last(call: Call, output: Tensor) -> Axes:
    """Return the axes of a layer whose units lie along the last dimension, such as a linear one: `(N, ..., C)`."""
    return born(next(call.operands()), output.shape, -1, call.clock)


def _norm_by_channel(call: Call, output: Tensor) -> Axes:
    """Return the axes after a batch norm; an instance norm is one of images times channels."""
    came = next(call.operands())
    if 1 in came.with_kind("image") or came.with_kind("channel") == [1]:
        return fitted(came, output.shape)
    return born(came, output.shape, 1, call.clock)


def _norm_by_shape(call: Call, output: Tensor) -> Axes:
    """Return the axes after a norm over the last dimension, where its units lie, or over several, which move none."""
    came = next(call.operands())
    if len(call.arguments["normalized_shape"]) > 1 or came.with_kind("channel") == [output.dim() - 1]:
        return fitted(came, output.shape)
    return born(came, output.shape, -1, call.clock)


def _embedding(call: Call, output: Tensor) -> Axes:
    """Return the axes of rows of a table, whose units lie along a new, last dimension."""
    return born(inserted(next(call.operands()), -1, output.shape[-1]), output.shape, -1, call.clock)


PRODUCTS = {
    "mm": ("self", "mat2"),
    "addmm": ("mat1", "mat2"),
    "_addmm_activation": ("mat1", "mat2"),
    "bmm": ("self", "mat2"),
    "baddbmm": ("batch1", "batch2"),
}
"""Products of matrices, and what their factors are called."""


def _product(call: Call, output: Tensor) -> Axes:
    """Return the axes of a product A·B: rows of A, columns of B; a factor that is a weight makes new units."""
    left, right = (call.of(name) for name in PRODUCTS[call.name.rstrip("_")])
    if left is None and right is None:  # what is added to it
        return broadcast(call.elder(), output.shape)
    if left is None or right is None:
        known, place = (left or right), -1 if right is None else -2
        assert known is not None
        return born(known, output.shape, place, call.clock)
    elder = min(left, right, key=lambda one: one.age)
    joined = Axes((*elder.axes[:-2], left.axes[-2], right.axes[-1]), elder.age)
    return joined if joined.with_kind("channel") else Axes(joined.axes)


def _attention(call: Call, output: Tensor) -> Axes:
    """Return the axes of weighted means of values, one per query: the units are those of the values."""
    query, value = call.of("query"), call.of("value")
    if query is None or value is None:
        return unknown(output.shape)
    return fitted(Axes((*value.axes[:-2], query.axes[-2], value.axes[-1]), value.age), output.shape)


def _viewed(call: Call, output: Tensor) -> Axes:
    """Return the axes of the same numbers in another shape."""
    return regrouped(call.elder(), output.shape)


def _permuted(call: Call, _output: Tensor) -> Axes:
    """Return the axes of dimensions in another order."""
    return ordered(call.elder(), call.arguments["dims"])


def _transposed(call: Call, _output: Tensor) -> Axes:
    """Return the axes after two dimensions were exchanged."""
    places = list(range(len(call.elder().axes)))
    first, second = (call.arguments.get(name, place) for name, place in (("dim0", 0), ("dim1", -1)))
    places[first], places[second] = places[second], places[first]
    return ordered(call.elder(), places)


def _squeezed(call: Call, output: Tensor) -> Axes:
    """Return the axes less those of length 1: the ones named, or all."""
    if "dim" in call.arguments:
        return _generic(call, output)
    elder = call.elder()
    return without(elder, [i for i, one in enumerate(elder.axes) if all(factor.size == 1 for factor in one)])


def _unfolded(call: Call, output: Tensor) -> Axes:
    """Return the axes of windows along one dimension; their length is a new, last one."""
    elder = call.elder()
    return fitted(Axes((*elder.axes, axis("other", 1)), elder.age), output.shape)


def _columns(call: Call, output: Tensor) -> Axes:
    """Return the axes of patches side by side, `(N, C · pixels of a patch, patches)`."""
    images, channels, *_ = call.elder().axes
    pixels = output.shape[1] // size_of(channels)
    return Axes((images, (*channels, Factor("other", pixels)), axis("other", output.shape[2])), call.elder().age)


def _summed_columns(call: Call, output: Tensor) -> Axes:
    """Return the axes of maps, `(N, C, H, W)`, that patches were added up to."""
    elder = call.elder()
    places = (axis("other", size) for size in output.shape[2:])
    return Axes((elder.axes[0], axis("channel", output.shape[1]), *places), min(elder.age, call.clock))


def _strided(call: Call, output: Tensor) -> Axes:
    """Return that nothing is known: memory is read in another way. In place, as poolings do, it is but laid out so."""
    elder = call.elder()
    in_place = call.name.endswith("_") and len(elder.axes) == output.dim()
    return fitted(elder, output.shape) if in_place else unknown(output.shape)


def _joined(call: Call, output: Tensor) -> Axes:
    """Return the axes of tensors side by side along an old dimension; along a new one where they are stacked."""
    elder = call.elder()
    if output.dim() > len(elder.axes):
        elder = inserted(elder, call.arguments.get("dim", 0), 1)
    return fitted(elder, output.shape)


def _picked(call: Call, output: Tensor) -> Axes:
    """Return the axes of parts of the first tensor; where they are picked moves no units, whatever that came from."""
    picked = next((known for name in ("input", "self") if name in call.arguments and (known := call.of(name))), None)
    if picked is None or len(picked.axes) != output.dim():
        return _generic(call, output)
    return fitted(picked, output.shape)


RULES: dict[str, Rule] = {
    **dict.fromkeys(PRODUCTS, _product),
    **dict.fromkeys(("view", "_unsafe_view", "reshape", "_reshape_alias", "_reshape_copy", "view_copy"), _viewed),
    **dict.fromkeys(("permute", "permute_copy"), _permuted),
    **dict.fromkeys(("transpose", "transpose_copy", "t", "t_copy"), _transposed),
    **dict.fromkeys(("squeeze", "squeeze_copy"), _squeezed),
    **dict.fromkeys(("cat", "stack", "concat", "_chunk_cat"), _joined),
    **dict.fromkeys(("linear", "mkldnn_linear", "_linear_pointwise", "_trilinear", "conv_tbc"), _last),
    **dict.fromkeys(("linear_relu", "linear_dynamic", "linear_relu_dynamic", "linear_dynamic_fp16"), _last),
    **dict.fromkeys(("lstm", "gru", "_native_multi_head_attention", "_transformer_encoder_layer_fwd"), _last),
    "native_group_norm": _second,
    "im2col": _columns,
    "col2im": _summed_columns,
    **dict.fromkeys(("as_strided", "as_strided_copy", "diagonal", "diagonal_copy"), _strided),
    "unfold": _unfolded,
    **dict.fromkeys(("gather", "index", "index_select", "take_along_dim"), _picked),
    "embedding": _embedding,
}
"""The rule of each operator that does not keep what its dimensions count."""

LAYERS: dict[str, Rule] = {
    "conv": _second,
    "batch_norm": _norm_by_channel,
    "layer_norm": _norm_by_shape,
    "rms_norm": _norm_by_shape,
    "rnn": _last,
    "grid_sampler": _picked,
    "scaled_dot_product": _attention,
}
"""The rules of families of operators by a part of their names: `convolution`, `mkldnn_convolution`, `deform_conv2d`."""
